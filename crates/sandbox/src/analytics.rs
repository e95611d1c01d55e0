//! What the tenant was used for, in numbers (vendor contract, analytics).
//!
//! What the contract leaves open and is decided here: latencies are milliseconds, requests are grouped by the name of
//! their API, buckets begin with 1970 (UTC), and requests are known as far back as the sandbox keeps them.

use std::collections::BTreeMap;

use domain::Timestamp;
use serde_json::{Map, Value, json};

use crate::{
    call::Call,
    http_error::Refusal,
    reply::Reply,
    request_log::RequestRecord,
    store::{Doc, Fields, Table},
};

/// Requests looked at, at most.
const REQUESTS: usize = 500;

/// The widths of buckets, in seconds; `all` is one bucket for everything.
const BUCKETS: &[(&str, i64)] = &[
    ("auto", 86_400),
    ("all", 0),
    ("1m", 60),
    ("5m", 300),
    ("15m", 900),
    ("30m", 1_800),
    ("1h", 3_600),
    ("3h", 10_800),
    ("6h", 21_600),
    ("12h", 43_200),
    ("1d", 86_400),
    ("1w", 604_800),
    ("1M", 2_592_000),
    ("3M", 7_776_000),
    ("6M", 15_552_000),
    ("1Y", 31_536_000),
];

/// The stretch of time that is asked for, and how it is divided.
struct Asked {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    bucket: &'static str,
    width: i64,
}

impl Asked {
    fn read(call: &Call<'_>) -> Result<Self, Refusal> {
        let name = call.query("bucket").unwrap_or("auto");
        let known = BUCKETS.iter().find(|(bucket, _)| *bucket == name);
        let (bucket, width) = *known.ok_or_else(|| unknown("bucket"))?;
        Ok(Self { from: instant(call, "from")?, to: instant(call, "to")?, bucket, width })
    }

    fn holds(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| at >= from) && self.to.is_none_or(|to| at < to)
    }

    /// The beginning of the bucket of an instant, in seconds.
    fn bucket_of(&self, at: Timestamp) -> i64 {
        match self.width {
            0 => self.from.map_or(0, Timestamp::seconds),
            width => at.seconds().div_euclid(width) * width,
        }
    }

    fn answer(&self, data: Vec<Value>) -> Reply {
        Reply::data(Map::from_iter([
            ("bucket".to_owned(), json!(self.bucket)),
            ("data".to_owned(), Value::Array(data)),
        ]))
    }
}

/// `GET /http-requests/{group}`.
pub(crate) fn requests(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let asked = Asked::read(call)?;
    let group: fn(&RequestRecord) -> String = match call.param("group").as_str() {
        "api" => |request| request.operation.split('.').next().unwrap_or_default().to_owned(),
        "code" => |request| request.status.map_or_else(|| "none".to_owned(), |status| status.to_string()),
        "category" => {
            |request| request.status.map_or_else(|| "none".to_owned(), |it| format!("{}xx", it / 100))
        }
        _ => return Err(unknown("group")),
    };
    let figure = figure(call.query("function").unwrap_or("count"))?;
    let mut found: BTreeMap<i64, BTreeMap<String, Vec<u64>>> = BTreeMap::new();
    for request in call.engine.log.last(REQUESTS).iter().filter(|request| asked.holds(request.at)) {
        let values = found.entry(asked.bucket_of(request.at)).or_default();
        values.entry(group(request)).or_default().push(request.millis);
    }
    let point = |(begins, values): (i64, BTreeMap<String, Vec<u64>>)| {
        let values: Map<String, Value> =
            values.into_iter().map(|(name, millis)| (name, json!(figure.of(millis)))).collect();
        json!({ "timestamp": stamp(begins), "values": values })
    };
    Ok(asked.answer(found.into_iter().map(point).collect()))
}

/// `GET /servers/{wid}/authentications/{group}`: the sign-ins that the audit events tell of.
pub(crate) fn authentications(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let asked = Asked::read(call)?;
    let group: fn(&Doc) -> String = match call.param("group").as_str() {
        "result" => |event| result(event).to_owned(),
        "method" => |_| "password".to_owned(),
        "device_type" | "device_os" | "device_browser" | "grid_1_0" => |_| "unknown".to_owned(),
        _ => return Err(unknown("group")),
    };
    let server = call.param("wid");
    let mut found: BTreeMap<i64, BTreeMap<String, f64>> = BTreeMap::new();
    for (_, event) in call.store.all(Table::AuditEvents) {
        let at = Timestamp::from_micros(event.whole("_at"));
        let ended = event.text("server_id") == server && event.text("event_subject") == "login";
        let wanted = call.query("result").is_none_or(|wanted| wanted == result(event));
        if ended && wanted && asked.holds(at) {
            *found.entry(asked.bucket_of(at)).or_default().entry(group(event)).or_default() += 1.0;
        }
    }
    let point = |(begins, values)| json!({ "timestamp": stamp(begins), "values": values });
    Ok(asked.answer(found.into_iter().map(point).collect()))
}

/// `GET /users`: how many there are now, in all pools.
pub(crate) fn users(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let asked = Asked::read(call)?;
    let all = call.store.count(Table::Users);
    let count = match call.query("function").unwrap_or("count_all") {
        "count_all" | "count_standard" => all,
        "count_jit" => 0,
        _ => return Err(unknown("function")),
    };
    let value = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    Ok(asked.answer(vec![json!({ "timestamp": call.stamp(), "value": value })]))
}

/// What is computed of the latencies of a group.
enum Figure {
    Count,
    Nothing,
    Sum,
    Percentile(usize),
    Within(u64),
}

fn figure(name: &str) -> Result<Figure, Refusal> {
    Ok(match name {
        "count" | "leinf" => Figure::Count,
        "count_external_errors" => Figure::Nothing,
        "sum" => Figure::Sum,
        "p50" => Figure::Percentile(50),
        "p75" => Figure::Percentile(75),
        "p95" => Figure::Percentile(95),
        "p99" => Figure::Percentile(99),
        "le1" => Figure::Within(1),
        "le10" => Figure::Within(10),
        "le50" => Figure::Within(50),
        "le100" => Figure::Within(100),
        "le500" => Figure::Within(500),
        "le1000" => Figure::Within(1_000),
        _ => return Err(unknown("function")),
    })
}

impl Figure {
    fn of(&self, mut millis: Vec<u64>) -> u64 {
        millis.sort_unstable();
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        match self {
            Self::Count => count(millis.len()),
            Self::Nothing => 0,
            Self::Sum => millis.iter().sum(),
            Self::Percentile(percent) => {
                let rank = (millis.len() * percent).div_ceil(100).max(1);
                millis.get(rank - 1).copied().unwrap_or(0)
            }
            Self::Within(limit) => count(millis.iter().filter(|it| *it <= limit).count()),
        }
    }
}

fn result(event: &Doc) -> &str {
    event.get("metadata").and_then(Value::as_object).map_or("", |metadata| metadata.text("result"))
}

fn stamp(seconds: i64) -> String {
    Timestamp::from_micros(seconds.saturating_mul(1_000_000)).rfc3339()
}

fn unknown(name: &'static str) -> Refusal {
    Refusal::malformed(format!("{name} must be one of the contract's")).at(name)
}

fn instant(call: &Call<'_>, name: &'static str) -> Result<Option<Timestamp>, Refusal> {
    let Some(text) = call.query(name) else { return Ok(None) };
    let wrong = || Refusal::malformed(format!("{name} must be an RFC 3339 time")).at(name);
    Timestamp::from_rfc3339(text).map(Some).ok_or_else(wrong)
}
