//! The handover pack: when the biller goes live, and the text for it.

use domain::{
    Bid,
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    biller::Biller,
    handover::{self, Handover},
};
use jiff::civil::Date;
use serde_json::json;
use storage::billers;

use crate::{Console, ServiceError, reach};

/// The handover pack as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandoverView {
    /// The text for the biller, ready to be pasted into an e-mail.
    pub text: String,
    /// Day of going live, ISO 8601 (`2026-12-01`).
    pub go_live: Option<String>,
    /// The same day in words (`1 December 2026`).
    pub go_live_in_words: Option<String>,
}

/// The day as a form gives it; blank is none.
#[derive(Clone, Copy, Debug)]
pub struct GoLiveForm<'a> {
    /// The day that stood in the form when it was made.
    pub seen: &'a str,
    /// The day that stands in it now.
    pub day: &'a str,
}

/// Sets or clears the day on which a biller goes live. Other changes of the biller since the form was made do no harm.
///
/// # Errors
/// [`ServiceError::Field`] for a date that is none, [`ServiceError::Changed`] when someone else has set another day
/// since the form was made, [`ServiceError::Refused`] without the right.
pub async fn set_go_live(
    console: &Console,
    actor: &Actor,
    bid: &Bid,
    form: GoLiveForm<'_>,
) -> Result<(), ServiceError> {
    actor.may(Capability::EditHandover)?;
    let filled = |text: &'_ str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    let (seen, date) = (filled(form.seen), filled(form.day).map(|day| checked(&day)).transpose()?);
    let mut tx = console.store.begin().await?;
    let biller = reach::biller(&mut tx, actor, bid).await?;
    if biller.go_live == date {
        return Ok(());
    }
    if biller.go_live != seen {
        return Err(ServiceError::Changed { what: "The go-live day" });
    }
    billers::set_go_live(&mut tx, bid, seen.as_deref(), date.as_deref()).await?;
    let entry = AuditEntry::new(
        console.now(),
        actor.clone(),
        AuditAction::HandoverChanged,
        Subject::new(SubjectKind::Biller, bid.as_str()),
    )
    .change(Some(json!({ "go_live": biller.go_live })), Some(json!({ "go_live": date })));
    tx.commit_audited(entry).await?;
    Ok(())
}

/// The handover pack of a biller that has a login URL.
pub(crate) fn view(biller: &Biller, login_url: &str) -> HandoverView {
    let day = biller.go_live.as_deref().map(in_words);
    let text = handover::text(&Handover { name: biller.name(), login_url, go_live: day.as_deref() });
    HandoverView { text, go_live: biller.go_live.clone(), go_live_in_words: day }
}

/// A calendar day, written as browsers' date fields send it.
fn checked(text: &str) -> Result<String, ServiceError> {
    let wrong = |problem: String| ServiceError::Field { field: "go_live", problem };
    let date: Date = text
        .parse()
        .map_err(|_| wrong(format!("{text:?} is no day of the calendar: write it as 2026-12-01")))?;
    // The parser also takes times and short forms; only the plain day comes back as it was written.
    if date.to_string() != text {
        return Err(wrong(format!("{text:?} is not written as a day: write it as 2026-12-01")));
    }
    if !(2000..=2199).contains(&date.year()) {
        return Err(wrong(format!("the year {} cannot be meant: give one from 2000 to 2199", date.year())));
    }
    Ok(date.to_string())
}

fn in_words(iso: &str) -> String {
    iso.parse::<Date>().map_or_else(|_| iso.to_owned(), |date| date.strftime("%-d %B %Y").to_string())
}
