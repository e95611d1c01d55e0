//! The report of a move: to be printed and kept.

use domain::{Bid, MigrationId};
use leptos::prelude::*;
use services::{
    migration::{self, Decision, DifferencePlace, Report, ReportView},
    show_biller::{self, BillerView},
};
use url::form_urlencoded::{self, Serializer};

use super::report_list;
use crate::{
    pages::{bid_in_path, biller::head, gist::gist},
    paths,
    ui::{
        Column, Empty, Face, Fact, Facts, Icon, Notice, Page, Panel, Place, Table, Tone, Visit, badge, count,
        grouped, page, time::absolute,
    },
};

/// What the URL says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    of: Option<MigrationId>,
    edition: Option<u64>,
    after: Option<DifferencePlace>,
}

impl Query {
    fn parse(query: &str) -> Self {
        let mut parsed = Self::default();
        let (mut state, mut line) = (None, None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "of" => parsed.of = value.parse().ok(),
                "edition" => parsed.edition = value.parse().ok(),
                "after" => state = value.parse().ok(),
                "line" => line = value.parse().ok(),
                _ => {}
            }
        }
        parsed.after = state.zip(line);
        parsed
    }

    /// The address of the same report, from this place of its list on.
    pub(super) fn at(bid: &Bid, report: &Report, after: DifferencePlace) -> String {
        let mut query = Serializer::new(String::new());
        query.append_pair("of", &report.migration.to_string());
        query.append_pair("edition", &report.edition.to_string());
        query.append_pair("after", after.0.as_str()).append_pair("line", &after.1.to_string());
        paths::with_query(&paths::migration_report(bid), &query.finish())
    }
}

/// The report of a move of users.
#[component]
pub(crate) fn MigrationReportPage() -> impl IntoView {
    let bid = bid_in_path();
    page(Place::Billers, |visit| async move {
        let bid = bid?;
        let query = Query::parse(&visit.query);
        let biller = show_biller::show(&visit.console, &visit.actor, &bid).await?;
        let found =
            migration::show_report(&visit.console, &visit.actor, &bid, query.of, query.edition, query.after)
                .await?;
        let title = format!("Report on the users' move of {}", biller.biller.name());
        Ok(Page::new(title, show(&visit, &biller, found)))
    })
}

fn show(visit: &Visit, biller: &BillerView, found: Option<ReportView>) -> impl IntoView + use<> {
    let bid = biller.biller.bid().clone();
    let back = paths::biller_migration(&bid);
    let body = match found {
        None => {
            let text = "A report is made when both sides were compared, or when a move was undone.";
            view! {
                <Empty icon=Icon::List title="No report yet" text>
                    <a class="btn btn-sm" href=back>"Migration"</a>
                </Empty>
            }
            .into_any()
        }
        Some(view) => whole(&bid, &view).into_any(),
    };
    view! {
        <div class="not-printed">{head::head(visit, &biller.biller, &biller.actions, head::Tab::Migration)}</div>
        <div class="stack printed">{body}</div>
    }
}

fn whole(bid: &Bid, view: &ReportView) -> impl IntoView + use<> {
    let report = &view.report;
    let canaries = canaries(report);
    let comparison = comparison(report);
    let (missing, freeze) = (missing(report), freeze(report));
    let decisions = decisions(&report.decisions);
    let list = report_list::panel(bid, view);
    let top = top(bid, view);
    let states: Vec<_> = report.by_state.iter().map(|(it, n)| (it.label(), *n)).collect();
    let verdicts: Vec<_> = report.by_verdict.iter().map(|(it, n)| (it.label(), *n)).collect();
    let passwords: Vec<_> = report.by_password.iter().map(|(it, n)| (it.label(), *n)).collect();
    let causes: Vec<_> = report.by_cause.iter().map(|(it, n)| (it.label(), *n)).collect();
    view! {
        {top}
        <div class="report-tables">
            {table("by-state", "Rows by what became of them", states)}
            {table("by-verdict", "Rows by what the dry run said", verdicts)}
            {table("by-password", "Passwords by kind", passwords)}
            {table("by-cause", "Problems by cause", causes)}
        </div>
        {canaries}
        {comparison}
        {missing}
        {freeze}
        {decisions}
        {list}
    }
}

fn top(bid: &Bid, view: &ReportView) -> impl IntoView + use<> {
    let report = &view.report;
    let state = report.outcome.badge();
    let damaged = (!view.intact).then(|| {
        view! { <Notice tone=Tone::Bad text="What is kept of this report does not have its hash any more: somebody changed the database. Do not rely on it." /> }
    });
    let older = (!view.current).then(|| {
        let to = paths::migration_report(bid);
        let text = if view.newest > report.edition {
            format!("A later edition was made: number {}.", view.newest)
        } else {
            "The move went on after this report. The next edition is made when it ends.".to_owned()
        };
        view! { <Notice tone=Tone::Caution text><a class="link not-printed" href=to>"The newest report"</a></Notice> }
    });
    let started = report.started_at.map_or_else(|| "–".to_owned(), |at| absolute(at.0));
    let made = absolute(report.made_at.0);
    let (biller, file) = (format!("{} ({})", report.biller, report.bid), report.file.clone());
    let pool = report.pool.clone().unwrap_or_else(|| "–".to_owned());
    let title = format!("Users' move: report {}", report.edition);
    let (rows, sha) = (grouped(report.rows), view.sha256.clone());
    let id = report.migration.to_string();
    let take = report_list::take(bid, report);
    view! {
        <Panel id="report" title lead="Made when the move ended, and never changed since. Print it with the browser; the hash below is in the log of activity.">
            <div class="stack">
                <p>{state}</p>
                <Facts>
                    <Fact label="Biller">{biller}</Fact>
                    <Fact label="Move"><code class="break">{id}</code></Fact>
                    <Fact label="File"><span class="break">{file}</span>", "{rows}" rows"</Fact>
                    <Fact label="Pool"><code class="break">{pool}</code></Fact>
                    <Fact label="Started">{started}</Fact>
                    <Fact label="Ended, and this made">{made}</Fact>
                    <Fact label="SHA-256 of this report"><code class="break">{sha}</code></Fact>
                </Facts>
                {damaged} {older}
                {take}
            </div>
        </Panel>
    }
}

fn table(id: &'static str, title: &'static str, rows: Vec<(&'static str, u64)>) -> impl IntoView + use<> {
    let mut all = 0;
    let body = rows
        .into_iter()
        .map(|(label, n)| {
            all += n;
            view! { <tr><th scope="row">{label}</th><td class="col-num num">{grouped(n)}</td></tr> }
        })
        .collect_view();
    (all > 0).then(|| {
        view! {
            <Panel id title>
                <table class="data-table data-table-plain">
                    <caption class="sr-only">{title}</caption>
                    <thead class="sr-only"><tr><th scope="col">"What"</th><th scope="col">"Rows"</th></tr></thead>
                    <tbody>{body}</tbody>
                </table>
            </Panel>
        }
    })
}

fn canaries(report: &Report) -> impl IntoView + use<> {
    let rows = report
        .canaries
        .iter()
        .map(|canary| {
            let found = match &canary.problem {
                None => badge(Tone::Good, Icon::CheckCircle, "Accepted").into_any(),
                Some(problem) => {
                    let problem = problem.clone();
                    view! { {badge(Tone::Bad, Icon::Cross, "Refused")} " " {problem} }.into_any()
                }
            };
            view! { <li>{canary.kind.label()} " " {found}</li> }
        })
        .collect_view();
    (!report.canaries.is_empty()).then(|| {
        view! {
            <Panel id="canaries" title="Canaries" lead="For every kind of password, a made-up user with a known password was signed in before the first user was sent.">
                <ul class="bullets">{rows}</ul>
            </Panel>
        }
    })
}

fn comparison(report: &Report) -> impl IntoView + use<> {
    report.comparison.clone().map(|found| {
        let same = found.ours == found.theirs;
        let verdict = if same {
            badge(Tone::Good, Icon::CheckCircle, "The same on both sides").into_any()
        } else {
            badge(Tone::Caution, Icon::Alert, "Both sides differ").into_any()
        };
        let sample = found.sample.iter().map(|id| view! { <li class="break">{id.clone()}</li> }).collect_view();
        let strangers = (found.strangers > 0).then(|| {
            view! { <p>"Users of the pool that are not in the file, the first of them:"</p><ul class="bullets">{sample}</ul> }
        });
        view! {
            <Panel id="comparison" title="Comparison" lead="Status, usernames and addresses of each user, read back from SecureAuth.">
                <div class="stack">
                    <p>{verdict}</p>
                    <Facts class="facts-counts">
                        <Fact label="Compared"><span class="num">{grouped(found.compared)}</span></Fact>
                        <Fact label="Not in the file"><span class="num">{grouped(found.strangers)}</span></Fact>
                    </Facts>
                    <Facts>
                        <Fact label="Digest as sent"><code class="break">{found.ours}</code></Fact>
                        <Fact label="Digest at SecureAuth"><code class="break">{found.theirs}</code></Fact>
                    </Facts>
                    {strangers}
                </div>
            </Panel>
        }
    })
}

fn missing(report: &Report) -> impl IntoView + use<> {
    report.missing.clone().map(|found| {
        let decided = match found.lock_decided_by {
            Some(by) => format!("{by} decided that they are locked; {} were so far.", grouped(found.locked)),
            None => "They are left alone.".to_owned(),
        };
        let unnamed = (found.unnamed_rows > 0).then(|| {
            let rows = count(found.unnamed_rows, "row names", "rows name");
            view! { <p>{rows} " no user: whoever is missing may stand there."</p> }
        });
        let users = count(found.users, "user", "users");
        view! {
            <Panel id="missing" title="Missing in this delivery" lead="Moved before, may still sign in, and stand in no row of the file.">
                <div class="stack"><p>{users} ". " {decided}</p> {unnamed}</div>
            </Panel>
        }
    })
}

fn freeze(report: &Report) -> impl IntoView + use<> {
    report.freeze.clone().map(|freeze| {
        let span = format!("{} – {}", absolute(freeze.from.0), absolute(freeze.until.0));
        let covers = if freeze.covers_this_delivery {
            badge(Tone::Good, Icon::CheckCircle, "This delivery came in during it").into_any()
        } else {
            badge(Tone::Caution, Icon::Alert, "This delivery did not come in during it").into_any()
        };
        let reason = freeze.reason.map(|text| view! { <p class="quote">{text}</p> });
        view! {
            <Panel id="freeze" title="Freeze" lead="For this time IC was to change no users, so that a delivery of it holds everything.">
                <div class="stack">
                    <p>{covers}</p>
                    <Facts>
                        <Fact label="Time">{span}</Fact>
                        <Fact label="Declared in the zone">{freeze.zone}</Fact>
                        <Fact label="Declared by">{freeze.declared_by}</Fact>
                    </Facts>
                    {reason}
                </div>
            </Panel>
        }
    })
}

fn decisions(decisions: &[Decision]) -> impl IntoView + use<> {
    let rows = decisions
        .iter()
        .map(|it| {
            let (at, what) = (absolute(it.at.0), it.action.label());
            let who = format!("{} ({})", it.who, it.role.to_lowercase());
            let said = gist(None, Some(&it.said)).unwrap_or_default();
            let reason = it.reason.clone().map(|text| view! { <p class="quote">{text}</p> });
            let entry = it.entry;
            view! {
                <tr>
                    <td>{at}</td>
                    <th scope="row">{what}</th>
                    <td class="break">{said} {reason}</td>
                    <td>{who}</td>
                    <td class="col-num num">{entry}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Panel id="decisions" title="Decisions" lead="What was decided when and by whom, with the number of its entry in the log of activity.">
            <Table name="Table of decisions" caption="Decisions, oldest first" columns=[
                Column::text("When"), Column::text("What"), Column::text("What exactly"),
                Column::text("Who"), Column::number("Entry"),
            ]>
                {rows}
            </Table>
        </Panel>
    }
}
