//! A scan right after any apply finds nothing: all settings at once, with any values that they take, through the whole
//! service to the stand-in over HTTP, and back.

use std::collections::BTreeMap;

use domain::{
    Bid,
    actor::Role,
    run::RunState,
    settings::{Kind, Layer, ScanState, Setting, SettingValue, catalogue, contradictions},
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseError, TestError, TestRunner},
};
use services::{
    ServiceError,
    biller_settings::{confirm, preview, propose},
};

use crate::{any::any_value, biller_settings::form, drift::scan_all, world::World};

/// Every case applies about a hundred settings with some thirty calls.
const CASES: u32 = 24;

type Wanted = BTreeMap<&'static str, Option<SettingValue>>;

/// Values for every setting of the form, as far as they fit together; `None` goes back to what is inherited.
fn any_wanted() -> impl Strategy<Value = Wanted> {
    let each: Vec<BoxedStrategy<(&'static str, Option<SettingValue>)>> = catalogue::editable()
        .map(|setting| {
            prop::option::weighted(0.8, value_of(setting)).prop_map(|value| (setting.key, value)).boxed()
        })
        .collect();
    each.prop_map(|all| fitting(all.into_iter().collect()))
}

fn value_of(setting: &'static Setting) -> BoxedStrategy<SettingValue> {
    match setting.kind {
        // An id has to be somebody's; the stand-in has one theme.
        Kind::Id => prop::sample::select(vec!["", "shared-theme"])
            .prop_map(|id| SettingValue::Text(id.to_owned()))
            .boxed(),
        kind => any_value(kind),
    }
}

/// Takes back what contradicts something else: such values are refused, which other tests show.
fn fitting(mut wanted: Wanted) -> Wanted {
    loop {
        let mut holding: BTreeMap<_, _> = catalogue::editable()
            .filter_map(|setting| Some((setting.key(), setting.default_value()?)))
            .collect();
        holding.extend(wanted.iter().filter_map(|(key, value)| Some((key.parse().ok()?, value.clone()?))));
        let Some(first) = contradictions(&holding).into_iter().next() else { return wanted };
        let around: &[&str] = match first.key.as_str() {
            "organization.mechanisms" | "pool.preferred_mechanism" => {
                &["organization.mechanisms", "pool.mechanisms", "pool.preferred_mechanism"]
            }
            "organization.sso.max_idle" => &["organization.sso.max_idle"],
            _ => &["pool.password.min_length"],
        };
        for key in around {
            wanted.insert(key, None);
        }
    }
}

/// What a person would type for it.
fn typed(value: Option<&SettingValue>) -> String {
    match value {
        None => String::new(),
        Some(value) if value.is_empty() => propose::NOTHING.to_owned(),
        Some(value) => value.to_text(),
    }
}

async fn apply(world: &World, bid: &Bid, wanted: &Wanted) -> Result<(), TestCaseError> {
    let actor = world.person(Role::Product);
    let typed: Vec<(&str, String)> =
        wanted.iter().map(|(key, value)| (*key, typed(value.as_ref()))).collect();
    let typed: Vec<(&str, &str)> = typed.iter().map(|(key, text)| (*key, text.as_str())).collect();
    let form = form(Layer::Biller(bid.clone()), &typed);
    let id = match propose::propose(&world.console, &actor, &form).await {
        Ok(id) => id,
        // The very same values were drawn twice in a row.
        Err(ServiceError::Field { field: "settings", .. }) => return Ok(()),
        Err(other) => return Err(TestCaseError::fail(format!("refused: {other:?}"))),
    };
    let fail = |what: &str, error: ServiceError| TestCaseError::fail(format!("{what}: {error:?}"));
    let view = preview::preview(&world.console, &actor, id).await.map_err(|error| fail("preview", error))?;
    let why = Some("a property".to_owned());
    let done = confirm::confirm(&world.console, &actor, id, &view.token, why)
        .await
        .map_err(|error| fail("confirm", error))?;
    world.work().await;
    for run in done.runs {
        let mut conn = world.console.store.read().await.unwrap();
        let state = storage::runs::find(&mut conn, run).await.unwrap().unwrap().state;
        let steps = storage::runs::steps(&mut conn, run).await.unwrap();
        let failed: Vec<_> = steps.into_iter().filter_map(|step| step.failure).collect();
        prop_assert_eq!(state, RunState::Succeeded, "{:?}", failed);
    }
    Ok(())
}

#[test]
fn a_scan_right_after_any_apply_of_all_settings_finds_nothing() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (world, bid) = runtime.block_on(async {
        let world = World::new().await;
        let bid = world.enabled_biller("p1", "Town of Ames").await;
        (world, bid)
    });
    let config =
        Config { cases: CASES, max_shrink_iters: 60, failure_persistence: None, ..Config::default() };
    let result = TestRunner::new(config).run(&any_wanted(), |wanted| {
        runtime.block_on(async {
            apply(&world, &bid, &wanted).await?;
            let scan = scan_all(&world).await;
            prop_assert_eq!((scan.state, scan.done, scan.failed), (ScanState::Finished, 1, 0));
            let found = crate::drift::keys(&world).await;
            prop_assert_eq!(found, Vec::<String>::new());
            Ok(())
        })
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(why, wanted)) => panic!("{why}\n{wanted:#?}"),
        Err(TestError::Abort(why)) => panic!("gave up: {why}"),
    }
}
