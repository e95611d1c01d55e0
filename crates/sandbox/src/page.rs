//! The page at `/`: what the sandbox holds, its last requests, and its faults, to switch on and off.

use std::fmt::Write as _;

use domain::Timestamp;

use crate::{
    config::DeactivatedEffect,
    engine::Engine,
    faults::FaultStatus,
    html::{document, escape},
    operations,
    request_log::RequestRecord,
    store::{ADMIN_WORKSPACE, Fields, ObjectKind, SYSTEM_WORKSPACE, count},
};

/// Requests shown.
const SHOWN: usize = 40;

/// The page, with a message about what was just done where there is one.
pub(crate) fn render(engine: &Engine, problem: Option<&str>) -> String {
    let problem = problem
        .map(|problem| format!("<p class=\"problem\" role=\"alert\">{}</p>", escape(problem)))
        .unwrap_or_default();
    let body = format!(
        "<main class=\"wide\"><header><h1>SecureAuth sandbox</h1>\
         <p class=\"quiet\">Tenant <code>{}</code>. Nothing here is real.</p>{problem}</header>\
         {}{}{}{}{}{}{}</main>",
        escape(&engine.config.tenant_id),
        objects(engine),
        ic(engine),
        faults(engine),
        settings(engine),
        DRIFT_FORM,
        messages(engine),
        requests(engine),
    );
    document("SecureAuth sandbox", &body)
}

fn objects(engine: &Engine) -> String {
    let counts = engine.read(|store| ObjectKind::ALL.map(|kind| (kind, count(store, kind))));
    let mut list = String::new();
    for (kind, count) in counts {
        let _ = write!(list, "<div><dt>{}</dt><dd>{count}</dd></div>", kind.plural());
    }
    format!(
        "<section class=\"panel\"><h2>Objects</h2><dl class=\"counts\">{list}</dl>\
         <p class=\"quiet\">Admin issuer <code>{}</code><br>System issuer <code>{}</code></p></section>",
        escape(&engine.issuer(ADMIN_WORKSPACE)),
        escape(&engine.issuer(SYSTEM_WORKSPACE)),
    )
}

/// What the sandbox plays beside the vendor.
fn ic(engine: &Engine) -> String {
    format!(
        "<section class=\"panel\"><h2>IC, beside it</h2><ul><li><a href=\"/ic/events\">Events from the console</a>: \
         {}</li><li><a href=\"/legacy/login\">IC's own login page</a></li>\
         <li><a href=\"{}/crm\">IC's CRM</a>, which shows the console in a frame</li>\
         <li>the portal that takes sign-ins back: <code>{}/portal/BID</code></li></ul></section>",
        engine.ic.events.taken(),
        escape(&engine.crm_origin()),
        escape(engine.base_url()),
    )
}

fn faults(engine: &Engine) -> String {
    let rules = engine.faults.status();
    let table = if rules.is_empty() {
        "<p class=\"quiet\">No fault is switched on.</p>".to_owned()
    } else {
        let rows: String = rules.iter().enumerate().map(|(index, status)| fault_row(index, status)).collect();
        format!(
            "<div class=\"scroll\" role=\"region\" aria-label=\"Faults\" tabindex=\"0\"><table><thead><tr>\
             <th scope=\"col\">Operations</th>\
             <th scope=\"col\">Fault</th><th scope=\"col\">Limit</th><th scope=\"col\" class=\"number\">Hits</th>\
             <th scope=\"col\">Switch</th></tr></thead><tbody>{rows}</tbody></table></div>"
        )
    };
    let names: String =
        operations::all().map(|operation| format!("<option>{}</option>", operation.name())).collect();
    format!(
        "<section class=\"panel\"><h2>Faults</h2>{table}{FAULT_FORM}\
         <datalist id=\"operations\">{names}</datalist></section>"
    )
}

const FAULT_FORM: &str = "<form method=\"post\" action=\"/sandbox/page/faults\"><div class=\"fields\">\
    <div><label for=\"operation\">Operations (* is any)</label>\
    <input id=\"operation\" name=\"operation\" value=\"*\" list=\"operations\" required></div>\
    <div><label for=\"kind\">Fault</label><select id=\"kind\" name=\"kind\">\
    <option value=\"latency\">Latency (milliseconds)</option>\
    <option value=\"error\">Error (HTTP status)</option>\
    <option value=\"too_many_requests\">429 (retry after, seconds)</option>\
    <option value=\"reset_before\">Connection reset before applying</option>\
    <option value=\"reset_after\">Connection reset after applying</option>\
    <option value=\"slow_body\">Slow body (milliseconds)</option>\
    <option value=\"outage\">Outage (503)</option></select></div>\
    <div><label for=\"value\">Value</label><input id=\"value\" name=\"value\" type=\"number\" min=\"0\"></div>\
    <div><label for=\"count\">At most (requests)</label>\
    <input id=\"count\" name=\"count\" type=\"number\" min=\"1\"></div>\
    <div><label for=\"percent\">Probability (percent)</label>\
    <input id=\"percent\" name=\"percent\" type=\"number\" min=\"0\" max=\"100\" value=\"100\"></div>\
    <div><button class=\"main\" type=\"submit\">Switch on</button></div></div></form>";

/// Changes an object behind the console's back, as somebody could in the vendor's own console.
const DRIFT_FORM: &str = "<section class=\"panel\"><h2>Drift</h2>\
    <p class=\"quiet\">Changes an object as somebody would in the vendor's own console.</p>\
    <form method=\"post\" action=\"/sandbox/page/drift\"><div class=\"fields\">\
    <div><label for=\"drift-kind\">Object</label><select id=\"drift-kind\" name=\"kind\">\
    <option value=\"organization\">Organization</option><option value=\"pool\">Pool</option>\
    <option value=\"binding\">Binding</option><option value=\"application\">Application</option></select></div>\
    <div><label for=\"drift-id\">Id</label><input id=\"drift-id\" name=\"id\" required></div>\
    <div><label for=\"drift-fields\">Fields (JSON)</label>\
    <input id=\"drift-fields\" name=\"fields\" value='{\"color\": \"#FF0000\"}' required></div>\
    <div><label for=\"drift-by\">Who</label>\
    <input id=\"drift-by\" name=\"by\" value=\"administrator@sandbox.example\" required></div>\
    <div><button class=\"main\" type=\"submit\">Change</button></div></div></form></section>";

fn fault_row(index: usize, status: &FaultStatus) -> String {
    let rule = &status.rule;
    let mut limits = Vec::new();
    if let Some(count) = rule.count {
        limits.push(format!("at most {count}"));
    }
    if rule.skip > 0 {
        limits.push(format!("after {}", rule.skip));
    }
    if rule.probability < 1.0 {
        limits.push(format!("{:.0} %", rule.probability * 100.0));
    }
    format!(
        "<tr><td class=\"mono\">{}</td><td>{}</td><td>{}</td><td class=\"number\">{}</td><td>\
         <form method=\"post\" action=\"/sandbox/page/faults/remove\">\
         <input type=\"hidden\" name=\"index\" value=\"{index}\">\
         <button type=\"submit\" aria-label=\"Switch off fault {}\">Off</button></form></td></tr>",
        escape(&rule.operation),
        escape(&rule.fault.describe()),
        limits.join(", "),
        status.hits,
        index + 1,
    )
}

fn settings(engine: &Engine) -> String {
    let (now, next, label) = match engine.deactivated_effect() {
        DeactivatedEffect::None => ("has no effect on signing in", "blocks_login", "Let it block signing in"),
        DeactivatedEffect::BlocksLogin => ("blocks signing in", "none", "Let it have no effect"),
    };
    format!(
        "<section class=\"panel\"><h2>Behaviour</h2><div class=\"row\">\
         <p><code>deactivated: true</code> on an organization {now}.</p>\
         <form method=\"post\" action=\"/sandbox/page/settings\">\
         <input type=\"hidden\" name=\"deactivated_effect\" value=\"{next}\">\
         <button type=\"submit\">{label}</button></form></div><div class=\"row\">\
         <p>Everything back to a fresh sandbox: objects, faults and this log.</p>\
         <form method=\"post\" action=\"/sandbox/page/reset\"><button type=\"submit\">Reset</button></form>\
         </div></section>"
    )
}

/// What would have been sent to people.
fn messages(engine: &Engine) -> String {
    let rows: String = engine
        .messages(SHOWN)
        .iter()
        .map(|message| {
            format!(
                "<tr><td class=\"mono\">{}</td><td>{}</td><td>{}</td><td class=\"mono\">{}</td></tr>",
                Timestamp::from_micros(message.whole("at")),
                escape(message.text("kind")),
                escape(message.text("address")),
                escape(message.text("code")),
            )
        })
        .collect();
    let table = if rows.is_empty() {
        "<p class=\"quiet\">Nothing would have been sent yet.</p>".to_owned()
    } else {
        format!(
            "<div class=\"scroll\" role=\"region\" aria-label=\"Messages\" tabindex=\"0\"><table><thead><tr>\
             <th scope=\"col\">Time</th><th scope=\"col\">What for</th><th scope=\"col\">To</th>\
             <th scope=\"col\">Code</th></tr></thead><tbody>{rows}</tbody></table></div>"
        )
    };
    format!("<section class=\"panel\"><h2>Messages to people</h2>{table}</section>")
}

fn requests(engine: &Engine) -> String {
    let rows: String = engine.log.last(SHOWN).iter().map(request_row).collect();
    let table = if rows.is_empty() {
        "<p class=\"quiet\">No request has come yet.</p>".to_owned()
    } else {
        format!(
            "<div class=\"scroll\" role=\"region\" aria-label=\"Last requests\" tabindex=\"0\"><table><thead><tr>\
             <th scope=\"col\">Time</th>\
             <th scope=\"col\">Request</th><th scope=\"col\">Operation</th><th scope=\"col\">Answer</th>\
             <th scope=\"col\" class=\"number\">ms</th><th scope=\"col\">Notes</th></tr></thead>\
             <tbody>{rows}</tbody></table></div>"
        )
    };
    format!(
        "<section class=\"panel\"><h2>Last requests, of {} in all</h2>{table}</section>",
        engine.log.total()
    )
}

fn request_row(record: &RequestRecord) -> String {
    let (answer, class) = match record.status {
        None => ("reset".to_owned(), "bad"),
        Some(status @ 400..) => (status.to_string(), "bad"),
        Some(status) => (status.to_string(), "good"),
    };
    let mut notes: Vec<String> = record.faults.iter().map(|fault| format!("fault: {fault}")).collect();
    if record.replayed {
        notes.push("replayed".to_owned());
    }
    if !record.dropped.is_empty() {
        notes.push(format!("dropped: {}", record.dropped.join(", ")));
    }
    format!(
        "<tr><td class=\"mono\">{}</td><td class=\"mono\">{}</td><td class=\"mono\">{}</td>\
         <td class=\"{class}\">{answer}</td><td class=\"number\">{}</td><td>{}</td></tr>",
        record.at,
        escape(&record.request),
        escape(&record.operation),
        record.millis,
        escape(&notes.join("; ")),
    )
}
