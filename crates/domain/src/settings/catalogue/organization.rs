//! The organization, written as the workspace it is: `PUT /api/admin/{tid}/servers/{wid}` (API.md §4, §5).

use super::words::{MECHANISMS, SUBJECT_TYPES, TOKEN_FORMS};
use crate::settings::{
    Control, Kind, Owner, Scope, Section, Setting,
    VendorField::{At, Call},
    Word,
};

const MINUTE: u64 = 60;
const HOUR: u64 = 3_600;
const DAY: u64 = 86_400;

const ONE_APPLICATION: &str = "The organization has one application, which the console makes: code with PKCE, proved \
    as the configuration says (objects.client_auth). Another value would break its sign-ins.";
const NOT_OURS: &str =
    "Nothing of the rollout uses it. Change it in the vendor's console if it is ever needed.";
const WITH_TOOLS: &str =
    "It is a list of objects, not a value; the vendor's own configuration tool is the place.";

const fn own(
    key: &'static str,
    section: Section,
    path: &'static str,
    kind: Kind,
    label: &'static str,
    help: &'static str,
) -> Setting {
    Setting::new(key, Scope::Organization, section, At(path), kind, label, help)
}

const fn list(key: &'static str, path: &'static str, label: &'static str, help: &'static str) -> Setting {
    Setting::new(
        key,
        Scope::Organization,
        Section::Advanced,
        Call(path),
        Kind::Text { min: 0, max: 0 },
        label,
        help,
    )
    .not_offered(WITH_TOOLS)
}

const fn text(key: &'static str, path: &'static str, label: &'static str, help: &'static str) -> Setting {
    own(key, Section::Advanced, path, Kind::Text { min: 0, max: 500 }, label, help)
}

const PROFILE: &[Word] =
    &[Word { word: "default", label: "Default" }, Word { word: "consumer", label: "Consumer" }];
const GRANTS: &[Word] = &[
    Word { word: "authorization_code", label: "Code" },
    Word { word: "implicit", label: "Implicit" },
    Word { word: "client_credentials", label: "Client credentials" },
    Word { word: "refresh_token", label: "Refresh token" },
];
const PROOFS: &[Word] = &[
    Word { word: "client_secret_basic", label: "Secret in the header" },
    Word { word: "client_secret_post", label: "Secret in the form" },
    Word { word: "private_key_jwt", label: "Signed with a key" },
    Word { word: "none", label: "Not at all" },
];
const KEYS: &[Word] = &[
    Word { word: "ecdsa", label: "ECDSA" },
    Word { word: "rsa", label: "RSA" },
    Word { word: "ps", label: "RSA-PSS" },
];
const SUBJECTS: &[Word] = &[
    Word { word: "hash", label: "Hash" },
    Word { word: "legacy", label: "Legacy" },
    Word { word: "custom", label: "An attribute" },
];

pub(super) const SETTINGS: &[Setting] = &[
    own(
        "organization.name",
        Section::Appearance,
        "name",
        Kind::Text { min: 0, max: 200 },
        "Organization name",
        "The biller's name as IC announced it; the sign-in page shows it.",
    )
    .by(Control::Record)
    .owner(Owner::Biller),
    own(
        "organization.description",
        Section::Appearance,
        "description",
        Kind::Text { min: 0, max: 500 },
        "Organization description",
        "A note for whoever opens the vendor's console.",
    ),
    own(
        "organization.color",
        Section::Appearance,
        "color",
        Kind::Colour,
        "Colour",
        "The organization's label colour.",
    )
    .vendor_default("#007FFF")
    .owner(Owner::Biller),
    own(
        "organization.logo",
        Section::Appearance,
        "logo_uri",
        Kind::Link,
        "Logo",
        "The address of the biller's logo, which the sign-in page shows.",
    )
    .owner(Owner::Biller),
    own(
        "organization.styling.logo",
        Section::Appearance,
        "styling.logo_url",
        Kind::Link,
        "Logo on styled pages",
        "The logo where the organization has a style of its own in place of a theme.",
    )
    .owner(Owner::Biller),
    own(
        "organization.styling.font",
        Section::Appearance,
        "styling.font_url",
        Kind::Link,
        "Font on styled pages",
        "The address of the style sheet that brings the font.",
    )
    .owner(Owner::Biller),
    own(
        "organization.styling.colors",
        Section::Appearance,
        "styling.colors",
        Kind::Colour,
        "Colours on styled pages",
        "Background, header and primary colour.",
    )
    .planned("The shared theme carries the colours; single billers ask for a logo only, so far."),
    own(
        "organization.domains",
        Section::Directory,
        "organization.domains",
        Kind::Domains,
        "E-mail domains",
        "People with these e-mail domains are led to this organization's sign-in.",
    )
    .medium()
    .owner(Owner::Biller),
    own(
        "organization.mechanisms",
        Section::SignIn,
        "authentication_mechanisms",
        Kind::Choices { of: MECHANISMS, at_least: 1 },
        "Sign-in methods allowed",
        "What the organization allows at most; the pool's first factors must be among them.",
    )
    .high()
    .owner(Owner::Security),
    own(
        "organization.discovery.enabled",
        Section::SignIn,
        "idp_discovery.enabled",
        Kind::Flag,
        "Find the directory by e-mail",
        "Whether people type their e-mail first and are led to their directory. With one directory it is one page more.",
    )
    .vendor_default("false")
    .medium(),
    own(
        "organization.discovery.mode",
        Section::SignIn,
        "idp_discovery.discovery_mode",
        Kind::Text { min: 0, max: 40 },
        "How the directory is found",
        "By domain or by a script.",
    )
    .not_offered("Scripts at the vendor are not used, so it is always by domain."),
    own(
        "organization.show_pools",
        Section::SignIn,
        "preferences.display_identity_pool_idp",
        Kind::Flag,
        "Offer pool directories",
        "Whether identity pools are offered on the sign-in page.",
    )
    .not_offered("The one pool of the biller is its sign-in; hiding it would lock everybody out."),
    own(
        "organization.show_organizations",
        Section::SignIn,
        "preferences.display_organization_idp",
        Kind::Flag,
        "Offer other organizations",
        "Whether other organizations' sign-ins are offered.",
    )
    .not_offered("Billers have nothing to do with each other's sign-ins."),
    own(
        "organization.code_ttl",
        Section::Sessions,
        "authorization_code_ttl",
        Kind::Duration { min: 10, max: HOUR },
        "Authorization code: lifetime",
        "How long IC has to change the code for tokens.",
    )
    .vendor_default("10m0s")
    .medium()
    .owner(Owner::Security),
    own(
        "organization.access_token_ttl",
        Section::Sessions,
        "access_token_ttl",
        Kind::Duration { min: MINUTE, max: DAY },
        "Access token: lifetime",
        "How long an access token works. Shorter means more refreshes, and a sooner end after a suspension.",
    )
    .vendor_default("1h0m0s")
    .medium()
    .owner(Owner::Security),
    own(
        "organization.id_token_ttl",
        Section::Sessions,
        "id_token_ttl",
        Kind::Duration { min: MINUTE, max: DAY },
        "ID token: lifetime",
        "How long an ID token is valid.",
    )
    .vendor_default("1h0m0s")
    .medium()
    .owner(Owner::Security),
    own(
        "organization.refresh_token_ttl",
        Section::Sessions,
        "refresh_token_ttl",
        Kind::Duration { min: HOUR, max: 365 * DAY },
        "Refresh token: lifetime",
        "How long IC may fetch new tokens without another sign-in.",
    )
    .vendor_default("720h0m0s")
    .medium()
    .owner(Owner::Security),
    own(
        "organization.cookie_max_age",
        Section::Sessions,
        "cookie_max_age",
        Kind::Duration { min: 0, max: 365 * DAY },
        "Cookies: lifetime",
        "How long the vendor's cookies live in the browser; 0s lets them end with the browser.",
    )
    .owner(Owner::Security),
    own(
        "organization.token_form",
        Section::Sessions,
        "access_token_strategy",
        Kind::Choice(TOKEN_FORMS),
        "Form of access tokens",
        "Whether an access token can be read by whoever holds it.",
    )
    .vendor_default("jwt")
    .not_offered("IC checks access tokens by their signature, which opaque ones do not have."),
    own(
        "organization.sso.enabled",
        Section::Sessions,
        "sso.enabled",
        Kind::Flag,
        "Single sign-on",
        "Whether a person who signed in is recognised at the next sign-in in the same browser.",
    )
    .vendor_default("false")
    .medium()
    .owner(Owner::Security),
    own(
        "organization.sso.max_idle",
        Section::Sessions,
        "sso.max_idle",
        Kind::Duration { min: 0, max: 30 * DAY },
        "Single sign-on: longest pause",
        "A session that is not used for this long ends. 0s leaves it to SecureAuth.",
    )
    .medium()
    .owner(Owner::Security),
    own(
        "organization.sso.max_age",
        Section::Sessions,
        "sso.max_age",
        Kind::Duration { min: 0, max: 90 * DAY },
        "Single sign-on: longest session",
        "A session ends after this time, however much it is used. 0s leaves it to SecureAuth.",
    )
    .medium()
    .owner(Owner::Security),
    own(
        "organization.sso.post_logout_url",
        Section::Sessions,
        "sso.post_logout_url",
        Kind::Link,
        "Page after signing out",
        "Where people go after signing out when IC names no page.",
    )
    .owner(Owner::Biller),
    own(
        "organization.sso.logout_domains",
        Section::Sessions,
        "sso.logout_redirect_domains",
        Kind::Domains,
        "Domains after signing out",
        "Further domains to which people may be led after signing out.",
    )
    .medium()
    .owner(Owner::Security),
    own(
        "organization.sso.domain",
        Section::Sessions,
        "sso.domain",
        Kind::Text { min: 0, max: 253 },
        "Single sign-on cookie domain",
        "Lets several hosts share the session.",
    )
    .not_offered("Each biller has one issuer on one host, so there is nothing to share."),
    own(
        "organization.pkce",
        Section::Sessions,
        "enforce_pkce",
        Kind::Flag,
        "PKCE required",
        "Refuses sign-ins without proof key. The console's login URLs always send one.",
    )
    .vendor_default("false")
    .high()
    .owner(Owner::Security),
    own(
        "organization.pkce_public",
        Section::Sessions,
        "enforce_pkce_for_public_clients",
        Kind::Flag,
        "PKCE required of public applications",
        "The same for applications that cannot keep a secret.",
    )
    .vendor_default("false")
    .medium()
    .owner(Owner::Security),
    own(
        "organization.par",
        Section::Sessions,
        "require_pushed_authorization_requests",
        Kind::Flag,
        "Pushed requests required (PAR)",
        "Takes sign-ins only when they were announced by server before.",
    )
    .not_offered("A login URL is opened by a browser and pushes nothing: every sign-in would be refused."),
    own(
        "organization.deactivated",
        Section::Advanced,
        "settings.deactivated",
        Kind::Flag,
        "Deactivated",
        "Set when the biller is suspended. The vendor does not document its effect, so nothing relies on it.",
    )
    .by(Control::Status)
    .medium()
    .owner(Owner::Platform),
    own("organization.profile", Section::Advanced, "profile", Kind::Choice(PROFILE), "Profile", "A preset of the vendor.")
        .not_offered("It only presets other settings, which are managed one by one."),
    own(
        "organization.grant_types",
        Section::Advanced,
        "grant_types",
        Kind::Choices { of: GRANTS, at_least: 1 },
        "Grant types allowed",
        "Ways to get tokens.",
    )
    .not_offered(ONE_APPLICATION),
    own(
        "organization.client_auth_methods",
        Section::Advanced,
        "token_endpoint_auth_methods",
        Kind::Choices { of: PROOFS, at_least: 1 },
        "Client authentication allowed",
        "How applications may prove themselves.",
    )
    .not_offered(ONE_APPLICATION),
    own(
        "organization.client_auth_algorithms",
        Section::Advanced,
        "token_endpoint_auth_signing_alg_values",
        Kind::Text { min: 0, max: 100 },
        "Client authentication algorithms",
        "Signatures that applications may prove themselves with.",
    )
    .not_offered(ONE_APPLICATION),
    text("organization.issuer", "custom_issuer_url", "Issuer", "The iss claim of tokens.").not_offered(
        "It stands in every token and in IC's configuration for ever; a vanity domain is the way to another one.",
    ),
    text("organization.issuer_id", "issuer_id", "Issuer id of signed messages", "The iss claim of signed messages.")
        .not_offered(NOT_OURS),
    own(
        "organization.key_type",
        Section::Advanced,
        "key_type",
        Kind::Choice(KEYS),
        "Key type",
        "What tokens are signed with.",
    )
    .not_offered("The vendor takes it at creation only."),
    own(
        "organization.subject_format",
        Section::Advanced,
        "subject_format",
        Kind::Choice(SUBJECTS),
        "Form of subjects",
        "What a person is called in tokens.",
    )
    .not_offered("IC knows people by their subject; another form would make everybody a stranger."),
    own(
        "organization.subject_types",
        Section::Advanced,
        "subject_identifier_types",
        Kind::Choices { of: SUBJECT_TYPES, at_least: 1 },
        "Kinds of subjects",
        "Whether applications see the same subject.",
    )
    .not_offered("IC knows people by their subject; another kind would make everybody a stranger."),
    text("organization.default_client", "settings.default_client_id", "Default application", "Opened without another.")
        .not_offered("Login URLs always name the application."),
    own(
        "organization.context",
        Section::Advanced,
        "authentication_context_settings",
        Kind::Text { min: 0, max: 0 },
        "Authentication context",
        "Which attributes of a person are known while signing in.",
    )
    .not_offered("The binding's mappings bring every attribute that IC takes; the console sets them."),
    own(
        "organization.registration",
        Section::Advanced,
        "dynamic_client_registration",
        Kind::Text { min: 0, max: 0 },
        "Registration of applications",
        "Whether applications may register themselves.",
    )
    .not_offered("Only the console makes applications."),
    own("organization.saml", Section::Advanced, "saml", Kind::Text { min: 0, max: 0 }, "SAML", "Sign-in by SAML.")
        .not_offered("IC speaks OpenID Connect."),
    own("organization.metadata", Section::Advanced, "metadata", Kind::Text { min: 0, max: 0 }, "Metadata and its schema", "Free fields.")
        .not_offered("They hold the mark by which the console knows the organization as its own."),
    own("organization.template", Section::Advanced, "template", Kind::Flag, "Template", "Whether others are copied from it.")
        .not_offered("A biller's organization is never a template: it holds customers."),
    own(
        "organization.parent",
        Section::Advanced,
        "parent_id",
        Kind::Id,
        "Parent workspace",
        "The workspace the organization belongs to.",
    )
    .not_offered("It is the same for all billers and stands in the configuration (objects.parent_workspace)."),
    list("organization.keys", "/servers/{wid}/keys/automatic-key-rotation", "Keys and their rotation", "Signing keys."),
    list("organization.scopes", "/servers/{wid}/scopes", "Scopes", "What tokens may be asked for."),
    list("organization.claims", "/servers/{wid}/claims", "Claims", "What tokens say."),
    list("organization.policies", "/servers/{wid}/policies", "Policies", "Rules for issuing tokens."),
    list("organization.scripts", "/servers/{wid}/scripts", "Scripts", "Own code at the vendor."),
    list(
        "organization.script_points",
        "/servers/{wid}/script-execution-points",
        "Script execution points",
        "Where scripts run.",
    ),
    list("organization.custom_apps", "/servers/{wid}/custom-apps", "Custom apps", "Own pages after signing in."),
    list("organization.acrs", "/servers/{wid}/acrs", "Authentication levels (ACR)", "Names for how people signed in."),
    list("organization.consent_page", "/servers/{wid}/server-consent", "Consent page", "Who asks for consent."),
    list("organization.webhooks", "/servers/{wid}/webhooks", "Webhooks", "Where the vendor sends events."),
    list("organization.secrets", "/servers/{wid}/secrets", "Secrets", "Values that scripts may use."),
    list("organization.roles", "/servers/{wid}/roles", "Console roles", "Who may do what in the vendor's console."),
];
