//! Which column of the source is which field, guessed from the names and corrected on screen.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::words;

words! {
    /// A field of a user that a column may hold.
    SourceField, "field" {
        /// IC's own id of the user; a later delivery is matched by it.
        Reference = "reference", "IC's user id";
        /// What the person types to sign in.
        Username = "username", "Username";
        /// E-mail address.
        Email = "email", "E-mail";
        /// Whether the address was verified at IC.
        EmailVerified = "email_verified", "E-mail verified";
        /// Phone number.
        Phone = "phone", "Phone";
        /// Whether the person may sign in.
        Status = "status", "Status";
        /// Given name.
        GivenName = "given_name", "Given name";
        /// Family name.
        FamilyName = "family_name", "Family name";
        /// The hash, or the encrypted password.
        Password = "password", "Password hash";
        /// The salt, where it has a column of its own.
        Salt = "salt", "Salt";
    }
}

impl SourceField {
    /// Whether a column of this field holds a secret.
    #[must_use]
    pub const fn is_secret(self) -> bool {
        matches!(self, Self::Password | Self::Salt)
    }

    /// Names under which the field is found, folded: lower case, letters and digits only.
    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Reference => {
                &["reference", "ref", "userid", "id", "customerid", "externalid", "uuid", "guid"]
            }
            Self::Username => &["username", "login", "loginname", "userlogin", "logonname", "uid", "user"],
            Self::Email => &["email", "emailaddress", "mail", "useremail"],
            Self::EmailVerified => &["emailverified", "verified", "emailconfirmed", "isemailverified"],
            Self::Phone => &["phone", "phonenumber", "mobile", "mobilephone", "cell", "telephone"],
            Self::Status => &["status", "state", "accountstatus", "active", "enabled", "isactive"],
            Self::GivenName => &["givenname", "firstname", "first", "forename"],
            Self::FamilyName => &["familyname", "lastname", "last", "surname"],
            Self::Password => {
                &["passwordhash", "password", "hash", "pwdhash", "hashedpassword", "pwd", "encryptedpassword"]
            }
            Self::Salt => &["salt", "passwordsalt", "pwdsalt"],
        }
    }
}

words! {
    /// In which order password and salt went into a bare digest.
    SaltOrder, "salt order" {
        /// The password, then the salt.
        PasswordFirst = "password_first", "Password, then salt";
        /// The salt, then the password.
        SaltFirst = "salt_first", "Salt, then password";
        /// No salt.
        NoSalt = "no_salt", "No salt";
    }
}

words! {
    /// How the column of salts is written.
    SaltEncoding, "salt encoding" {
        /// The text itself.
        Text = "text", "Text";
        /// Hexadecimal.
        Hex = "hex", "Hexadecimal";
        /// Base64.
        Base64 = "base64", "Base64";
    }
}

impl SaltEncoding {
    /// The bytes of a salt; nothing when it is not written like that.
    pub(super) fn bytes(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Text => Some(text.as_bytes().to_vec()),
            Self::Hex => hex::decode(text).ok(),
            Self::Base64 => STANDARD.decode(text).ok(),
        }
    }
}

/// How bare digests (hex or base64, no prefix) were made: the text alone does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatedDigest {
    /// What came first.
    pub order: SaltOrder,
    /// How the salts are written.
    pub encoding: SaltEncoding,
}

/// Which column is which.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// The column of each field, by its name in the source.
    pub columns: BTreeMap<SourceField, String>,
    /// How bare digests were made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<StatedDigest>,
    /// The country code of phone numbers that name none, with its `+`, e.g. `+1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country_code: Option<String>,
}

/// Why a mapping cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MappingError {
    /// Nothing tells the people apart.
    #[error("No column holds a username or an e-mail address: choose at least one of the two.")]
    NoIdentifier,
    /// A column that is not there.
    #[error("There is no column {column:?} for {}: choose one of: {found}.", .field.label())]
    NoColumn {
        /// The field.
        field: SourceField,
        /// The column chosen.
        column: String,
        /// The columns of the source.
        found: String,
    },
    /// One column for two fields.
    #[error("The column {column:?} is chosen for {} and for {}: choose it once.", .first.label(), .second.label())]
    Twice {
        /// The column.
        column: String,
        /// One field.
        first: SourceField,
        /// The other.
        second: SourceField,
    },
    /// Not a country code.
    #[error("{0:?} is no country code: write + and one to three digits, e.g. +1.")]
    CountryCode(String),
}

/// A mapping with the place of every field in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    places: BTreeMap<SourceField, usize>,
    /// How bare digests were made.
    pub digest: Option<StatedDigest>,
    /// The country code of phone numbers that name none.
    pub country_code: Option<String>,
}

impl Mapping {
    /// The best guess from the columns' names; a field whose name is not there stays without a column.
    #[must_use]
    pub fn guess(header: &[String]) -> Self {
        let folded: Vec<String> = header.iter().map(|name| fold(name)).collect();
        let mut taken = vec![false; header.len()];
        let mut columns = BTreeMap::new();
        for field in SourceField::ALL {
            let place = field.names().iter().find_map(|name| {
                folded.iter().enumerate().position(|(place, has)| has == name && !taken[place])
            });
            if let Some(place) = place {
                taken[place] = true;
                columns.insert(*field, header[place].clone());
            }
        }
        Self { columns, digest: None, country_code: None }
    }

    /// This mapping if every column of it is there, else a guess that keeps what still fits: a biller's next file is
    /// mapped as its last one was.
    #[must_use]
    pub fn remembered(&self, header: &[String]) -> Self {
        let mut guess = Self::guess(header);
        let kept: BTreeMap<_, _> = self
            .columns
            .iter()
            .filter(|(_, column)| header.contains(column))
            .map(|(f, c)| (*f, c.clone()))
            .collect();
        guess
            .columns
            .retain(|field, column| !kept.contains_key(field) && !kept.values().any(|has| has == column));
        guess.columns.extend(kept);
        guess.digest = self.digest;
        guess.country_code.clone_from(&self.country_code);
        guess
    }

    /// This mapping with what somebody says of it: a column that is said goes to no other field.
    #[must_use]
    pub fn with(&self, said: &Self) -> Self {
        let mut next = self.clone();
        next.columns.retain(|_, column| !said.columns.values().any(|other| other == column));
        next.columns.extend(said.columns.clone());
        next.digest = said.digest.or(next.digest);
        next.country_code = said.country_code.clone().or(next.country_code);
        next
    }

    /// Finds the places of the columns.
    ///
    /// # Errors
    /// [`MappingError`] says what to choose.
    pub fn bind(&self, header: &[String]) -> Result<Bound, MappingError> {
        let mut places = BTreeMap::new();
        let mut used: BTreeMap<usize, SourceField> = BTreeMap::new();
        for (field, column) in &self.columns {
            let place = header.iter().position(|name| name == column).ok_or_else(|| {
                MappingError::NoColumn { field: *field, column: column.clone(), found: header.join(", ") }
            })?;
            if let Some(first) = used.insert(place, *field) {
                return Err(MappingError::Twice { column: column.clone(), first, second: *field });
            }
            places.insert(*field, place);
        }
        if !places.contains_key(&SourceField::Username) && !places.contains_key(&SourceField::Email) {
            return Err(MappingError::NoIdentifier);
        }
        if let Some(code) = self.country_code.as_deref().filter(|code| !is_country_code(code)) {
            return Err(MappingError::CountryCode(code.to_owned()));
        }
        Ok(Bound { places, digest: self.digest, country_code: self.country_code.clone() })
    }
}

impl Bound {
    /// The text of a field, trimmed; nothing where it has no column, or the cell is empty or a database's `NULL`.
    #[must_use]
    pub fn text<'a>(&self, field: SourceField, row: &'a [String]) -> Option<&'a str> {
        let text = row.get(*self.places.get(&field)?)?.trim();
        (!text.is_empty() && !matches!(text, "NULL" | "null" | "\\N")).then_some(text)
    }

    /// The field that stands at a place.
    #[must_use]
    pub fn at(&self, place: usize) -> Option<SourceField> {
        self.places.iter().find(|(_, has)| **has == place).map(|(field, _)| *field)
    }
}

fn is_country_code(code: &str) -> bool {
    code.strip_prefix('+')
        .is_some_and(|digits| (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()))
}

fn fold(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
