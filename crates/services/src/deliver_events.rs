//! Outbound events: recorded with the change they tell of, then delivered as Standard Webhooks until the
//! receiver accepts them or the last attempt failed.

use std::{error::Error as _, sync::Arc, time::Duration};

use domain::{
    Bid, DeliveryId, EventId, JobId, Timestamp,
    event::{Delivery, DeliveryState, EventBody, EventData, EventKind, retry_pause},
    job::Job,
};
use reqwest::{StatusCode, redirect};
use secrecy::ExposeSecret;
use secureauth::LocalNames;
use standardwebhooks::{HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook};
use storage::{Bookkeeping, Tx, events};

use crate::{Console, ServiceError, settings::Receiver, worker::After};

/// How long a receiver may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// The HTTP client for deliveries: it follows no redirects, so that a signed event only ever goes to the
/// configured address.
///
/// # Errors
/// When the system's TLS set-up cannot be used.
pub fn http_client() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .timeout(PATIENCE)
        .connect_timeout(Duration::from_secs(5))
        .user_agent("ciam-console")
        .dns_resolver(Arc::new(LocalNames))
        // When the certificate of a vanity domain ends is read from what it shows.
        .tls_info(true)
        .build()
}

/// Writes an event down, with one delivery and one job for each receiver, inside the transaction of the
/// change it tells of.
pub(crate) async fn record(
    console: &Console,
    tx: &mut Tx,
    kind: EventKind,
    bid: &Bid,
    data: EventData,
) -> Result<(), ServiceError> {
    let now = console.now();
    let (clock, entropy) = (console.clock.as_ref(), console.entropy.as_ref());
    let body = EventBody { kind, timestamp: now.rfc3339(), data };
    let deliveries: Vec<(DeliveryId, JobId, String)> = console
        .settings
        .receivers
        .iter()
        .map(|to| (DeliveryId::new(clock, entropy), JobId::new(clock, entropy), to.name.clone()))
        .collect();
    events::record(tx, EventId::new(clock, entropy), kind, bid, &body, &deliveries, now).await?;
    Ok(())
}

/// Delivers once, and says what becomes of the job. Repeating it is harmless: what is delivered is not sent
/// again, and what waits is not sent early.
///
/// # Errors
/// [`ServiceError::NotFound`] for a job without a delivery, [`ServiceError::Storage`].
pub(crate) async fn attempt(console: &Console, job: &Job) -> Result<After, ServiceError> {
    let unknown = || ServiceError::not_found("delivery", &job.subject);
    let id: DeliveryId = job.subject.parse().map_err(|_| unknown())?;
    let mut conn = console.store.read().await?;
    let (delivery, body) = events::delivery(&mut conn, id).await?.ok_or_else(unknown)?;
    drop(conn);
    if delivery.state != DeliveryState::Pending {
        return Ok(After::Finished);
    }
    if let Some(at) = delivery.next_at.filter(|at| *at > console.now()) {
        return Ok(After::Again { at, why: delivery.last_error.unwrap_or_default() });
    }
    let outcome = match console.settings.receivers.iter().find(|to| to.name == delivery.endpoint) {
        Some(receiver) => post_signed(console, receiver, &delivery.event.to_string(), body.to_string()).await,
        None => Outcome::Hopeless {
            status: None,
            why: format!(
                "The receiver {:?} is no longer configured. Add it to the configuration again, or leave this be.",
                delivery.endpoint
            ),
        },
    };
    settle(console, &delivery, outcome).await
}

/// What came of one attempt.
pub(crate) enum Outcome {
    /// The receiver has it.
    Accepted(StatusCode),
    /// It may go better later.
    Failed {
        /// The receiver's answer, where one came.
        status: Option<StatusCode>,
        /// Why, for people.
        why: String,
    },
    /// It will never go.
    Hopeless {
        /// The receiver's answer, where one came.
        status: Option<StatusCode>,
        /// Why, for people.
        why: String,
    },
}

/// Posts a body, signed as a Standard Webhook; receivers fold what has the same id.
pub(crate) async fn post_signed(console: &Console, receiver: &Receiver, id: &str, body: String) -> Outcome {
    let failed = |why: String| Outcome::Failed { status: None, why };
    let at = console.now().seconds();
    let signature =
        Webhook::new(receiver.secret.expose_secret()).and_then(|hook| hook.sign(id, at, body.as_bytes()));
    let Ok(signature) = signature else {
        return failed(format!(
            "The secret of the receiver {:?} cannot be used: it must be \"whsec_\" and base64.",
            receiver.name
        ));
    };
    let request = console
        .http
        .post(receiver.url.clone())
        .timeout(PATIENCE)
        .header("content-type", "application/json")
        .header(HEADER_WEBHOOK_ID, id)
        .header(HEADER_WEBHOOK_TIMESTAMP, at)
        .header(HEADER_WEBHOOK_SIGNATURE, signature)
        .body(body);
    match request.send().await {
        Ok(answer) => judge(answer.status()),
        Err(error) => failed(explain(&error)),
    }
}

fn judge(status: StatusCode) -> Outcome {
    let failed = |why: &str| Outcome::Failed { status: Some(status), why: why.to_owned() };
    match status {
        _ if status.is_success() => Outcome::Accepted(status),
        StatusCode::GONE => Outcome::Hopeless {
            status: Some(status),
            why:
                "The receiver wants no more events (410). Remove it from the configuration, or ask its owner."
                    .to_owned(),
        },
        _ if status.is_redirection() => failed(
            "The receiver answers with a redirect, which is not followed. Configure the final address.",
        ),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            failed("The receiver refuses us. Compare the signing secret on both sides.")
        }
        _ if status.is_server_error() => failed("The receiver failed. Its own log says why."),
        _ => failed("The receiver did not accept the event. Its own log says why."),
    }
}

/// The error with its causes but without the address, which may hold a token.
fn explain(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("The receiver did not answer within {} seconds.", PATIENCE.as_secs());
    }
    let mut cause = error.source();
    while let Some(deeper) = cause.and_then(|it| it.source()) {
        cause = Some(deeper);
    }
    let why = cause.map_or_else(|| "no connection".to_owned(), ToString::to_string);
    format!("The receiver could not be reached: {why}.")
}

/// Writes down what came of an attempt.
async fn settle(console: &Console, delivery: &Delivery, outcome: Outcome) -> Result<After, ServiceError> {
    let now = console.now();
    let mut tx = console.store.begin().await?;
    let (after, word) = match outcome {
        Outcome::Accepted(status) => {
            events::delivered(&mut tx, delivery.id, i64::from(status.as_u16()), now).await?;
            (After::Finished, "delivered")
        }
        Outcome::Failed { status, why } => {
            let next = retry_pause(delivery.attempts + 1).map(|pause| now.plus(pause));
            fail(&mut tx, delivery, status, &why, next).await?;
            match next {
                Some(at) => (After::Again { at, why }, "failed"),
                None => (After::Finished, "gave_up"),
            }
        }
        Outcome::Hopeless { status, why } => {
            fail(&mut tx, delivery, status, &why, None).await?;
            (After::Finished, "gave_up")
        }
    };
    tx.commit_bookkeeping(Bookkeeping::Delivery).await?;
    metrics::counter!("ciam_deliveries_total", "outcome" => word).increment(1);
    Ok(after)
}

async fn fail(
    tx: &mut Tx,
    delivery: &Delivery,
    status: Option<StatusCode>,
    why: &str,
    next: Option<Timestamp>,
) -> Result<(), ServiceError> {
    tracing::warn!(delivery = %delivery.id, receiver = delivery.endpoint, attempts = delivery.attempts + 1,
        gave_up = next.is_none(), "event not delivered: {why}");
    events::attempt_failed(tx, delivery.id, status.map(|s| i64::from(s.as_u16())), why, next).await?;
    Ok(())
}
