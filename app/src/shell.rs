//! The document around every page, with its content security policy.

use axum::http::{
    HeaderName, HeaderValue,
    header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY},
};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::ResponseOptions;
use leptos_meta::{MetaTags, provide_meta_context};
use services::{Console, settings::Environment};

use crate::{context::FrameAncestors, routes::App};

/// The document around every page.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    provide_meta_context();
    secure();
    let environment =
        use_context::<Console>().map_or(Environment::Sandbox, |console| console.settings.environment);
    view! {
        <!DOCTYPE html>
        <html lang="en" data-env=environment.as_str()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="stylesheet" href=format!("/{}/{}.css", options.site_pkg_dir, options.output_name) />
                <AutoReload options=options.clone() />
                {idle_within_reason()}
                <HydrationScripts options islands=true />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// Leptos starts islands when the browser is idle, without a limit. In a frame of another site browsers hold idle time
/// back, for ever if they think that nobody looks: so there is a limit, set before Leptos asks.
fn idle_within_reason() -> impl IntoView {
    const SCRIPT: &str = "{const idle=window.requestIdleCallback;if(idle)window.requestIdleCallback=\
                          (then,options)=>idle.call(window,then,{timeout:300,...options})}";
    view! { <script nonce=use_nonce()>{SCRIPT}</script> }
}

/// Allows this page's own scripts (by nonce) and nothing from elsewhere.
///
/// `data:` images are the small patterns of the style sheet. The CRM may show the console in a frame where
/// the configuration says so.
fn secure() {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else { return };
    let ancestors = use_context::<FrameAncestors>().unwrap_or_else(|| FrameAncestors::only(&[]));
    let ancestors = ancestors.as_str();
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; \
         frame-ancestors {ancestors}"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.insert_header(CONTENT_SECURITY_POLICY, policy);
    }
    response.insert_header(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response.insert_header(
        HeaderName::from_static("x-content-type-options"),
        HeaderValue::from_static("nosniff"),
    );
}
