//! Signing in. The sandbox lets people choose a role; elsewhere they come from the CRM, or sign in at the company's own
//! identity provider.

use domain::actor::Actor;
use leptos::prelude::*;
use services::settings::Environment;
use url::form_urlencoded;

use crate::{
    paths,
    personas::Persona,
    ui::{Act, Hidden, Icon, Notice, Page, Tone, frame::open_page, glyph},
};

/// Signing in.
#[component]
pub(crate) fn SignInPage() -> impl IntoView {
    open_page(|visit, console, query| async move {
        let next = form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == "next")
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default();
        let next = paths::local(&next).to_owned();
        let settings = console.map(|console| console.settings);
        let sandbox = settings.as_ref().is_some_and(|it| it.environment == Environment::Sandbox);
        let company = settings.is_some_and(|it| it.company_sign_in.is_some());
        let present = visit.map(|visit| visit.actor);
        Ok(Page::new("Sign in", show(Ways { sandbox, company }, present, next)))
    })
}

/// By which ways people come in here.
#[derive(Clone, Copy)]
struct Ways {
    /// They choose a role.
    sandbox: bool,
    /// They sign in at the company's own identity provider.
    company: bool,
}

fn show(ways: Ways, present: Option<Actor>, next: String) -> impl IntoView {
    let here = present.map(|actor| {
        let text = format!("You are signed in as {} ({}).", actor.name(), actor.role_label().to_lowercase());
        let next = next.clone();
        let or = if ways.sandbox { ", or choose another role." } else { ", or sign in as somebody else." };
        view! {
            <Notice tone=Tone::Quiet text><p><a class="link" href=next>"Go on"</a>{or}</p></Notice>
        }
    });
    let company = ways.company.then(|| {
        let href = paths::company_sign_in(&next);
        view! { <p><a class="btn btn-primary" href=href>"Sign in with your company account"</a></p> }
    });
    let body = match ways {
        Ways { sandbox: true, .. } => chooser(next).into_any(),
        Ways { company: true, .. } => from_crm("You can also come from the CRM.").into_any(),
        Ways { .. } => from_crm("The console is opened from the CRM.").into_any(),
    };
    view! {
        <div class="sign-in">
            <h1>"Sign in to CIAM Console"</h1>
            {here}
            {company}
            {body}
        </div>
    }
}

fn chooser(next: String) -> impl IntoView {
    let roles = Persona::offered().iter().enumerate().map(choice).collect_view();
    view! {
        <p class="lead">
            "This is the sandbox: nothing here reaches real billers. Choose the role in which you want to work."
        </p>
        <Act to=paths::act::SIGN_IN>
            <Hidden name="next" value=next />
            <ul class="roles">{roles}</ul>
        </Act>
    }
}

fn choice((place, persona): (usize, &Persona)) -> impl IntoView + use<> {
    let described = format!("role-{place}");
    view! {
        <li>
            <button type="submit" class="role" name="role" value=persona.to_string() aria-describedby=described.clone()>
                <span class="role-name">{persona.label()}</span>
                {glyph(Icon::ChevronRight)}
            </button>
            <p class="role-purpose" id=described>{persona.purpose()}</p>
        </li>
    }
}

fn from_crm(text: &'static str) -> impl IntoView {
    view! {
        <Notice tone=Tone::Quiet text>
            <p>
                "Open a biller in the CRM, go to its Products area and choose CIAM. You come back here signed in, with the \
                role that the CRM gives you."
            </p>
        </Notice>
    }
}
