//! Drift: what SecureAuth shows is not what is wanted. Scans find it; people decide field by field.

pub mod decide;
pub mod list;
pub mod scan;
pub(crate) mod who;

use std::collections::BTreeMap;

use domain::{
    biller::Biller,
    settings::{Agreement, Drift, Scope, agreement, catalogue},
};
use storage::{
    Tx,
    settings::{self, ObservedScope},
};

use crate::{
    Console, ServiceError,
    biller_settings::{Standing, vanity},
};

/// Keeps what objects of a biller showed, and what of it differs from what is wanted. The answer is how much differs.
pub(crate) async fn note(
    console: &Console,
    tx: &mut Tx,
    biller: Biller,
    reads: &BTreeMap<Scope, ObservedScope>,
) -> Result<u64, ServiceError> {
    let bid = biller.bid().clone();
    let standing = Standing::load(console, tx, biller).await?;
    let mut differing = 0;
    for (scope, read) in reads {
        settings::put_observed(tx, &bid, *scope, read).await?;
        let drifts = of_scope(&standing, *scope, read);
        differing += drifts.len() as u64;
        if *scope == Scope::VanityDomain && vanity::seen_in(reads).is_none() {
            storage::vanity::forget(tx, &bid).await?;
        }
        storage::drift::replace(tx, &bid, *scope, &drifts).await?;
    }
    Ok(differing)
}

/// What differs in one object.
fn of_scope(standing: &Standing, scope: Scope, read: &ObservedScope) -> Vec<Drift> {
    if !standing.has_objects() {
        return Vec::new();
    }
    catalogue::of_scope(scope)
        .iter()
        .filter_map(|setting| {
            let wanted = standing.effective(setting).value?;
            let found = read.values.get(&setting.key())?;
            (agreement(Some(&wanted), Some(found)) == Agreement::Drifted).then(|| Drift {
                bid: standing.biller.bid().clone(),
                key: setting.key(),
                wanted,
                found: found.clone(),
                found_at: read.read_at,
                ignored_until: None,
                changed: None,
            })
        })
        .collect()
}
