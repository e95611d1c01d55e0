//! Takes over what IC says of billers, one or thousands at a time.

use std::collections::{BTreeMap, HashMap};

use domain::{
    Bid, Timestamp,
    biller::{BillerDraft, CiamStatus, PortfolioSaid},
    login::LoginRoute,
    search,
};
use sqlx::FromRow;

use crate::{
    StorageError, Tx,
    counters::Counter,
    error::exactly,
    live::{self, Topic},
    sql::{Sql, Value},
};

/// Billers written by one statement.
const BATCH: usize = 200;

/// What an upsert did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upsert {
    /// The biller is new.
    Created,
    /// Some field changed.
    Changed,
    /// Everything was as given.
    Unchanged,
}

/// What an upsert of many did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UpsertCounts {
    /// New billers.
    pub created: u64,
    /// Billers of which some field changed.
    pub changed: u64,
    /// Billers that were as given.
    pub unchanged: u64,
}

/// IC's fields as they are stored.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
struct Known {
    bid: String,
    name: String,
    state: Option<String>,
    ownership: Option<String>,
    customers: Option<i64>,
    tier: Option<String>,
    time_zone: Option<String>,
    portfolio: Option<String>,
}

impl Known {
    /// The biller as the draft makes it of what is stored.
    fn after(draft: &BillerDraft, before: Option<&Self>) -> Self {
        let portfolio = match &draft.portfolio {
            PortfolioSaid::Nothing => before.and_then(|row| row.portfolio.clone()),
            said => said.named().map(ToString::to_string),
        };
        Self {
            portfolio,
            bid: draft.bid.to_string(),
            name: draft.name.clone(),
            state: draft.state.clone(),
            ownership: draft.ownership.clone(),
            customers: draft.customers,
            tier: draft.tier.clone(),
            time_zone: draft.time_zone.clone(),
        }
    }
}

/// Takes over what IC says of a biller. A field that is not given is cleared, but for the portfolio, of which nothing
/// may be said; everything about CIAM is kept.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn upsert(tx: &mut Tx, draft: &BillerDraft, now: Timestamp) -> Result<Upsert, StorageError> {
    let counts = upsert_many(tx, std::slice::from_ref(draft), now).await?;
    Ok(match counts {
        UpsertCounts { created: 1, .. } => Upsert::Created,
        UpsertCounts { changed: 1, .. } => Upsert::Changed,
        _ => Upsert::Unchanged,
    })
}

/// Takes over what IC says of many billers, as [`upsert`] does of one. Of several drafts with one bid the last
/// one counts.
///
/// # Errors
/// [`StorageError::Driver`] or [`StorageError::Busy`].
pub async fn upsert_many(
    tx: &mut Tx,
    drafts: &[BillerDraft],
    now: Timestamp,
) -> Result<UpsertCounts, StorageError> {
    // Sorted by bid, so that transactions lock rows in one order.
    let drafts: BTreeMap<&Bid, &BillerDraft> = drafts.iter().map(|draft| (&draft.bid, draft)).collect();
    let drafts: Vec<&BillerDraft> = drafts.into_values().collect();
    // A biller that two transactions find missing must be created by one of them only.
    let rows = affected!(tx, sqlx::query("UPDATE locks SET taken = taken + 1 WHERE name = 'billers'"))?;
    exactly(1, rows, "Taking the lock for changing billers")?;
    let mut counts = UpsertCounts::default();
    for batch in drafts.chunks(BATCH) {
        let done = upsert_batch(tx, batch, now).await?;
        counts.created += done.created;
        counts.changed += done.changed;
        counts.unchanged += done.unchanged;
    }
    if counts.created + counts.changed > 0 {
        live::touch(tx, Topic::Billers);
    }
    Ok(counts)
}

async fn upsert_batch(
    tx: &mut Tx,
    batch: &[&BillerDraft],
    now: Timestamp,
) -> Result<UpsertCounts, StorageError> {
    let known = known(tx, batch).await?;
    let mut counts = UpsertCounts::default();
    let mut write: Vec<Known> = Vec::new();
    let mut renamed = Vec::new();
    for draft in batch {
        let old = known.get(draft.bid.as_str());
        let new = Known::after(draft, old);
        match old {
            None => {
                counts.created += 1;
                tx.count(Counter::Billers, 1);
                tx.count(Counter::Status(CiamStatus::NotEnabled), 1);
                count_facets(tx, None, &new);
                write.push(new);
            }
            Some(old) if *old == new => counts.unchanged += 1,
            Some(old) => {
                counts.changed += 1;
                count_facets(tx, Some(old), &new);
                if old.name != draft.name {
                    renamed.push(&draft.bid);
                }
                live::touch(tx, Topic::Biller(draft.bid.clone()));
                write.push(new);
            }
        }
    }
    write_billers(tx, &write, now).await?;
    let search: Vec<&BillerDraft> = batch
        .iter()
        .copied()
        .filter(|draft| !known.contains_key(draft.bid.as_str()) || renamed.contains(&&draft.bid))
        .collect();
    write_terms(tx, &renamed, &search).await?;
    Ok(counts)
}

async fn known(tx: &mut Tx, batch: &[&BillerDraft]) -> Result<HashMap<String, Known>, StorageError> {
    let mut sql = Sql::new(
        "SELECT bid, name, state, ownership, customers, tier, time_zone, portfolio FROM billers WHERE bid IN ",
    );
    sql.tuple(batch.iter().map(|draft| Value::from(draft.bid.as_str())));
    sql.push(" ORDER BY bid").push(tx.engine().for_update());
    let rows: Vec<Known> = sql.all(tx).await?;
    Ok(rows.into_iter().map(|row| (row.bid.clone(), row)).collect())
}

fn count_facets(tx: &mut Tx, old: Option<&Known>, new: &Known) {
    let mut moved = |counter: fn(String) -> Counter, old: Option<&String>, new: Option<&String>| {
        if old != new {
            if let Some(old) = old {
                tx.count(counter(old.clone()), -1);
            }
            if let Some(new) = new {
                tx.count(counter(new.clone()), 1);
            }
        }
    };
    moved(Counter::State, old.and_then(|row| row.state.as_ref()), new.state.as_ref());
    moved(Counter::Ownership, old.and_then(|row| row.ownership.as_ref()), new.ownership.as_ref());
    moved(Counter::Tier, old.and_then(|row| row.tier.as_ref()), new.tier.as_ref());
    moved(Counter::Portfolio, old.and_then(|row| row.portfolio.as_ref()), new.portfolio.as_ref());
}

async fn write_billers(tx: &mut Tx, rows: &[Known], now: Timestamp) -> Result<(), StorageError> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut sql = Sql::new(
        "INSERT INTO billers (bid, name, name_key, state, ownership, customers, tier, time_zone, portfolio, \
         status, status_since, login_route, attention, created_at, updated_at, version) VALUES ",
    );
    sql.tuples(rows.iter().map(|row| -> [Value; 16] {
        [
            row.bid.as_str().into(),
            row.name.as_str().into(),
            search::fold(&row.name).into(),
            row.state.clone().into(),
            row.ownership.clone().into(),
            row.customers.into(),
            row.tier.clone().into(),
            row.time_zone.clone().into(),
            row.portfolio.clone().into(),
            CiamStatus::NotEnabled.as_str().into(),
            now.micros().into(),
            LoginRoute::Legacy.as_str().into(),
            false.into(),
            now.micros().into(),
            now.micros().into(),
            Value::from(1),
        ]
    }));
    sql.push(
        " ON CONFLICT (bid) DO UPDATE SET name = excluded.name, name_key = excluded.name_key, \
         state = excluded.state, ownership = excluded.ownership, customers = excluded.customers, \
         tier = excluded.tier, time_zone = excluded.time_zone, portfolio = excluded.portfolio, updated_at = excluded.updated_at, \
         version = billers.version + 1",
    );
    let written = sql.run(tx).await?;
    exactly(rows.len() as u64, written, "Writing billers")
}

async fn write_terms(tx: &mut Tx, renamed: &[&Bid], drafts: &[&BillerDraft]) -> Result<(), StorageError> {
    if !renamed.is_empty() {
        let mut sql = Sql::new("DELETE FROM biller_terms WHERE bid IN ");
        sql.tuple(renamed.iter().map(|bid| Value::from(bid.as_str())));
        sql.run(tx).await?;
    }
    let terms: Vec<(String, &Bid)> = drafts
        .iter()
        .flat_map(|draft| {
            let terms = search::biller_terms(&draft.name, draft.bid.as_str());
            terms.into_iter().map(|term| (term, &draft.bid))
        })
        .collect();
    for batch in terms.chunks(BATCH * 2) {
        let mut sql = Sql::new("INSERT INTO biller_terms (term, bid) VALUES ");
        sql.tuples(batch.iter().map(|(term, bid)| [term.as_str().into(), Value::from(bid.as_str())]));
        let rows = sql.run(tx).await?;
        exactly(batch.len() as u64, rows, "Writing search words")?;
    }
    Ok(())
}
