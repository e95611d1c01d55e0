//! People who are limited to a portfolio: another portfolio's biller is as one that does not exist, in every use case.

use std::fmt::Debug;

use domain::{
    Bid, DeliveryId, RunId, Topic, WaveId,
    access::Refusal,
    actor::{Actor, Role},
    biller::{BillerDraft, PortfolioSaid},
    filter::{BillerFilter, ListQuery},
    oidc::OldSecret,
    run::RunState,
    wave::{WaveItemState, WaveRules},
};
use futures::TryStreamExt;
use services::{
    ServiceError,
    activity::{self, Format},
    announce_biller, apply_import,
    bulk_enable::{self, Selection},
    deliveries,
    edit_handover::{self, GoLiveForm},
    enable_biller, follow_topic,
    hand_over_secret::{self, Wanted},
    list_billers, overview, resume_biller, retry_run, sample_billers, show_biller, stage_import,
    suspend_biller, take_back_run,
};
use storage::{audit::AuditQuery, events::DeliveryQuery};
use uuid::Uuid;

use crate::world::{World, draft};

/// Everything that belongs to the billers of another portfolio.
struct Foreign {
    enabled: Bid,
    suspended: Bid,
    failed: Bid,
    run: RunId,
    delivery: DeliveryId,
    wave: WaveId,
}

/// A word in everything that belongs to them, and in nothing else.
const FOREIGN: &str = "foreign";

/// Billers of another portfolio in every state, with runs, deliveries and a wave.
async fn foreign(world: &World) -> Foreign {
    let ops = world.person(Role::Ops);
    let enabled = world.enabled_biller("foreign-1", "Foreign Water").await;
    let suspended = world.enabled_biller("foreign-2", "Foreign Gas").await;
    suspend_biller::suspend(&world.console, &ops, &suspended, "Foreign Gas", None).await.expect("suspend");
    world.work().await;
    let failed = world.biller("foreign-3", "Foreign Power").await;
    let run = world.failed_enablement(&failed, "admin.createClient").await;
    for bid in [&enabled, &suspended, &failed] {
        world.put_into(bid, Some("Plains")).await;
    }
    let bids = [enabled.clone(), failed.clone()];
    let why = Some("foreign wave".to_owned());
    let wave =
        bulk_enable::start(&world.console, &ops, &bids, WaveRules::default(), why).await.expect("wave");
    world.work().await;
    let query = DeliveryQuery { limit: 1, ..DeliveryQuery::default() };
    let delivery = deliveries::list(&world.console, &ops, &query).await.expect("list").deliveries[0].id;
    Foreign { enabled, suspended, failed, run, delivery, wave }
}

/// The whole of an answer in lower case, to look for what must not be in it.
fn whole(answer: impl Debug) -> String {
    format!("{answer:?}").to_lowercase()
}

fn wanted(name: &str) -> Wanted {
    Wanted { typed_name: name.to_owned(), seen: None, old: OldSecret::Day, reason: None }
}

/// What each use case says about a biller; where it names the biller, a question mark stands.
async fn answers_about(world: &World, actor: &Actor, bid: &Bid) -> Vec<(&'static str, String)> {
    let console = &world.console;
    let day = GoLiveForm { seen: "", day: "2027-01-01" };
    // Dangerous acts ask for the name: the right one is given.
    let name = match bid.as_str() {
        "foreign-1" => "Foreign Water",
        "foreign-2" => "Foreign Gas",
        _ => "Foreign Power",
    };
    let topic = Topic::Biller(bid.clone());
    let one = [bid.clone()];
    let selected = Selection::Bids(one.to_vec());
    let mut answers = Vec::new();
    macro_rules! ask {
        ($($what:literal: $call:expr;)+) => {$(
            let answer = whole($call.await).replace(&bid.as_str().to_lowercase(), "?");
            answers.push(($what, answer));
        )+};
    }
    ask! {
        "show": show_biller::show(console, actor, bid);
        "enable preview": enable_biller::preview(console, actor, bid);
        "enable": enable_biller::enable(console, actor, bid, None);
        "impact": suspend_biller::impact(console, actor, bid);
        "suspend": suspend_biller::suspend(console, actor, bid, name, None);
        "resume preview": resume_biller::preview(console, actor, bid);
        "resume": resume_biller::resume(console, actor, bid, None);
        "secret": hand_over_secret::view(console, actor, bid);
        "make secret": hand_over_secret::make(console, actor, bid, wanted(name));
        "handover": edit_handover::set_go_live(console, actor, bid, day);
        "events": follow_topic::version(console, actor, &topic);
        "wave preview": bulk_enable::preview(console, actor, selected);
        "wave": bulk_enable::start(console, actor, &one, WaveRules::default(), None);
    }
    answers
}

#[tokio::test]
async fn a_biller_of_another_portfolio_is_as_one_that_does_not_exist() {
    World::each(async |world: World| {
        let foreign = foreign(&world).await;
        let nobody: Bid = "nobody".parse().expect("bid");
        let before = world.audit().await.len();
        for role in [Role::AccountManager, Role::Ops, Role::PlatformOwner, Role::Auditor] {
            let limited = world.limited(role, "Coast");
            let expected = answers_about(&world, &limited, &nobody).await;
            for bid in [&foreign.enabled, &foreign.suspended, &foreign.failed] {
                let was = world.find(bid).await;
                assert_eq!(answers_about(&world, &limited, bid).await, expected, "{role} about {bid}");
                assert_eq!(world.find(bid).await, was, "nothing was changed");
            }
        }
        assert_eq!(world.audit().await.len(), before, "nothing was done, so nothing is written down");
        let found = answers_about(&world, &world.limited(Role::Ops, "Plains"), &foreign.enabled).await;
        assert!(found.iter().any(|(what, answer)| *what == "show" && answer.contains("foreign water")));
    })
    .await;
}

#[tokio::test]
async fn what_belongs_to_it_does_not_exist_either() {
    World::each(async |world: World| {
        let foreign = foreign(&world).await;
        let console = &world.console;
        let before = world.audit().await.len();
        for role in [Role::Ops, Role::PlatformOwner] {
            let limited = &world.limited(role, "Coast");
            let (run, delivery, wave) = (foreign.run, foreign.delivery, foreign.wave);
            let nil = Uuid::nil();
            let (no_run, no_delivery, no_wave) =
                (RunId::from_uuid(nil), DeliveryId::from_uuid(nil), WaveId::from_uuid(nil));
            macro_rules! alike {
                ($($there:expr, $nowhere:expr;)+) => {$(
                    let (there, nowhere) = ($there.await, $nowhere.await);
                    assert!(matches!(there, Err(ServiceError::NotFound { .. })), "{there:?}");
                    let plain = |text: String| {
                        [run.uuid(), delivery.uuid(), wave.uuid(), nil]
                            .iter()
                            .fold(text, |text, id| text.replace(&id.to_string(), "?"))
                    };
                    assert_eq!(plain(whole(there)), plain(whole(nowhere)));
                )+};
            }
            alike! {
                retry_run::retry(console, limited, run), retry_run::retry(console, limited, no_run);
                take_back_run::take_back(console, limited, run, None),
                    take_back_run::take_back(console, limited, no_run, None);
                deliveries::show(console, limited, delivery), deliveries::show(console, limited, no_delivery);
                deliveries::retry(console, limited, delivery), deliveries::retry(console, limited, no_delivery);
                bulk_enable::show(console, limited, wave, None), bulk_enable::show(console, limited, no_wave, None);
                follow_topic::version(console, limited, &Topic::Wave(wave)),
                    follow_topic::version(console, limited, &Topic::Wave(no_wave));
            }
        }
        assert_eq!(world.audit().await.len(), before);
    })
    .await;
}

#[tokio::test]
async fn lists_figures_and_files_hold_nothing_of_another_portfolio() {
    World::each(async |world: World| {
        foreign(&world).await;
        let own = world.enabled_biller("own-1", "Own Water").await;
        world.put_into(&own, Some("Coast")).await;
        let console = &world.console;
        let limited = &world.limited(Role::PlatformOwner, "Coast");

        let overview = overview::show(console, limited).await.expect("overview");
        assert_eq!((overview.counts.total, overview.counts.attention, overview.stuck_deliveries), (1, 0, 0));
        assert_eq!((overview.recent.len(), overview.attention.len(), overview.waves.len()), (1, 0, 0));
        assert!(!whole(&overview).contains(FOREIGN), "{overview:?}");

        for search in ["", "foreign", "water"] {
            // The limit holds whatever the address says.
            let portfolio = "Plains".parse().ok();
            let filter = BillerFilter { search: search.to_owned(), portfolio, ..BillerFilter::default() };
            let query = ListQuery { filter: filter.clone(), ..ListQuery::default() };
            let list = list_billers::list(console, limited, &query).await.expect("list");
            assert!(!whole(&list).contains(FOREIGN), "{list:?}");
            assert_eq!((list.page.rows.len(), list.counts.total), (usize::from(search != "foreign"), 1));
            let preview =
                bulk_enable::preview(console, limited, Selection::Filter(filter)).await.expect("preview");
            assert!(!whole(&preview).contains(FOREIGN), "{preview:?}");
        }

        let query = AuditQuery { limit: 200, ..AuditQuery::default() };
        let page = activity::list(console, limited, &query).await.expect("activity");
        assert!(page.entries.iter().all(|it| it.entry.subject.id == "own-1") && page.entries.len() > 3);
        for format in [Format::Csv, Format::Jsonl] {
            let file =
                activity::export(console, limited, AuditQuery::default(), format).await.expect("export");
            let text: String = file.try_collect().await.expect("text");
            assert!(text.contains("own-1") && !text.to_lowercase().contains(FOREIGN), "{text}");
        }

        let query = DeliveryQuery { limit: 50, ..DeliveryQuery::default() };
        let page = deliveries::list(console, limited, &query).await.expect("deliveries");
        assert_eq!(page.deliveries.iter().map(|it| it.bid.as_str()).collect::<Vec<_>>(), ["own-1"]);
        assert!(deliveries::show(console, limited, page.deliveries[0].id).await.is_ok());
        assert!(bulk_enable::list(console, limited).await.expect("waves").is_empty());
    })
    .await;
}

#[tokio::test]
async fn with_their_own_billers_limited_people_work_as_everybody_does() {
    World::each(async |world: World| {
        let console = &world.console;
        let manager = &world.limited(Role::AccountManager, "Coast");
        let bid = world.biller("own-1", "Own Water").await;
        world.put_into(&bid, Some("Coast")).await;
        let run = {
            world
                .sandbox
                .faults()
                .add(sandbox::FaultRule::new(
                    "admin.createClient",
                    sandbox::Fault::Error { status: 403, error_code: None },
                ))
                .expect("fault");
            let run = enable_biller::enable(console, manager, &bid, None).await.expect("enable");
            world.work().await;
            world.sandbox.faults().clear();
            run
        };
        assert_eq!(retry_run::retry(console, manager, run).await.expect("retry"), bid);
        world.work().await;
        let view = show_biller::show(console, manager, &bid).await.expect("view");
        assert_eq!(view.runs[0].state, RunState::Succeeded);
        edit_handover::set_go_live(console, manager, &bid, GoLiveForm { seen: "", day: "2027-01-01" })
            .await
            .expect("day");
        suspend_biller::suspend(console, manager, &bid, "Own Water", None).await.expect("suspend");
        assert!(follow_topic::version(console, manager, &Topic::Biller(bid)).await.expect("topic") > 0);
    })
    .await;
}

#[tokio::test]
async fn of_a_wave_limited_people_see_and_start_their_own_part() {
    World::each(async |world: World| {
        let console = &world.console;
        let everybody = world.person(Role::Product);
        let limited = &world.limited(Role::Product, "Coast");
        let mut bids = Vec::new();
        for (bid, portfolio) in [("own-1", "Coast"), ("foreign-1", "Plains"), ("own-2", "Coast")] {
            let bid = world.biller(bid, &format!("Biller {bid}")).await;
            world.put_into(&bid, Some(portfolio)).await;
            bids.push(bid);
        }
        let mixed = bulk_enable::start(console, limited, &bids, WaveRules::default(), None).await;
        assert!(matches!(mixed, Err(ServiceError::NotFound { what: "biller", .. })), "{mixed:?}");

        let rules = WaveRules { parallel: 1, ..WaveRules::default() };
        let wave = bulk_enable::start(console, &everybody, &bids, rules, None).await.expect("wave");
        let part = bulk_enable::show(console, limited, wave, None).await.expect("part");
        assert_eq!((part.wave.counts.total(), part.items.len()), (2, 2));
        assert!(!whole(&part).contains(FOREIGN), "{part:?}");
        assert_eq!(bulk_enable::list(console, limited).await.expect("waves").len(), 1);
        assert!(follow_topic::version(console, limited, &Topic::Wave(wave)).await.is_ok());
        let whole = bulk_enable::show(console, &everybody, wave, None).await.expect("whole");
        assert_eq!((whole.wave.counts.total(), whole.items.len()), (3, 3));
    })
    .await;
}

#[tokio::test]
async fn a_wave_leaves_out_what_went_to_another_portfolio_meanwhile() {
    let world = World::new().await;
    let limited = world.limited(Role::Product, "Coast");
    let bid = world.biller("own-1", "Own Water").await;
    world.put_into(&bid, Some("Coast")).await;
    let only = std::slice::from_ref(&bid);
    let wave =
        bulk_enable::start(&world.console, &limited, only, WaveRules::default(), None).await.expect("wave");
    world.put_into(&bid, Some("Plains")).await;
    world.work().await;
    let page = bulk_enable::show(&world.console, &world.person(Role::Ops), wave, None).await.expect("wave");
    assert_eq!(page.items[0].state, WaveItemState::Skipped);
    assert!(page.items[0].note.as_deref().unwrap_or_default().contains("another portfolio"));
    assert!(world.find(&bid).await.open_run.is_none());
}

#[tokio::test]
async fn a_file_is_for_people_who_work_with_all_billers() {
    let world = World::new().await;
    let limited = world.limited(Role::Ops, "Coast");
    let list = list_billers::list(&world.console, &limited, &ListQuery::default()).await.expect("list");
    let told = list.may_import.expect_err("refused");
    assert!(matches!(told, Refusal::Portfolio { .. }), "{told:?}");
    let file = &b"bid,name\nx,X\n"[..];
    let staged = stage_import::stage(&world.console, &limited, "f.csv", file).await;
    assert!(matches!(&staged, Err(ServiceError::Refused(refusal)) if *refusal == told), "{staged:?}");
    let ops = world.person(Role::Ops);
    let id = stage_import::stage(&world.console, &ops, "f.csv", file).await.expect("staged");
    let applied = apply_import::apply(&world.console, &limited, id).await;
    assert!(matches!(applied, Err(ServiceError::Refused(Refusal::Portfolio { .. }))), "{applied:?}");
}

#[tokio::test]
async fn an_announcement_that_knows_nothing_of_portfolios_moves_no_biller() {
    World::each(async |world: World| {
        let ic = world.integration();
        let put = async |name: &str, portfolio: PortfolioSaid| {
            let draft = BillerDraft { portfolio, ..draft("7", name) };
            announce_biller::put(&world.console, &ic, draft).await.expect("announced");
            let entry = world.audit().await.remove(0).entry;
            let said = |state: Option<serde_json::Value>| state.map(|state| state["portfolio"].clone());
            (said(entry.before), said(entry.after))
        };
        let coast = PortfolioSaid::In("Coast".parse().expect("portfolio"));
        let named = Some(serde_json::json!("Coast"));
        let none = Some(serde_json::Value::Null);
        assert_eq!(put("Seven", coast).await, (None, named.clone()));
        assert_eq!(put("Seven Water", PortfolioSaid::Nothing).await, (named.clone(), named.clone()));
        let bid = "7".parse().expect("bid");
        assert!(
            show_biller::show(&world.console, &world.limited(Role::Support, "Coast"), &bid).await.is_ok()
        );
        assert_eq!(put("Seven Water", PortfolioSaid::InNone).await, (named, none));
        assert!(
            show_biller::show(&world.console, &world.limited(Role::Support, "Coast"), &bid).await.is_err()
        );
    })
    .await;
}

#[tokio::test]
async fn a_file_with_the_column_moves_billers_and_one_without_it_does_not() {
    World::each(async |world: World| {
        let ops = world.person(Role::Ops);
        let bid: Bid = "7".parse().expect("bid");
        for (file, expected) in [
            ("bid,name,Portfolio\n7,Seven,Coast\n", Some("Coast")),
            ("bid,name,state\n7,Seven Water,TX\n", Some("Coast")),
            ("bid,name,portfolio\n7,Seven Water,\n", None),
        ] {
            let report = apply_import::import_file(&world.console, &ops, "f.csv", file.as_bytes())
                .await
                .expect("file");
            assert_eq!((report.errors.len(), report.counts.unchanged), (0, 0), "{file}");
            let found = world.find(&bid).await;
            assert_eq!(found.portfolio().map(domain::Portfolio::as_str), expected, "{file}");
        }
    })
    .await;
}

#[tokio::test]
async fn some_samples_are_in_the_portfolio_of_the_limited_persona_and_some_are_not() {
    let world = World::new().await;
    sample_billers::seed(&world.console).await.expect("seed");
    let limited = world.limited(Role::AccountManager, sample_billers::PORTFOLIO);
    let own = list_billers::list(&world.console, &limited, &ListQuery::default()).await.expect("list");
    assert!((5..37).contains(&own.counts.total), "{}", own.counts.total);
    assert_eq!(own.facets.portfolios, []);
    let all = list_billers::list(&world.console, &world.person(Role::Ops), &ListQuery::default())
        .await
        .expect("list");
    assert!(all.facets.portfolios.contains(&(sample_billers::PORTFOLIO.to_owned(), own.counts.total)));
}
