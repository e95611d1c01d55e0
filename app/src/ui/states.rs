//! Pages for what went wrong: not found, forbidden, failed. Each says what to do.

use axum::http::StatusCode;
use domain::{access::Refusal, actor::Actor};
use leptos::prelude::*;
use services::ServiceError;

use super::{
    frame::{Page, PageError, reference, set_status},
    icon::{Icon, glyph},
};
use crate::paths;

/// How an error is shown.
struct Trouble {
    status: StatusCode,
    icon: Icon,
    title: &'static str,
    advice: &'static str,
}

impl Trouble {
    const fn of(error: &PageError) -> Self {
        match error {
            PageError::Address(_) | PageError::Service(ServiceError::NotFound { .. }) => Self::NOT_FOUND,
            PageError::Service(ServiceError::Refused(Refusal::Role { .. } | Refusal::Portfolio { .. })) => {
                Self {
                    status: StatusCode::FORBIDDEN,
                    icon: Icon::Key,
                    title: "Not for your role",
                    advice: "Ask someone in one of these roles, or sign in with another role of yours.",
                }
            }
            PageError::Service(ServiceError::Refused(_) | ServiceError::Changed { .. }) => Self {
                status: StatusCode::CONFLICT,
                icon: Icon::Pause,
                title: "Not possible right now",
                advice: "Go back, look at the present state and try again.",
            },
            PageError::Form(_) | PageError::Service(ServiceError::Field { .. } | ServiceError::Fields(_)) => {
                Self {
                    status: StatusCode::BAD_REQUEST,
                    icon: Icon::Alert,
                    title: "Something in the address or form is wrong",
                    advice: "Go back and correct it; nothing was changed.",
                }
            }
            PageError::Service(ServiceError::Vendor(_) | ServiceError::SecretNotMade(_)) => Self {
                status: StatusCode::BAD_GATEWAY,
                icon: Icon::Alert,
                title: "SecureAuth did not do its part",
                advice: "Try again in a minute. If it stays like this, look at the vendor's health on the overview.",
            },
            _ => Self {
                status: StatusCode::INTERNAL_SERVER_ERROR,
                icon: Icon::Alert,
                title: "The console could not show this page",
                advice: "Try again in a minute. If it stays like this, give the reference below to whoever runs the console.",
            },
        }
    }

    const NOT_FOUND: Self = Self {
        status: StatusCode::NOT_FOUND,
        icon: Icon::Search,
        title: "Not found",
        advice: "Check the address, or look for the biller in the list.",
    };
}

/// The page for an error, with its status set. Faults of ours go to the log with the reference shown.
pub(crate) fn failed(error: &PageError, actor: Option<&Actor>) -> Page {
    let trouble = Trouble::of(error);
    let reference = reference();
    if trouble.status.is_server_error() {
        tracing::error!(
            error = ?error,
            reference = reference.as_deref().unwrap_or("none"),
            actor = actor.map(Actor::id).unwrap_or_default(),
            "page failed"
        );
    }
    set_status(trouble.status);
    let shown = reference.filter(|_| trouble.status.is_server_error());
    show(&trouble, error.to_string(), shown)
}

/// The page for an address that leads nowhere.
pub(crate) fn nowhere() -> Page {
    set_status(StatusCode::NOT_FOUND);
    show(&Trouble::NOT_FOUND, "There is no page at this address.".to_owned(), None)
}

fn show(trouble: &Trouble, text: String, reference: Option<String>) -> Page {
    let Trouble { status, icon, title, advice } = *trouble;
    Page::new(
        title,
        view! {
            <div class="trouble">
                {glyph(icon)}
                <p class="trouble-code">{status.as_u16()}</p>
                <h1>{title}</h1>
                <p>{text}</p>
                <p class="lead">{advice}</p>
                {reference.map(|id| view! { <p class="hint">"Reference " <code>{id}</code></p> })}
                <p class="trouble-links">
                    <a class="btn btn-primary" href=paths::BILLERS>"To the billers"</a>
                    <a class="btn btn-ghost" href=paths::OVERVIEW>"To the overview"</a>
                </p>
            </div>
        },
    )
}
