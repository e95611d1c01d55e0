//! Every deviation from the vendor's Swagger files that the contract tests allow, with its reason.
//! There are no others.

/// Maps whose values the files type as `object` while the vendor's pages and clients put any JSON value
/// there: a payload such as `{"bid": "4711"}` would be refused. Given as definition, or definition and
/// property; the values of these maps may be anything.
pub(crate) const FREE_MAPS: &[&str] = &[
    "ServerMetadata.payload",
    "OrganizationMetadata.payload",
    "Metadata",
    "Pool.metadata",
    "PoolResponse.metadata",
    "NewUser.business_metadata",
    "NewUser.metadata",
    "NewUser.payload",
    "SelfRegisterUser.payload",
    "NewUserPayload.business_metadata",
    "NewUserPayload.metadata",
    "NewUserPayload.payload",
    "UpdateUser.business_metadata",
    "UpdateUser.metadata",
    "UpdateUser.payload",
    "ExtendedUser.business_metadata",
    "ExtendedUser.metadata",
    "ExtendedUser.payload",
    "UserWithData.business_metadata",
    "UserWithData.metadata",
    "UserWithData.payload",
    // A user of an import.
    "User.business_metadata",
    "User.metadata",
    "User.payload",
    "NewUserIdentifier.metadata",
    "NewUserVerifiableAddress.metadata",
    "UserIdentifier.metadata",
    "UserVerifiableAddress.metadata",
];

/// The status of a stale `if-match`. The general conventions promise it for every operation, the files
/// declare it for a few; a client must live with both. The sandbox itself answers it only where the
/// files declare it, so this is used by nothing but faults.
pub(crate) const STALE: u16 = 412;

/// The header by which the sandbox marks answers that a fault was asked to produce: such an answer is a
/// failure on purpose and keeps no contract; its request still has to.
pub(crate) const FAULT_MARKER: &str = "x-sandbox-fault";
