//! What brings a user at SecureAuth to where it should be. Nothing is remembered of what was done before: the steps
//! follow from what is read, so that a change that broke off anywhere goes on from there.

use super::side::{AccountStatus, Profile, Side, same};

/// What an identifier is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentifierPart {
    /// A plain username.
    Username,
    /// An e-mail address.
    Email,
}

/// What an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressPart {
    /// An e-mail address.
    Email,
    /// A phone.
    Phone,
}

/// A user as SecureAuth shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The status.
    pub status: AccountStatus,
    /// Usernames and e-mail addresses; identifiers of other kinds are none of our business.
    pub identifiers: Vec<(IdentifierPart, String)>,
    /// Addresses and whether each is verified.
    pub addresses: Vec<(AddressPart, String, bool)>,
    /// Given name.
    pub given_name: Option<String>,
    /// Family name.
    pub family_name: Option<String>,
}

impl Seen {
    /// What SecureAuth says of the account.
    #[must_use]
    pub fn side(&self) -> Side {
        let mail = self.addresses.iter().find(|(it, ..)| *it == AddressPart::Email);
        let as_identifier = self.identifiers.iter().find(|(it, _)| *it == IdentifierPart::Email);
        let email = mail.map(|(_, text, _)| text).or_else(|| as_identifier.map(|(_, text)| text)).cloned();
        // An address that also is the username is one identifier, of whichever kind.
        let others =
            || self.identifiers.iter().filter(|(_, text)| !same(Some(text.as_str()), email.as_deref()));
        let username = others().find(|(it, _)| *it == IdentifierPart::Username).or_else(|| others().next());
        let phone = self.addresses.iter().find(|(it, ..)| *it == AddressPart::Phone);
        Side {
            status: self.status,
            profile: Profile {
                username: username.map(|(_, text)| text.clone()),
                email_verified: mail.is_some_and(|(_, _, verified)| *verified),
                phone: phone.map(|(_, text, _)| text.clone()),
                given_name: self.given_name.clone(),
                family_name: self.family_name.clone(),
                email,
            },
        }
    }
}

/// One call to SecureAuth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The whole user is written, with the password if there is one: a new user, or a new password.
    Write,
    /// Status, names, or both.
    Update {
        /// The new status.
        status: Option<AccountStatus>,
        /// Whether the names change.
        names: bool,
    },
    /// One more identifier.
    AddIdentifier(IdentifierPart, String),
    /// One more address.
    AddAddress(AddressPart, String, bool),
    /// An address becomes verified.
    Verify(String),
    /// An identifier less.
    RemoveIdentifier(String),
    /// An address less.
    RemoveAddress(String),
}

impl Step {
    /// The step's name in the audit log.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Write => "write",
            Self::Update { .. } => "update",
            Self::AddIdentifier(..) => "add_identifier",
            Self::AddAddress(..) => "add_address",
            Self::Verify(_) => "verify_address",
            Self::RemoveIdentifier(_) => "remove_identifier",
            Self::RemoveAddress(_) => "remove_address",
        }
    }
}

/// The steps that bring a user to where it should be. Whoever loses access loses it first; what is new is added before
/// what is old is removed, so that the person can sign in at every moment; whoever gains access gains it last.
#[must_use]
pub fn plan(wanted: &Side, seen: Option<&Seen>, password: bool) -> Vec<Step> {
    let Some(seen) = seen else {
        return if wanted.status == AccountStatus::Deleted { Vec::new() } else { vec![Step::Write] };
    };
    if wanted.status == AccountStatus::Deleted {
        let step = Step::Update { status: Some(AccountStatus::Deleted), names: false };
        return if seen.status == AccountStatus::Deleted { Vec::new() } else { vec![step] };
    }
    if password {
        return vec![Step::Write];
    }
    let names =
        wanted.profile.given_name != seen.given_name || wanted.profile.family_name != seen.family_name;
    let status = (!wanted.status.is_met_by(seen.status)).then_some(wanted.status);
    let shuts = wanted.status != AccountStatus::Active;
    let update = (status.is_some() || names).then_some(Step::Update { status, names });
    let mut steps = Vec::new();
    if shuts {
        steps.extend(update.clone());
    }
    parts(&wanted.profile, seen, &mut steps);
    if !shuts {
        steps.extend(update);
    }
    steps
}

fn parts(wanted: &Profile, seen: &Seen, steps: &mut Vec<Step>) {
    let identifiers = [
        wanted.username.as_ref().map(|text| (IdentifierPart::Username, text)),
        wanted.email.as_ref().map(|text| (IdentifierPart::Email, text)),
    ];
    let addresses = [
        wanted.email.as_ref().map(|text| (AddressPart::Email, text, wanted.email_verified)),
        wanted.phone.as_ref().map(|text| (AddressPart::Phone, text, false)),
    ];
    let is = |a: &str, b: &str| same(Some(a), Some(b));
    for (part, text) in identifiers.iter().flatten() {
        if !seen.identifiers.iter().any(|(_, has)| is(has, text)) {
            steps.push(Step::AddIdentifier(*part, (*text).clone()));
        }
    }
    for (part, text, verified) in addresses.iter().flatten() {
        match seen.addresses.iter().find(|(_, has, _)| is(has, text)) {
            None => steps.push(Step::AddAddress(*part, (*text).clone(), *verified)),
            Some((_, has, false)) if *verified => steps.push(Step::Verify(has.clone())),
            Some(_) => {}
        }
    }
    for (_, has) in &seen.identifiers {
        if !identifiers.iter().flatten().any(|(_, text)| is(has, text)) {
            steps.push(Step::RemoveIdentifier(has.clone()));
        }
    }
    for (_, has, _) in &seen.addresses {
        if !addresses.iter().flatten().any(|(_, text, _)| is(has, text)) {
            steps.push(Step::RemoveAddress(has.clone()));
        }
    }
}
