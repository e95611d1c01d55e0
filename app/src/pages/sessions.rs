//! Where one is signed in, and for the platform owner: who is.

use domain::{
    actor::Capability,
    session::{OpenSession, SessionKey},
};
use leptos::prelude::*;
use services::sessions;

use crate::{
    paths, session,
    ui::{Act, Column, Heading, Hidden, Icon, Page, PageError, Place, Table, Time, Tone, Visit, badge, page},
};

/// Where one is signed in, and for the platform owner: who is.
#[component]
pub(crate) fn SessionsPage() -> impl IntoView {
    page(Place::Elsewhere, |visit| async move {
        let this = this_session().await?;
        let own = sessions::own(&visit.console, &visit.actor).await?;
        let everybodys = if visit.actor.may(Capability::EndSessions).is_ok() {
            Some(sessions::everybodys(&visit.console, &visit.actor).await?)
        } else {
            None
        };
        Ok(Page::new("Sessions", show(&visit, &this, own, everybodys)))
    })
}

async fn this_session() -> Result<SessionKey, PageError> {
    let session = session::session().await.ok_or(PageError::Mounting("session"))?;
    session::key(&session).ok_or(PageError::Mounting("session"))
}

fn show(
    visit: &Visit,
    this: &SessionKey,
    own: Vec<OpenSession>,
    everybodys: Option<Vec<OpenSession>>,
) -> impl IntoView + use<> {
    let more = own.iter().any(|session| session.key != *this);
    let mine = own.into_iter().map(|session| own_row(session, this)).collect_view();
    let me = visit.actor.id();
    view! {
        <Heading title="Sessions" lead="A session ends by itself when it is not used for a while. End those you do not recognise.">
            {more.then(|| view! {
                <Act to=paths::act::END_OTHER_SESSIONS>
                    <button type="submit" class="btn btn-sm">"End all my other sessions"</button>
                </Act>
            })}
        </Heading>
        <div class="stack">
            <section class="panel panel-flush" aria-labelledby="own-title">
                <header class="panel-head"><h2 id="own-title">"Yours"</h2></header>
                {table("Your sessions, the last used first", "Browser", mine)}
            </section>
            {everybodys.map(|all| everybody(all, &me))}
        </div>
    }
}

fn everybody(all: Vec<OpenSession>, me: &str) -> impl IntoView + use<> {
    let others: Vec<_> = all.into_iter().filter(|session| session.person_id != me).collect();
    let rows = if others.is_empty() {
        view! { <tr><td colspan="6">"Nobody else is signed in."</td></tr> }.into_any()
    } else {
        others.into_iter().map(person_row).collect_view().into_any()
    };
    view! {
        <section class="panel panel-flush" aria-labelledby="everybody-title">
            <header class="panel-head">
                <h2 id="everybody-title">"Everybody else's"</h2>
                <p class="lead">"Ending them signs a person out on every device, at once."</p>
            </header>
            {table("Other people's sessions, the last used first", "Person", rows)}
        </section>
    }
}

fn table(caption: &'static str, first: &'static str, rows: impl IntoView + 'static) -> impl IntoView {
    view! {
        <Table name=caption caption=caption columns=[
            Column::text(first), Column::text("Came in by"), Column::text("Signed in"),
            Column::text("Last used"), Column::text("Ends"), Column::unseen("Action"),
        ]>
            {rows}
        </Table>
    }
}

fn own_row(session: OpenSession, this: &SessionKey) -> impl IntoView + use<> {
    let (key, browser) = (session.key.to_string(), session.sign_in.browser.clone());
    let action = if session.key == *this {
        badge(Tone::Good, Icon::Check, "This session").into_any()
    } else {
        view! {
            <Act to=paths::act::END_SESSION>
                <Hidden name="key" value=key />
                <button type="submit" class="btn btn-sm">
                    "End" <span class="sr-only">" the session in " {browser}</span>
                </button>
            </Act>
        }
        .into_any()
    };
    row(session.sign_in.browser.clone(), &session, action)
}

fn person_row(session: OpenSession) -> impl IntoView {
    let (id, name) = (session.person_id.clone(), session.person.clone());
    let person = format!("{name}, {}", session.sign_in.browser);
    let action = view! {
        <Act to=paths::act::END_SESSIONS_OF>
            <Hidden name="person" value=id />
            <button type="submit" class="btn btn-sm">
                "End all" <span class="sr-only">" sessions of " {name}</span>
            </button>
        </Act>
    }
    .into_any();
    row(person, &session, action)
}

fn row(first: String, session: &OpenSession, action: AnyView) -> impl IntoView + use<> {
    view! {
        <tr>
            <td>{first}</td>
            <td>{session.sign_in.means.label()}</td>
            <td><Time at=session.opened_at /></td>
            <td><Time at=session.used_at /></td>
            <td><Time at=session.expires_at /></td>
            <td>{action}</td>
        </tr>
    }
}
