//! Rounds of load, and what they cost.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use crate::{Outcome, figures, http::Connection, process::processor_time};

/// What is asked of which server.
#[derive(Clone)]
pub(crate) struct Target {
    /// Where it answers.
    pub(crate) address: SocketAddr,
    /// Its process.
    pub(crate) process: u32,
    /// What is asked for, in turn.
    pub(crate) requests: Arc<[Vec<u8>]>,
}

/// What one round measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Round {
    /// Answers a second.
    pub(crate) rate: f64,
    /// Half of the answers came within this time, in milliseconds.
    pub(crate) p50: f64,
    /// 99 of 100 answers came within this time, in milliseconds.
    pub(crate) p99: f64,
    /// Processor time of the server for one answer, in milliseconds; 0 where the system does not tell.
    pub(crate) processor: f64,
}

/// Asks over `connections` kept connections, each one request at a time, for as long as `length`.
pub(crate) async fn round(target: &Target, connections: usize, length: Duration) -> Outcome<Round> {
    let mut open = Vec::new();
    for _ in 0..connections {
        let mut connection = Connection::open(target.address).await?;
        // Outside of the measurement: the server's side of a new connection.
        ask(&mut connection, &target.requests[0]).await?;
        open.push(connection);
    }
    let processor = processor_time(target.process);
    let begun = Instant::now();
    let mut at_work = JoinSet::new();
    for (number, mut connection) in open.into_iter().enumerate() {
        let requests = Arc::clone(&target.requests);
        at_work.spawn(async move {
            let mut took = Vec::new();
            // Each connection begins elsewhere in the list.
            for request in requests.iter().cycle().skip(number * requests.len() / connections) {
                let sent = Instant::now();
                ask(&mut connection, request).await?;
                took.push(sent.elapsed());
                if begun.elapsed() >= length {
                    break;
                }
            }
            Outcome::Ok(took)
        });
    }
    let mut took = Vec::new();
    while let Some(connection) = at_work.join_next().await {
        took.extend(connection??);
    }
    let elapsed = begun.elapsed();
    let spent = processor_time(target.process).saturating_sub(processor);
    took.sort_unstable();
    let answers = figures::number(took.len());
    Ok(Round {
        rate: answers / elapsed.as_secs_f64(),
        p50: figures::percentile(&took, 50),
        p99: figures::percentile(&took, 99),
        processor: figures::milliseconds(spent) / answers,
    })
}

async fn ask(connection: &mut Connection, request: &[u8]) -> Outcome<()> {
    let answer = connection.exchange(request).await?;
    if answer.status == 200 {
        return Ok(());
    }
    let asked = String::from_utf8_lossy(request);
    Err(format!("{} was answered with {}", asked.lines().next().unwrap_or_default(), answer.status).into())
}
