//! The three use cases: what is wanted, what stands in the way, what a change does.

use domain::{
    biller::CiamStatus,
    login::LoginRoute,
    use_case::{
        Blocked, Caution, Choice, Choices, Delta, Layers, Level, OldUrlBehaviour, OpenRun, Readiness,
        Standing, UseCase, UseCases, asks_vendor, plan, told,
    },
    user_move::UserMoveState,
};
use proptest::{option, prelude::*, sample::select};

use UseCase::{DelegatedLogin, HostedLogin, UserHosting};

fn choices() -> impl Strategy<Value = Choices> {
    let one = || select(Choice::ALL);
    (one(), one(), one(), option::of(select(OldUrlBehaviour::ALL))).prop_map(|(a, b, c, old_url)| Choices {
        user_hosting: a,
        delegated_login: b,
        hosted_login: c,
        old_url,
    })
}

fn layers() -> impl Strategy<Value = Layers> {
    (choices(), choices(), choices()).prop_map(|(biller, tier, everyone)| Layers { biller, tier, everyone })
}

/// What can be in effect: nothing without what it stands on.
fn in_effect() -> impl Strategy<Value = UseCases> {
    (any::<[bool; 3]>(), select(OldUrlBehaviour::ALL)).prop_map(|([hosting, delegated, hosted], old_url)| {
        let set = UseCases::default().with(UserHosting, hosting);
        let set = set.with(DelegatedLogin, hosting && delegated).with(HostedLogin, hosting && hosted);
        let redirects = set.has(HostedLogin) && old_url == OldUrlBehaviour::Redirect;
        set.with_old_url(if redirects { OldUrlBehaviour::Redirect } else { OldUrlBehaviour::Stay })
    })
}

fn standing() -> impl Strategy<Value = Standing> {
    let open = select(&[OpenRun::None, OpenRun::UnderWay, OpenRun::Failed][..]);
    let users = option::of(select(UserMoveState::ALL));
    (select(CiamStatus::ALL), open, users, in_effect(), any::<bool>(), select(Delta::ALL)).prop_map(
        |(status, open_run, users, in_effect, held_off, delta)| Standing {
            status,
            open_run,
            users,
            in_effect,
            held_off,
            delta,
        },
    )
}

/// A biller for which everything is possible.
fn free(in_effect: UseCases) -> Standing {
    Standing {
        status: CiamStatus::Enabled,
        open_run: OpenRun::None,
        users: Some(UserMoveState::Moved),
        in_effect,
        held_off: false,
        delta: Delta::NotAsked,
    }
}

fn of_biller(biller: Choices) -> Layers {
    Layers { biller, ..Layers::default() }
}

fn on(use_cases: &[UseCase]) -> Choices {
    use_cases.iter().fold(Choices::default(), |choices, one| choices.with(*one, Choice::On))
}

fn whole(set: &UseCases) -> bool {
    set.iter().all(|one| one.needs().iter().all(|needed| set.has(*needed)))
}

proptest! {
    #[test]
    fn the_narrowest_level_that_says_something_decides(layers in layers(), use_case in select(UseCase::ALL)) {
        let said = [
            (Level::Biller, layers.biller.of(use_case)),
            (Level::Tier, layers.tier.of(use_case)),
            (Level::Everyone, layers.everyone.of(use_case)),
        ];
        let expected = match said.iter().find(|(_, choice)| *choice != Choice::Inherit) {
            Some((level, choice)) => (*choice == Choice::On, *level),
            None => (false, Level::BuiltIn),
        };
        prop_assert_eq!(layers.chosen(use_case), expected);
        let wanted = layers.wanted(use_case);
        prop_assert_eq!(wanted.level, expected.1);
        prop_assert_eq!(wanted.on, expected.0 && wanted.lacks.is_none());
    }

    #[test]
    fn nothing_is_ever_on_without_what_it_stands_on(standing in standing(), layers in layers()) {
        let plan = plan(&standing, &layers);
        prop_assert!(whole(&plan.after), "{:?}", plan);
        let redirects = plan.after.old_url == OldUrlBehaviour::Redirect;
        prop_assert!(!redirects || plan.after.has(HostedLogin));
    }

    #[test]
    fn a_change_is_made_of_its_steps_and_each_step_leaves_a_whole(standing in standing(), layers in layers()) {
        let plan = plan(&standing, &layers);
        let mut now = plan.before.clone();
        for use_case in &plan.turned_off {
            prop_assert!(now.has(*use_case));
            now = now.with(*use_case, false);
            prop_assert!(whole(&now), "{:?}", plan);
        }
        for use_case in &plan.turned_on {
            prop_assert!(!now.has(*use_case));
            now = now.with(*use_case, true);
            prop_assert!(whole(&now), "{:?}", plan);
        }
        prop_assert_eq!(now.with_old_url(plan.after.old_url), plan.after);
    }

    #[test]
    fn a_change_that_is_done_leaves_nothing_to_do(standing in standing(), layers in layers()) {
        let done = plan(&standing, &layers);
        let again = plan(&Standing { in_effect: done.after, ..standing }, &layers);
        prop_assert!(again.is_empty(), "{:?}", again);
        prop_assert_eq!(again.held_back, done.held_back);
    }

    #[test]
    fn what_is_wanted_is_in_effect_or_the_reason_is_told(standing in standing(), layers in layers()) {
        let plan = plan(&standing, &layers);
        for use_case in UseCase::ALL {
            let reached = plan.after.has(*use_case) == layers.wanted(*use_case).on;
            let told = plan.held_back.iter().any(|(held, _)| held == use_case);
            prop_assert_eq!(reached, !told, "{}: {:?}", use_case, plan);
        }
    }

    #[test]
    fn nobody_signs_in_at_secureauth_before_the_users_are_there(standing in standing(), layers in layers()) {
        let complete = standing.users.is_some_and(UserMoveState::is_complete);
        for use_case in plan(&standing, &layers).turned_on {
            prop_assert!(complete || !use_case.is_login());
            prop_assert!(!standing.held_off || !use_case.is_login());
        }
    }

    #[test]
    fn a_biller_that_is_not_at_rest_keeps_what_it_has(standing in standing(), layers in layers()) {
        let rests = standing.status == CiamStatus::Enabled && standing.open_run == OpenRun::None;
        prop_assert_eq!(standing.blocked().is_none(), rests);
        prop_assert!(rests || plan(&standing, &layers).is_empty());
    }

    #[test]
    fn ready_means_that_it_can_be_turned_on_with_what_it_stands_on(
        standing in standing(),
        use_case in select(UseCase::ALL),
    ) {
        let mut wanted = use_case.needs().to_vec();
        wanted.push(use_case);
        let kept: Vec<_> = standing.in_effect.iter().collect();
        let layers = of_biller(on(&[wanted, kept].concat()));
        let goes_on = plan(&standing, &layers).turned_on.contains(&use_case);
        let readiness = standing.readiness(use_case);
        let held = standing.held_off && use_case.is_login();
        prop_assert_eq!(goes_on, readiness == Readiness::Ready && !held, "{} {:?}", readiness, standing);
        let is_on = standing.in_effect.has(use_case) && standing.status == CiamStatus::Enabled;
        prop_assert_eq!(readiness == Readiness::InEffect, is_on);
    }

    #[test]
    fn the_login_url_follows_hosted_login_and_nothing_else(standing in standing(), layers in layers()) {
        let plan = plan(&standing, &layers);
        let expected = if plan.turned_on.contains(&HostedLogin) {
            Some(LoginRoute::SecureAuth)
        } else if plan.turned_off.contains(&HostedLogin) {
            Some(LoginRoute::Legacy)
        } else {
            None
        };
        prop_assert_eq!(plan.route(), expected);
    }

    #[test]
    fn what_only_goes_off_does_not_need_the_vendor(standing in standing(), layers in layers()) {
        let plan = plan(&standing, &layers);
        let redirected = plan.before.old_url != plan.after.old_url && plan.after.has(HostedLogin);
        let expected = !plan.turned_on.is_empty() || redirected;
        prop_assert_eq!(asks_vendor(&plan.before, &plan.after), expected);
        prop_assert_eq!(!plan.touches().is_empty(), expected);
    }
}

#[test]
fn turning_user_hosting_off_turns_off_what_needs_it_first_and_says_so() {
    let standing = free(UseCases::of(UseCase::ALL.iter().copied()));
    let all_but_hosting = on(&[DelegatedLogin, HostedLogin]).with(UserHosting, Choice::Off);
    let plan = plan(&standing, &of_biller(all_but_hosting));
    assert_eq!(plan.turned_off, [HostedLogin, DelegatedLogin, UserHosting]);
    assert_eq!(plan.dragged, [HostedLogin, DelegatedLogin]);
    assert_eq!(plan.after, UseCases::default());
    assert_eq!(
        plan.cautions(),
        [Caution::BackToOldPage, Caution::OwnPasswordsAgain, Caution::NoLongerMirrored]
    );
}

#[test]
fn each_switch_that_cannot_be_moved_says_why() {
    let base = free(UseCases::of([UserHosting]));
    let beside = base.in_effect.clone();
    let moving = Standing { users: Some(UserMoveState::Moving), ..base.clone() };
    let staged = Standing { users: Some(UserMoveState::Staged), ..base.clone() };
    let outstanding = Standing { delta: Delta::Outstanding, ..base.clone() };
    assert_eq!(outstanding.may_turn_on(DelegatedLogin, &beside), Ok(()));
    assert_eq!(outstanding.readiness(HostedLogin), Readiness::DeltaOutstanding);
    let unknown = Standing { users: None, ..base.clone() };
    let held = Standing { held_off: true, ..base.clone() };
    let suspended = Standing { status: CiamStatus::Suspended, ..base.clone() };
    for (standing, blocked) in [
        (moving, Blocked::UsersMoving),
        (staged, Blocked::UsersNotMoved),
        (outstanding, Blocked::DeltaOutstanding),
        (unknown, Blocked::UsersUnknown),
        (held, Blocked::HeldOff),
        (suspended, Blocked::Suspended),
    ] {
        assert_eq!(standing.may_turn_on(HostedLogin, &beside), Err(blocked));
        assert!(blocked.to_string().contains(": "), "{blocked}: it says what to do");
    }
    assert_eq!(base.may_turn_on(HostedLogin, &beside), Ok(()));
    let lacking = base.may_turn_on(HostedLogin, &UseCases::default()).unwrap_err();
    assert_eq!(
        lacking.to_string(),
        "Hosted login needs user hosting: turn that on first, or together with it."
    );
}

#[test]
fn the_reason_of_a_value_names_its_level_and_what_is_missing() {
    let layers = Layers {
        everyone: on(&[HostedLogin]),
        tier: on(&[UserHosting]),
        biller: Choices::default().with(UserHosting, Choice::Off),
    };
    assert_eq!(told(layers.wanted(UserHosting)), "Off: chosen for this biller");
    assert_eq!(
        told(layers.wanted(HostedLogin)),
        "On, by the default for everyone, but it needs user hosting, which is off"
    );
    assert_eq!(told(layers.wanted(DelegatedLogin)), "Off: nothing is chosen anywhere");
    let inheriting = layers.choosing(Choices::default());
    assert_eq!(told(inheriting.wanted(UserHosting)), "On: by the default of its tier");
}

#[test]
fn an_old_page_that_stays_alone_is_warned_of() {
    let hosted = on(&[UserHosting, HostedLogin]);
    let cautions = |choices| plan(&free(UseCases::default()), &of_biller(choices)).cautions();
    assert_eq!(cautions(hosted), [Caution::OldPasswords]);
    assert_eq!(cautions(hosted.with(DelegatedLogin, Choice::On)), []);
    let redirect = Choices { old_url: Some(OldUrlBehaviour::Redirect), ..hosted };
    assert_eq!(cautions(redirect), []);
    assert_eq!(cautions(redirect.with(DelegatedLogin, Choice::On)), [Caution::Unreached]);
}

#[test]
fn choices_read_back_as_written_and_old_ones_inherit() {
    let choices = Choices { old_url: Some(OldUrlBehaviour::Redirect), ..on(&[UserHosting]) };
    let json = serde_json::to_string(&choices).unwrap();
    assert_eq!(serde_json::from_str::<Choices>(&json).unwrap(), choices);
    assert_eq!(choices.to_string(), "on inherit inherit redirect");
    for choices in [choices, Choices::default()] {
        assert_eq!(choices.to_string().parse(), Ok(choices));
    }
    assert!("on off".parse::<Choices>().is_err());
    assert_eq!(choices.changed(&Choices::default()).collect::<Vec<_>>(), [UserHosting]);
}
