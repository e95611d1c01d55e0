//! The writable fields of every object, as the vendor's contract types them.
//!
//! One table per object: which fields exist, what each may hold, which must be there. Everything the
//! tables name is kept as sent; anything else is dropped, as a Go server does, and reported on the page.

mod binding;
mod check;
mod client;
mod dump;
mod enums;
mod identity;
mod workspace;

pub(crate) use binding::BINDING;
pub(crate) use check::check;
pub(crate) use client::{CLIENT, CLIENT_UPDATE_ONLY};
pub(crate) use dump::TENANT_DUMP;
pub(crate) use identity::{
    ACTIVATE, ADD_ADDRESS, ADD_IDENTIFIER, COMPLETE_RESET, COMPLETE_VERIFICATION, NEW_CODE, NEW_USER,
    PASSWORD_STATE, POOL, REGISTER, REMOVE_ADDRESS, REMOVE_IDENTIFIER, REQUEST_RESET, SCHEMA,
    SEND_ACTIVATION, SEND_RESET, UPDATE_ADDRESS, UPDATE_USER, VERIFY_ADDRESS, VERIFY_PASSWORD,
};
pub(crate) use workspace::{ORGANIZATION, ORGANIZATION_METADATA, SERVER, THEME, VANITY_DOMAIN};

/// What a field may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Any string.
    Text,
    /// `true` or `false`.
    Flag,
    /// A whole number.
    Whole,
    /// Any number.
    Number,
    /// An RFC 3339 instant.
    Time,
    /// One of the listed words.
    Choice(&'static [&'static str]),
    /// A list of strings.
    Texts,
    /// A list of listed words.
    Choices(&'static [&'static str]),
    /// An object with known fields.
    Object(&'static [Field]),
    /// A list of objects with known fields.
    Objects(&'static [Field]),
    /// An object we keep as it is.
    Free,
    /// A list we keep as it is.
    FreeList,
    /// Anything at all.
    Any,
}

/// One field of an object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    /// Its name on the wire.
    pub(crate) name: &'static str,
    /// What it may hold.
    pub(crate) kind: Kind,
    /// Whether a request without it is refused.
    pub(crate) required: bool,
}

impl Field {
    const fn must(self) -> Self {
        Self { required: true, ..self }
    }
}

const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: false }
}

const fn text(name: &'static str) -> Field {
    field(name, Kind::Text)
}

const fn flag(name: &'static str) -> Field {
    field(name, Kind::Flag)
}

const fn whole(name: &'static str) -> Field {
    field(name, Kind::Whole)
}

const fn number(name: &'static str) -> Field {
    field(name, Kind::Number)
}

const fn time(name: &'static str) -> Field {
    field(name, Kind::Time)
}

const fn choice(name: &'static str, words: &'static [&'static str]) -> Field {
    field(name, Kind::Choice(words))
}

const fn texts(name: &'static str) -> Field {
    field(name, Kind::Texts)
}

const fn choices(name: &'static str, words: &'static [&'static str]) -> Field {
    field(name, Kind::Choices(words))
}

const fn object(name: &'static str, fields: &'static [Field]) -> Field {
    field(name, Kind::Object(fields))
}

const fn objects(name: &'static str, fields: &'static [Field]) -> Field {
    field(name, Kind::Objects(fields))
}

const fn free(name: &'static str) -> Field {
    field(name, Kind::Free)
}

const fn free_list(name: &'static str) -> Field {
    field(name, Kind::FreeList)
}

const fn any(name: &'static str) -> Field {
    field(name, Kind::Any)
}
