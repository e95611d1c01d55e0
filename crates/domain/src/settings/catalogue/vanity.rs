//! The biller's own host name for sign-ins (API.md §10).

use crate::settings::{
    Kind, Owner, Scope, Section, Setting,
    VendorField::{At, Bound},
    vanity::HOST,
};

const CONSOLE_ONLY: &str = "Certificate and private key are given to SecureAuth in its own console, so that no key passes \
    through here. When the certificate ends is shown beside the vanity domain.";

const fn of_domain(
    key: &'static str,
    field: &'static str,
    label: &'static str,
    help: &'static str,
) -> Setting {
    Setting::new(
        key,
        Scope::VanityDomain,
        Section::Appearance,
        At(field),
        Kind::Text { min: 0, max: 200 },
        label,
        help,
    )
    .owner(Owner::Platform)
}

pub(super) const SETTINGS: &[Setting] = &[
    Setting::new(
        HOST,
        Scope::VanityDomain,
        Section::Appearance,
        Bound { read: "domain", call: "/vanity-domains" },
        Kind::Host,
        "Vanity domain",
        "A host name of the biller's own for sign-ins. It brings another issuer, and so changes what IC must trust.",
    )
    .default("")
    .high()
    .owner(Owner::Platform),
    of_domain("vanity_domain.certificate", "cert", "Certificate", "The certificate of the vanity domain.")
        .not_offered(CONSOLE_ONLY),
    of_domain("vanity_domain.key", "key", "Private key", "The key of the vanity domain's certificate.")
        .not_offered(CONSOLE_ONLY),
    of_domain("vanity_domain.base_path", "base_path", "Path prefix", "A path before all others of the vanity domain.")
        .not_offered("A host name of its own needs none, and every address at IC would have to carry it."),
];
