//! The steps of runs.

use StepKind::{
    Application, Binding, LoginRoute, Organization, Pool, Proof, ReadBack, Settings, Theme, Tokens,
};
use domain::{
    Timestamp,
    event::EventKind,
    run::{RunDetail, RunKind, RunState, Step, StepKind, StepState, progress},
    use_case::{UseCase, UseCases},
};
use proptest::{collection::vec, prelude::*, sample::select};

fn place(kind: RunKind, step: StepKind) -> usize {
    kind.steps().iter().position(|s| *s == step).unwrap_or_else(|| panic!("{kind} has no step {step}"))
}

fn objects(kind: RunKind) -> Vec<StepKind> {
    let of_object = |step: &StepKind| matches!(step, Organization | Pool | Binding | Application);
    kind.steps().iter().copied().filter(of_object).collect()
}

fn reversed(mut steps: Vec<StepKind>) -> Vec<StepKind> {
    steps.reverse();
    steps
}

#[test]
fn no_run_has_a_step_twice() {
    for kind in RunKind::ALL {
        let mut steps = kind.steps().to_vec();
        steps.sort_unstable();
        steps.dedup();
        assert_eq!(steps.len(), kind.steps().len(), "{kind}");
    }
}

#[test]
fn an_enablement_makes_each_object_after_what_it_stands_on_and_proves_before_it_routes() {
    assert_eq!(
        RunKind::Enable.steps(),
        [Organization, Pool, Binding, Application, Theme, Settings, ReadBack, Proof, LoginRoute]
    );
}

#[test]
fn a_suspension_routes_away_first_and_revokes_tokens_after_everything_is_off() {
    let suspend = RunKind::Suspend;
    assert_eq!(place(suspend, LoginRoute), 0);
    for off in [Application, Binding, Organization] {
        assert!(place(suspend, off) < place(suspend, Tokens), "{off}");
    }
    assert_eq!(objects(suspend), [Application, Binding, Organization]);
    assert_eq!(suspend.steps().last(), Some(&Proof));
    assert!(!suspend.steps().contains(&Pool), "a suspension keeps the users");
}

#[test]
fn a_resumption_reverses_the_suspension_and_routes_back_last_after_the_proof() {
    let resume = RunKind::Resume;
    assert_eq!(objects(resume), reversed(objects(RunKind::Suspend)));
    assert_eq!(resume.steps().last(), Some(&LoginRoute));
    assert!(place(resume, Proof) < place(resume, LoginRoute));
}

#[test]
fn an_undo_removes_the_objects_in_the_reverse_order_of_their_making() {
    assert_eq!(objects(RunKind::Abandon), reversed(objects(RunKind::Enable)));
    assert_eq!(place(RunKind::Abandon, LoginRoute), 0);
    assert!(!RunKind::Abandon.steps().contains(&Theme), "the theme is shared");
}

#[test]
fn sign_ins_come_to_secureauth_only_after_a_proof() {
    for kind in [RunKind::Enable, RunKind::Resume] {
        assert!(place(kind, Proof) < place(kind, LoginRoute), "{kind}");
    }
}

#[test]
fn use_cases_go_off_before_anybody_is_asked_and_on_only_when_all_is_proven() {
    let steps = RunKind::ChangeUseCases.steps();
    assert_eq!(steps.first(), Some(&StepKind::TurnOff));
    assert_eq!(steps.last(), Some(&StepKind::TurnOn));
    for proof in [Binding, Application, StepKind::PasswordCheck, ReadBack, Proof] {
        assert!(steps.contains(&proof), "{proof}");
    }
}

#[test]
fn a_failed_run_keeps_the_biller_and_a_superseded_one_does_not() {
    let open: Vec<_> = RunState::ALL.iter().filter(|state| state.is_open()).collect();
    assert_eq!(open, [&RunState::Queued, &RunState::Running, &RunState::Failed]);
}

#[test]
fn what_takes_a_run_back_tells_of_it_only_where_the_run_was_told_of() {
    for (kind, event) in [
        (RunKind::Enable, Some(EventKind::Enabled)),
        (RunKind::Suspend, Some(EventKind::Suspended)),
        (RunKind::Resume, Some(EventKind::Resumed)),
        (RunKind::Abandon, None),
        (RunKind::ChangeUseCases, None),
        (RunKind::ApplySettings, None),
        (RunKind::SwitchIssuer, None),
    ] {
        assert_eq!(EventKind::after(kind), event);
    }
}

#[test]
fn what_takes_a_change_back_brings_back_what_was_in_effect() {
    let (before, after) = (UseCases::default(), UseCases::of([UseCase::UserHosting]));
    let change = RunDetail::UseCases { before: before.clone(), after: after.clone() };
    let back = change.clone().reversed();
    assert_eq!(back, RunDetail::UseCases { before: after, after: before });
    assert_eq!(back.reversed(), change);
}

fn step(state: StepState) -> Step {
    Step {
        position: 0,
        kind: Organization,
        state,
        attempts: 1,
        started_at: Some(Timestamp::default()),
        finished_at: None,
        outcome: None,
        cursor: None,
        failure: None,
    }
}

proptest! {
    #[test]
    fn progress_never_goes_beyond_the_end_and_ends_when_all_is_done(
        states in vec(select(StepState::ALL), 0..12)
    ) {
        let steps: Vec<_> = states.iter().map(|state| step(*state)).collect();
        let (done, all) = progress(&steps);
        let open = states.iter().filter(|s| !matches!(s, StepState::Done | StepState::Skipped)).count();
        prop_assert_eq!((done + open, all), (states.len(), states.len()));
    }
}
