//! The import of users (vendor contract, bulk import).

use super::{
    Field, any, choice,
    enums::{
        ACTIVE_INACTIVE, ADDRESS_TYPES, CONTACT_METHODS, CREDENTIAL_STATES, CREDENTIAL_TYPES,
        IDENTIFIER_TYPES, USER_STATUSES,
    },
    flag, free, free_list,
    identity::USER_PREFERENCES,
    object, objects, text, time,
};

/// Body of an import.
pub(crate) const TENANT_DUMP: &[Field] = &[
    free_list("codes"),
    free_list("group_members"),
    free_list("groups"),
    free_list("pools"),
    free_list("schemas"),
    objects("user_credentials", CREDENTIAL),
    objects("user_identifiers", IDENTIFIER),
    objects("user_verifiable_addresses", ADDRESS),
    objects("users", USER),
];

const USER: &[Field] = &[
    free("business_metadata"),
    text("business_metadata_schema_id"),
    time("created_at"),
    text("id"),
    free("metadata"),
    text("metadata_schema_id"),
    free("payload"),
    text("payload_schema_id"),
    object("preferences", USER_PREFERENCES),
    choice("status", USER_STATUSES).must(),
    time("status_updated_at"),
    text("tenant_id").must(),
    time("updated_at"),
    text("user_pool_id").must(),
    any("user_type"),
];

const IDENTIFIER: &[Field] = &[
    time("created_at").must(),
    text("id"),
    text("identifier").must(),
    text("identifier_lc").must(),
    free("metadata"),
    text("tenant_id").must(),
    choice("type", IDENTIFIER_TYPES).must(),
    time("updated_at").must(),
    text("user_id").must(),
    text("user_pool_id").must(),
];

const ADDRESS: &[Field] = &[
    text("address").must(),
    text("address_lc").must(),
    flag("allowed_for_2fa"),
    time("created_at").must(),
    text("id"),
    free("metadata"),
    choice("preferred_contact_method", CONTACT_METHODS),
    choice("status", ACTIVE_INACTIVE).must(),
    text("tenant_id").must(),
    choice("type", ADDRESS_TYPES).must(),
    time("updated_at").must(),
    text("user_id").must(),
    text("user_pool_id").must(),
    flag("verified").must(),
    time("verified_at"),
];

const CREDENTIAL: &[Field] = &[
    time("created_at").must(),
    time("expires_at"),
    text("id"),
    free("payload").must(),
    choice("state", CREDENTIAL_STATES),
    text("tenant_id").must(),
    choice("type", CREDENTIAL_TYPES).must(),
    time("updated_at").must(),
    text("user_id").must(),
    text("user_pool_id").must(),
];
