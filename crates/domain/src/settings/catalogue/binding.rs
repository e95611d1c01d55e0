//! The binding of the pool to the organization: `PUT …/servers/{wid}/idps/identity_pool/{iid}` (API.md §7).

use crate::settings::{Control, Kind, Owner, Scope, Section, Setting, VendorField::At};

const ONE_POOL: &str = "It matters only where people choose between directories, and a biller has one.";

const fn own(
    key: &'static str,
    section: Section,
    path: &'static str,
    kind: Kind,
    label: &'static str,
    help: &'static str,
) -> Setting {
    Setting::new(key, Scope::Binding, section, At(path), kind, label, help)
}

pub(super) const SETTINGS: &[Setting] = &[
    own(
        "binding.disabled",
        Section::SignIn,
        "disabled",
        Kind::Flag,
        "Directory switched off",
        "Set when the biller is suspended: nobody can sign in through the pool.",
    )
    .by(Control::Status)
    .high()
    .owner(Owner::Platform),
    own(
        "binding.hidden",
        Section::SignIn,
        "hidden",
        Kind::Flag,
        "Directory hidden",
        "Not shown on the sign-in page, but usable when a sign-in names it.",
    )
    .vendor_default("false")
    .medium(),
    own(
        "binding.name",
        Section::Appearance,
        "name",
        Kind::Text { min: 1, max: 200 },
        "Directory name",
        "What the sign-in page calls the directory.",
    ),
    own(
        "binding.logo",
        Section::Appearance,
        "logo_uri",
        Kind::Link,
        "Directory logo",
        "Shown beside the directory's name on the sign-in page.",
    )
    .owner(Owner::Biller),
    own(
        "binding.order",
        Section::SignIn,
        "display_order",
        Kind::Whole { min: 0, max: 1000 },
        "Place on the sign-in page",
        "Smaller comes first.",
    )
    .not_offered(ONE_POOL),
    own(
        "binding.sso_disabled",
        Section::Sessions,
        "sso_settings.disabled",
        Kind::Flag,
        "Leave out of single sign-on",
        "People of this directory sign in every time, also where single sign-on is on.",
    )
    .vendor_default("false")
    .medium()
    .owner(Owner::Security),
    own(
        "binding.reload_claims",
        Section::Sessions,
        "config.reload_claims_at_refresh_token",
        Kind::Flag,
        "Refresh attributes with tokens",
        "Whether a refreshed token carries the person's present attributes.",
    )
    .vendor_default("false"),
    own(
        "binding.discovery.identifier_first",
        Section::SignIn,
        "discovery_settings.identifier_based_matching",
        Kind::Flag,
        "Look the user name up first",
        "Whether the name is looked up in the pool before the password page.",
    )
    .vendor_default("false")
    .medium(),
    own(
        "binding.discovery.instant_redirect",
        Section::SignIn,
        "discovery_settings.instant_redirect",
        Kind::Flag,
        "Go on at once",
        "Whether people are led on as soon as a directory fits.",
    )
    .not_offered(ONE_POOL),
    own(
        "binding.discovery.fallback",
        Section::SignIn,
        "discovery_settings.fallback_provider",
        Kind::Flag,
        "Offer when nothing fits",
        "Whether the directory is offered when discovery finds none.",
    )
    .not_offered(ONE_POOL),
    own(
        "binding.discovery.domains",
        Section::SignIn,
        "discovery_settings.domains",
        Kind::Domains,
        "Directory e-mail domains",
        "E-mail domains that lead to this directory.",
    )
    .not_offered("The organization's e-mail domains say it already, and a biller has one directory."),
    own(
        "binding.attributes",
        Section::Directory,
        "attributes",
        Kind::Text { min: 0, max: 0 },
        "Attributes",
        "Which attributes the directory brings.",
    )
    .not_offered("The console sets them with the mappings, the same for every biller."),
    own(
        "binding.mappings",
        Section::Directory,
        "mappings",
        Kind::Text { min: 0, max: 0 },
        "Mappings",
        "Which attribute becomes which claim.",
    )
    .not_offered("IC reads the same claims from every biller; the console sets them at enablement."),
    own(
        "binding.jit",
        Section::Directory,
        "jit",
        Kind::Text { min: 0, max: 0 },
        "Accounts made at sign-in",
        "First-login provisioning.",
    )
    .not_offered("It takes people from another directory, and there is none."),
];
