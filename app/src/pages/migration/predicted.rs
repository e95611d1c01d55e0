//! What the dry run knows of the pool: when it was read, what that cost, and what only SecureAuth judges.

use leptos::prelude::*;
use services::migration::{FieldSchema, MigrationView, Prediction};

use crate::ui::{Fact, Facts, Panel, Time, grouped};

/// What is known of the pool; nothing before a check began.
pub(super) fn panel(view: &MigrationView) -> impl IntoView + use<> {
    view.it.prediction.as_ref().map(|known| {
        let body = if known.pool.is_some() { read(known).into_any() } else { none().into_any() };
        view! {
            <Panel id="pool-read" title="Pool as read" lead="Who is there already, and what the pool demands of its users: with it the check tells what SecureAuth would refuse.">
                {body}
            </Panel>
        }
    })
}

fn none() -> impl IntoView {
    view! {
        <p>"The biller had no pool at SecureAuth when the rows were checked. Enable it, then check them again under Columns: before that the move cannot start."</p>
    }
}

fn read(known: &Prediction) -> impl IntoView + use<> {
    let so_far = if known.whole { "Users in the pool" } else { "Users read so far" };
    let (at, case) = (known.at, known.case.label());
    let (users, calls) = (grouped(known.users), grouped(known.calls));
    let rules = known.schemas().map(rules).collect_view();
    let own = known.schemas().next().is_none().then(|| {
        view! { <p>"The pool has no schema of its own: SecureAuth's built-in rules apply, and only SecureAuth judges those."</p> }
    });
    view! {
        <Facts class="facts-counts">
            <Fact label=so_far><span class="num">{users}</span></Fact>
            <Fact label="Requests it took"><span class="num">{calls}</span></Fact>
            <Fact label="Case of letters">{case}</Fact>
        </Facts>
        {rules} {own}
        <p class="hint">
            "Read " <Time at /> ", a hundred users a request, within the rate limit. Whoever came since is found by the run."
        </p>
    }
}

/// What is said of one schema.
fn rules(schema: &FieldSchema) -> impl IntoView + use<> {
    let name = schema.name.clone();
    let said = match (&schema.unread, schema.unjudged.as_slice()) {
        (Some(why), _) => format!(" could not be read, so only SecureAuth judges its rules. {why}"),
        (None, []) => " is judged whole.".to_owned(),
        (None, left) => {
            format!(" is judged, except for what only SecureAuth judges: {}.", left.join(", "))
        }
    };
    view! { <p>"Schema " <b class="break">{name}</b> {said}</p> }
}
