//! The report of a move is made once and proves itself; the list of differences names everybody who differs.

use domain::audit::AuditAction;
use futures::TryStreamExt as _;
use sha2::{Digest as _, Sha256};

use super::*;

fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

async fn json(world: &World, bid: &Bid, id: MigrationId, edition: u64) -> String {
    let auditor = world.person(Role::Auditor);
    migration::report_json(&world.console, &auditor, bid, id, edition).await.unwrap()
}

async fn csv(world: &World, bid: &Bid, id: MigrationId, edition: u64) -> Result<String, ServiceError> {
    let auditor = world.person(Role::Auditor);
    let parts = migration::differences_csv(&world.console, &auditor, bid, id, edition).await?;
    Ok(parts.try_collect::<Vec<String>>().await?.concat())
}

async fn shown(world: &World, bid: &Bid, edition: Option<u64>) -> migration::ReportView {
    let auditor = world.person(Role::Auditor);
    let found = migration::show_report(&world.console, &auditor, bid, None, edition, None).await;
    found.unwrap().unwrap()
}

/// What the log of activity says of reports, oldest first.
async fn hashes_in_the_log(world: &World) -> Vec<String> {
    let entries = world.audit().await.into_iter().rev();
    let ends = entries.filter(|it| it.entry.action == AuditAction::MigrationEnded);
    ends.filter_map(|it| Some(it.entry.after?["report"]["sha256"].as_str()?.to_owned())).collect()
}

#[tokio::test]
async fn a_report_is_kept_byte_by_byte_and_its_hash_stands_in_the_chained_log() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("4711", "City of Abbeville").await;
        let auditor = world.person(Role::Auditor);
        let text = format!("{}9,bad,nowhere,,active,{BCRYPT}\n10,,,,=1+1,\n", file(3));
        let id = checked(&world, &bid, &text).await;
        let none = migration::show_report(&world.console, &auditor, &bid, None, None, None).await.unwrap();
        assert!(none.is_none(), "no report before the end");
        ask(&world, id, MigrationAct::Start).await;
        // Somebody locks a user after it arrived and before both sides are compared.
        let busy = Fault::Error { status: 503, error_code: None };
        world.sandbox.faults().add(FaultRule::new("identity.listUsers", busy)).unwrap();
        world.work().await;
        assert_eq!(find(&world, id).await.state, MigrationState::Reconciling);
        world.sandbox.faults().clear();
        let locked = users_at_vendor(&world, &bid)[0].clone();
        world.lock_user(&locked).await;
        work_patiently(&world).await;
        assert_eq!(find(&world, id).await.state, MigrationState::Finished);

        let view = shown(&world, &bid, None).await;
        let report = &view.report;
        assert!(view.intact && view.current);
        assert_eq!((report.edition, report.rows, report.outcome), (1, 5, MigrationState::Finished));
        assert_eq!((report.by_state[&RowState::Verified], report.by_state[&RowState::Skipped]), (2, 1));
        assert_eq!((report.by_password[&PasswordKind::Bcrypt], report.by_cause[&Cause::Differs]), (4, 1));
        assert!(report.canaries.iter().all(|canary| canary.problem.is_none()));
        let compared = report.comparison.clone().unwrap();
        assert_ne!(compared.ours, compared.theirs, "one differs");
        let decided: Vec<_> = report.decisions.iter().map(|it| (it.action, it.who.as_str())).collect();
        let ops = world.person(Role::Ops).name().to_owned();
        assert_eq!(
            decided,
            [(AuditAction::MigrationStaged, ops.as_str()), (AuditAction::MigrationAsked, ops.as_str())]
        );
        let differing: Vec<_> = view.rows.iter().map(|row| (row.line, row.state)).collect();
        assert_eq!(
            differing,
            [(5, RowState::Rejected), (6, RowState::Rejected), (view.rows[2].line, RowState::Skipped)]
        );
        assert_eq!(view.rows[2].user, locked["id"].as_str().unwrap());
        assert_eq!(view.rows[2].problems[0].detail, "the status is inactive instead of active");

        let (file, list) = (json(&world, &bid, id, 1).await, csv(&world, &bid, id, 1).await.unwrap());
        assert_eq!(sha256(&file), view.sha256);
        assert_eq!(hashes_in_the_log(&world).await.concat(), view.sha256);
        assert_eq!((report.differences.rows, report.differences.sha256.clone()), (3, sha256(&list)));
        assert_eq!(list.lines().count(), 4, "{list}");
        for secret in [BCRYPT, "user0", "user1", "user2", "x.example"] {
            assert!(!file.contains(secret) && !list.contains(secret), "{secret}");
        }

        // What nobody needs is erased later: the report stays as it is.
        world.clock.advance(Duration::from_secs(40 * 24 * 3600));
        worker::prepare(&world.console).await.unwrap();
        world.work().await;
        assert!(find(&world, id).await.erased_at.is_some());
        assert_eq!(json(&world, &bid, id, 1).await, file);
        assert_eq!(csv(&world, &bid, id, 1).await.unwrap(), list);
        let mut conn = world.console.store.read().await.unwrap();
        storage::audit::verify(&mut conn).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_move_that_goes_on_gets_another_edition_and_the_first_stays() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("4711", "City of Abbeville").await;
        let id = checked(&world, &bid, &format!("{}9,bad,nowhere,,active,{BCRYPT}\n", file(3))).await;
        ask(&world, id, MigrationAct::Start).await;
        world.work().await;
        let first = json(&world, &bid, id, 1).await;
        assert!(csv(&world, &bid, id, 1).await.is_ok());
        world.clock.advance(Duration::from_secs(60));
        ask(&world, id, MigrationAct::Undo).await;
        let view = shown(&world, &bid, None).await;
        assert!(view.intact && !view.current && view.rows.is_empty(), "the undo is under way");
        world.work().await;
        let view = shown(&world, &bid, None).await;
        assert_eq!((view.report.edition, view.report.outcome), (2, MigrationState::Undone));
        assert_eq!(view.report.by_state[&RowState::Undone], 3);
        assert_eq!(json(&world, &bid, id, 1).await, first);
        let old = shown(&world, &bid, Some(1)).await;
        assert_eq!((old.report.edition, old.newest, old.current), (1, 2, false));
        assert_eq!(hashes_in_the_log(&world).await, [sha256(&first), view.sha256]);
    })
    .await;
}

#[tokio::test]
async fn the_list_is_paged_by_keys_without_loss_or_repeat() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("4711", "City of Abbeville").await;
        let mut text = file(2);
        for n in 0..120 {
            text.push_str(&format!("r{n},,nowhere,,active,{BCRYPT}\n"));
        }
        let id = checked(&world, &bid, &text).await;
        let refused = Fault::Error { status: 422, error_code: None };
        let rule = FaultRule::new("identitysystem.importTenantConfiguration", refused);
        world.sandbox.faults().add(rule.after(1)).unwrap();
        ask(&world, id, MigrationAct::Start).await;
        world.work().await;
        let auditor = world.person(Role::Auditor);
        let (mut after, mut seen, mut pages) = (None, Vec::new(), 0);
        loop {
            let page = migration::show_report(&world.console, &auditor, &bid, None, None, after).await;
            let page = page.unwrap().unwrap();
            seen.extend(page.rows.iter().map(|row| (row.state, row.line)));
            pages += 1;
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!((pages, seen.len()), (3, 122));
        let mut once = seen.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), seen.len());
        assert_eq!(csv(&world, &bid, id, 1).await.unwrap().lines().count(), 123);
        let limited = world.limited(Role::Ops, "Coast");
        let unseen = migration::show_report(&world.console, &limited, &bid, Some(id), None, None).await;
        assert!(matches!(unseen, Err(ServiceError::NotFound { .. })));
        let unseen = migration::report_json(&world.console, &limited, &bid, id, 1).await;
        assert!(matches!(unseen, Err(ServiceError::NotFound { .. })));
    })
    .await;
}

#[tokio::test]
async fn cells_of_the_list_that_a_spreadsheet_would_run_are_made_harmless() {
    let world = World::new().await;
    let bid = world.enabled_biller("4711", "City of Abbeville").await;
    // What SecureAuth says of a row comes from outside.
    let said = ["=HYPERLINK(\"https://evil.example\")", "+1", "-1", "@sum(a1)", "\tx", "＝1"];
    let bad: String = (0..said.len()).map(|n| format!("b{n},bad{n},nowhere,,active,{BCRYPT}\n")).collect();
    let id = checked(&world, &bid, &format!("{}{bad}", file(1))).await;
    let told: Vec<_> = (3..).zip(said).collect();
    let told = told.into_iter().map(|(line, said)| {
        (line, RowState::Rejected, domain::migration::Problem::new(Cause::Refused, said))
    });
    let mut tx = world.console.store.begin().await.unwrap();
    user_migrations::put_states(&mut tx, id, &told.collect::<Vec<_>>()).await.unwrap();
    tx.commit_bookkeeping(storage::Bookkeeping::UsersMove).await.unwrap();
    ask(&world, id, MigrationAct::Start).await;
    world.work().await;
    let list = csv(&world, &bid, id, 1).await.unwrap();
    let mut reader = csv::Reader::from_reader(list.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
    assert_eq!(rows.len(), said.len());
    for (row, said) in rows.iter().zip(said) {
        assert_eq!(row.get(4), Some(format!("'{said}").as_str()));
    }
    for cell in rows.iter().flat_map(csv::StringRecord::iter) {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '＝']), "{cell:?} would be run as a formula");
    }
}
