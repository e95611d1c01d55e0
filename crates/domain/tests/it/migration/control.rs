//! What may be asked of a move.

use domain::{
    access::Refusal,
    actor::Role,
    biller::CiamStatus,
    migration::{Ground, MigrationAct, MigrationState, MissingStand, may_ask},
};

use crate::samples::person;

const GROUND: Ground = Ground {
    status: CiamStatus::Enabled,
    hosted_login: false,
    hosting: true,
    missing: MissingStand::Nobody,
    failed: true,
};

#[test]
fn each_act_needs_the_state_it_fits() {
    for act in MigrationAct::ALL.iter().filter(|act| **act != MigrationAct::LockMissing) {
        for state in MigrationState::ALL {
            let asked = may_ask(&person(Role::Ops), GROUND, *state, *act);
            let refused = Err(Refusal::MigrationState { act: *act, state: *state });
            assert_eq!(asked, if act.fits(*state) { Ok(()) } else { refused }, "{act:?} {state:?}");
        }
    }
}

#[test]
fn nothing_is_sent_to_a_biller_that_is_not_enabled_and_nobody_is_removed_once_people_sign_in_there() {
    let suspended = Ground { status: CiamStatus::Suspended, ..GROUND };
    let refused = Err(Refusal::MigrationBiller { status: CiamStatus::Suspended });
    assert_eq!(may_ask(&person(Role::Ops), suspended, MigrationState::Checked, MigrationAct::Start), refused);
    assert_eq!(may_ask(&person(Role::Ops), suspended, MigrationState::Running, MigrationAct::Pause), Ok(()));
    let signing_in = Ground { hosted_login: true, ..GROUND };
    let undone = may_ask(&person(Role::Ops), signing_in, MigrationState::Finished, MigrationAct::Undo);
    assert_eq!(undone, Err(Refusal::NoReturn));
}

#[test]
fn failed_rows_are_sent_again_only_where_there_are_some() {
    let clean = Ground { failed: false, ..GROUND };
    let asked = |ground| may_ask(&person(Role::Ops), ground, MigrationState::Finished, MigrationAct::Retry);
    assert_eq!((asked(GROUND), asked(clean)), (Ok(()), Err(Refusal::NothingFailed)));
}
