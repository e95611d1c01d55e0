//! A host name of the biller's own for sign-ins: what it brings with it, in words (API.md §10).

use serde::{Deserialize, Serialize};

use super::{SettingKey, SettingValue};
use crate::words;

/// The key of the setting.
pub const HOST: &str = "vanity_domain.host";

/// How long before its end a certificate is worth a warning, in days.
pub const WARN_DAYS: u64 = 30;

words! {
    /// Under which issuer a biller's people sign in.
    IssuerChoice, "issuer" {
        /// The one that SecureAuth gives every organization.
        Own = "own", "The organization's own issuer";
        /// The one under its vanity domain.
        Vanity = "vanity_domain", "The issuer of the vanity domain";
    }
}

impl IssuerChoice {
    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Own => Self::Vanity,
            Self::Vanity => Self::Own,
        }
    }
}

/// Sign-ins of a biller go to its other issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuerSwitch {
    /// To which one.
    pub to: IssuerChoice,
    /// The issuer in effect when it was asked for.
    pub before: String,
    /// The issuer that is to be in effect, as it named itself when it was asked for.
    pub after: String,
}

impl IssuerSwitch {
    /// What is switched, in a form, a list and a reason.
    pub const LABEL: &'static str = "Issuer of sign-ins";

    /// What takes it back.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self { to: self.to.other(), before: self.after, after: self.before }
    }

    /// Why it does not stand any more where another issuer is in effect by now; `None` while it stands.
    #[must_use]
    pub fn moved(&self, in_effect: Option<&str>) -> Option<String> {
        let now = in_effect.unwrap_or("none");
        (now != self.before).then(|| {
            format!(
                "{}: sign-ins go to {now} now; they went to {} when the switch was asked for.",
                Self::LABEL,
                self.before
            )
        })
    }

    /// What somebody has to know before it is made.
    #[must_use]
    pub fn consequences(&self) -> Vec<String> {
        vec![
            format!(
                "The login URL leads to {after} from then on, tokens name it, the probes ask it, and IC is told so by an \
                 event and by the biller's OIDC settings.",
                after = self.after
            ),
            format!(
                "IC has to trust {} and to have read its discovery document before. Whoever holds a token of {} signs in \
                 anew where IC does not take that one any more; a sign-in that is under way ends at the issuer at which \
                 it began.",
                self.after, self.before
            ),
            "It is asked once more before anything is switched: discovery and the sign-in page have to answer there. \
             Nothing is written to SecureAuth."
                .to_owned(),
        ]
    }
}

/// What somebody has to know and to do because a host name comes, changes or goes; empty where it stays as it is.
///
/// `issuer` is the one in effect: where sign-ins go and what IC trusts.
#[must_use]
pub fn consequences(before: Option<&str>, after: Option<&str>, issuer: Option<&str>) -> Vec<String> {
    let (before, after) = (before.filter(|host| !host.is_empty()), after.filter(|host| !host.is_empty()));
    if before == after {
        return Vec::new();
    }
    let in_use = issuer.and_then(of_issuer);
    let issuer = issuer.unwrap_or("the issuer that SecureAuth will name for the organization");
    let mut all = Vec::new();
    if let Some(gone) = before {
        all.push(if in_use == Some(gone) {
            format!(
                "Sign-ins go to {issuer} now. Before that host goes, they are switched back to the organization's own \
                 issuer: IC has to trust that one again, and whoever holds a token of {issuer} signs in anew."
            )
        } else {
            format!("Nobody signs in under {gone}: sign-ins go to {issuer}, and stay there.")
        });
    }
    if let Some(host) = after {
        all.push(format!(
            "This only asks SecureAuth for {host}: sign-ins stay at the issuer in effect until somebody switches them, \
             on this biller's settings page, once {host} answers with a valid certificate."
        ));
        all.push(format!(
            "DNS and certificate: {host} has to lead to SecureAuth first; ask the vendor for the target. The certificate \
             and its private key are given to SecureAuth in its own console: they never pass through here."
        ));
        all.push(format!(
            "The switch brings another issuer, https://{host}: the login URL leads there, tokens name it, the probes ask \
             it, and IC is told so by an event and by the biller's OIDC settings. IC has to trust it, and read its \
             discovery document, before anybody switches."
        ));
        all.push(
            "The application's return addresses and the login URL stay. Whatever lists the host of the sign-in page \
             (content policies, firewalls, password managers) needs the new one beside the old one."
                .to_owned(),
        );
    }
    all
}

/// The host of an issuer.
#[must_use]
pub fn of_issuer(issuer: &str) -> Option<&str> {
    let (_, rest) = issuer.split_once("://")?;
    let host = rest.split(['/', ':', '?']).next()?;
    Some(host).filter(|host| !host.is_empty())
}

/// The host name of a value of the setting; `None` for other settings, and for none.
#[must_use]
pub fn host(key: SettingKey, value: Option<&SettingValue>) -> Option<&str> {
    match value {
        Some(SettingValue::Text(host)) if key.as_str() == HOST && !host.is_empty() => Some(host),
        _ => None,
    }
}
