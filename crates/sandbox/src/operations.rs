//! Every operation the sandbox plays, one table per file of the vendor's contract.
//!
//! Ids, paths, scopes and declared statuses are the contract's.

use axum::http::Method;

use crate::{
    admin::{bindings, clients, environment, organizations, themes, tokens, vanity, workspaces},
    analytics, audit,
    identity::{codes, import, messages, parts, passwords, pools, schemas, self_service, users},
    licensing,
    oidc::{authorize, discovery, own_account, sign_in, token, userinfo},
    operation::{Access, Api, Handler, Operation},
};

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const PUT: Method = Method::PUT;
const DELETE: Method = Method::DELETE;

// The statuses other than success that operations declare.
const LIST: &[u16] = &[401, 403, 429];
const READ: &[u16] = &[401, 403, 404, 429];
const PLAIN: &[u16] = &[400, 401, 403, 404, 429];
const CHANGE: &[u16] = &[400, 401, 403, 404, 422, 429];
const CREATE: &[u16] = &[400, 401, 403, 404, 409, 422, 429];
const CREATE_CLIENT: &[u16] = &[401, 403, 404, 409, 422, 429];
const THEME: &[u16] = &[400, 401, 403, 422, 429];
const REVOKE: &[u16] = &[401, 403, 404, 422];
const GUARDED_CHANGE: &[u16] = &[400, 401, 403, 404, 409, 412, 422, 429];
const GUARDED_READ: &[u16] = &[401, 403, 404, 412, 429];
const PART: &[u16] = &[401, 403, 404, 409, 422];
const MESSAGE: &[u16] = &[400, 401, 404, 422];
const ACTIVATION: &[u16] = &[400, 401, 404, 422, 429];
const VERIFY: &[u16] = &[401, 412, 422];
const OWN_CODE: &[u16] = &[400, 401, 404, 412, 422, 429];
const OWN_RESET: &[u16] = &[400, 401, 412, 422];
const VERIFY_ADDRESS: &[u16] = &[400, 401, 404, 409, 412, 422];
const ASK_ADDRESS: &[u16] = &[400, 401, 404, 409, 412, 422, 429];
const NUMBERS: &[u16] = &[400, 401, 403, 429];
const PUBLIC: &[u16] = &[404];
const SIGN_IN: &[u16] = &[302, 401, 404, 429];
const TOKEN: &[u16] = &[400, 401, 404, 412, 429];
const USER_INFO: &[u16] = &[401, 404, 429];

/// Every operation, in the order of the contract's files.
pub(crate) fn all() -> impl Iterator<Item = &'static Operation> {
    [ADMIN, IDENTITY, IDENTITY_SYSTEM, SYSTEM, LICENSING, ANALYTICS, OAUTH2, PAGES].into_iter().flatten()
}

/// Organizations, workspaces, bindings, applications, themes, revocation.
static ADMIN: &[Operation] = &[
    admin(GET, "listOrganizations", "/organizations", READ, organizations::list),
    admin(POST, "createOrganization", "/organizations", CREATE, organizations::create),
    admin(GET, "getOrganization", "/organizations/{wid}", READ, organizations::get),
    admin(PUT, "updateOrganization", "/organizations/{wid}", CHANGE, organizations::update),
    admin(DELETE, "deleteOrganization", "/organizations/{wid}", PLAIN, organizations::delete),
    admin(
        PUT,
        "updateOrganizationMetadata",
        "/organizations/{wid}/metadata",
        READ,
        organizations::update_metadata,
    ),
    admin(GET, "listAuthorizationServers", "/servers", READ, workspaces::list_servers),
    admin(POST, "createAuthorizationServer", "/servers", CREATE, workspaces::create),
    admin(GET, "getAuthorizationServer", "/servers/{wid}", READ, workspaces::get),
    admin(PUT, "updateAuthorizationServer", "/servers/{wid}", CHANGE, workspaces::update),
    admin(DELETE, "deleteAuthorizationServer", "/servers/{wid}", PLAIN, workspaces::delete),
    admin(GET, "listWorkspaces", "/workspaces", READ, workspaces::list),
    admin(GET, "getWorkspace", "/workspaces/{wid}", READ, workspaces::get),
    admin(GET, "listIDPs", "/servers/{wid}/idps", PLAIN, bindings::list_of_workspace),
    admin(POST, "createIdentityPoolIDP", "/servers/{wid}/idps/identity_pool", CHANGE, bindings::create),
    admin(GET, "getIdentityPoolIDP", "/servers/{wid}/idps/identity_pool/{iid}", READ, bindings::get),
    admin(PUT, "updateIdentityPoolIDP", "/servers/{wid}/idps/identity_pool/{iid}", CHANGE, bindings::update),
    admin(DELETE, "deleteIDP", "/servers/{wid}/idps/{iid}", CHANGE, bindings::delete),
    admin(GET, "listIDPsForIdentityPool", "/pools/{ipID}/idps", PLAIN, bindings::list_of_pool),
    admin(POST, "createClient", "/clients", CREATE_CLIENT, clients::create),
    admin(GET, "getClient", "/clients/{cid}", READ, clients::get),
    admin(PUT, "updateClient", "/clients/{cid}", CHANGE, clients::update),
    admin(DELETE, "deleteClient", "/clients/{cid}", PLAIN, clients::delete),
    admin(POST, "rotateClientSecret", "/clients/{cid}/rotateSecret", PLAIN, clients::rotate_secret),
    admin(
        POST,
        "revokeRotatedClientSecrets",
        "/clients/{cid}/revokeRotatedSecrets",
        READ,
        clients::revoke_rotated_secrets,
    ),
    admin(GET, "listClients", "/servers/{wid}/clients", PLAIN, clients::list),
    admin(GET, "listThemes", "/themes", LIST, themes::list),
    admin(POST, "createTheme", "/theme", THEME, themes::create),
    admin(GET, "getTheme", "/theme/{themeID}", READ, themes::get),
    admin(PUT, "updateTheme", "/theme/{themeID}", THEME, themes::update),
    admin(DELETE, "deleteTheme", "/theme/{themeID}", READ, themes::delete),
    admin(POST, "bindServerTheme", "/servers/{wid}/bind-theme/{themeID}", READ, themes::bind),
    admin(POST, "unbindServerTheme", "/servers/{wid}/unbind-theme", READ, themes::unbind),
    admin(GET, "getServerTheme", "/servers/{wid}/theme", READ, themes::of_workspace),
    admin(GET, "getVanityDomain", "/vanity-domains", READ, vanity::get),
    admin(POST, "createVanityDomain", "/vanity-domains", CREATE, vanity::create),
    admin(PUT, "updateVanityDomain", "/vanity-domains", CREATE_CLIENT, vanity::update),
    admin(DELETE, "deleteVanityDomain", "/vanity-domains", READ, vanity::delete),
    admin(GET, "getEnvironment", "/environment", LIST, environment::get),
    admin(DELETE, "revokeTokensByPool", "/pools/{ipID}/tokens", REVOKE, tokens::revoke_of_pool),
    admin(DELETE, "revokeTokens", "/servers/{wid}/tokens", REVOKE, tokens::revoke_of_workspace),
    admin(GET, "listAuditEvents", "/servers/{wid}/audit-events", PLAIN, audit::list),
];

/// Pools and users, for the `admin` workspace.
static IDENTITY: &[Operation] = &[
    identity(GET, "listPools", "/admin/pools", LIST, pools::list),
    identity(POST, "createPool", "/admin/pools", CREATE, pools::create),
    identity(GET, "getPool", "/admin/pools/{ipID}", READ, pools::get),
    identity(PUT, "updatePool", "/admin/pools/{ipID}", CREATE, pools::update),
    identity(DELETE, "deletePool", "/admin/pools/{ipID}", READ, pools::delete),
    identity(GET, "listWorkspacePools", "/admin/workspace/{wid}/pools", LIST, pools::list_of_workspace),
    identity(POST, "createWorkspacePool", "/admin/workspace/{wid}/pools", CREATE, pools::create_of_workspace),
    identity(
        DELETE,
        "deleteWorkspacePool",
        "/admin/workspace/{wid}/pools/{ipID}",
        READ,
        pools::delete_of_workspace,
    ),
    identity(POST, "createSchema", "/admin/schemas", CREATE, schemas::create),
    identity(GET, "getSchema", "/admin/schemas/{schID}", READ, schemas::get),
    identity(GET, "listUsers", "/admin/pools/{ipID}/users", CHANGE, users::list),
    identity(POST, "createUser", "/admin/pools/{ipID}/users", CREATE, users::create),
    identity(GET, "getUser", "/admin/pools/{ipID}/users/{userID}", READ, users::get),
    identity(PUT, "updateUser", "/admin/pools/{ipID}/users/{userID}", CREATE, users::update),
    identity(DELETE, "deleteUser", "/admin/pools/{ipID}/users/{userID}", READ, users::delete),
    identity(
        POST,
        "addUserIdentifier",
        "/admin/pools/{ipID}/users/{userID}/identifiers/add",
        PART,
        parts::add_identifier,
    ),
    identity(
        POST,
        "deleteUserIdentifier",
        "/admin/pools/{ipID}/users/{userID}/identifiers/remove",
        READ,
        parts::remove_identifier,
    ),
    identity(
        POST,
        "addUserVerifiableAddress",
        "/admin/pools/{ipID}/users/{userID}/addresses/add",
        PART,
        parts::add_address,
    ),
    identity(
        POST,
        "updateUserVerifiableAddress",
        "/admin/pools/{ipID}/users/{userID}/addresses/update",
        PART,
        parts::update_address,
    ),
    identity(
        POST,
        "deleteUserVerifiableAddress",
        "/admin/pools/{ipID}/users/{userID}/addresses/remove",
        READ,
        parts::remove_address,
    ),
    identity(
        POST,
        "sendActivationMessage",
        "/admin/pools/{ipID}/users/{userID}/activation/send",
        ACTIVATION,
        messages::send_activation,
    ),
    identity(
        POST,
        "requestResetPassword",
        "/admin/pools/{ipID}/users/{userID}/password/reset/request",
        MESSAGE,
        messages::request_reset,
    ),
    identity(
        PUT,
        "setPasswordState",
        "/admin/pools/{ipID}/users/{userID}/password/state",
        MESSAGE,
        messages::set_password_state,
    ),
];

/// Pools, users and passwords, for the `system` workspace.
static IDENTITY_SYSTEM: &[Operation] = &[
    pool_system(GET, "systemListPools", "/system/pools", LIST, pools::list),
    pool_system(POST, "systemCreatePool", "/system/pools", CREATE, pools::create),
    pool_system(GET, "systemGetPool", "/system/pools/{ipID}", READ, pools::get),
    pool_system(PUT, "systemUpdatePool", "/system/pools/{ipID}", CREATE, pools::update),
    pool_system(DELETE, "systemDeletePool", "/system/pools/{ipID}", READ, pools::delete),
    pool_system(GET, "listWorkspacePools", "/system/workspace/{wid}/pools", LIST, pools::list_of_workspace),
    pool_system(GET, "systemListUsers", "/system/pools/{ipID}/users", CHANGE, users::list),
    pool_system(POST, "systemCreateUser", "/system/pools/{ipID}/users", GUARDED_CHANGE, users::create),
    pool_system(GET, "systemGetUser", "/system/pools/{ipID}/users/{userID}", GUARDED_READ, users::get),
    pool_system(
        PUT,
        "systemUpdateUser",
        "/system/pools/{ipID}/users/{userID}",
        GUARDED_CHANGE,
        users::update,
    ),
    pool_system(
        DELETE,
        "systemDeleteUser",
        "/system/pools/{ipID}/users/{userID}",
        GUARDED_READ,
        users::delete,
    ),
    pool_system(
        POST,
        "verifyPasswordV2",
        "/system/pools/{ipID}/user/password/v2/verify",
        VERIFY,
        passwords::verify,
    ),
    pool_system(
        POST,
        "requestResetPassword",
        "/system/pools/{ipID}/user/password/reset/request",
        OWN_RESET,
        self_service::request_reset,
    ),
    pool_system(
        POST,
        "completeResetPassword",
        "/system/pools/{ipID}/user/password/reset/complete",
        VERIFY,
        self_service::complete_reset,
    ),
    pool_system(
        POST,
        "selfRegisterUser",
        "/system/pools/{ipID}/user/register",
        OWN_CODE,
        self_service::register,
    ),
    pool_system(
        POST,
        "activateSelfRegisteredUser",
        "/system/pools/{ipID}/users/{userID}/activate",
        OWN_CODE,
        self_service::activate,
    ),
    pool_system(
        POST,
        "requestAddressVerification",
        "/system/pools/{ipID}/users/{userID}/address/verification/request",
        ASK_ADDRESS,
        self_service::request_verification,
    ),
    pool_system(
        POST,
        "completeAddressVerification",
        "/system/pools/{ipID}/users/{userID}/address/verification/complete",
        VERIFY_ADDRESS,
        self_service::complete_verification,
    ),
    Operation {
        api: Api::IdentitySystem,
        id: "generateCode",
        method: POST,
        path: "/system/pools/{ipID}/users/{userID}/code/generate",
        access: Access::System("identity_self_registration"),
        declares: OWN_CODE,
        run: codes::generate,
    },
    Operation {
        api: Api::IdentitySystem,
        id: "importTenantConfiguration",
        method: PUT,
        path: "/configuration",
        access: Access::System("manage_configuration"),
        declares: CREATE,
        run: import::import,
    },
];

/// Organizations and revocation, for the `system` workspace.
static SYSTEM: &[Operation] = &[
    system("manage_configuration", GET, "listOrganizations", "/organizations", READ, organizations::list),
    system(
        "manage_configuration",
        POST,
        "createOrganization",
        "/organizations",
        CREATE,
        organizations::create,
    ),
    system("manage_configuration", GET, "getOrganization", "/organizations/{wid}", READ, organizations::get),
    system(
        "manage_configuration",
        PUT,
        "updateOrganization",
        "/organizations/{wid}",
        CHANGE,
        organizations::update,
    ),
    system(
        "manage_configuration",
        DELETE,
        "deleteOrganization",
        "/organizations/{wid}",
        PLAIN,
        organizations::delete,
    ),
    system(
        "manage_servers",
        DELETE,
        "deleteAuthorizationServer",
        "/servers/{wid}",
        PLAIN,
        workspaces::delete,
    ),
    system(
        "revoke_tokens",
        DELETE,
        "revokeTokensByPool",
        "/pools/{ipID}/tokens",
        REVOKE,
        tokens::revoke_of_pool,
    ),
    system(
        "revoke_tokens",
        DELETE,
        "revokeTokens",
        "/servers/{wid}/tokens",
        REVOKE,
        tokens::revoke_of_workspace,
    ),
    system("view_audit_events", GET, "listAuditEvents", "/servers/{wid}/audit-events", PLAIN, audit::list),
];

/// What the tenant may use, and what it has used.
static LICENSING: &[Operation] = &[
    number(Api::Licensing, "getAdminLicense", "/admin/license", READ, licensing::license),
    number(Api::Licensing, "getUsage", "/admin/usage", READ, licensing::usage),
];

/// What the tenant was used for.
static ANALYTICS: &[Operation] = &[
    number(Api::Analytics, "tenantSingleUsersMetrics", "/users", NUMBERS, analytics::users),
    number(
        Api::Analytics,
        "tenantAggregatedHttpRequestMetrics",
        "/http-requests/{group}",
        NUMBERS,
        analytics::requests,
    ),
    number(
        Api::Analytics,
        "workspaceAggregatedAuthenticationMetrics",
        "/servers/{wid}/authentications/{group}",
        NUMBERS,
        analytics::authentications,
    ),
];

/// Below every issuer.
static OAUTH2: &[Operation] = &[
    issuer(GET, "wellKnown", "/.well-known/openid-configuration", PUBLIC, discovery::document),
    issuer(GET, "jwks", "/.well-known/jwks.json", PUBLIC, discovery::jwks),
    issuer(GET, "authorize", "/oauth2/authorize", SIGN_IN, authorize::authorize),
    issuer(POST, "token", "/oauth2/token", TOKEN, token::token),
    issuer(GET, "userinfo", "/userinfo", USER_INFO, userinfo::userinfo),
];

/// The pages of signing in, below every issuer; the contract does not describe them.
static PAGES: &[Operation] = &[
    issuer(GET, "signInPage", "/login", PUBLIC, sign_in::show),
    issuer(POST, "signIn", "/login", PUBLIC, sign_in::submit),
    issuer(GET, "errorPage", "/error", PUBLIC, sign_in::error),
    issuer(GET, "registerPage", "/register", PUBLIC, own_account::show_register),
    issuer(POST, "register", "/register", PUBLIC, own_account::register),
    issuer(GET, "resetPage", "/reset", PUBLIC, own_account::show_reset),
    issuer(POST, "reset", "/reset", PUBLIC, own_account::reset),
];

type Statuses = &'static [u16];

const fn admin(
    method: Method,
    id: &'static str,
    path: &'static str,
    declares: Statuses,
    run: Handler,
) -> Operation {
    Operation { api: Api::Admin, id, method, path, access: Access::Admin, declares, run }
}

const fn number(
    api: Api,
    id: &'static str,
    path: &'static str,
    declares: Statuses,
    run: Handler,
) -> Operation {
    Operation { api, id, method: GET, path, access: Access::Admin, declares, run }
}

const fn identity(
    method: Method,
    id: &'static str,
    path: &'static str,
    declares: Statuses,
    run: Handler,
) -> Operation {
    Operation { api: Api::Identity, id, method, path, access: Access::Admin, declares, run }
}

const fn pool_system(
    method: Method,
    id: &'static str,
    path: &'static str,
    declares: Statuses,
    run: Handler,
) -> Operation {
    Operation {
        api: Api::IdentitySystem,
        id,
        method,
        path,
        access: Access::System("identity"),
        declares,
        run,
    }
}

const fn system(
    scope: &'static str,
    method: Method,
    id: &'static str,
    path: &'static str,
    declares: Statuses,
    run: Handler,
) -> Operation {
    Operation { api: Api::System, id, method, path, access: Access::System(scope), declares, run }
}

const fn issuer(
    method: Method,
    id: &'static str,
    path: &'static str,
    declares: Statuses,
    run: Handler,
) -> Operation {
    let access = match path.as_bytes() {
        b"/userinfo" => Access::Workspace,
        _ => Access::Open,
    };
    Operation { api: Api::OAuth2, id, method, path, access, declares, run }
}
