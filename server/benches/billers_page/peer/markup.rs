//! The changing parts of the page, written by hand. `same_page` checks them against the console's page.

use super::query::{List, Row};

/// A whole number in groups of three.
pub(super) fn grouped(out: &mut String, number: i64) {
    let digits = number.unsigned_abs().to_string();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
}

/// Text or the value of an attribute.
fn escaped(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"']) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            _ => "&quot;",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

/// How many billers are shown.
pub(super) fn found(out: &mut String, list: &List) {
    out.push_str(&list.rows.len().to_string());
    out.push_str(" of ");
    grouped(out, list.total);
    out.push_str(" billers");
}

/// The place of the next page.
pub(super) fn next(out: &mut String, list: &List) {
    if let Some(last) = list.rows.last().filter(|_| list.more) {
        out.push_str("a~");
        escaped(out, &last.bid);
        out.push('~');
        escaped(out, &last.name_key);
    }
}

/// Values to filter by.
pub(super) fn options(out: &mut String, facet: &[(String, i64)]) {
    for (value, n) in facet {
        out.push_str("<option value=\"");
        escaped(out, value);
        out.push_str("\">");
        escaped(out, value);
        out.push_str(" (");
        out.push_str(&n.to_string());
        out.push_str(")</option>");
    }
}

/// The rows of the table.
pub(super) fn rows(out: &mut String, rows: &[Row], now: i64) {
    for row in rows {
        out.push_str("<tr><td class=\"col-select\"><input type=\"checkbox\" name=\"sel\" value=\"");
        escaped(out, &row.bid);
        out.push_str("\" aria-label=\"Select ");
        escaped(out, &row.name);
        out.push_str("\" class=\"checkbox checkbox-primary checkbox-sm\"></td><td class=\"col-name\"><a href=\"/billers/");
        escaped(out, &row.bid);
        out.push_str("\" class=\"row-link\">");
        escaped(out, &row.name);
        out.push_str("</a><span class=\"narrow-only row-sub\">");
        escaped(out, &row.bid);
        out.push_str("</span></td>");
        cell(out, "wide-only mono", Some(&row.bid));
        cell(out, "wide-only", row.state.as_deref());
        cell(out, "wider-only", row.ownership.as_deref());
        cell(out, "wider-only", row.tier.as_deref());
        out.push_str("<td class=\"wide-only col-num\">");
        match row.customers {
            Some(customers) => grouped(out, customers),
            None => out.push('–'),
        }
        out.push_str("</td><td class=\"col-status\">");
        status(out, &row.status);
        if row.open_run.is_some() && matches!(row.status.as_str(), "not_enabled" | "enabled" | "suspended") {
            badge(out, "bad", "icon", CROSS, "Run failed");
        }
        out.push_str("<!></td><td class=\"wide-only\">");
        since(out, row.status_since, now);
        out.push_str("</td></tr>");
    }
}

fn cell(out: &mut String, class: &str, value: Option<&str>) {
    out.push_str("<td class=\"");
    out.push_str(class);
    out.push_str("\">");
    escaped(out, value.unwrap_or("–"));
    out.push_str("</td>");
}

const CIRCLE: &str = "M20 12a8 8 0 1 1-16 0 8 8 0 0 1 16 0Z";
const CHECK: &str = "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0ZM8 12.3l2.8 2.7L16 9.5";
const PAUSE: &str = "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0ZM10 9v6m4-6v6";
const CROSS: &str = "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0ZM9 9l6 6m0-6-6 6";
const SPINNER: &str = "M12 3a9 9 0 1 1-8.5 6";

fn status(out: &mut String, status: &str) {
    match status {
        "enabled" => badge(out, "good", "icon", CHECK, "Enabled"),
        "suspended" => badge(out, "caution", "icon", PAUSE, "Suspended"),
        "enabling" => badge(out, "moving", "icon spin", SPINNER, "Enabling"),
        "suspending" => badge(out, "moving", "icon spin", SPINNER, "Suspending"),
        "resuming" => badge(out, "moving", "icon spin", SPINNER, "Resuming"),
        _ => badge(out, "quiet", "icon", CIRCLE, "Not enabled"),
    }
}

fn badge(out: &mut String, tone: &str, class: &str, icon: &str, word: &str) {
    out.push_str("<span class=\"tag tone-");
    out.push_str(tone);
    out.push_str("\"><svg width=\"18\" height=\"18\" viewBox=\"0 0 24 24\" aria-hidden=\"true\" class=\"");
    out.push_str(class);
    out.push_str("\"><path d=\"");
    out.push_str(icon);
    out.push_str("\"></path></svg>");
    out.push_str(word);
    out.push_str("</span>");
}

fn since(out: &mut String, micros: i64, now: i64) {
    let at = jiff::Timestamp::from_second(micros.div_euclid(1_000_000)).unwrap_or_default();
    out.push_str("<time datetime=\"");
    out.push_str(&at.to_string());
    out.push_str("\" title=\"");
    out.push_str(&at.strftime("%-d %b %Y, %H:%M UTC").to_string());
    out.push_str("\">");
    let seconds = (now - micros).max(0) / 1_000_000;
    let (number, unit) = match seconds {
        0..5 => (0, "just now"),
        5..60 => (seconds, " s ago"),
        60..3_600 => (seconds / 60, " min ago"),
        3_600..86_400 => (seconds / 3_600, " h ago"),
        86_400..5_184_000 => (seconds / 86_400, " d ago"),
        _ => (seconds / 2_592_000, " months ago"),
    };
    if number > 0 {
        out.push_str(&number.to_string());
    }
    out.push_str(unit);
    out.push_str("</time>");
}
