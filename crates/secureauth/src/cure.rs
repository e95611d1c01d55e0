//! What to do about a failed call, in plain English.

use std::borrow::Cow;

use crate::{
    error::{CallError, ErrorKind},
    operation::Operation,
};

/// The four causes of the vendor's generic 404 at a token endpoint or discovery document, the likeliest first.
const RESOURCE_NOT_FOUND: &str = "SecureAuth answers \"The requested resource could not be found\" for one of \
four reasons: (1) the tenant id in the issuer is not ours (\"default\" in the vendor's reference is only an \
example): put our tenant id there; (2) the host name itself names the tenant, and the issuer must have no tenant \
segment at all: try the issuer without it; (3) access to the admin and system workspaces has not been enabled for \
our tenant: ask SecureAuth Support; (4) the tenant answers only on its own domain, not on the vendor's host: use \
that domain. Test each by opening ISSUER/.well-known/openid-configuration: the one that answers is right. A wrong \
client in the right place would give 401, not 404.";

pub(crate) fn of(error: &CallError) -> Cow<'static, str> {
    let at_the_door = matches!(error.operation, Operation::FetchToken | Operation::Discover);
    match &error.kind {
        ErrorKind::NotFound | ErrorKind::Discovery if at_the_door && error.status == Some(404) => {
            RESOURCE_NOT_FOUND.into()
        }
        ErrorKind::Discovery if error.status == Some(404) => format!(
            "This issuer does not answer. Check that the organization still exists and is not deactivated, and that \
             the issuer is the one SecureAuth shows for it. If no issuer of the tenant answers: {RESOURCE_NOT_FOUND}"
        )
        .into(),
        ErrorKind::NotFound => "Check that the object still exists at SecureAuth and that routing and tenant_id are \
            right; if it was removed there, run the step again to create it anew."
            .into(),
        ErrorKind::Unauthenticated if error.operation == Operation::FetchToken => "Check client id, client secret \
            and auth_method of this workspace; a rotated secret must be copied anew."
            .into(),
        ErrorKind::Unauthenticated => "The token was refused twice. Check that api_base, the issuers and the \
            clients belong to the same tenant."
            .into(),
        ErrorKind::Forbidden { missing } if error.operation == Operation::FetchToken => format!(
            "The client lacks {missing}. Open it in the SecureAuth console, enable the client-credentials grant in \
             its workspace, and give the client the scope."
        )
        .into(),
        ErrorKind::Forbidden { missing } => {
            format!("Our client lacks {missing}. Give it that at SecureAuth, or configure a client that has it.").into()
        }
        other => general(error, other),
    }
}

fn general(error: &CallError, kind: &ErrorKind) -> Cow<'static, str> {
    match kind {
        ErrorKind::Conflict => {
            "Look the object up by its id: if it is ours, adopt it; if not, choose another id or \
            name."
                .into()
        }
        ErrorKind::PreconditionFailed => {
            "Try again: the object is read anew and our change is laid over it. If it \
            happens again and again, find out who else is changing it."
                .into()
        }
        ErrorKind::Invalid => {
            "Correct the value that the message names, then try again; repeating unchanged will \
            not help."
                .into()
        }
        ErrorKind::RateLimited | ErrorKind::CircuitOpen => wait(error),
        ErrorKind::Server => {
            "Nothing to do at first: it is tried again by itself. If it goes on, open a case with \
            SecureAuth and name the trace id."
                .into()
        }
        ErrorKind::Timeout | ErrorKind::Network => {
            "Check the network, the host name and the vendor's status page; \
            it is tried again by itself."
                .into()
        }
        ErrorKind::Decode => {
            "SecureAuth answered in a form we do not know. Report the operation and the trace id to \
            the developers."
                .into()
        }
        ErrorKind::ReadBackMismatch { .. } => {
            "Someone else may be changing the object, or SecureAuth does not take \
            this value. Compare it in the SecureAuth console, then try again."
                .into()
        }
        ErrorKind::ChangedMeanwhile { .. } => {
            "Look at both values, decide which one is right, and ask for the change anew.".into()
        }
        ErrorKind::Discovery => {
            "Open ISSUER/.well-known/openid-configuration in a browser: it must answer, and the \
            issuer in it must be the configured one, letter by letter."
                .into()
        }
        _ => "Correct the SecureAuth section of the configuration file and restart.".into(),
    }
}

fn wait(error: &CallError) -> Cow<'static, str> {
    match error.retry_after {
        Some(wait) => format!(
            "Wait {} s; it is tried again by itself. If this is frequent, lower limits.requests_per_second.",
            wait.as_secs().max(1)
        )
        .into(),
        None => "Wait a minute; it is tried again by itself. If this is frequent, lower \
            limits.requests_per_second."
            .into(),
    }
}
