//! `/events?topic=…`: tells a page that what it shows has changed (server-sent events).

use std::{
    convert::Infallible,
    time::{Duration, Instant},
};

use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use domain::{Topic, session::SessionKey};
use serde::Deserialize;
use services::{Console, follow_topic};
use storage::live;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use super::{
    console::Served,
    problem::Problem,
    session_use::{STILL_THERE_EVERY, is_over},
};

/// Other servers' commits are noticed after this time; our own at once.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What the page wants to hear of.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    topic: String,
    /// The version that the page shows; anything newer is told at once.
    since: Option<i64>,
}

/// One `change` event, with the topic's version, whenever the topic changed. Ends with the session.
pub(crate) async fn stream(
    State(served): State<Served>,
    session: tower_sessions::Session,
    Query(wanted): Query<Wanted>,
) -> Response {
    let Ok(topic) = wanted.topic.parse::<Topic>() else {
        return (StatusCode::BAD_REQUEST, "There is no such topic.").into_response();
    };
    let Ok(Some(actor)) = app::session::actor(&session).await else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let Some(key) = app::session::key(&session) else { return StatusCode::UNAUTHORIZED.into_response() };
    if let Err(error) = follow_topic::version(&served.console, &actor, &topic).await {
        return Problem::from(error).into_response();
    }
    let events = changes(served.console, topic, wanted.since, key, served.shutdown);
    Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(20))).into_response()
}

fn changes(
    console: Console,
    topic: Topic,
    since: Option<i64>,
    session: SessionKey,
    shutdown: CancellationToken,
) -> impl futures::Stream<Item = Result<Event, Infallible>> {
    async_stream::stream! {
        let mut committed = console.store.changes();
        let mut known = match since {
            Some(since) => Some(since),
            None => version(&console, &topic).await,
        };
        let mut looked = Instant::now();
        loop {
            if looked.elapsed() >= STILL_THERE_EVERY {
                looked = Instant::now();
                if is_over(&console.store, console.clock.as_ref(), &session).await {
                    break;
                }
            }
            let now = version(&console, &topic).await;
            if now != known {
                known = now;
                yield Ok(Event::default().event("change").data(now.unwrap_or_default().to_string()));
            }
            tokio::select! {
                () = shutdown.cancelled() => break,
                () = tokio::time::sleep(LOOK_EVERY) => {}
                change = committed.recv() => match change {
                    Ok(changed) if changed != topic => continue,
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => break,
                },
            }
        }
    }
}

/// The topic's version; `None` while the database does not answer, which is a change too.
async fn version(console: &Console, topic: &Topic) -> Option<i64> {
    let mut conn = console.store.read().await.ok()?;
    live::version(&mut conn, topic).await.ok()
}
