//! One user: both sides beside each other, what is on its way, what may be done.

use domain::{
    Topic,
    account::{ChangeState, Difference, Side},
};
use leptos::prelude::*;
use services::{
    ServiceError,
    accounts::{self, SignIn, UserView},
    show_biller,
};
use url::form_urlencoded;

use super::acts;
use crate::{
    pages::{bid_in_path, in_path},
    paths,
    ui::{
        Act, Column, Copyable, Crumb, Empty, Face, Fact, Facts, Field, Heading, Hidden, Icon, Notice, Page,
        Panel, Place, Submit, SubmitKind, Table, Time, Tone, Visit, badge, count, form::ActionLink, glyph,
        page,
    },
};

/// One user of a biller.
#[component]
pub(crate) fn UserPage() -> impl IntoView {
    let (bid, user) = (bid_in_path(), in_path("user"));
    page(Place::Billers, |visit| async move {
        let bid = bid?;
        let followed = visit.follow(Topic::Biller(bid.clone())).await?;
        let biller = show_biller::show(&visit.console, &visit.actor, &bid).await?;
        let view = accounts::show(&visit.console, &visit.actor, &bid, &user).await?;
        let asked = asks_for_sign_ins(&visit.query);
        let history = match asked {
            true => Some(accounts::sign_ins(&visit.console, &visit.actor, &bid, &user).await),
            false => None,
        };
        let title = format!("User of {}", biller.biller.name());
        Ok(Page::new(title, show(&visit, view, history)).live(followed, ""))
    })
}

fn asks_for_sign_ins(query: &str) -> bool {
    form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "sign-ins")
}

/// The sign-ins, if they were asked for.
type History = Option<Result<Vec<SignIn>, ServiceError>>;

fn show(visit: &Visit, view: UserView, history: History) -> impl IntoView + use<> {
    let bid = view.biller.bid().clone();
    let crumbs = vec![
        Crumb::new(paths::BILLERS, "Billers"),
        Crumb::new(paths::biller(&bid), view.biller.name()),
        Crumb::new(paths::users(&bid), "Users"),
    ];
    let edit = paths::user_edit(&bid, &view.user);
    let title = view.title.clone();
    let allowed = view.edit.clone();
    let forms = acts::panel(visit, &view);
    view! {
        <Heading title crumbs>
            <ActionLink id="edit" href=edit label="Change…" icon=Icon::Retry kind=SubmitKind::Plain allowed />
        </Heading>
        <div class="columns">
            <div class="column-wide">
                <div id="sides" class="stack" data-live="">{standing(&view)} {sides(&view)}</div>
                {sign_ins(&view, history)}
            </div>
            <div class="column-narrow">
                {revealing(visit, &view)}
                <div id="acts" class="stack">{forms}</div>
                {facts(&view)}
            </div>
        </div>
    }
}

/// What is decided here, and what is on its way.
fn standing(view: &UserView) -> impl IntoView + use<> {
    let hold = view.hold.map(|hold| {
        let text =
            format!("{}: what IC says of the status is not followed until this is taken back.", hold.label());
        view! { <Notice tone=Tone::Caution text /> }
    });
    let change = view.change.clone().map(|change| {
        let (tone, text) = match change.state {
            ChangeState::Waiting => (Tone::Moving, "A change is on its way to SecureAuth."),
            ChangeState::Parked => (Tone::Bad, "SecureAuth would not take a change: a person decides."),
        };
        let cause = change.cause.map(|cause| view! { <p>{cause.label()} ". " {cause.cure()}</p> });
        let error = change.last_error.map(|why| view! { <p class="break">{why}</p> });
        view! {
            <Notice tone text>
                {cause} {error}
                <p>"Since " <Time at=change.since /> ", tried " {count(change.attempts, "time", "times")} ". "
                    <a class="link" href=paths::MIRROR>"Mirror"</a></p>
            </Notice>
        }
    });
    view! { <div class="stack">{hold} {change}</div> }
}

/// A line of the table: its name, what stands there, in what both sides differ then.
type Line = (&'static str, fn(&Side) -> Option<String>, &'static [Difference]);

const LINES: [Line; 6] = [
    ("Username", |side| side.profile.username.clone(), &[Difference::Username]),
    ("E-mail", |side| side.profile.email.clone(), &[Difference::Email]),
    (
        "E-mail verified",
        |side| {
            side.profile
                .email
                .as_ref()
                .map(|_| if side.profile.email_verified { "yes" } else { "no" }.to_owned())
        },
        &[Difference::EmailVerified],
    ),
    ("Phone", |side| side.profile.phone.clone(), &[Difference::Phone]),
    ("Given name", |side| side.profile.given_name.clone(), &[Difference::Name]),
    ("Family name", |side| side.profile.family_name.clone(), &[Difference::Name]),
];

/// Both sides, line by line.
fn sides(view: &UserView) -> impl IntoView + use<> {
    let text = |side: &Option<Side>, pick: fn(&Side) -> Option<String>| {
        side.as_ref().and_then(pick).unwrap_or_else(|| "–".to_owned())
    };
    let differs = |kinds: &[Difference]| view.differing.iter().any(|it| kinds.contains(it));
    let mark = |yes: bool| yes.then(|| badge(Tone::Bad, Icon::Alert, "Differs"));
    let rows = LINES
        .iter()
        .map(|(label, pick, kinds)| {
            let (ic, vendor, differs) = (text(&view.ic, *pick), text(&view.vendor, *pick), differs(kinds));
            view! {
                <tr>
                    <th scope="row">{*label}</th>
                    <td class="break">{ic}</td>
                    <td class="break">{vendor}</td>
                    <td>{mark(differs)}</td>
                </tr>
            }
        })
        .collect_view();
    let status = |side: &Option<Side>, none: &'static str| match side {
        Some(side) => side.status.badge().into_any(),
        None => view! { <span class="row-sub">{none}</span> }.into_any(),
    };
    let status_differs = differs(&[Difference::Status, Difference::NotThere, Difference::NotAtIc]);
    let (ic, vendor) = (status(&view.ic, "not known"), status(&view.vendor, "not there"));
    let at = |at: Option<domain::Timestamp>| at.map(|at| view! { <Time at /> });
    let (ic_at, vendor_at) = (at(view.ic_at), at(view.vendor_at));
    let marked = mark(status_differs);
    view! {
        <Panel id="both" title="Both sides" lead="What IC says, and what SecureAuth has.">
            <Table name="Table of both sides" caption="The user at IC and at SecureAuth" columns=[
                Column::unseen("What"), Column::text("At IC"),
                Column::text("At SecureAuth"), Column::unseen("Difference"),
            ]>
                <tr><th scope="row">"Status"</th><td>{ic}</td><td>{vendor}</td><td>{marked}</td></tr>
                {rows}
                <tr><th scope="row">"As of"</th><td>{ic_at}</td><td>{vendor_at}</td><td></td></tr>
            </Table>
        </Panel>
    }
}

fn facts(view: &UserView) -> impl IntoView + use<> {
    let version = view.ic_version.map_or_else(|| "–".to_owned(), |version| version.to_string());
    let (reference, user, origin) = (view.reference.clone(), view.user.clone(), view.origin.label());
    view! {
        <Panel id="facts" title="Account">
            <Facts class="facts-tight">
                <Fact label="IC's id"><span class="break">{reference}</span></Fact>
                <Fact label="Id at SecureAuth"><Copyable text=user what="user id" /></Fact>
                <Fact label="Came from">{origin}</Fact>
                <Fact label="IC's version">{version}</Fact>
            </Facts>
        </Panel>
    }
}

/// The sign-ins as SecureAuth kept them: asked for by one call when somebody wants to see them.
fn sign_ins(view: &UserView, history: History) -> impl IntoView + use<> {
    let href = format!("{}?sign-ins=show#sign-ins", paths::user(view.biller.bid(), &view.user));
    let masked = view.revealed_until.is_none();
    let known = known_sign_ins(view);
    let body = match history {
        None => view! { <p><a id="fetch-sign-ins" class="btn btn-sm" href=href rel="nofollow">{glyph(Icon::Download)} "Ask SecureAuth"</a></p> }.into_any(),
        Some(Err(error)) => view! {
            <Notice tone=Tone::Bad text=error.to_string()><a class="link" href=href>"Ask again"</a></Notice>
        }
        .into_any(),
        Some(Ok(events)) if events.is_empty() => {
            let text = "SecureAuth keeps events for a limited time; nothing of this user is among them.";
            view! { <Empty icon=Icon::Clock title="No sign-in is known" text /> }.into_any()
        }
        Some(Ok(events)) => events_table(events, masked).into_any(),
    };
    view! { <Panel id="sign-ins" title="Sign-ins" lead="From SecureAuth's audit events, for this user only."><div class="stack">{known} {body}</div></Panel> }
}

/// What the background reading knows, without asking anybody.
fn known_sign_ins(view: &UserView) -> impl IntoView + use<> {
    let up_to = view
        .sign_ins_known_to
        .map(|at| view! { <p class="hint">"Read in the background up to " <Time at /></p> });
    match (view.signed_in, view.sign_ins_known_to) {
        (Some(known), _) => view! {
            <Facts>
                <Fact label="First known"><Time at=known.first /></Fact>
                <Fact label="Last known"><Time at=known.last /></Fact>
            </Facts>
            {up_to}
        }
        .into_any(),
        (None, Some(_)) => view! { <p>"Has never signed in since sign-ins are read."</p> {up_to} }.into_any(),
        (None, None) => ().into_any(),
    }
}

fn events_table(events: Vec<SignIn>, masked: bool) -> impl IntoView {
    let rows = events
        .into_iter()
        .map(|event| {
            let outcome = match event.succeeded {
                Some(true) => badge(Tone::Good, Icon::CheckCircle, "Succeeded").into_any(),
                Some(false) => badge(Tone::Bad, Icon::Cross, "Failed").into_any(),
                None => view! { <span class="row-sub">"–"</span> }.into_any(),
            };
            let hidden = || if masked { "masked" } else { "–" }.to_owned();
            let from = event.from.filter(|text| !text.is_empty()).unwrap_or_else(hidden);
            let agent = event.agent.filter(|text| !text.is_empty()).unwrap_or_else(hidden);
            view! {
                <tr><td><Time at=event.at /></td><td>{event.what}</td><td>{outcome}</td><td>{from}</td><td class="break">{agent}</td></tr>
            }
        })
        .collect_view();
    view! {
        <Table name="Table of sign-ins" caption="Sign-ins, newest first" columns=[
            Column::text("When"), Column::text("What"), Column::text("Outcome"),
            Column::text("From"), Column::text("With"),
        ]>
            {rows}
        </Table>
    }
}

/// The form that shows personal data, or until when it is shown.
fn revealing(visit: &Visit, view: &UserView) -> impl IntoView + use<> {
    if let Some(until) = view.revealed_until {
        let text = "Personal data is shown to you.";
        return view! { <Notice tone=Tone::Caution text><p>"Until " <Time at=until />", and it stands in the activity log."</p></Notice> }
            .into_any();
    }
    let (bid, user, allowed) = (view.biller.bid().to_string(), view.user.clone(), view.reveal.clone());
    let purpose =
        view! { <Field visit name="purpose" label="Why" required=true hint="e.g. a ticket number" /> }
            .into_any();
    view! {
        <Panel id="reveal" title="Personal data" lead="Masked until you say why you need it. It stands in the activity log.">
            <Act to=paths::act::REVEAL_USER class="form-stack">
                <Hidden name="bid" value=bid />
                <Hidden name="user" value=user />
                {purpose}
                <div class="buttons"><Submit id="do-reveal" label="Show for 15 minutes" kind=SubmitKind::Plain icon=Icon::User allowed /></div>
            </Act>
        </Panel>
    }
    .into_any()
}
