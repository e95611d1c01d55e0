//! The biller's OIDC client: `PUT /api/admin/{tid}/clients/{cid}` (API.md §8).

use super::words::{STATUSES, SUBJECT_TYPES};
use crate::settings::{
    Control, Kind, Owner, Scope, Section, Setting,
    VendorField::{At, Call},
};

const BY_CONSOLE: &str =
    "The console makes the application the same way for every biller; IC is built on it.";
const BY_ORGANIZATION: &str =
    "The organization has this one application, so its own lifetimes are the place.";

const fn own(
    key: &'static str,
    section: Section,
    path: &'static str,
    kind: Kind,
    label: &'static str,
    help: &'static str,
) -> Setting {
    Setting::new(key, Scope::Application, section, At(path), kind, label, help)
}

const fn free(key: &'static str, path: &'static str, label: &'static str, help: &'static str) -> Setting {
    own(key, Section::Application, path, Kind::Text { min: 0, max: 500 }, label, help)
}

const fn lifetime(key: &'static str, path: &'static str, label: &'static str) -> Setting {
    let kind = Kind::Duration { min: 60, max: 365 * 86_400 };
    own(key, Section::Sessions, path, kind, label, "A lifetime of this application's own.")
        .not_offered(BY_ORGANIZATION)
}

pub(super) const SETTINGS: &[Setting] = &[
    free("application.name", "client_name", "Application name", "What a consent page would call it.")
        .by(Control::Record),
    free(
        "application.description",
        "description",
        "Application description",
        "A note for whoever opens the vendor's console.",
    ),
    own(
        "application.logo",
        Section::Appearance,
        "logo_uri",
        Kind::Link,
        "Application logo",
        "Shown where the vendor's pages show the application.",
    )
    .owner(Owner::Biller),
    own(
        "application.url",
        Section::Application,
        "app_url",
        Kind::Link,
        "Application address",
        "Where the application is found.",
    )
    .owner(Owner::Biller),
    own(
        "application.home",
        Section::Application,
        "client_uri",
        Kind::Link,
        "Home page",
        "The page about the application.",
    )
    .owner(Owner::Biller),
    own(
        "application.terms",
        Section::Application,
        "tos_uri",
        Kind::Link,
        "Terms of service",
        "Where the terms of service are.",
    )
    .owner(Owner::Biller),
    own(
        "application.policy",
        Section::Application,
        "policy_uri",
        Kind::Link,
        "Privacy policy",
        "Where the privacy policy is.",
    )
    .owner(Owner::Biller),
    own(
        "application.redirect_uris",
        Section::Application,
        "redirect_uris",
        Kind::Links { at_least: 1 },
        "Return addresses",
        "Where a sign-in may return to. A missing one breaks every sign-in; a foreign one lets people be robbed.",
    )
    .high()
    .owner(Owner::Security),
    own(
        "application.post_logout_redirect_uris",
        Section::Application,
        "post_logout_redirect_uris",
        Kind::Links { at_least: 0 },
        "Addresses after signing out",
        "Where a sign-out may return to.",
    )
    .medium()
    .owner(Owner::Security),
    own(
        "application.status",
        Section::Application,
        "client_status",
        Kind::Choice(STATUSES),
        "Application status",
        "Inactive refuses every sign-in. It follows the biller's CIAM status: suspend and resume change it.",
    )
    .vendor_default("active")
    .by(Control::Status)
    .high()
    .owner(Owner::Platform),
    own(
        "application.trusted",
        Section::Application,
        "trusted",
        Kind::Flag,
        "Skip the consent page",
        "Whether people are spared the question if IC may know them. IC is the biller's own portal, so they are.",
    )
    .default("true")
    .medium(),
    own(
        "application.backchannel_logout",
        Section::Sessions,
        "backchannel_logout_uri",
        Kind::Link,
        "Sign-out notice address",
        "Where SecureAuth tells IC that a person signed out.",
    )
    .medium(),
    own("application.grant_types", Section::Application, "grant_types", Kind::Text { min: 0, max: 0 }, "Grant types", "Ways to get tokens.")
        .not_offered(BY_CONSOLE),
    own(
        "application.response_types",
        Section::Application,
        "response_types",
        Kind::Text { min: 0, max: 0 },
        "Response types",
        "What the authorize page gives back.",
    )
    .not_offered(BY_CONSOLE),
    own("application.scopes", Section::Application, "scopes", Kind::Text { min: 0, max: 0 }, "Scopes", "What it may ask for.")
        .not_offered(BY_CONSOLE),
    own("application.audience", Section::Application, "audience", Kind::Text { min: 0, max: 0 }, "Audience", "Who its tokens are for.")
        .not_offered(BY_CONSOLE),
    free(
        "application.auth_method",
        "token_endpoint_auth_method",
        "Proof of the application",
        "How it proves itself at the token endpoint.",
    )
    .not_offered("It stands in the configuration (objects.client_auth), because IC must do the same for all billers."),
    free("application.jwks", "jwks_uri", "Keys of the application", "Where its public keys are.")
        .not_offered("It stands in the configuration (objects.client_auth), because IC must do the same for all billers."),
    own(
        "application.subject_type",
        Section::Application,
        "subject_type",
        Kind::Choice(SUBJECT_TYPES),
        "Kind of subjects",
        "Whether applications see the same subject.",
    )
    .not_offered("IC knows people by their subject; another kind would make everybody a stranger."),
    own(
        "application.custom_ttls",
        Section::Sessions,
        "use_custom_token_ttls",
        Kind::Flag,
        "Lifetimes of its own",
        "Whether the application has lifetimes of its own.",
    )
    .not_offered(BY_ORGANIZATION),
    lifetime("application.code_ttl", "token_ttls.authorization_code_ttl", "Own code lifetime"),
    lifetime("application.access_token_ttl", "token_ttls.access_token_ttl", "Own access token lifetime"),
    lifetime("application.id_token_ttl", "token_ttls.id_token_ttl", "Own ID token lifetime"),
    lifetime("application.refresh_token_ttl", "token_ttls.refresh_token_ttl", "Own refresh token lifetime"),
    own("application.metadata", Section::Application, "metadata", Kind::Text { min: 0, max: 0 }, "Metadata", "Free fields.")
        .not_offered("They hold the mark by which the console knows the application as its own."),
    own("application.saml", Section::Advanced, "saml_metadata_url", Kind::Link, "SAML settings", "Sign-in by SAML.")
        .not_offered("IC speaks OpenID Connect."),
    Setting::new(
        "application.secret",
        Scope::Application,
        Section::Application,
        Call("/clients/{cid}/rotateSecret"),
        Kind::Text { min: 0, max: 0 },
        "Secret",
        "What the application proves itself with, where it has no key.",
    )
    .not_offered("It is not a value to keep: make a new one on the biller's page, where it is shown once."),
];
