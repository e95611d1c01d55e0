//! Signing in. The sandbox lets people choose a role; elsewhere the console is opened from the CRM.

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
        let sandbox = console.is_some_and(|console| console.settings.environment == Environment::Sandbox);
        let present = visit.map(|visit| visit.actor);
        Ok(Page::new("Sign in", show(sandbox, present, next)))
    })
}

fn show(sandbox: bool, present: Option<Actor>, next: String) -> impl IntoView {
    let here = present.map(|actor| {
        let text = format!("You are signed in as {} ({}).", actor.name(), actor.role_label().to_lowercase());
        let next = next.clone();
        view! {
            <Notice tone=Tone::Quiet text><p><a class="link" href=next>"Go on"</a>", or choose another role."</p></Notice>
        }
    });
    let body = if sandbox { chooser(next).into_any() } else { elsewhere().into_any() };
    view! {
        <div class="sign-in">
            <h1>"Sign in to CIAM Console"</h1>
            {here}
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

fn elsewhere() -> impl IntoView {
    view! {
        <Notice tone=Tone::Quiet text="The console is opened from the CRM.">
            <p>
                "Open a biller in the CRM, go to its Products area and choose CIAM. You come back here signed in, with the \
                role that the CRM gives you."
            </p>
        </Notice>
    }
}
