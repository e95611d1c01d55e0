//! All drift, and the scans that find it.

use domain::{
    Bid, Topic,
    actor::Capability,
    settings::{Changed, Drift, Scan, ScanState},
};
use leptos::prelude::*;
use services::{
    biller_settings::vanity::{self, VanityCheck},
    drift::{
        list::{self, DriftPage},
        scan::{self, ScanView},
    },
};

use super::parameter;
use crate::{
    paths,
    ui::{
        Act, Column, Empty, Fact, Facts, Heading, Icon, Now, Page, Panel, Place, Submit, SubmitKind, Table,
        Time, Visit, count, grouped, page, time,
    },
};

/// All drift.
#[component]
pub(crate) fn DriftListPage() -> impl IntoView {
    page(Place::Settings, |visit| async move {
        let followed = visit.follow(Topic::Billers).await?;
        let bid = parameter(&visit.query, "after").and_then(|bid| Bid::parse(&bid).ok());
        let after = bid.zip(parameter(&visit.query, "key"));
        let found = list::list(&visit.console, &visit.actor, after).await?;
        let scan = scan::show(&visit.console, &visit.actor).await?;
        let domains = vanity::list(&visit.console, &visit.actor).await?;
        let domains = hosts(domains).into_any();
        let announce = heard(&scan);
        Ok(Page::new("Drift", show(&visit, found, scan, domains)).live(followed, announce))
    })
}

fn heard(view: &ScanView) -> String {
    match &view.newest {
        Some(scan) if scan.state == ScanState::Finished => "The scan has finished.".to_owned(),
        Some(scan) => format!("A scan is running: {} of {} billers.", scan.done, scan.total),
        None => String::new(),
    }
}

fn show(visit: &Visit, found: DriftPage, scan: ScanView, domains: AnyView) -> impl IntoView + use<> {
    let next = found.next.map(|(bid, key)| {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("after", bid.as_str())
            .append_pair("key", &key)
            .finish();
        let href = paths::with_query(paths::DRIFT, &query);
        view! { <nav class="pager" aria-label="Pages"><a class="btn btn-sm" href=href>"More"</a></nav> }
    });
    let body = if found.drifts.is_empty() {
        let text = "Every value that was read agrees with what is wanted, or is ignored for now.";
        view! { <Empty icon=Icon::CheckCircle title="No drift" text /> }.into_any()
    } else {
        table(found.drifts).into_any()
    };
    view! {
        <Heading title="Drift" lead="Where SecureAuth shows something else than what is wanted. Decide on the biller's settings page." />
        <div id="scan" data-live="">{scan_panel(visit, scan)}</div>
        <div id="drifts" data-live="" class="panel panel-flush">{body}</div>
        {next}
        {domains}
    }
}

/// What every vanity domain showed when it was last asked, and when their certificates end.
fn hosts(found: Vec<(Bid, VanityCheck)>) -> impl IntoView {
    let row = |(bid, check): (Bid, VanityCheck)| {
        let href = paths::biller_settings(&bid);
        let until = match check.certificate_until {
            Some(at) => view! { <Time at /> }.into_any(),
            None => view! { <span class="hint">"Not shown"</span> }.into_any(),
        };
        let told = check.problem.or(check.issuer).unwrap_or_default();
        view! {
            <tr>
                <td><a class="row-link" href=href>{bid.to_string()}</a></td>
                <td class="break">{check.domain}</td><td>{until}</td><td class="break">{told}</td>
                <td><Time at=check.checked_at /></td>
            </tr>
        }
    };
    (!found.is_empty()).then(|| {
        let rows = found.into_iter().map(row).collect_view();
        view! {
            <section class="panel panel-flush" aria-label="Vanity domains">
                <header class="panel-head panel-pad"><h2>"Vanity domains"</h2></header>
                <Table name="Table of vanity domains" caption="Vanity domains, the certificate that ends first before the others" columns=[
                    Column::text("Biller"), Column::text("Host"), Column::text("Certificate until"),
                    Column::text("It answers"), Column::text("Asked"),
                ]>
                    {rows}
                </Table>
            </section>
        }
    })
}

fn scan_panel(visit: &Visit, view: ScanView) -> impl IntoView + use<> {
    let cost = format!(
        "A scan reads {} with {} calls, four each and one more for a vanity domain and where something newly drifted, at the pace of our own limits.",
        count(usize::try_from(view.billers).unwrap_or(usize::MAX), "biller", "billers"),
        grouped(view.calls)
    );
    let running = view.newest.as_ref().is_some_and(|scan| scan.state == ScanState::Running);
    let allowed = domain::access::may_touch_any_biller(&visit.actor, Capability::ChangeSettings);
    let button = (!running).then(|| {
        view! {
            <Act to=paths::act::SCAN_DRIFT>
                <Submit id="scan-drift" label="Scan all billers" icon=Icon::Search kind=SubmitKind::Plain allowed />
            </Act>
        }
    });
    let newest = view.newest.map(facts);
    view! { <Panel id="scanning" title="Scan" lead=cost>{newest} {button}</Panel> }
}

fn facts(scan: Scan) -> impl IntoView {
    let running = scan.state == ScanState::Running;
    let rest = use_context::<Now>().filter(|_| running).and_then(|now| scan.rest(now.0));
    let bar = running.then(|| {
        let rest = rest.map(|rest| view! { <span class="num">"about " {time::duration(rest)} " left"</span> });
        view! {
            <div class="run-bar">
                <progress class="progress tone-moving" value=scan.done max=scan.total.max(1) aria-label="Billers read"></progress>
                <span class="num">{grouped(scan.done)} " of " {grouped(scan.total)} " billers"</span>
                {rest}
            </div>
        }
    });
    view! {
        {bar}
        <Facts class="facts-tight">
            <Fact label="State">{scan.state.label()}</Fact>
            <Fact label="Begun"><Time at=scan.started_at /></Fact>
            <Fact label="Billers read"><span class="num">{grouped(scan.done)}</span></Fact>
            <Fact label="Calls made"><span class="num">{grouped(scan.calls)}</span></Fact>
            <Fact label="Values that differed"><span class="num">{grouped(scan.drifted)}</span></Fact>
            <Fact label="Billers without an answer"><span class="num">{grouped(scan.failed)}</span></Fact>
            <Fact label="Asked for by">{scan.requested_by.name().to_owned()}</Fact>
        </Facts>
    }
}

fn table(drifts: Vec<Drift>) -> impl IntoView {
    let rows = drifts.into_iter().map(row).collect_view();
    view! {
        <Table name="Drift" caption="Values that differ, by biller" columns=[
            Column::text("Biller"), Column::text("Setting"), Column::text("Wanted"),
            Column::text("SecureAuth shows"), Column::text("Changed there"), Column::text("Found"),
        ]>
            {rows}
        </Table>
    }
}

/// Who changed a value at SecureAuth and when, as far as its audit events tell.
pub(super) fn changed(changed: Option<&Changed>) -> impl IntoView + use<> {
    match changed.cloned() {
        None => view! { <span class="hint">"Not asked yet"</span> }.into_any(),
        Some(Changed::Nothing) => view! { <span class="hint">"SecureAuth does not tell"</span> }.into_any(),
        Some(Changed::Value { by, at }) => {
            view! { <span class="break">{by}</span> ", " <Time at /> }.into_any()
        }
        Some(Changed::Object { by, at }) => view! {
            <span class="hint">"Not told; the object was last changed by "</span>
            <span class="break">{by}</span> ", " <Time at />
        }
        .into_any(),
    }
}

fn row(drift: Drift) -> impl IntoView {
    let setting = drift.key.setting();
    let page = paths::settings_of(&domain::settings::Layer::Biller(drift.bid.clone()), setting.section);
    let href = format!("{page}#setting-{}", setting.key);
    view! {
        <tr>
            <td><a class="row-link" href=href>{drift.bid.to_string()}</a></td>
            <td>{setting.label}</td>
            <td class="break">{setting.show(&drift.wanted)}</td>
            <td class="break">{drift.found.show(setting)}</td>
            <td>{changed(drift.changed.as_ref())}</td>
            <td><Time at=drift.found_at /></td>
        </tr>
    }
}
