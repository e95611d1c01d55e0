//! The frame of every page: environment, navigation, who is there, the notice, the islands.

use std::time::Duration;

use domain::actor::{Actor, Capability};
use leptos::prelude::*;
use leptos_meta::{Html, Title};
use services::{Console, settings::Environment};

use super::{
    form::{Act, Hidden},
    frame::Page,
    icon::{Icon, glyph},
    notice,
    rendered::{Rendered, rendered},
};
use crate::{
    islands::{Copy, Live, Ready, SessionEnd},
    paths,
    session::{Flash, Theme},
};

/// Which entry of the navigation a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Overview,
    Billers,
    UseCases,
    Waves,
    Migrations,
    Performance,
    Settings,
    Deliveries,
    Activity,
    /// None of them.
    Elsewhere,
}

impl Place {
    const ALL: [(Self, &'static str, &'static str, Capability); 9] = [
        (Self::Overview, "Overview", paths::OVERVIEW, Capability::ViewBillers),
        (Self::Billers, "Billers", paths::BILLERS, Capability::ViewBillers),
        (Self::UseCases, "Use cases", paths::USE_CASES, Capability::ViewBillers),
        (Self::Waves, "Waves", paths::WAVES, Capability::ViewBillers),
        (Self::Migrations, "Migrations", paths::MIGRATIONS, Capability::ViewBillers),
        (Self::Performance, "Performance", paths::PERFORMANCE, Capability::ViewPerformance),
        (Self::Settings, "Settings", paths::SETTINGS, Capability::ViewBillers),
        (Self::Deliveries, "Deliveries", paths::DELIVERIES, Capability::ViewDeliveries),
        (Self::Activity, "Activity", paths::ACTIVITY, Capability::ViewActivity),
    ];
}

/// What the frame shows beside the page.
pub(crate) struct Chrome {
    pub(crate) place: Place,
    pub(crate) environment: Option<Environment>,
    pub(crate) actor: Option<Actor>,
    pub(crate) theme: Theme,
    pub(crate) flash: Option<Flash>,
    /// The sites that may show the console in a frame, as [`crate::context::FrameAncestors::origins`] names them.
    pub(crate) crm: Option<String>,
    /// The rest of the session's time.
    pub(crate) ends_in: Option<Duration>,
}

impl Chrome {
    /// The frame for somebody not known yet.
    pub(crate) fn stranger(place: Place, console: Option<&Console>) -> Self {
        let environment = console.map(|console| console.settings.environment);
        Self { place, environment, actor: None, theme: Theme::System, flash: None, crm: None, ends_in: None }
    }
}

/// The whole page.
pub(crate) fn layout(chrome: Chrome, page: Page) -> Rendered {
    let Chrome { place, environment, actor, theme, flash, crm, ends_in } = chrome;
    let session = ends_in.filter(|_| actor.is_some()).map(|ends_in| session_end(ends_in, crm));
    let Page { title, follows, announce, body } = page;
    let version = follows.as_ref().map(|followed| followed.version);
    let topic = follows.map(|followed| followed.topic.to_string());
    let suffix = match environment {
        Some(Environment::Production) | None => String::new(),
        Some(other) => format!(" ({})", other.label().to_lowercase()),
    };
    rendered(view! {
        <Title text=format!("{title} · CIAM Console{suffix}") />
        {colours(theme)}
        <a class="skip" href="#main">"Skip to the content"</a>
        {top_bar(place, environment, actor, theme)}
        <main id="main" tabindex="-1" data-topic=topic data-version=version>
            {flash.as_ref().map(notice::flash)}
            {body}
        </main>
        <p id="announcement" class="sr-only" role="status" data-state=announce></p>
        {session}
        <Live />
        <Copy />
        <Ready />
    })
}

/// What the browser has to know to tell people that their session ends, and the place where it tells them.
fn session_end(ends_in: Duration, crm: Option<String>) -> impl IntoView {
    view! {
        <aside id="session" class="session-end" data-ends-in=ends_in.as_secs() data-crm=crm hidden=true aria-label="Your session">
            <p role="alert" data-session-text=""></p>
            <button type="button" class="btn btn-sm btn-primary" data-session-stay="">"Stay signed in"</button>
        </aside>
        <SessionEnd />
    }
}

/// Fixes the colours where a person chose them; otherwise the system decides.
fn colours(theme: Theme) -> impl IntoView {
    let name = match theme {
        Theme::System => return None,
        Theme::Light => "light",
        Theme::Dark => "dark",
    };
    Some(view! { <Html attr:data-theme=name /> })
}

/// Production is unmistakable: a strip over the whole width.
fn strip(environment: Option<Environment>) -> impl IntoView {
    (environment == Some(Environment::Production)).then(|| {
        view! {
            <p class="env-strip">
                {glyph(Icon::Alert)} <strong>"Production"</strong> " Real billers, real users: what you do here takes effect."
            </p>
        }
    })
}

fn top_bar(
    place: Place,
    environment: Option<Environment>,
    actor: Option<Actor>,
    theme: Theme,
) -> impl IntoView {
    let badge = environment.map(|environment| {
        view! {
            <span class=env_class(environment)>
                <span class="sr-only">"Environment: "</span>
                {environment.label()}
            </span>
        }
    });
    view! {
        <header class="top">
            {strip(environment)}
            <div class="top-in">
                <a class="brand" href=paths::OVERVIEW>
                    <svg class="brand-mark" width="22" height="22" viewBox="0 0 24 24" aria-hidden="true">
                        <path d="M12 2.5 4 5.5v6c0 5 3.4 8.7 8 10 4.6-1.3 8-5 8-10v-6l-8-3Z" />
                        <path class="brand-key" d="M12 8a2.4 2.4 0 0 0-1.1 4.5V16h2.2v-3.5A2.4 2.4 0 0 0 12 8Z" />
                    </svg>
                    "CIAM Console"
                </a>
                {badge}
                {actor.as_ref().map(|actor| navigation(place, actor))}
                {actor.map(|actor| person(actor, theme))}
            </div>
        </header>
    }
}

const fn env_class(environment: Environment) -> &'static str {
    match environment {
        Environment::Sandbox => "env env-sandbox",
        Environment::Test => "env env-test",
        Environment::Production => "env env-production",
    }
}

fn navigation(place: Place, actor: &Actor) -> impl IntoView + use<> {
    let entries = Place::ALL
        .into_iter()
        .filter(|(.., capability)| actor.may(*capability).is_ok())
        .map(|(entry, label, href, _)| {
            let current = (entry == place).then_some("page");
            view! { <li><a href=href aria-current=current>{label}</a></li> }
        })
        .collect_view();
    view! { <nav class="nav" aria-label="Main"><ul>{entries}</ul></nav> }
}

fn person(actor: Actor, theme: Theme) -> impl IntoView {
    let role = match actor.portfolio() {
        None => actor.role_label(),
        Some(own) => format!("{}, {own} only", actor.role_label()),
    };
    let name = actor.name().to_owned();
    view! {
        <details class="person">
            <summary>
                {glyph(Icon::User)}
                <span class="person-name">{name.clone()}</span>
                <span class="person-role">{role.clone()}</span>
            </summary>
            <div class="person-menu">
                <p class="person-who"><strong>{name}</strong> <br /> {role}</p>
                {theme_form(theme)}
                <a class="btn btn-sm btn-block btn-ghost" href=paths::SESSIONS>"Sessions"</a>
                <Act to=paths::act::SIGN_OUT>
                    <button type="submit" class="btn btn-sm btn-block">"Sign out"</button>
                </Act>
            </div>
        </details>
    }
}

fn theme_form(chosen: Theme) -> impl IntoView {
    let back = use_context::<axum::http::request::Parts>()
        .map(|parts| crate::paths::with_query(parts.uri.path(), parts.uri.query().unwrap_or_default()))
        .unwrap_or_default();
    let button = move |theme: Theme, word: &'static str, label: &'static str| {
        let pressed = if theme == chosen { "true" } else { "false" };
        view! { <button type="submit" class="btn btn-sm join-item" name="theme" value=word aria-pressed=pressed>{label}</button> }
    };
    view! {
        <Act to=paths::act::SET_THEME>
            <Hidden name="next" value=back />
            <fieldset class="join join-fill">
                <legend class="hint">"Colours"</legend>
                {button(Theme::System, "system", "System")}
                {button(Theme::Light, "light", "Light")}
                {button(Theme::Dark, "dark", "Dark")}
            </fieldset>
        </Act>
    }
}
