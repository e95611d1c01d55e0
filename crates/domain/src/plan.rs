//! What an enablement will make at SecureAuth. The preview and the run take it from here, so they cannot differ.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use crate::oidc::ClientAuth;
use crate::{biller::Biller, naming, object::ObjectKind, oidc::OidcClient};

/// How objects at SecureAuth are made in this environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanSettings {
    /// Begins every organization id; keeps ours apart from others'. Visible in issuers for ever.
    pub id_prefix: String,
    /// The workspace under which organizations are made.
    pub parent_workspace: String,
    /// An organization to copy pool and sign-in methods from.
    pub template: Option<String>,
    /// The shared theme to bind.
    pub theme: Option<String>,
    /// Where IC takes a sign-in back; `{bid}` and `{slug}` are filled in.
    pub redirect_uris: Vec<String>,
    /// Where IC takes a person after signing out; `{bid}` and `{slug}` are filled in.
    pub post_logout_redirect_uris: Vec<String>,
    /// How IC proves itself at the token endpoint.
    pub client_auth: ClientAuth,
}

/// The organization to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationPlan {
    /// Its id, fixed for ever.
    pub id: String,
    /// The biller's true name.
    pub name: String,
    /// The workspace it belongs to.
    pub parent_id: String,
    /// The organization to copy from.
    pub template_id: Option<String>,
    /// Our mark: how we know later that it is ours.
    pub mark: Mark,
}

/// Our mark on an organization (`metadata.payload`): how an object is known as ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The biller.
    pub bid: String,
    /// Always [`Mark::OWNER`].
    pub managed_by: String,
}

impl Mark {
    /// Who manages what bears the mark.
    pub const OWNER: &'static str = "ciam-console";

    /// The mark for a biller.
    #[must_use]
    pub fn of(bid: &crate::Bid) -> Self {
        Self { bid: bid.to_string(), managed_by: Self::OWNER.to_owned() }
    }

    /// Whether a `metadata.payload` bears this mark.
    #[must_use]
    pub fn is_on(&self, payload: &Value) -> bool {
        payload.get("bid").and_then(Value::as_str) == Some(self.bid.as_str())
            && payload.get("managed_by").and_then(Value::as_str) == Some(Self::OWNER)
    }

    /// The mark as it is written.
    #[must_use]
    pub fn to_value(&self) -> Value {
        json!({ "bid": self.bid, "managed_by": self.managed_by })
    }
}

/// The pool to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolPlan {
    /// Its id.
    pub id: String,
    /// Its name: letters, digits and spaces only.
    pub name: String,
    /// The true name of the biller.
    pub description: String,
}

/// The binding to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BindingPlan {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Which user attribute goes where: source attribute to context attribute.
    pub mappings: Vec<(String, String)>,
}

/// The application to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationPlan {
    /// Its client id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is given.
    pub oidc: OidcClient,
}

/// Everything an enablement makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnablePlan {
    /// The organization.
    pub organization: OrganizationPlan,
    /// The pool.
    pub pool: PoolPlan,
    /// The binding.
    pub binding: BindingPlan,
    /// The application.
    pub application: ApplicationPlan,
    /// The theme to bind.
    pub theme: Option<String>,
}

/// One object of the preview.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedObject {
    /// What it is.
    pub kind: ObjectKind,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its settings, label and value.
    pub fields: Vec<(String, String)>,
}

/// What enabling this biller will make.
#[must_use]
pub fn enable(biller: &Biller, settings: &PlanSettings) -> EnablePlan {
    let bid = biller.bid();
    let name = biller.name();
    let organization = naming::organization_id(&settings.id_prefix, bid);
    let slug = biller.slug.as_ref().map_or_else(|| bid.to_string(), ToString::to_string);
    let fill = |uris: &[String]| {
        uris.iter().map(|uri| uri.replace("{bid}", bid.as_str()).replace("{slug}", &slug)).collect()
    };
    EnablePlan {
        pool: PoolPlan {
            id: naming::sibling_id(&organization, "pool"),
            name: naming::pool_name(name, bid),
            description: format!("Users of {name} (bid {bid})"),
        },
        binding: BindingPlan {
            id: naming::sibling_id(&organization, "binding"),
            name: "Username and password".to_owned(),
            mappings: [
                ("email", "email"),
                ("given_name", "given_name"),
                ("family_name", "family_name"),
                ("name", "name"),
            ]
            .map(|(from, to)| (from.to_owned(), to.to_owned()))
            .to_vec(),
        },
        application: ApplicationPlan {
            id: naming::sibling_id(&organization, "portal"),
            name: format!("Biller portal – {name}"),
            oidc: OidcClient {
                redirect_uris: fill(&settings.redirect_uris),
                post_logout_redirect_uris: fill(&settings.post_logout_redirect_uris),
                scopes: ["openid", "profile", "email"].map(str::to_owned).to_vec(),
                client_auth: settings.client_auth.clone(),
            },
        },
        theme: settings.theme.clone(),
        organization: OrganizationPlan {
            id: organization,
            name: name.to_owned(),
            parent_id: settings.parent_workspace.clone(),
            template_id: settings.template.clone(),
            mark: Mark::of(bid),
        },
    }
}

impl EnablePlan {
    /// The preview, object by object, in the order in which they are made.
    #[must_use]
    pub fn objects(&self) -> Vec<PlannedObject> {
        let mut objects = vec![
            self.organization_preview(),
            self.pool_preview(),
            self.binding_preview(),
            self.application_preview(),
        ];
        if let Some(theme) = &self.theme {
            objects.push(PlannedObject {
                kind: ObjectKind::Theme,
                id: theme.clone(),
                name: "Shared theme".to_owned(),
                fields: vec![("Bound to".to_owned(), self.organization.id.clone())],
            });
        }
        objects
    }

    fn organization_preview(&self) -> PlannedObject {
        let plan = &self.organization;
        let mut fields = vec![
            ("Parent workspace".to_owned(), plan.parent_id.clone()),
            ("Mark".to_owned(), format!("bid {}, managed by {}", plan.mark.bid, plan.mark.managed_by)),
        ];
        if let Some(template) = &plan.template_id {
            fields.push(("Template".to_owned(), template.clone()));
        }
        PlannedObject { kind: ObjectKind::Organization, id: plan.id.clone(), name: plan.name.clone(), fields }
    }

    fn pool_preview(&self) -> PlannedObject {
        PlannedObject {
            kind: ObjectKind::Pool,
            id: self.pool.id.clone(),
            name: self.pool.name.clone(),
            fields: vec![
                ("Description".to_owned(), self.pool.description.clone()),
                ("Sign-in with".to_owned(), "password; no second factor".to_owned()),
                ("Self-registration".to_owned(), "off".to_owned()),
                ("Upper and lower case in usernames".to_owned(), "makes no difference".to_owned()),
            ],
        }
    }

    fn binding_preview(&self) -> PlannedObject {
        let mappings =
            self.binding.mappings.iter().map(|(from, to)| format!("{from} → {to}")).collect::<Vec<_>>();
        PlannedObject {
            kind: ObjectKind::Binding,
            id: self.binding.id.clone(),
            name: self.binding.name.clone(),
            fields: vec![
                ("Connects".to_owned(), format!("{} with {}", self.pool.id, self.organization.id)),
                ("Mappings".to_owned(), mappings.join(", ")),
            ],
        }
    }

    fn application_preview(&self) -> PlannedObject {
        let plan = &self.application;
        let oidc = &plan.oidc;
        let proof = match &oidc.client_auth {
            ClientAuth::PrivateKeyJwt { jwks_uri } => format!("private_key_jwt, keys at {jwks_uri}"),
            ClientAuth::ClientSecret => "a secret, made and shown once on the biller's page".to_owned(),
        };
        PlannedObject {
            kind: ObjectKind::Application,
            id: plan.id.clone(),
            name: plan.name.clone(),
            fields: vec![
                ("Redirect URIs".to_owned(), oidc.redirect_uris.join(", ")),
                ("After sign-out".to_owned(), oidc.post_logout_redirect_uris.join(", ")),
                ("Scopes".to_owned(), oidc.scopes.join(" ")),
                ("Grant".to_owned(), "authorization code with PKCE".to_owned()),
                ("Client proof".to_owned(), proof),
            ],
        }
    }
}
