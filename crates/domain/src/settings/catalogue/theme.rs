//! Themes, shared by billers (API.md §9).

use crate::settings::{
    Kind, Owner, Scope, Section, Setting,
    VendorField::{At, Bound, Call},
};

const SHARED: &str = "A theme belongs to many billers at once; it is made and tried in the vendor's console. Here a \
    biller is given one of the themes there are.";

const fn of_theme(
    key: &'static str,
    field: &'static str,
    label: &'static str,
    help: &'static str,
) -> Setting {
    Setting::new(
        key,
        Scope::Theme,
        Section::Appearance,
        At(field),
        Kind::Text { min: 0, max: 200 },
        label,
        help,
    )
    .not_offered(SHARED)
}

pub(super) const SETTINGS: &[Setting] = &[
    Setting::new(
        "theme.bound",
        Scope::Theme,
        Section::Appearance,
        Bound { read: "theme_id", call: "/servers/{wid}/bind-theme/{themeID}" },
        Kind::Id,
        "Theme",
        "The id of the theme whose pages and messages the biller's people see; none gives the vendor's own.",
    )
    .medium()
    .owner(Owner::Product),
    of_theme("theme.name", "name", "Theme name", "What the theme is called."),
    of_theme("theme.logo", "logo_url", "Theme logo", "The logo of all who share the theme."),
    Setting::new(
        "theme.templates",
        Scope::Theme,
        Section::Appearance,
        Call("/theme/{themeID}/templates"),
        Kind::Text { min: 0, max: 0 },
        "Pages and messages",
        "Every page and message template of the theme.",
    )
    .not_offered(SHARED),
    Setting::new(
        "theme.translations",
        Scope::Theme,
        Section::Appearance,
        Call("/translations"),
        Kind::Text { min: 0, max: 0 },
        "Translations",
        "Texts of the vendor's pages in other languages.",
    )
    .planned("The vendor calls them alpha: they may change without notice."),
];
