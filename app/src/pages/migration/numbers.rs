//! The numbers of a move: rows by state, verdicts, kinds of passwords, canaries.

use domain::migration::{PasswordKind, RowState, Verdict};
use leptos::prelude::*;
use services::migration::{Count, MigrationView};

use crate::ui::{Fact, Facts, Icon, Panel, Tone, badge, grouped};

fn of(view: &MigrationView, count: Count) -> u64 {
    view.counts.get(&count).copied().unwrap_or(0)
}

/// How many users have arrived, how fast, and how long it will take.
pub(super) fn progress(view: &MigrationView) -> impl IntoView + use<> {
    let arrived =
        [RowState::Imported, RowState::Verified, RowState::Unchanged].map(|state| view.in_state(state));
    let arrived: u64 = arrived.iter().sum();
    let all = arrived + view.in_state(RowState::Ready) + view.in_state(RowState::Failed);
    let rate =
        view.rate.map(|rate| format!("{rate:.0} users a second, {} requests at a time", view.it.parallel));
    let left = view.left.map(|(least, most)| format!("{} to {} left", minutes(least), minutes(most)));
    let pace = [rate, left].into_iter().flatten().collect::<Vec<_>>().join("; ");
    (all > 0).then(|| {
        view! {
            <p>
                <progress class="progress tone-moving" value=arrived.to_string() max=all.to_string() aria-label="Users moved"></progress>
                <span class="num">{grouped(arrived)} " of " {grouped(all)}</span> " users are at SecureAuth. " {pace}
            </p>
        }
    })
}

fn minutes(time: std::time::Duration) -> String {
    match time.as_secs() {
        seconds @ 0..=89 => format!("{seconds} s"),
        seconds @ 90..=5_399 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3_600),
    }
}

/// Everything that is counted.
pub(super) fn panels(view: &MigrationView) -> impl IntoView + use<> {
    let states = RowState::ALL
        .iter()
        .map(|state| (state.label(), view.in_state(*state)))
        .filter(|(_, n)| *n > 0)
        .map(|(label, n)| view! { <Fact label><span class="num">{grouped(n)}</span></Fact> })
        .collect_view();
    let verdicts = Verdict::ALL
        .iter()
        .map(|verdict| {
            let n = of(view, Count::Verdict(*verdict));
            view! { <Fact label=verdict.label()><span class="num">{grouped(n)}</span></Fact> }
        })
        .collect_view();
    let kinds = PasswordKind::ALL
        .iter()
        .filter_map(|kind| {
            let n = of(view, Count::Kind(*kind));
            (n > 0).then(|| kind_row(view, *kind, n))
        })
        .collect_view();
    view! {
        <Panel id="verdicts" title="Dry run" lead="What the move does with each row. The run does the same.">
            <Facts class="facts-counts">{verdicts}</Facts>
        </Panel>
        <Panel id="kinds" title="Passwords" lead="Found out row by row. What SecureAuth cannot take becomes a reset.">
            <ul class="bullets">{kinds}</ul>
        </Panel>
        {super::predicted::panel(view)}
        {comparison(view)}
        <Panel id="states" title="Rows">
            <Facts class="facts-counts">{states}</Facts>
        </Panel>
    }
}

/// What comparing both sides found, to be printed and kept: the log of activity holds the same digests.
fn comparison(view: &MigrationView) -> impl IntoView + use<> {
    let it = &view.it;
    it.comparison.clone().map(|found| {
        let differences = it.differences;
        let same = if found.ours == found.theirs { "The same on both sides." } else { "Both sides differ." };
        let sample = found.sample.iter().map(|id| view! { <li class="break">{id.clone()}</li> }).collect_view();
        let strangers = (found.strangers > 0).then(|| {
            view! { <details><summary>"Users of the pool that are not in the file"</summary><ul class="bullets">{sample}</ul></details> }
        });
        view! {
            <Panel id="comparison" title="Comparison" lead="Status, usernames and addresses of each user, read back from SecureAuth.">
                <Facts class="facts-counts">
                    <Fact label="Compared"><span class="num">{grouped(found.compared)}</span></Fact>
                    <Fact label="Differences"><span class="num">{grouped(differences)}</span></Fact>
                    <Fact label="Not in the file"><span class="num">{grouped(found.strangers)}</span></Fact>
                </Facts>
                <p>{same}</p>
                <Facts>
                    <Fact label="Digest as sent"><code class="break">{found.ours}</code></Fact>
                    <Fact label="Digest at SecureAuth"><code class="break">{found.theirs}</code></Fact>
                </Facts>
                {strangers}
            </Panel>
        }
    })
}

fn kind_row(view: &MigrationView, kind: PasswordKind, n: u64) -> impl IntoView + use<> {
    let all: u64 = PasswordKind::ALL.iter().map(|kind| of(view, Count::Kind(*kind))).sum();
    let share = n.saturating_mul(100) / all.max(1);
    let canary =
        view.it.canaries.iter().find(|canary| canary.kind == kind).map(|canary| match &canary.problem {
            None => badge(Tone::Good, Icon::CheckCircle, "Canary accepted").into_any(),
            Some(_) => badge(Tone::Bad, Icon::Cross, "Canary refused").into_any(),
        });
    let why = kind.why_reset().map(|why| format!("Reset: {why}."));
    view! {
        <li>
            {kind.label()} ": " <span class="num">{grouped(n)}</span> " (" {share} " %) " {canary} " " {why}
        </li>
    }
}
