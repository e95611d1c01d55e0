//! The pages on which people make an account or set a new password, where the pool lets them. Not part of the
//! contract: the vendor's own pages are not described there.

use serde_json::{Map, Value, json};

use super::{
    authorize::{Accepted, examine, with_query},
    sign_in::denial,
};
use crate::{
    admin::workspaces,
    call::Call,
    html,
    http_error::Refusal,
    identity::{
        self_service::{self, may_register, may_reset},
        users,
    },
    reply::Reply,
    store::{Doc, Fields, Table},
};

/// What such a page is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offer {
    /// Making an account.
    Register,
    /// Setting a new password.
    Reset,
}

impl Offer {
    /// The last part of the page's path.
    fn path(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Reset => "reset",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Register => "Create an account",
            Self::Reset => "Forgot password?",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Register => "Create an account",
            Self::Reset => "Set a new password",
        }
    }

    /// The pool in which people may do it, of those they may sign in through.
    fn pool(self, call: &Call<'_>, accepted: &Accepted) -> Option<Doc> {
        let pools = accepted.bindings.iter();
        pools
            .filter_map(|binding| call.store.get(Table::Pools, binding.text("identity_pool_id")))
            .find(|pool| match self {
                Self::Register => may_register(pool),
                Self::Reset => may_reset(pool),
            })
            .cloned()
    }
}

/// The links to what people may do for themselves here.
pub(super) fn links(call: &Call<'_>, accepted: &Accepted) -> String {
    let issuer = call.issuer(accepted.workspace.text("id"));
    [Offer::Register, Offer::Reset]
        .into_iter()
        .filter(|offer| offer.pool(call, accepted).is_some())
        .map(|offer| {
            let url = with_query(&format!("{issuer}/{}", offer.path()), call.incoming.query.iter());
            format!("<p><a href=\"{}\">{}</a></p>", html::escape(&url), offer.label())
        })
        .collect()
}

/// `GET /register`.
pub(crate) fn show_register(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    show(call, Offer::Register)
}

/// `GET /reset`.
pub(crate) fn show_reset(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    show(call, Offer::Reset)
}

/// `POST /register`: makes the account, then makes it active with the code.
pub(crate) fn register(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    submit(call, Offer::Register)
}

/// `POST /reset`: sends the code, then sets the password with it.
pub(crate) fn reset(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    submit(call, Offer::Reset)
}

/// The pool and the request it is done in, or the page that says why not.
fn open(call: &Call<'_>, offer: Offer) -> Result<Result<(Accepted, Doc), Reply>, Refusal> {
    let workspace = call.param("wid");
    workspaces::find(call.store, &workspace)?;
    Ok(match examine(call, &workspace, &call.incoming.query) {
        Err(denied) => Err(denial(denied)),
        Ok(accepted) => match offer.pool(call, &accepted) {
            Some(pool) => Ok((accepted, pool)),
            None => Err(refused(offer)),
        },
    })
}

fn show(call: &mut Call<'_>, offer: Offer) -> Result<Reply, Refusal> {
    Ok(match open(call, offer)? {
        Err(page) => page,
        Ok((accepted, _)) => first(offer, &accepted, 200, None),
    })
}

fn submit(call: &mut Call<'_>, offer: Offer) -> Result<Reply, Refusal> {
    let (accepted, pool) = match open(call, offer)? {
        Err(page) => return Ok(page),
        Ok(found) => found,
    };
    let with_code = call.form("code").is_some();
    let outcome = match (offer, with_code) {
        (Offer::Register, false) => create(call, &pool),
        (Offer::Register, true) => activate(call, &pool),
        (Offer::Reset, false) => ask(call, &pool),
        (Offer::Reset, true) => set(call, &pool),
    };
    Ok(match outcome {
        // Whoever it is for goes with the form to its second step.
        Ok(whose) if !with_code => second(offer, &accepted, 200, None, &whose),
        Ok(_) => {
            let issuer = call.issuer(accepted.workspace.text("id"));
            Reply::Redirect(with_query(&format!("{issuer}/login"), call.incoming.query.iter()))
        }
        Err(refusal) => {
            call.store.rollback();
            let whose = call.form("whose").unwrap_or_default().to_owned();
            match with_code {
                true => second(offer, &accepted, 422, Some(refusal.message()), &whose),
                false => first(offer, &accepted, 422, Some(refusal.message())),
            }
        }
    })
}

fn create(call: &mut Call<'_>, pool: &Doc) -> Result<String, Refusal> {
    let mut body = Map::new();
    for (field, name) in [("username", "identifier"), ("address", "otp_address"), ("password", "password")] {
        let value = call.form(field).ok_or_else(|| Refusal::invalid(format!("{field} is required")))?;
        body.insert(name.to_owned(), json!(value));
    }
    self_service::new_user(call, pool, &body, true)
}

fn activate(call: &mut Call<'_>, pool: &Doc) -> Result<String, Refusal> {
    let id = call.form("whose").unwrap_or_default().to_owned();
    let key = users::user_key(pool.text("id"), &id);
    let user = call.store.get(Table::Users, &key).cloned();
    // Whether the account was there before is not told.
    let user = user.filter(|user| user.text("status") == "new").ok_or_else(self_service::wrong_code)?;
    let body = fields(call, &["code"]);
    self_service::make_active(call, user, &body)?;
    Ok(id)
}

fn ask(call: &mut Call<'_>, pool: &Doc) -> Result<String, Refusal> {
    let body = fields(call, &["address"]);
    self_service::send_reset(call, pool, &body)?;
    Ok(body.text("address").to_owned())
}

fn set(call: &mut Call<'_>, pool: &Doc) -> Result<String, Refusal> {
    let mut body = fields(call, &["code", "new_password"]);
    body.insert("address".to_owned(), json!(call.form("whose").unwrap_or_default()));
    self_service::set_password(call, pool, &body)?;
    Ok(String::new())
}

fn fields(call: &Call<'_>, names: &[&str]) -> Map<String, Value> {
    names.iter().map(|name| ((*name).to_owned(), json!(call.form(name).unwrap_or_default()))).collect()
}

fn first(offer: Offer, accepted: &Accepted, status: u16, problem: Option<&str>) -> Reply {
    let inputs = match offer {
        Offer::Register => {
            "<label for=\"username\">Username</label>\
             <input id=\"username\" name=\"username\" autocomplete=\"username\" required autofocus>\
             <label for=\"address\">E-mail address</label>\
             <input id=\"address\" name=\"address\" type=\"email\" autocomplete=\"email\" required>\
             <label for=\"password\">Password</label>\
             <input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"new-password\" required>\
             <button type=\"submit\">Create the account</button>"
        }
        Offer::Reset => {
            "<label for=\"address\">E-mail address</label>\
             <input id=\"address\" name=\"address\" type=\"email\" autocomplete=\"email\" required autofocus>\
             <button type=\"submit\">Send a code</button>"
        }
    };
    page(offer, accepted, status, problem, inputs)
}

fn second(offer: Offer, accepted: &Accepted, status: u16, problem: Option<&str>, whose: &str) -> Reply {
    let password = match offer {
        Offer::Register => "",
        Offer::Reset => {
            "<label for=\"new_password\">New password</label>\
             <input id=\"new_password\" name=\"new_password\" type=\"password\" autocomplete=\"new-password\" required>"
        }
    };
    let inputs = format!(
        "<p class=\"quiet\">If the address is known here, a code is on its way.</p>\
         <input type=\"hidden\" name=\"whose\" value=\"{}\">\
         <label for=\"code\">Code</label>\
         <input id=\"code\" name=\"code\" inputmode=\"numeric\" autocomplete=\"one-time-code\" required autofocus>\
         {password}<button type=\"submit\">Go on</button>",
        html::escape(whose),
    );
    page(offer, accepted, status, problem, &inputs)
}

fn page(offer: Offer, accepted: &Accepted, status: u16, problem: Option<&str>, inputs: &str) -> Reply {
    let problem = problem
        .map(|problem| format!("<p class=\"problem\" role=\"alert\">{}</p>", html::escape(problem)))
        .unwrap_or_default();
    let body = format!(
        "<main class=\"card\"><h1>{}</h1><p class=\"quiet\">at {}</p>{problem}\
         <form method=\"post\">{inputs}</form></main>",
        offer.title(),
        html::escape(accepted.workspace.text("name")),
    );
    Reply::Html { status, page: html::document(offer.title(), &body) }
}

fn refused(offer: Offer) -> Reply {
    let body =
        format!("<main class=\"card\"><h1>{}</h1><p>This is not offered here.</p></main>", offer.title());
    Reply::Html { status: 403, page: html::document(offer.title(), &body) }
}
