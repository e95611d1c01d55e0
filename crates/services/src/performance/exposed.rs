//! The figures of the pages for our own monitoring: the same numbers, by the same arithmetic.

use domain::performance::{CallSource, CanaryRound, Incident, Minute, OperationGroup, Range};
use storage::{
    calls,
    vendor_review::{alerts, canary, incidents},
};

use super::{
    measure::Groups,
    objectives::{self, ObjectiveView},
    show::Figures,
};
use crate::{Console, ServiceError};

/// Minutes over which groups of operations are told.
pub const OVER_MINUTES: i64 = 60;

/// What is told.
#[derive(Clone, Debug)]
pub struct Exposed {
    /// How the promises stand.
    pub objectives: Vec<ObjectiveView>,
    /// What was measured in the last hour, of groups in which something was called.
    pub groups: Vec<(OperationGroup, Figures)>,
    /// Incidents that are open.
    pub incidents: Vec<Incident>,
    /// Alerts that fire.
    pub firing: usize,
    /// The minute of the last probe.
    pub last_probe: Option<Minute>,
    /// The last canary round that came to its end.
    pub last_canary: Option<CanaryRound>,
}

/// Reads what is told. Measurements of this process that are still in memory are written down first.
///
/// # Errors
/// [`ServiceError::Storage`].
pub async fn exposed(console: &Console) -> Result<Exposed, ServiceError> {
    console.calls.flush(&console.store).await;
    let now = Minute::of(console.now());
    let mut conn = console.store.read().await?;
    let mut groups = Groups::default();
    let range = Range { from: Minute(now.0 + 1 - OVER_MINUTES), to: Minute(now.0 + 1) };
    calls::each_minute(&mut conn, range, |key, _, cell| groups.add(&key.operation, cell)).await?;
    Ok(Exposed {
        objectives: objectives::stand(console, &mut conn).await?,
        groups: groups
            .iter()
            .filter_map(|(group, cell)| group.map(|group| (group, Figures::from(cell))))
            .collect(),
        incidents: incidents::open_now(&mut conn).await?,
        firing: alerts::firing(&mut conn).await?.len(),
        last_probe: calls::last_minute(&mut conn, CallSource::Probe).await?,
        last_canary: canary::last(&mut conn, 1).await?.into_iter().next(),
    })
}
