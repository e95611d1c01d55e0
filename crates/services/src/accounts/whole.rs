//! A user as SecureAuth shows it, and as it is written whole.

use domain::{
    Timestamp,
    account::{AccountStatus, AddressPart, IdentifierPart, Seen, Side},
    migration::PasswordHash,
};
use secureauth::{
    AddressImport, AddressKind, IdentifierImport, IdentifierKind, PasswordImport, PasswordState, UserId,
    UserImport, UserRecord, UserStatus,
};
use serde_json::{Map, Value, json};
use storage::accounts::Account;

use crate::{Console, migration};

/// What of a user our changes are about.
pub(super) fn seen(record: &UserRecord) -> Seen {
    let text = |name: &str| {
        record.payload.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let identifiers = record.identifiers.iter().filter_map(|(text, kind)| match kind {
        IdentifierKind::Uid => Some((IdentifierPart::Username, text.clone())),
        IdentifierKind::Email => Some((IdentifierPart::Email, text.clone())),
        IdentifierKind::Mobile | IdentifierKind::Other(_) => None,
    });
    let addresses = record.addresses.iter().filter_map(|it| match it.kind {
        AddressKind::Email => Some((AddressPart::Email, it.address.clone(), it.verified)),
        AddressKind::Mobile => Some((AddressPart::Phone, it.address.clone(), it.verified)),
        AddressKind::Other(_) => None,
    });
    Seen {
        status: match record.status {
            UserStatus::New => AccountStatus::New,
            UserStatus::Active => AccountStatus::Active,
            UserStatus::Deleted => AccountStatus::Deleted,
            // Whoever has a status that we do not know does not sign in as far as we know.
            UserStatus::Inactive | UserStatus::Other(_) => AccountStatus::Inactive,
        },
        identifiers: identifiers.collect(),
        addresses: addresses.collect(),
        given_name: text("given_name"),
        family_name: text("family_name"),
    }
}

/// The vendor's word for a status.
pub(super) const fn status(status: AccountStatus) -> UserStatus {
    match status {
        AccountStatus::New => UserStatus::New,
        AccountStatus::Active => UserStatus::Active,
        AccountStatus::Inactive => UserStatus::Inactive,
        AccountStatus::Deleted => UserStatus::Deleted,
    }
}

/// The names laid over what is in the profile already.
pub(super) fn payload(wanted: &Side, record: Option<&UserRecord>) -> Map<String, Value> {
    let mut payload = record.map(|it| it.payload.clone()).unwrap_or_default();
    let names = [("given_name", &wanted.profile.given_name), ("family_name", &wanted.profile.family_name)];
    for (name, value) in names {
        match value {
            Some(value) => payload.insert(name.to_owned(), json!(value)),
            None => payload.remove(name),
        };
    }
    payload
}

/// The user whole: what is not ours to change is taken over from what is there.
pub(super) fn whole(
    console: &Console,
    account: &Account,
    id: UserId,
    wanted: &Side,
    record: Option<&UserRecord>,
    password: Option<(PasswordHash, Timestamp)>,
) -> UserImport {
    let (ids, profile) = (&account.ids, &wanted.profile);
    let mut metadata = record.map(|it| it.metadata.clone()).unwrap_or_default();
    metadata.insert("ic_ref".to_owned(), json!(account.reference));
    let import = |id: uuid::Uuid, text: &str, kind| IdentifierImport {
        id: id.to_string(),
        identifier: text.to_owned(),
        kind,
    };
    let ours = [
        profile.username.as_deref().map(|text| import(ids.username, text, IdentifierKind::Uid)),
        profile.email.as_deref().map(|text| import(ids.email, text, IdentifierKind::Email)),
    ];
    let others =
        record.into_iter().flat_map(|it| &it.identifiers).enumerate().filter_map(|(n, (text, kind))| {
            let other = !matches!(kind, IdentifierKind::Uid | IdentifierKind::Email);
            other.then(|| IdentifierImport {
                id: format!("{}-{n}", ids.user.simple()),
                identifier: text.clone(),
                kind: kind.clone(),
            })
        });
    let was_verified = |text: &str| {
        let mut all = record.into_iter().flat_map(|it| &it.addresses);
        all.any(|it| it.verified && it.address.eq_ignore_ascii_case(text))
    };
    let address = |id: uuid::Uuid, text: &str, kind, verified: bool| AddressImport {
        id: id.to_string(),
        address: text.to_owned(),
        kind,
        verified: verified || was_verified(text),
    };
    let addresses = [
        profile
            .email
            .as_deref()
            .map(|text| address(ids.address, text, AddressKind::Email, profile.email_verified)),
        profile.phone.as_deref().map(|text| address(ids.phone, text, AddressKind::Mobile, false)),
    ];
    let stamp = password.as_ref().map_or_else(|| console.now(), |(_, at)| *at);
    let password = match password {
        Some((hash, _)) => Some((hash, PasswordState::Valid)),
        // Whoever activates the account sets a password then.
        None if wanted.status == AccountStatus::New => None,
        None => Some((migration::nobodys(console), PasswordState::MustBeReset)),
    };
    UserImport {
        id,
        status: status(wanted.status),
        payload: payload(wanted, record),
        metadata,
        identifiers: ours.into_iter().flatten().chain(others).collect(),
        addresses: addresses.into_iter().flatten().collect(),
        password: password.map(|(hash, state)| PasswordImport {
            id: ids.credential.to_string(),
            hash,
            state,
        }),
        stamp,
    }
}
