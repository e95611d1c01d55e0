//! One-time codes of users: as long as the pool says, and good for as long as it says (vendor contract, codes).

use std::time::Duration;

use domain::Timestamp;
use serde_json::{Value, json};

use super::{messages, pools, users};
use crate::{
    call::Call,
    duration,
    fields::NEW_CODE,
    http_error::Refusal,
    reply::Reply,
    store::{Doc, Fields, Store, Table},
};

/// Digits of a code where the pool says nothing; the contract does not tell the vendor's own length.
const LENGTH: usize = 6;

/// How long a code is good where the pool says nothing; the contract does not tell the vendor's own time.
const TTL: Duration = Duration::from_secs(600);

/// The longest code that is made, whatever the pool says.
const LONGEST: usize = 32;

/// Messages that are kept; the oldest go.
const MESSAGES: usize = 200;

/// What a code is for: the names under `otp_settings` of a pool, and the types of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodeKind {
    /// Making a new user active.
    Activation,
    /// Setting a new password.
    ResetPassword,
    /// Showing that an address is one's own.
    VerifyAddress,
    /// Signing in.
    Authentication,
    /// A second factor.
    Challenge,
    /// Adding a passkey.
    EnrollWebauthn,
    /// A new authenticator.
    ResetTotp,
}

impl CodeKind {
    const ALL: [Self; 7] = [
        Self::Activation,
        Self::ResetPassword,
        Self::VerifyAddress,
        Self::Authentication,
        Self::Challenge,
        Self::EnrollWebauthn,
        Self::ResetTotp,
    ];

    /// The contract's word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Activation => "activation",
            Self::ResetPassword => "reset_password",
            Self::VerifyAddress => "verify_address",
            Self::Authentication => "authentication",
            Self::Challenge => "challenge",
            Self::EnrollWebauthn => "enroll_webauthn",
            Self::ResetTotp => "reset_totp",
        }
    }
}

/// `POST …/users/{userID}/code/generate`: a code for whoever delivers it himself.
pub(crate) fn generate(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let body = call.body(NEW_CODE)?;
    let user = users::find(call)?.clone();
    let wanted = CodeKind::ALL.into_iter().find(|kind| kind.word() == body.text("type"));
    let kind = wanted.ok_or_else(|| Refusal::invalid("type is not a code's").at("type"))?;
    let given = body.text("address");
    let address = match kind {
        CodeKind::Activation if user.text("status") != "new" => {
            return Err(Refusal::invalid("only a new user can be activated").at("type"));
        }
        CodeKind::Activation => messages::own_address(&user, given)?,
        CodeKind::VerifyAddress => unverified(&user, given)?,
        _ if given.is_empty() => String::new(),
        _ => messages::own_address(&user, given)?,
    };
    let code = issue(call, &user, kind, &address)?;
    let extended = format!("{}.{code}", user.text("id"));
    let body =
        Doc::from_iter([("code".to_owned(), json!(code)), ("extended_code".to_owned(), json!(extended))]);
    Ok(Reply::Json { status: 201, body: Value::Object(body), tagged: false })
}

/// The address, if the user has it and it is not verified yet.
fn unverified(user: &Doc, wanted: &str) -> Result<String, Refusal> {
    users::items(user, "verifiable_addresses")
        .find(|it| it.text("address").eq_ignore_ascii_case(wanted) && !it.flag("verified"))
        .map(|it| it.text("address").to_owned())
        .ok_or_else(|| Refusal::invalid("it must be an unverified address of the user").at("address"))
}

/// Makes a code in place of any earlier one of its kind.
///
/// # Errors
/// 404 where the user's pool is gone.
pub(super) fn issue(
    call: &mut Call<'_>,
    user: &Doc,
    kind: CodeKind,
    address: &str,
) -> Result<String, Refusal> {
    let (length, ttl) = rules(pools::find(call.store, user.text("user_pool_id"))?, kind);
    let code = call.engine.random_digits(length);
    let doc = Doc::from_iter([
        ("code".to_owned(), json!(code)),
        ("address".to_owned(), json!(address)),
        ("expires_at".to_owned(), json!(call.now().plus(ttl).micros())),
    ]);
    call.store.put(Table::UserCodes, &key(user, kind, address), doc);
    Ok(code)
}

/// Makes a code and notes the message that would bring it.
///
/// # Errors
/// As [`issue`].
pub(super) fn send(call: &mut Call<'_>, user: &Doc, kind: CodeKind, address: &str) -> Result<(), Refusal> {
    let code = issue(call, user, kind, address)?;
    let newest = call.store.last_id(Table::Messages).and_then(|id| u64::from_str_radix(id, 16).ok());
    let doc = Doc::from_iter([
        ("at".to_owned(), json!(call.now().micros())),
        ("kind".to_owned(), json!(kind.word())),
        ("address".to_owned(), json!(address)),
        ("user".to_owned(), json!(users::user_key(user.text("user_pool_id"), user.text("id")))),
        ("code".to_owned(), json!(code)),
    ]);
    call.store.put(Table::Messages, &format!("{:016x}", newest.map_or(1, |newest| newest + 1)), doc);
    if call.store.count(Table::Messages) > MESSAGES {
        let oldest = call.store.all(Table::Messages).next().map(|(id, _)| id.clone());
        call.store.remove(Table::Messages, &oldest.unwrap_or_default());
    }
    Ok(())
}

/// Uses a code up, if it is right and in time: the address it was made for.
pub(super) fn redeem(
    call: &mut Call<'_>,
    user: &Doc,
    kind: CodeKind,
    address: &str,
    code: &str,
) -> Option<String> {
    let key = key(user, kind, address);
    let address = valid(call.store, &key, code, call.now())?;
    call.store.remove(Table::UserCodes, &key);
    Some(address)
}

fn valid(store: &Store, key: &str, code: &str, now: Timestamp) -> Option<String> {
    let kept = store.get(Table::UserCodes, key)?;
    // An extended code names the user before the code.
    let given = code.rsplit('.').next().unwrap_or_default();
    (kept.text("code") == given && kept.whole("expires_at") > now.micros())
        .then(|| kept.text("address").to_owned())
}

/// Removes every code whose key begins so.
pub(super) fn forget(store: &mut Store, prefix: &str) {
    let keys: Vec<String> = store.under(Table::UserCodes, prefix).map(|(key, _)| key.clone()).collect();
    for key in keys {
        store.remove(Table::UserCodes, &key);
    }
}

/// Length and time of a kind of codes in a pool.
fn rules(pool: &Doc, kind: CodeKind) -> (usize, Duration) {
    let all = pool.get("otp_settings").and_then(Value::as_object);
    let rule = all.and_then(|all| all.get(kind.word())).and_then(Value::as_object);
    let length = rule.and_then(|rule| usize::try_from(rule.whole("length")).ok()).filter(|it| *it > 0);
    let ttl = rule.and_then(|rule| duration::parse(rule.text("ttl")));
    (length.map_or(LENGTH, |length| length.min(LONGEST)), ttl.filter(|ttl| !ttl.is_zero()).unwrap_or(TTL))
}

/// There is one code of a kind for a user; of addresses, one for each.
fn key(user: &Doc, kind: CodeKind, address: &str) -> String {
    let owner = users::user_key(user.text("user_pool_id"), user.text("id"));
    match kind {
        CodeKind::VerifyAddress => format!("{owner}/{}/{}", kind.word(), address.to_lowercase()),
        _ => format!("{owner}/{}", kind.word()),
    }
}
