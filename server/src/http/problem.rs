//! Errors of the API as `application/problem+json` (RFC 9457): what, where, cure; never internals.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{access::Refusal, import::RowError, settings::Contradiction};
use serde::Serialize;
use services::ServiceError;
use utoipa::ToSchema;

/// What went wrong with an API call.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// A short title, the same for every problem of this kind.
    pub(crate) title: &'static str,
    /// The HTTP status.
    pub(crate) status: u16,
    /// What went wrong here and what to do about it.
    pub(crate) detail: String,
    /// Wrong fields, where there are any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) fields: Vec<FieldProblem>,
}

/// A wrong field.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FieldProblem {
    /// Its name.
    pub(crate) field: String,
    /// What is wrong.
    pub(crate) problem: String,
    /// What to do.
    pub(crate) cure: String,
}

impl From<RowError> for FieldProblem {
    fn from(error: RowError) -> Self {
        Self { field: error.field.unwrap_or_default(), problem: error.problem, cure: error.cure }
    }
}

impl Problem {
    pub(crate) fn new(status: StatusCode, title: &'static str, detail: impl Into<String>) -> Self {
        Self { title, status: status.as_u16(), detail: detail.into(), fields: Vec::new() }
    }

    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "The request is wrong", detail)
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        let detail = error.to_string();
        match error {
            ServiceError::Refused(Refusal::Role { .. } | Refusal::Portfolio { .. }) => {
                Self::new(StatusCode::FORBIDDEN, "Not allowed", detail)
            }
            ServiceError::Refused(_) | ServiceError::Changed { .. } => {
                Self::new(StatusCode::CONFLICT, "Not possible now", detail)
            }
            ServiceError::NotFound { .. } => Self::new(StatusCode::NOT_FOUND, "Not found", detail),
            ServiceError::Field { field, problem } => {
                let mut wrong = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "A field is wrong", detail);
                wrong.fields.push(FieldProblem { field: field.to_owned(), problem, cure: String::new() });
                wrong
            }
            ServiceError::Fields(errors) => {
                let mut wrong = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "Fields are wrong", detail);
                wrong.fields = errors.into_iter().map(FieldProblem::from).collect();
                wrong
            }
            ServiceError::Settings(problems) => {
                let mut wrong = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "Fields are wrong", detail);
                let field = |it: Contradiction| FieldProblem {
                    field: it.key.to_string(),
                    problem: it.problem,
                    cure: String::new(),
                };
                wrong.fields = problems.into_iter().map(field).collect();
                wrong
            }
            ServiceError::Vendor(_) | ServiceError::SecretNotMade(_) => {
                Self::new(StatusCode::BAD_GATEWAY, "SecureAuth did not do this", detail)
            }
            ServiceError::Storage(error) => {
                tracing::error!("the database failed: {error}");
                let detail = "The console's database could not do this. Nothing was changed; try again.";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "Not possible now", detail)
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, [(header::CONTENT_TYPE, "application/problem+json")], Json(self)).into_response()
    }
}
