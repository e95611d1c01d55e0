//! A host name leads to one biller: who asks for one that another biller has learns so before anything is set. Of two at
//! the same moment the database lets one through.

use std::collections::BTreeMap;

use domain::{
    Bid,
    actor::Actor,
    settings::{Contradiction, Layer, ProposedLayer, SettingKey, vanity},
};
use storage::Conn;

use crate::{Console, ServiceError, reach};

/// Why these cannot be set, each with the place of its layer: the host name is another biller's, in our records, at
/// SecureAuth, or in the same proposal.
pub(crate) async fn problems(
    conn: &mut Conn,
    actor: &Actor,
    layers: &[ProposedLayer],
) -> Result<Vec<(usize, Contradiction)>, ServiceError> {
    let Ok(key) = vanity::HOST.parse::<SettingKey>() else { return Ok(Vec::new()) };
    let mut asked: BTreeMap<&str, &Bid> = BTreeMap::new();
    let mut problems = Vec::new();
    for (place, layer) in layers.iter().enumerate() {
        let Layer::Biller(bid) = &layer.layer else { continue };
        let value = layer.values.get(&key).and_then(Option::as_ref);
        let Some(host) = vanity::host(key, value) else { continue };
        let holder = match asked.insert(host, bid) {
            Some(first) => Some(first.clone()),
            None => storage::vanity::holder(conn, host, bid).await?,
        };
        if let Some(holder) = holder {
            let problem = told(conn, actor, host, &holder).await?;
            problems.push((place, Contradiction { key, problem }));
        }
    }
    Ok(problems)
}

/// Names the other biller to who sees it.
async fn told(conn: &mut Conn, actor: &Actor, host: &str, holder: &Bid) -> Result<String, ServiceError> {
    let whose = match reach::find(conn, actor, holder).await? {
        Some(biller) => format!("{} ({holder})", biller.name()),
        None => "another biller".to_owned(),
    };
    Ok(format!(
        "{host} belongs to {whose}: a host name leads to one biller. Choose another one, or take it away there first."
    ))
}

/// The error for who was second: the database refused what a check before had let through.
pub(crate) async fn second(
    console: &Console,
    actor: &Actor,
    layers: &[ProposedLayer],
    error: ServiceError,
) -> ServiceError {
    let taken = matches!(&error, ServiceError::Storage(cause) if cause.is_unique_violation());
    if !taken {
        return error;
    }
    let found = async {
        let mut conn = console.store.read().await?;
        problems(&mut conn, actor, layers).await
    };
    match found.await {
        Ok(problems) if !problems.is_empty() => {
            ServiceError::Settings(problems.into_iter().map(|(_, problem)| problem).collect())
        }
        Ok(_) => ServiceError::Changed { what: "A vanity domain" },
        Err(error) => error,
    }
}
