//! Where a biller stands while runs come and go.

use std::collections::{HashSet, VecDeque};

use domain::{
    access::{may_retry, may_start, may_take_back},
    actor::Role,
    biller::CiamStatus,
    run::{RunKind, RunState},
};

use crate::samples::{person, run, standing};

/// Where a biller stands, and the run that is open for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Situation {
    status: CiamStatus,
    open: Option<(RunKind, RunState)>,
}

const NEW: Situation = Situation { status: CiamStatus::NotEnabled, open: None };

impl Situation {
    fn begun(self, kind: RunKind) -> Self {
        Self { status: self.status.during(kind), open: Some((kind, RunState::Queued)) }
    }

    /// What people can make of it by the rules of access.
    fn by_people(self) -> Vec<Self> {
        let owner = person(Role::PlatformOwner);
        let open = self.open.map(|(kind, state)| run(kind, state));
        let mut next: Vec<_> = RunKind::ALL
            .iter()
            .filter(|kind| may_start(&owner, &standing(self.status), open.as_ref(), **kind).is_ok())
            .map(|kind| self.begun(*kind))
            .collect();
        if let Some(run) = &open {
            next.extend(may_retry(&owner, run).map(|()| self.begun(run.kind)));
            next.extend(may_take_back(&owner, run).map(|back| self.begun(back)));
        }
        next
    }

    /// What workers can make of it.
    fn by_workers(self) -> Vec<Self> {
        match self.open {
            Some((kind, RunState::Queued)) => vec![Self { open: Some((kind, RunState::Running)), ..self }],
            Some((kind, RunState::Running)) => vec![
                Self { status: self.status.after(kind), open: None },
                Self { status: self.status.beside_failed(kind), open: Some((kind, RunState::Failed)) },
            ],
            _ => Vec::new(),
        }
    }

    fn next(self) -> Vec<Self> {
        [self.by_people(), self.by_workers()].concat()
    }
}

fn reachable(from: Situation) -> HashSet<Situation> {
    let mut seen = HashSet::from([from]);
    let mut queue = VecDeque::from([from]);
    while let Some(situation) = queue.pop_front() {
        for next in situation.next() {
            if seen.insert(next) {
                queue.push_back(next);
            }
        }
    }
    seen
}

#[test]
fn whatever_fails_a_biller_can_still_be_enabled_and_suspended() {
    for situation in reachable(NEW) {
        let ends = reachable(situation);
        for status in [CiamStatus::Enabled, CiamStatus::Suspended] {
            assert!(
                ends.contains(&Situation { status, open: None }),
                "{situation:?} never comes to {status}"
            );
        }
    }
}

#[test]
fn every_status_comes_up_and_every_kind_of_run_can_fail() {
    let seen = reachable(NEW);
    for status in CiamStatus::ALL {
        assert!(seen.iter().any(|s| s.status == *status), "{status} is never reached");
    }
    for kind in RunKind::ALL {
        assert!(seen.iter().any(|s| s.open == Some((*kind, RunState::Failed))), "{kind}");
    }
}

#[test]
fn no_situation_waits_for_nobody() {
    for situation in reachable(NEW) {
        assert!(!situation.next().is_empty(), "{situation:?}");
    }
}

#[test]
fn a_moving_status_always_has_a_run_at_work_behind_it() {
    for situation in reachable(NEW).into_iter().filter(|s| s.status.is_moving()) {
        let Some((kind, state)) = situation.open else { panic!("{situation:?}") };
        assert_eq!(situation.status, situation.status.during(kind));
        assert_ne!(state, RunState::Failed, "a failure is shown beside the last good status");
    }
}

/// Every run that may be started, with the status from which it starts.
fn starts() -> impl Iterator<Item = (CiamStatus, RunKind)> {
    let kinds = |status: CiamStatus| RunKind::ALL.iter().copied().filter(move |kind| status.allows(*kind));
    CiamStatus::ALL.iter().flat_map(move |status| kinds(*status).map(|kind| (*status, kind)))
}

#[test]
fn a_finished_or_failed_run_leaves_a_status_at_rest() {
    for (status, kind) in starts() {
        let during = status.during(kind);
        assert!(!during.after(kind).is_moving(), "{kind}");
        assert!(!during.beside_failed(kind).is_moving(), "{kind}");
    }
}

#[test]
fn a_failed_run_is_shown_beside_the_status_it_began_from() {
    for (status, kind) in starts() {
        assert_eq!(status.during(kind).beside_failed(kind), status, "{kind}");
    }
}

#[test]
fn taking_back_leads_to_the_status_from_before() {
    for (status, kind) in starts() {
        if let Some(back) = kind.way_back() {
            let failed = status.during(kind).beside_failed(kind);
            assert_eq!(failed.during(back).after(back), failed, "{kind}");
        }
    }
}

#[test]
fn a_status_at_rest_leads_on_by_one_run_and_a_moving_one_by_none() {
    for status in CiamStatus::ALL {
        let moves = |kind: &&RunKind| status.allows(**kind) && status.during(**kind) != *status;
        let ways = RunKind::ALL.iter().filter(moves).count();
        assert_eq!(ways, usize::from(!status.is_moving()), "{status}");
    }
}
