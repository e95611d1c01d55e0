//! The whole account (API.md §5, §10; QUESTIONS.md "Tenant"). No biller has these of its own.

use crate::settings::{
    Kind, Owner, Scope, Section, Setting,
    VendorField::{At, Call},
};

const WHOLE: &str = "It is one for the whole account, not a biller's. The platform page is the place for it.";

const fn field(key: &'static str, path: &'static str, label: &'static str, help: &'static str) -> Setting {
    Setting::new(
        key,
        Scope::Tenant,
        Section::Advanced,
        At(path),
        Kind::Text { min: 0, max: 200 },
        label,
        help,
    )
    .planned(WHOLE)
    .owner(Owner::Platform)
}

const fn call(key: &'static str, path: &'static str, label: &'static str, help: &'static str) -> Setting {
    Setting::new(
        key,
        Scope::Tenant,
        Section::Advanced,
        Call(path),
        Kind::Text { min: 0, max: 0 },
        label,
        help,
    )
    .planned(WHOLE)
    .owner(Owner::Platform)
}

pub(super) const SETTINGS: &[Setting] = &[
    field("tenant.name", "name", "Account name", "What our account is called."),
    field("tenant.url", "url", "Account address", "The address of our account."),
    field("tenant.styling", "styling", "Account style", "Colours and logo without a theme."),
    field("tenant.metadata", "metadata", "Account metadata", "Free fields of the account."),
    field(
        "tenant.default_template",
        "settings.default_template_id",
        "Default template",
        "What new organizations are copied from.",
    ),
    field(
        "tenant.default_workspace",
        "settings.default_workspace_id",
        "Default workspace",
        "Where people land in the vendor's console.",
    ),
    field(
        "tenant.security_headers",
        "settings.security",
        "Security headers",
        "Headers on the vendor's pages.",
    ),
    field("tenant.translations", "settings.translations", "Languages", "Languages of the vendor's pages."),
    call(
        "tenant.brute_force",
        "/bruteforce",
        "Limits against guessing",
        "Attempts before a name or address is blocked.",
    ),
    call(
        "tenant.vanity_domains",
        "/vanity-domains",
        "Vanity domains of the account",
        "Host names of our own.",
    ),
    call(
        "tenant.beta_features",
        "/beta-features",
        "Beta features",
        "What the vendor lets its customers try.",
    ),
    call("tenant.mfa_methods", "/mfa-methods", "Message providers", "Who sends e-mails and text messages."),
    call("tenant.roles", "/tenant/roles", "Account roles", "Who may do what in the whole account."),
];
