//! What SecureAuth promised and how it stands: objectives with their error budgets, and the maintenance that is left
//! out.

use domain::{
    ObjectiveId, Topic,
    actor::Capability,
    performance::{
        Alarm, Burn, Indicator, Maintenance, MaintenanceState, Objective, OperationGroup, Verdict, Whose,
        Window,
    },
};
use leptos::prelude::*;
use services::performance::{
    maintenance::{self, MaintenanceView},
    objectives::{self, ObjectiveView},
};

use super::{Tab, tabs};
use crate::{
    paths,
    ui::{
        Act, Choice, Column, Empty, Face, Fact, Facts, Field, Heading, Hidden, Icon, Page, Panel, Place,
        Submit, Table, Time, Tone, Visit,
        chart::{self, Line, TimeAxis},
        grouped, page,
        time::duration,
    },
};

/// What SecureAuth promised.
#[component]
pub(crate) fn ObjectivesPage() -> impl IntoView {
    page(Place::Performance, |visit| async move {
        let followed = visit.follow(Topic::Calls).await?;
        let found = objectives::show(&visit.console, &visit.actor).await?;
        let windows = maintenance::list(&visit.console, &visit.actor).await?;
        let change = changed(&visit.query);
        Ok(Page::new("Objectives", body(&visit, found, windows, change)).live(followed, ""))
    })
}

/// The objective that the form is to change.
fn changed(query: &str) -> Option<ObjectiveId> {
    let mut fields = url::form_urlencoded::parse(query.as_bytes());
    fields.find(|(key, _)| key == "change").and_then(|(_, id)| id.parse().ok())
}

fn body(
    visit: &Visit,
    found: Vec<ObjectiveView>,
    windows: Vec<MaintenanceView>,
    change: Option<ObjectiveId>,
) -> impl IntoView + use<> {
    let zone = visit.console.settings.contract.zone.name().to_owned();
    let lead = format!(
        "Measured over the contract's calendar month ({zone}) or the last 30 days. Times are UTC unless they say otherwise."
    );
    let may = visit.actor.may(Capability::ReviewVendor);
    let changing = found.iter().map(|view| &view.objective).find(|one| Some(one.id) == change).cloned();
    let title = if changing.is_some() { "Change an objective" } else { "Set an objective" };
    let add = may.is_ok().then(|| {
        let form = form(visit, changing.as_ref()).into_any();
        view! { <Panel id="set" title=title>{form}</Panel> }
    });
    let list = if found.is_empty() {
        view! {
            <Empty icon=Icon::CheckCircle title="No objective is set" text="Set what the contract promises: then its error budget and how fast it is spent are shown." />
        }
        .into_any()
    } else {
        found.into_iter().map(|view| objective(view, may.is_ok())).collect_view().into_any()
    };
    let refused = may.err().map(|refusal| view! { <p class="refusal">{refusal.to_string()}</p> });
    view! {
        <Heading title="Objectives" lead=lead />
        {tabs(Tab::Objectives)}
        <div class="columns">
            <div class="column-wide">
                <section id="objectives" class="charts" data-live="" aria-label="Objectives">{list}</section>
                {maintenance_panel(windows)}
            </div>
            <div class="column-narrow">{refused} {add} {propose(visit)}</div>
        </div>
    }
}

fn objective(view: ObjectiveView, may_change: bool) -> impl IntoView + use<> {
    let objective = &view.objective;
    let id = objective.id.to_string();
    let target = objective.target;
    let title = format!("objective-{id}");
    let group = objective.group.map_or("All operations", OperationGroup::label);
    let verdict = view.standing.verdict(target);
    let measured = view.standing.counted.share().map_or_else(|| "unknown".to_owned(), chart::share);
    let raw = view.standing.raw.share().map_or_else(|| "unknown".to_owned(), chart::share);
    let counted = view.standing.counted;
    let bad = format!("{} of {} calls", grouped(counted.bad()), grouped(counted.valid));
    let left = format!("{} minutes", grouped(view.left_out));
    let unknown = format!("{} minutes", grouped(view.unknown));
    let clause = objective.clause.clone().map(|clause| view! { <Fact label="Clause">{clause}</Fact> });
    let change = may_change.then(|| change(objective.id));
    view! {
        <section class="panel" aria-labelledby=title.clone()>
            <header class="panel-head">
                <h2 id=title.clone()>{objective.name.clone()}</h2>
                {verdict.badge()}
                <p class="lead">{format!("{} {target} %, {group}, {}", objective.indicator, objective.window.label().to_lowercase())}</p>
            </header>
            <Facts>
                <Fact label="Measured"><strong class="num">{measured}</strong></Fact>
                <Fact label="Raw, nothing left out"><span class="num">{raw}</span></Fact>
                <Fact label="Bad">{bad}</Fact>
                <Fact label="Maintenance left out">{left}</Fact>
                <Fact label="Nothing known">{unknown}</Fact>
                {clause}
            </Facts>
            {budget(&view)}
            {burn_down(&view)}
            {burns(&view)}
            <p class="hint">{format!("Formula: {}.", objective.indicator.formula())}</p>
            {change}
        </section>
    }
}

fn budget(view: &ObjectiveView) -> impl IntoView + use<> {
    let target = view.objective.target;
    let Some(spent) = view.standing.spent(target) else {
        return view! { <p class="hint">"Nothing was counted in this window yet."</p> }.into_any();
    };
    let rate = view.burns.first().and_then(|burn| burn.long.burn(target));
    let lasts = match view.standing.lasts(target, rate) {
        _ if spent > 1.0 => "It is overspent.".to_owned(),
        Some(length) => format!("At the rate of the last hour it lasts {}.", duration(length)),
        None => "At the rate of the last hour it lasts to the end.".to_owned(),
    };
    let value = spent.min(1.0);
    let words = if spent < 10.0 {
        format!("{:.1} % of the error budget is spent. {lasts}", spent * 100.0)
    } else {
        format!("The error budget is spent {spent:.0} times over.")
    };
    view! {
        <div class="progress-line">
            <progress class="progress" max="1" value=value aria-label="Error budget spent"></progress>
            <p>{words}</p>
        </div>
    }
    .into_any()
}

fn burn_down(view: &ObjectiveView) -> impl IntoView + use<> {
    if view.burn_down.len() < 2 {
        return ().into_any();
    }
    let axis = TimeAxis::of_days(&view.burn_down.iter().map(|(day, ..)| *day).collect::<Vec<_>>());
    let points =
        view.burn_down.iter().map(|(_, count, left)| (count.valid > 0).then_some(left.max(0.0))).collect();
    let line = Line { name: "budget left", class: "line-first", points };
    let chart =
        chart::lines("Error budget left, by day", axis, vec![line], |it| format!("{:.0} %", it * 100.0));
    let rows = view
        .burn_down
        .iter()
        .map(|(day, count, left)| {
            let share = count.share().map_or_else(|| "unknown".to_owned(), chart::share);
            view! {
                <tr>
                    <td><Time at=day.begins() /></td>
                    <td class="col-num num">{grouped(count.valid)}</td>
                    <td class="col-num num">{grouped(count.bad())}</td>
                    <td class="col-num num">{share}</td>
                    <td class="col-num num">{format!("{:.1} %", left * 100.0)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        {chart}
        <details>
            <summary>"Day by day (UTC)"</summary>
            <Table name=format!("Days of {}", view.objective.name) caption="Calls and budget by day" columns=[
                Column::text("Day"), Column::number("Calls"), Column::number("Bad"),
                Column::number("Good"), Column::number("Budget left"),
            ]>
                {rows}
            </Table>
        </details>
    }
    .into_any()
}

fn burns(view: &ObjectiveView) -> impl IntoView + use<> {
    let target = view.objective.target;
    let row = |burn: &Burn| {
        let rate = |count: domain::performance::Count| {
            count.burn(target).map_or_else(|| "–".to_owned(), |rate| format!("{rate:.1} ×"))
        };
        let window = |minutes: i64| {
            if minutes % 60 == 0 { format!("{} h", minutes / 60) } else { format!("{minutes} min") }
        };
        let alarm = burn.alarm(target);
        view! {
            <tr>
                <td>{burn.pace.label()}</td>
                <td class="col-num num">{format!("{} in {}", rate(burn.long), window(burn.pace.long()))}</td>
                <td class="col-num num">{format!("{} in {}", rate(burn.short), window(burn.pace.short()))}</td>
                <td class="col-num num">{format!("{} ×", burn.pace.factor())}</td>
                <td>{alarm.badge()}</td>
            </tr>
        }
    };
    let rows = view.burns.iter().map(row).collect_view();
    view! {
        <Table name=format!("Burn rates of {}", view.objective.name) caption="How fast the budget is spent" columns=[
            Column::text("Pace"), Column::number("Spent"), Column::number("and"),
            Column::number("Alarm from"), Column::text("Now"),
        ]>
            {rows}
        </Table>
    }
}

fn change(id: ObjectiveId) -> impl IntoView {
    let href = paths::objective(id);
    view! {
        <Act to=paths::act::RETIRE_OBJECTIVE class="inline-form">
            <Hidden name="id" value=id.to_string() />
            <a class="btn btn-sm" href=href>"Change"</a>
            <button type="submit" class="btn btn-sm btn-ghost">"Take back"</button>
        </Act>
    }
}

/// The form of an objective: a new one, or one that is changed.
fn form(visit: &Visit, objective: Option<&Objective>) -> impl IntoView + use<> {
    let id = objective.map(|one| one.id.to_string()).unwrap_or_default();
    let groups = OperationGroup::ALL.iter().map(|group| (group.as_str(), group.label()));
    let groups: Vec<_> = [("", "All operations")].into_iter().chain(groups).collect();
    let windows = Window::ALL.iter().map(|window| (window.as_str(), window.label())).collect();
    let limit = match objective.map(|one| one.indicator) {
        Some(Indicator::Within(limit)) => limit.as_millis().to_string(),
        Some(Indicator::Available) | None => String::new(),
    };
    let name = objective.map(|one| one.name.clone()).unwrap_or_default();
    let target = objective.map(|one| one.target.to_string()).unwrap_or_default();
    let clause = objective.and_then(|one| one.clause.clone()).unwrap_or_default();
    let group = objective.and_then(|one| one.group).map_or("", OperationGroup::as_str);
    let window = objective.map_or(Window::Month, |one| one.window).as_str();
    let label = if objective.is_some() { "Save" } else { "Set the objective" };
    let fields = view! {
            <Field visit name="name" label="Name" required=true value=name />
            <Choice visit name="group" label="Operations" options=groups chosen=group />
            <Field visit name="limit" label="Time limit in milliseconds" value=limit
                hint="Empty: availability. 500: the share of calls that took at most half a second." />
            <Field visit name="target" label="Target in percent" required=true value=target hint="For example 99.9" />
            <Choice visit name="window" label="Window" options=windows chosen=window />
            <Field visit name="clause" label="Clause of the contract" value=clause />
    }
    .into_any();
    view! {
        <Act to=paths::act::SET_OBJECTIVE class="form-stack">
            <Hidden name="id" value=id />
            {fields}
            <Submit id="set-objective" label=label />
        </Act>
    }
}

fn maintenance_panel(windows: Vec<MaintenanceView>) -> impl IntoView + use<> {
    let list = if windows.is_empty() {
        view! { <Empty icon=Icon::Clock title="No maintenance window" text="Nothing is left out of the objectives." /> }.into_any()
    } else {
        let rows = windows.into_iter().map(window_row).collect_view();
        view! { <ul class="lines">{rows}</ul> }.into_any()
    };
    view! {
        <Panel id="maintenance" title="Maintenance windows" live=true
            lead="Once a second person approved it, a window's minutes are left out of every objective. The raw numbers keep them.">
            {list}
        </Panel>
    }
}

fn window_row(view: MaintenanceView) -> impl IntoView {
    let MaintenanceView { window, allowed } = view;
    let length = duration(window.to.since(window.from));
    let review = window.review.clone().map(|review| {
        view! {
            <p class="line-note">"Decided by " {review.by.name().to_owned()} ", " <Time at=review.at /></p>
            {review.note.map(|text| view! { <p class="quote">{text}</p> })}
        }
    });
    let decide = (window.state == MaintenanceState::Proposed).then(|| decide(&window, allowed));
    view! {
        <li class="line">
            {window.state.badge()}
            <div class="line-main">
                <p><Time at=window.from /> " to " <Time at=window.to /> {format!(" ({length}), {}", window.whose.label())}</p>
                <p class="quote">{window.note.clone()}</p>
                <p class="line-note">"Proposed by " {window.proposed_by.name().to_owned()} ", " <Time at=window.proposed_at /></p>
                {review}
                {decide}
            </div>
        </li>
    }
}

fn decide(window: &Maintenance, allowed: Result<(), domain::access::Refusal>) -> impl IntoView + use<> {
    if let Err(refusal) = allowed {
        return view! { <p class="refusal">{refusal.to_string()}</p> }.into_any();
    }
    let id = window.id.to_string();
    let label = format!("review-{id}");
    view! {
        <Act to=paths::act::DECIDE_MAINTENANCE class="inline-form">
            <Hidden name="id" value=id />
            <div class="field">
                <label for=label.clone()>"What you checked " <span class="optional">"optional"</span></label>
                <input class="input input-sm" type="text" id=label name="note" maxlength="500" autocomplete="off" />
            </div>
            <button type="submit" class="btn btn-sm btn-primary" name="decision" value=MaintenanceState::Approved.as_str()>"Approve"</button>
            <button type="submit" class="btn btn-sm" name="decision" value=MaintenanceState::Declined.as_str()>"Decline"</button>
        </Act>
    }
    .into_any()
}

fn propose(visit: &Visit) -> impl IntoView + use<> {
    let whose = Whose::ALL.iter().map(|whose| (whose.as_str(), whose.label())).collect();
    let allowed = visit.actor.may(Capability::ReviewVendor);
    let fields = view! {
                <Choice visit name="whose" label="Whose" options=whose chosen=Whose::Vendor.as_str() />
                <Field visit name="from" label="From (UTC)" kind="datetime-local" required=true />
                <Field visit name="to" label="To (UTC)" kind="datetime-local" required=true />
                <Field visit name="note" label="What was announced, and where" required=true />
    }
    .into_any();
    view! {
        <Panel id="propose" title="Propose a maintenance window">
            <Act to=paths::act::PROPOSE_MAINTENANCE class="form-stack">
                {fields}
                <Submit id="propose-window" label="Propose it" allowed />
            </Act>
        </Panel>
    }
}

impl Face for MaintenanceState {
    fn tone(self) -> Tone {
        match self {
            Self::Proposed => Tone::Caution,
            Self::Approved => Tone::Good,
            Self::Declined => Tone::Quiet,
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::Proposed => Icon::Clock,
            Self::Approved => Icon::CheckCircle,
            Self::Declined => Icon::Alert,
        }
    }

    fn word(self) -> &'static str {
        self.label()
    }
}

impl Face for Verdict {
    fn tone(self) -> Tone {
        match self {
            Self::Met => Tone::Good,
            Self::Missed => Tone::Bad,
            Self::Unknown => Tone::Quiet,
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::Met => Icon::CheckCircle,
            Self::Missed => Icon::Alert,
            Self::Unknown => Icon::Clock,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Met => "Met so far",
            Self::Missed => "Missed",
            Self::Unknown => "Unknown",
        }
    }
}

impl Face for Alarm {
    fn tone(self) -> Tone {
        match self {
            Self::Burning => Tone::Bad,
            Self::Quiet => Tone::Good,
            Self::TooFew => Tone::Quiet,
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::Burning => Icon::Alert,
            Self::Quiet => Icon::CheckCircle,
            Self::TooFew => Icon::Clock,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Burning => "Alarm",
            Self::Quiet => "Quiet",
            Self::TooFew => "Too few calls",
        }
    }
}
