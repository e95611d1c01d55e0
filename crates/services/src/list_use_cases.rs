//! The use cases of all billers, and their defaults.

use std::collections::BTreeMap;

use domain::{
    access::Refusal,
    actor::{Actor, Capability},
    audit::{AuditAction, AuditEntry, Subject, SubjectKind},
    biller::{Biller, CiamStatus},
    filter::{BillerFilter, Cursor, Direction, ListQuery, SortBy},
    use_case::{Choices, Layers, Readiness, UseCase, UseCases, expected},
};
use serde_json::json;
use storage::{
    Conn, billers,
    use_cases::{self, Stages, choices::Chosen},
};

use crate::{
    Console, ServiceError, bulk_enable::MAX_BILLERS, list_billers, schedule_use_cases::ScheduledView,
};

/// One biller of the matrix.
#[derive(Clone, Debug)]
pub struct UseCaseRow {
    /// The biller.
    pub biller: Biller,
    /// What is chosen for it on each level.
    pub layers: Layers,
    /// What is in effect.
    pub in_effect: UseCases,
    /// How far it is for each use case.
    pub stages: Stages,
    /// The change that waits for its time.
    pub scheduled: Option<ScheduledView>,
}

/// The matrix as it is shown.
#[derive(Clone, Debug)]
pub struct UseCaseList {
    /// The rows, by name.
    pub rows: Vec<UseCaseRow>,
    /// The page before; `None` on the first one.
    pub previous: Option<Cursor>,
    /// The page after; `None` on the last one.
    pub next: Option<Cursor>,
    /// Enabled billers by how far they are, for each use case.
    pub counts: Vec<(UseCase, Vec<(Readiness, u64)>)>,
    /// Whether the actor may change many at once.
    pub may_bulk: Result<(), Refusal>,
}

/// Shows a page of the matrix, by name.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see billers.
pub async fn list(console: &Console, actor: &Actor, query: &ListQuery) -> Result<UseCaseList, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let query = ListQuery {
        filter: list_billers::reachable(actor, &query.filter),
        sort: SortBy::Name,
        direction: Direction::Ascending,
        ..query.clone()
    };
    let mut conn = console.store.read().await?;
    let page = billers::list(&mut conn, &query).await?;
    let bids: Vec<_> = page.rows.iter().map(|biller| biller.bid().clone()).collect();
    let chosen = use_cases::choices::of_billers(&mut conn, &bids).await?;
    let (everyone, tiers) = use_cases::choices::defaults(&mut conn).await?;
    let tiers: BTreeMap<String, Choices> = tiers.into_iter().map(|one| (one.subject, one.choices)).collect();
    let everyone = everyone.map(|one| one.choices).unwrap_or_default();
    let effects = use_cases::effects::of_billers(&mut conn, &bids).await?;
    let stages = use_cases::stages(&mut conn, &bids).await?;
    let mut counts = Vec::new();
    for use_case in UseCase::ALL {
        counts.push((*use_case, use_cases::counts(&mut conn, *use_case, actor.portfolio()).await?));
    }
    let mut scheduled = use_cases::scheduled::waiting_of(&mut conn, &bids).await?;
    let row = |biller: Biller| {
        let bid = biller.bid();
        let tier = biller.draft.tier.as_ref().and_then(|tier| tiers.get(tier)).copied();
        UseCaseRow {
            layers: Layers {
                biller: chosen.get(bid).copied().unwrap_or_default(),
                tier: tier.unwrap_or_default(),
                everyone,
            },
            in_effect: effects.get(bid).map(|effect| effect.in_effect.clone()).unwrap_or_default(),
            scheduled: scheduled.remove(bid).map(ScheduledView::of),
            stages: stages.get(bid).copied().unwrap_or([Readiness::NotEnabled; 3]),
            biller,
        }
    };
    Ok(UseCaseList {
        rows: page.rows.into_iter().map(row).collect(),
        previous: page.previous,
        next: page.next,
        counts,
        may_bulk: actor.may(Capability::RunWaves).and_then(|()| actor.may(Capability::ChangeUseCases)),
    })
}

/// The defaults as they are shown.
#[derive(Clone, Debug)]
pub struct Defaults {
    /// What is chosen for everyone; `None` where nothing is.
    pub everyone: Option<Chosen>,
    /// Every tier that billers have, or for which something is chosen, with the number of its billers.
    pub tiers: Vec<(String, u64, Option<Chosen>)>,
    /// For how many enabled billers something else is in effect than what is chosen.
    pub differing: Differing,
    /// Whether the actor may change them.
    pub allowed: Result<(), Refusal>,
}

/// Enabled billers for which something else is in effect than what is chosen on all levels together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differing {
    /// All of them.
    pub all: usize,
    /// Those of each tier.
    pub of_tier: BTreeMap<String, usize>,
    /// There are more billers than were looked at: the numbers are the least that it is.
    pub at_least: bool,
}

/// Shows the defaults.
///
/// # Errors
/// [`ServiceError::Refused`] without the right to see billers.
pub async fn defaults(console: &Console, actor: &Actor) -> Result<Defaults, ServiceError> {
    actor.may(Capability::ViewBillers)?;
    let mut conn = console.store.read().await?;
    let (everyone, chosen) = use_cases::choices::defaults(&mut conn).await?;
    let counted = billers::facets(&mut conn, actor.portfolio()).await?.tiers;
    let mut tiers: BTreeMap<String, (u64, Option<Chosen>)> =
        counted.into_iter().map(|(tier, n)| (tier, (n, None))).collect();
    for one in chosen {
        let tier = one.subject.clone();
        tiers.entry(tier).or_default().1 = Some(one);
    }
    let default = everyone.as_ref().map(|one| one.choices).unwrap_or_default();
    let differing = differing(&mut conn, actor, default, &tiers).await?;
    let tiers = tiers.into_iter().map(|(tier, (n, chosen))| (tier, n, chosen)).collect();
    Ok(Defaults { everyone, tiers, differing, allowed: may_set(actor) })
}

/// Compares what is chosen with what is in effect, for as many enabled billers as one wave takes.
async fn differing(
    conn: &mut Conn,
    actor: &Actor,
    everyone: Choices,
    tiers: &BTreeMap<String, (u64, Option<Chosen>)>,
) -> Result<Differing, ServiceError> {
    let enabled = BillerFilter { statuses: vec![CiamStatus::Enabled], ..BillerFilter::default() };
    let enabled = list_billers::reachable(actor, &enabled);
    let bids = billers::matching_bids(conn, &enabled, MAX_BILLERS).await?;
    let mut tier_of = BTreeMap::new();
    for tier in tiers.keys() {
        let filter = BillerFilter { tier: Some(tier.clone()), ..enabled.clone() };
        let of_tier = billers::matching_bids(conn, &filter, MAX_BILLERS).await?;
        tier_of.extend(of_tier.into_iter().map(|bid| (bid, tier)));
    }
    let chosen = use_cases::choices::of_billers(conn, &bids).await?;
    let effects = use_cases::effects::of_billers(conn, &bids).await?;
    let mut differing = Differing { at_least: bids.len() == MAX_BILLERS, ..Differing::default() };
    for bid in &bids {
        let tier = tier_of.get(bid).copied();
        let of_tier = tier.and_then(|tier| tiers.get(tier)).and_then(|(_, chosen)| chosen.as_ref());
        let layers = Layers {
            biller: chosen.get(bid).copied().unwrap_or_default(),
            tier: of_tier.map(|one| one.choices).unwrap_or_default(),
            everyone,
        };
        let in_effect = effects.get(bid).map(|effect| effect.in_effect.clone()).unwrap_or_default();
        if expected(&layers, &in_effect, layers.biller) != in_effect {
            differing.all += 1;
            if let Some(tier) = tier {
                *differing.of_tier.entry(tier.clone()).or_default() += 1;
            }
        }
    }
    Ok(differing)
}

/// A default may touch any biller.
fn may_set(actor: &Actor) -> Result<(), Refusal> {
    let capability = Capability::ChangeUseCases;
    actor.may(capability)?;
    match actor.portfolio() {
        None => Ok(()),
        Some(portfolio) => Err(Refusal::Portfolio { capability, portfolio: portfolio.clone() }),
    }
}

/// Sets the default of a tier, or of everyone where none is named. Nothing is brought about by it: billers that
/// inherit show the difference, and a bulk change brings it about.
///
/// # Errors
/// [`ServiceError::Changed`] when somebody else has set it since it was shown, [`ServiceError::Refused`] without the
/// right.
pub async fn set_default(
    console: &Console,
    actor: &Actor,
    tier: Option<&str>,
    choices: Choices,
    seen: Choices,
) -> Result<(), ServiceError> {
    may_set(actor)?;
    let mut tx = console.store.begin().await?;
    let (everyone, tiers) = use_cases::choices::defaults(&mut tx).await?;
    let before = match tier {
        None => everyone,
        Some(tier) => tiers.into_iter().find(|one| one.subject == tier),
    };
    let before = before.map(|one| one.choices).unwrap_or_default();
    if before != seen {
        return Err(ServiceError::Changed { what: "The default" });
    }
    if before == choices {
        return Ok(());
    }
    use_cases::choices::put_default(&mut tx, tier, &choices, actor, console.now()).await?;
    let subject = Subject::new(SubjectKind::UseCaseDefault, tier.unwrap_or("everyone"));
    let entry = AuditEntry::new(console.now(), actor.clone(), AuditAction::UseCaseDefaultChanged, subject)
        .change(Some(json!({ "choices": before })), Some(json!({ "choices": choices })));
    tx.commit_audited(entry).await?;
    Ok(())
}
