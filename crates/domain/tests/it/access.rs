//! Who may do what, and when.

use domain::{
    Timestamp,
    access::{
        Refusal, capability_for, may_hand_over_secret, may_retry, may_send_again, may_start, may_take_back,
    },
    actor::{Actor, Capability, Role},
    biller::{Biller, BillerDraft, CiamStatus, PortfolioSaid},
    event::{Delivery, DeliveryState, EventKind},
    oidc::ClientAuth,
    run::{RunKind, RunState},
};

use proptest::{option, prelude::*, sample::select};

use crate::samples::{NOW, bid, person, person_of, portfolio, run, standing};

use Capability::{
    AnnounceBillers, ChangeSettings, ChangeUseCases, DecideMirror, EditHandover, EditUsers, EnableBiller,
    EndSessions, ExportActivity, HandOverSecret, HelpUsers, ImportBillers, MirrorUsers, ReadOidc,
    RedeemLogin, RetryDeliveries, RevealUsers, ReviewVendor, RunMigrations, RunWaves, SuspendBiller,
    ViewActivity, ViewBillers, ViewDeliveries, ViewPerformance, ViewUsers,
};
use Role::{AccountManager, Auditor, Ops, PlatformOwner, Product, Support, VendorReview};

/// The access table: these roles and no others.
const fn roles_that_may(capability: Capability) -> &'static [Role] {
    match capability {
        ViewBillers => &[AccountManager, Product, Ops, VendorReview, PlatformOwner, Support, Auditor],
        EnableBiller | SuspendBiller | EditHandover | HandOverSecret => {
            &[AccountManager, Product, Ops, PlatformOwner]
        }
        RunWaves | ChangeUseCases => &[Product, Ops, PlatformOwner],
        ChangeSettings => &[Product, PlatformOwner],
        ImportBillers | RunMigrations | RetryDeliveries | EditUsers | DecideMirror => &[Ops, PlatformOwner],
        ViewUsers => &[AccountManager, Product, Ops, PlatformOwner, Support, Auditor],
        RevealUsers | HelpUsers => &[Ops, PlatformOwner, Support],
        ViewDeliveries => &[Ops, PlatformOwner, Auditor],
        ViewPerformance => &[Product, Ops, VendorReview, PlatformOwner, Auditor],
        ReviewVendor => &[Ops, VendorReview, PlatformOwner],
        ViewActivity => &[AccountManager, Product, Ops, PlatformOwner, Auditor],
        ExportActivity => &[PlatformOwner, Auditor],
        EndSessions => &[PlatformOwner],
        AnnounceBillers | ReadOidc | RedeemLogin | MirrorUsers => &[],
    }
}

fn integration() -> Actor {
    Actor::Integration { name: "crm".to_owned() }
}

fn open_runs() -> impl Iterator<Item = (RunKind, RunState)> {
    RunKind::ALL
        .iter()
        .flat_map(|kind| RunState::ALL.iter().filter(|state| state.is_open()).map(|state| (*kind, *state)))
}

#[test]
fn each_role_may_do_what_the_table_says() {
    for capability in Capability::ALL {
        for role in Role::ALL {
            let expected = roles_that_may(*capability).contains(role);
            assert_eq!(person(*role).may(*capability).is_ok(), expected, "{role} {capability}");
            assert_eq!(role.capabilities().contains(capability), expected, "{role} {capability}");
        }
    }
}

#[test]
fn systems_the_command_line_and_the_policy_may_do_only_their_own_work() {
    for (actor, allowed) in [
        (integration(), &[AnnounceBillers, ReadOidc, RedeemLogin, MirrorUsers][..]),
        (
            Actor::Operator,
            &[
                ImportBillers,
                RunMigrations,
                HelpUsers,
                ViewBillers,
                ViewUsers,
                ViewDeliveries,
                ViewPerformance,
                ViewActivity,
                ExportActivity,
            ],
        ),
        (Actor::Policy, &[EnableBiller]),
    ] {
        for capability in Capability::ALL {
            assert_eq!(
                actor.may(*capability).is_ok(),
                allowed.contains(capability),
                "{actor:?} {capability}"
            );
        }
    }
}

#[test]
fn a_refused_role_learns_which_roles_may() {
    let text = |refused: Result<(), Refusal>| refused.unwrap_err().to_string();
    assert_eq!(
        text(person(Support).may(RunWaves)),
        "Your role may not enable many billers at once. These roles may: product team, ops, platform owner."
    );
    assert_eq!(
        text(person(PlatformOwner).may(ReadOidc)),
        "Your role may not read OIDC settings. These roles may: none; it is for IC's systems."
    );
}

#[test]
fn a_run_starts_only_from_its_own_status_by_someone_who_may() {
    const STARTS: [(CiamStatus, RunKind); 8] = [
        (CiamStatus::NotEnabled, RunKind::Enable),
        (CiamStatus::Enabled, RunKind::Suspend),
        (CiamStatus::Suspended, RunKind::Resume),
        (CiamStatus::Enabled, RunKind::ChangeUseCases),
        (CiamStatus::Enabled, RunKind::ApplySettings),
        (CiamStatus::Suspended, RunKind::ApplySettings),
        (CiamStatus::Enabled, RunKind::SwitchIssuer),
        (CiamStatus::Suspended, RunKind::SwitchIssuer),
    ];
    for role in Role::ALL {
        for status in CiamStatus::ALL {
            for kind in RunKind::ALL {
                let may = roles_that_may(capability_for(*kind)).contains(role);
                let expected = match (may, STARTS.contains(&(*status, *kind))) {
                    (false, _) => Err(Refusal::Role { capability: capability_for(*kind) }),
                    (true, false) => Err(Refusal::Status { kind: *kind, status: *status }),
                    (true, true) => Ok(()),
                };
                let decided = may_start(&person(*role), &standing(*status), None, *kind);
                assert_eq!(decided, expected, "{role} {status} {kind}");
            }
        }
    }
}

#[test]
fn a_biller_with_an_open_run_takes_no_second_one() {
    for status in CiamStatus::ALL {
        for kind in RunKind::ALL {
            for (open, state) in open_runs() {
                let refused =
                    may_start(&person(PlatformOwner), &standing(*status), Some(&run(open, state)), *kind);
                let expected = match (state, *kind, open) {
                    // A suspension gives failed settings up instead of waiting for a decision about them.
                    (RunState::Failed, RunKind::Suspend, RunKind::ApplySettings | RunKind::SwitchIssuer) => {
                        may_start(&person(PlatformOwner), &standing(*status), None, *kind)
                    }
                    (RunState::Failed, ..) => Err(Refusal::RunFailed { kind: open }),
                    _ => Err(Refusal::RunOpen { kind: open }),
                };
                assert_eq!(refused, expected, "{status} {kind} beside {open} {state}");
            }
        }
    }
}

#[test]
fn a_run_is_retried_only_after_it_failed_by_someone_who_may_start_it() {
    for role in Role::ALL {
        for kind in RunKind::ALL {
            for state in RunState::ALL {
                let may = roles_that_may(capability_for(*kind)).contains(role);
                let expected = match (may, *state) {
                    (false, _) => Err(Refusal::Role { capability: capability_for(*kind) }),
                    (true, RunState::Failed) => Ok(()),
                    (true, state) => Err(Refusal::NotFailed { state }),
                };
                assert_eq!(may_retry(&person(*role), &run(*kind, *state)), expected, "{role} {kind} {state}");
            }
        }
    }
}

#[test]
fn a_failed_run_is_taken_back_by_its_opposite() {
    for (kind, back) in [
        (RunKind::Enable, Ok(RunKind::Abandon)),
        (RunKind::Suspend, Ok(RunKind::Resume)),
        (RunKind::Resume, Ok(RunKind::Suspend)),
        (RunKind::ChangeUseCases, Ok(RunKind::ChangeUseCases)),
        (RunKind::ApplySettings, Ok(RunKind::ApplySettings)),
        (RunKind::SwitchIssuer, Ok(RunKind::SwitchIssuer)),
        (RunKind::Abandon, Err(Refusal::NoWayBack { kind: RunKind::Abandon })),
    ] {
        for state in RunState::ALL {
            let expected = if *state == RunState::Failed {
                back.clone()
            } else {
                Err(Refusal::NotFailed { state: *state })
            };
            assert_eq!(may_take_back(&person(PlatformOwner), &run(kind, *state)), expected, "{kind} {state}");
        }
        let refused = may_take_back(&person(Auditor), &run(kind, RunState::Failed));
        assert_eq!(refused, Err(Refusal::Role { capability: capability_for(kind) }));
    }
}

#[test]
fn every_failed_run_has_a_way_on_and_says_so() {
    for kind in RunKind::ALL {
        let failed = run(*kind, RunState::Failed);
        assert_eq!(may_retry(&person(PlatformOwner), &failed), Ok(()), "{kind}");
        let way_back = may_take_back(&person(PlatformOwner), &failed).is_ok();
        let told = Refusal::RunFailed { kind: *kind }.to_string();
        assert!(told.contains("retry it"), "{told}");
        assert_eq!(told.contains("go back"), way_back, "{told}");
    }
}

#[test]
fn whoever_starts_a_run_may_also_take_it_back() {
    for kind in RunKind::ALL {
        if let Some(back) = kind.way_back() {
            assert_eq!(capability_for(back), capability_for(*kind), "{kind}");
        }
    }
}

#[test]
fn a_secret_is_made_for_who_may_and_only_where_one_is_used() {
    let key = ClientAuth::PrivateKeyJwt { jwks_uri: "https://portal.example/jwks.json".to_owned() };
    let useful = [CiamStatus::Enabled, CiamStatus::Suspended];
    for role in Role::ALL {
        for status in CiamStatus::ALL {
            for auth in [None, Some(&ClientAuth::ClientSecret), Some(&key)] {
                let may = roles_that_may(HandOverSecret).contains(role);
                let expected = match (may, useful.contains(status), auth) {
                    (false, ..) => Err(Refusal::Role { capability: HandOverSecret }),
                    (true, true, Some(ClientAuth::ClientSecret)) => Ok(()),
                    (true, true, Some(ClientAuth::PrivateKeyJwt { .. })) => Err(Refusal::NoSecret),
                    (true, ..) => Err(Refusal::SecretStatus { status: *status }),
                };
                assert_eq!(may_hand_over_secret(&person(*role), *status, auth), expected, "{role} {status}");
            }
        }
    }
}

fn delivery(state: DeliveryState, next_at: Option<Timestamp>) -> Delivery {
    Delivery {
        id: "01990000-0000-7000-8000-000000000001".parse().unwrap(),
        event: "01990000-0000-7000-8000-000000000002".parse().unwrap(),
        kind: EventKind::Enabled,
        bid: bid("34"),
        endpoint: "portal".to_owned(),
        state,
        attempts: 1,
        next_at,
        last_status: None,
        last_error: None,
        created_at: NOW,
        delivered_at: (state == DeliveryState::Delivered).then_some(NOW),
    }
}

#[test]
fn a_delivery_is_sent_again_when_it_waits_for_later_or_was_given_up() {
    let second = std::time::Duration::from_secs(1);
    let (before, later) = (Some(NOW.minus(second)), Some(NOW.plus(second)));
    for role in Role::ALL {
        for (state, next_at, expected) in [
            (DeliveryState::GaveUp, None, Ok(())),
            (DeliveryState::Pending, later, Ok(())),
            (DeliveryState::Pending, Some(NOW), Err(Refusal::BeingSent)),
            (DeliveryState::Pending, before, Err(Refusal::BeingSent)),
            (DeliveryState::Delivered, None, Err(Refusal::Delivered { at: NOW })),
        ] {
            let may = roles_that_may(RetryDeliveries).contains(role);
            let expected = if may { expected } else { Err(Refusal::Role { capability: RetryDeliveries }) };
            let delivery = delivery(state, next_at);
            assert_eq!(
                may_send_again(&person(*role), &delivery, NOW),
                expected,
                "{role} {state} {next_at:?}"
            );
        }
    }
}

#[test]
fn a_disabled_button_says_what_to_wait_for() {
    let enabled = standing(CiamStatus::Enabled);
    assert_eq!(
        may_start(&person(Ops), &enabled, None, RunKind::Resume).unwrap_err().to_string(),
        "Resume is possible only when the biller is suspended; it is enabled."
    );
    let open = run(RunKind::Suspend, RunState::Running);
    assert_eq!(
        may_start(&person(Ops), &enabled, Some(&open), RunKind::Suspend).unwrap_err().to_string(),
        "Suspend is under way. Wait until it has finished."
    );
    assert_eq!(
        may_retry(&person(Ops), &open).unwrap_err().to_string(),
        "This run is running; only a failed run can be retried or taken back."
    );
}

fn biller_in(name: Option<&str>) -> Biller {
    let standing = standing(CiamStatus::Enabled);
    let portfolio = name.map_or(PortfolioSaid::Nothing, |name| PortfolioSaid::In(portfolio(name)));
    Biller { draft: BillerDraft { portfolio, ..standing.draft }, ..standing }
}

/// Names that are close to each other: they are compared exactly.
const PORTFOLIOS: [&str; 5] = ["Coast", "coast", "Coast 2", "Plains", "Cöast"];

proptest! {
    #[test]
    fn whoever_is_limited_to_a_portfolio_sees_its_billers_and_no_other(
        role in select(Role::ALL),
        own in option::of(select(&PORTFOLIOS[..])),
        of in option::of(select(&PORTFOLIOS[..])),
    ) {
        let actor = person_of(role.into(), own.map(portfolio));
        prop_assert_eq!(actor.sees(&biller_in(of)), own.is_none() || own == of);
    }

    #[test]
    fn a_limit_takes_nothing_away_but_what_touches_any_biller(
        role in select(Role::ALL),
        capability in select(Capability::ALL),
    ) {
        let limited = person_of(role.into(), Some(portfolio("Coast"))).may(capability);
        match person(role).may(capability) {
            Ok(()) if capability == ImportBillers => {
                let expected = Refusal::Portfolio { capability, portfolio: portfolio("Coast") };
                prop_assert_eq!(limited, Err(expected));
            }
            unlimited => prop_assert_eq!(limited, unlimited),
        }
    }
}

#[test]
fn systems_see_every_biller() {
    for actor in [integration(), Actor::Operator, Actor::Policy] {
        assert!(actor.sees(&biller_in(None)) && actor.sees(&biller_in(Some("Coast"))), "{actor:?}");
    }
}

#[test]
fn a_limited_person_learns_whom_to_ask_for_an_import() {
    let refused = person_of(Ops.into(), Some(portfolio("Coast"))).may(ImportBillers).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "You work with the portfolio Coast only, and this may touch any biller. Ask somebody without that limit to import billers."
    );
}
