//! The document: report, measurements and failed calls as JSON. The same measurements make the same bytes.

use domain::{
    Timestamp,
    actor::Actor,
    performance::{
        CallOutcome, Credit, FailedCall, Incident, Indicator, Maintenance, OperationGroup, Tally, Verdict,
    },
};
use serde_json::{Value, json};

use super::{Assembled, Outcome, Report};
use crate::ServiceError;

/// How the document is read; stands in it.
const FORMAT: &str = "Times are UTC. hours[].minutes is `minute:outcome.calls,…;bucket.calls,…|…`: for each minute of \
    the hour in which something was called the calls by outcome, and those that were sent by latency. Outcomes: 0 ok, 1 \
    client_error, 2 conflict, 3 rate_limited, 4 server_error, 5 timeout, 6 network, 7 circuit_open (not sent). Buckets of \
    latency, in microseconds: with shift = max(bucket / 32 - 1, 0) (whole numbers) a bucket begins at (bucket - 32 × shift) × \
    2^shift, its middle lies (2^shift - 1) / 2 above. Availability: good is 0 + 2, valid is good + 4 + 6; raw: valid is 0 to 6. \
    Time limit: valid is all that were sent, good those whose bucket's middle is at most the limit. Minutes of exclusions \
    count only for raw; minutes that are missing are unknown. All measurements of a month are kept by the minute.";

pub(super) fn unwritable(error: &dyn std::fmt::Display) -> ServiceError {
    ServiceError::Field { field: "month", problem: format!("The report cannot be written: {error}.") }
}

/// The document, and the report alone.
pub(super) fn written(assembled: &Assembled) -> Result<(String, Value), ServiceError> {
    let text = |value: &Value| serde_json::to_string(value).map_err(|error| unwritable(&error));
    let said = report(&assembled.report, assembled.failed.len());
    let mut out = String::with_capacity(assembled.hours.len() + 400 * assembled.failed.len() + 8_192);
    out.push_str("{\"format\":");
    out.push_str(&text(&Value::from(FORMAT))?);
    out.push_str(",\n\"report\":");
    out.push_str(&text(&said)?);
    out.push_str(",\n\"hours\":[");
    out.push_str(&assembled.hours);
    out.push_str("],\n\"failed_calls\":[");
    for (place, call) in assembled.failed.iter().enumerate() {
        out.push_str(if place > 0 { ",\n" } else { "\n" });
        out.push_str(&text(&failed_call(call))?);
    }
    out.push_str("]}\n");
    Ok((out, said))
}

fn report(report: &Report, listed: usize) -> Value {
    json!({
        "month": report.month.to_string(),
        "time_zone": report.zone.name(),
        "contract": report.contract,
        "from": report.range.from.begins().rfc3339(),
        "to": report.range.to.begins().rfc3339(),
        "month_is_over": report.is_over(),
        "objectives": report.results.iter().map(outcome).collect::<Vec<_>>(),
        "exclusions": report.exclusions.iter().map(exclusion).collect::<Vec<_>>(),
        "incidents": report.incidents.iter().map(incident).collect::<Vec<_>>(),
        "credit_tiers": report.tiers.all().iter()
            .map(|tier| json!({ "below_percent": tier.below().to_string(), "credit_percent": tier.percent() }))
            .collect::<Vec<_>>(),
        "credit": credit(report.credit),
        "claim_before": report.claim_by.map(Timestamp::rfc3339),
        "failed_calls_kept": report.failed_kept,
        "failed_calls_listed": listed,
    })
}

pub(super) const fn verdict(of: Verdict) -> &'static str {
    match of {
        Verdict::Met => "met",
        Verdict::Missed => "missed",
        Verdict::Unknown => "unknown",
    }
}

pub(super) fn credit(of: Credit) -> Value {
    let (state, percent) = match of {
        Credit::NoTiers => ("no_tiers_configured", None),
        Credit::NotCovered => ("not_covered", None),
        Credit::Unknown => ("unknown", None),
        Credit::NotDue => ("not_due", Some(0)),
        Credit::Due(tier) => ("due", Some(tier.percent())),
    };
    json!({ "state": state, "percent": percent })
}

fn outcome(of: &Outcome) -> Value {
    let objective = &of.objective;
    let limit = match objective.indicator {
        Indicator::Available => None,
        Indicator::Within(limit) => Some(limit.as_micros() / 1_000),
    };
    json!({
        "id": objective.id,
        "name": objective.name,
        "operations": objective.group.map(OperationGroup::as_str),
        "indicator": if limit.is_some() { "within" } else { "availability" },
        "limit_ms": limit.and_then(|it| u64::try_from(it).ok()),
        "target_percent": objective.target.to_string(),
        "clause": objective.clause,
        "formula": objective.indicator.formula(),
        "counted": of.counted,
        "raw": of.raw,
        "in_maintenance": of.left_out,
        "calls": tally(&of.tally),
        "own_faults": of.tally.ours(),
        "minutes": { "known": of.minutes.known, "unknown": of.minutes.unknown, "left_out": of.minutes.left_out },
        "verdict": verdict(of.verdict),
        "credit": credit(of.credit),
    })
}

fn tally(of: &Tally) -> Value {
    CallOutcome::ALL
        .iter()
        .map(|outcome| (outcome.as_str().to_owned(), Value::from(of.of(*outcome))))
        .collect()
}

fn exclusion(of: &Maintenance) -> Value {
    json!({
        "id": of.id,
        "whose": of.whose,
        "from": of.from.rfc3339(),
        "to": of.to.rfc3339(),
        "note": of.note,
        "proposed_by": of.proposed_by.name(),
        "proposed_at": of.proposed_at.rfc3339(),
        "approved_by": of.review.as_ref().map(|review| review.by.name()),
        "approved_at": of.review.as_ref().map(|review| review.at.rfc3339()),
        "review": of.review.as_ref().and_then(|review| review.note.clone()),
    })
}

fn incident(of: &Incident) -> Value {
    let known = &of.known;
    let at = |at: Option<Timestamp>| at.map(Timestamp::rfc3339);
    json!({
        "id": of.id,
        "title": of.title,
        "operations": of.group.map(OperationGroup::as_str),
        "state": of.state,
        "opened_by": of.opened_by.as_ref().map_or("the rule", Actor::name),
        "began": of.began.rfc3339(),
        "ended": at(of.ended),
        "vendor_began": at(known.vendor_began),
        "vendor_ended": at(known.vendor_ended),
        "vendor_told": at(known.told_at),
        "vendor_answered": at(known.answered_at),
        "ticket": known.ticket,
        "billers": known.billers,
        "users": known.users,
        "cause": known.cause,
    })
}

fn failed_call(of: &FailedCall) -> Value {
    json!({
        "at": of.at.rfc3339(),
        "operation": of.key.operation,
        "source": of.key.source,
        "outcome": of.outcome,
        "status": of.status,
        "latency_us": u64::try_from(of.latency.as_micros()).unwrap_or(u64::MAX),
        "trace_id": of.trace_id,
        "correlation_id": of.correlation_id,
    })
}
