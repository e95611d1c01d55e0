//! What can be wrong with a row, or become of it, and what to do about it.

use serde::{Deserialize, Serialize};

use crate::words;

words! {
    /// Why a row is rejected, changed or left alone.
    Cause, "cause" {
        /// Neither username nor e-mail.
        NoIdentifier = "no_identifier", "Neither username nor e-mail";
        /// Unusable username.
        BadUsername = "bad_username", "Unusable username";
        /// Unusable e-mail address.
        BadEmail = "bad_email", "Unusable e-mail address";
        /// Unusable phone number.
        BadPhone = "bad_phone", "Unusable phone number";
        /// A status nobody knows.
        UnknownStatus = "unknown_status", "Unknown status";
        /// Deleted at IC.
        DeletedAtSource = "deleted_at_source", "Deleted at IC";
        /// A name that is too long or garbled.
        BadName = "bad_name", "Unusable name";
        /// Unusable id of IC.
        BadReference = "bad_reference", "Unusable IC user id";
        /// The same id of IC twice.
        DoubledReference = "doubled_reference", "IC user id twice in the file";
        /// The same username or e-mail twice.
        DoubledIdentifier = "doubled_identifier", "Username twice in the file";
        /// Usernames that differ in case only.
        DoubledByCase = "doubled_by_case", "Usernames that differ by case only";
        /// One e-mail address, several users.
        SharedEmail = "shared_email", "E-mail shared by several users";
        /// One phone number, several users.
        SharedPhone = "shared_phone", "Phone shared by several users";
        /// A reset could not reach the person.
        NoWayToReset = "no_way_to_reset", "No password and no e-mail for a reset";
        /// The encrypted password does not open.
        NotDecrypted = "not_decrypted", "Encrypted password does not open";
        /// The row has too many or too few fields.
        WrongShape = "wrong_shape", "Wrong number of fields";
        /// A quote that is opened and never closed.
        UnclosedQuote = "unclosed_quote", "Quote never closed";
        /// A line beyond the limit.
        LineTooLong = "line_too_long", "Line too long";
        /// Not UTF-8.
        WrongEncoding = "wrong_encoding", "Not UTF-8";
        /// Not a JSON object.
        NotJson = "not_json", "Not a JSON object";
        /// Somebody else in the pool has the identifier.
        InPool = "in_pool", "Taken at SecureAuth";
        /// Somebody else in the pool has the phone.
        PhoneInPool = "phone_in_pool", "Phone taken at SecureAuth";
        /// What the pool demands of its users' fields is not met.
        BreaksSchema = "breaks_schema", "Against the rules of the pool";
        /// SecureAuth refused the user.
        Refused = "refused", "Refused by SecureAuth";
        /// Changed at SecureAuth since it was staged.
        ChangedAtVendor = "changed_at_vendor", "Changed at SecureAuth since";
        /// Not there when both sides were compared.
        Missing = "missing", "Missing at SecureAuth";
        /// There, and different.
        Differs = "differs", "Differs at SecureAuth";
    }
}

/// What a cause does to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// The row is not moved.
    Rejects,
    /// The row is moved without the field.
    Drops,
}

impl Cause {
    /// What it does to the row.
    #[must_use]
    pub const fn weight(self) -> Weight {
        match self {
            Self::BadPhone | Self::SharedPhone | Self::PhoneInPool => Weight::Drops,
            _ => Weight::Rejects,
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn cure(self) -> &'static str {
        match self {
            Self::NoIdentifier => "Give a username or an e-mail address",
            Self::BadUsername => "Use 1 to 200 visible characters",
            Self::BadEmail => "Correct the address, or leave it empty if there is a username",
            Self::BadPhone => "Moved without the phone; write it with its country code, e.g. +1 555 010 0199",
            Self::UnknownStatus => "Use active, inactive or new, or leave it empty for active",
            Self::DeletedAtSource => {
                "Nothing, unless the person is to sign in again: then set another status"
            }
            Self::BadName => "Use at most 200 visible characters",
            Self::BadReference => "Use 1 to 200 visible characters: the id under which IC knows the user",
            Self::DoubledReference => "Keep one of the rows, or give each user an id of their own",
            Self::DoubledIdentifier => "Keep one of the rows, or rename one of the users",
            Self::DoubledByCase => "Rename one: SecureAuth takes them for the same username",
            Self::SharedEmail => "Give each user an address of their own, or leave it empty for all but one",
            Self::SharedPhone => {
                "Moved without the phone, except the first; a number belongs to one user of a pool"
            }
            Self::NoWayToReset => "Give an e-mail address, or a password hash that SecureAuth can take",
            Self::NotDecrypted => "Check that the configured key is the one the file was encrypted with",
            Self::WrongShape => "Give every row as many fields as the first; quote fields that hold a comma",
            Self::UnclosedQuote => "Close the quote; inside quotes write a quote twice",
            Self::LineTooLong => "Look for a missing line break or quote; a row has at most 1 MiB",
            Self::WrongEncoding => "Save the file as UTF-8",
            Self::NotJson => "Write one JSON object a line",
            Self::InPool => "Remove or rename the user at SecureAuth, or leave this row out",
            Self::PhoneInPool => {
                "Moved without the phone; remove it from the other user at SecureAuth to have it moved"
            }
            Self::BreaksSchema => "Give the row what the pool's schema asks for, or change the schema",
            Self::Refused => "Read what SecureAuth said, correct the row and feed it back",
            Self::ChangedAtVendor => "Nothing: the newer state at SecureAuth is kept",
            Self::Missing => "Retry the row",
            Self::Differs => "Compare both sides, then decide which is right",
        }
    }
}

/// One thing about one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What sort.
    pub cause: Cause,
    /// What exactly, without secrets.
    pub detail: String,
}

impl Problem {
    /// A problem with its detail.
    pub fn new(cause: Cause, detail: impl Into<String>) -> Self {
        Self { cause, detail: detail.into() }
    }
}
