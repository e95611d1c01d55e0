//! Themes and what they are bound to (vendor contract, branding).

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    client::SecureAuth,
    error::{CallError, ErrorKind},
    idempotency::IdempotencyKey,
    model::{Theme, ThemeId, UpdateOutcome, WorkspaceId},
    operation::Operation,
    transport::Call,
};

/// Which theme a workspace has; the vendor may answer without one, with an empty one, or with 404.
#[derive(Deserialize)]
struct Bound {
    #[serde(default)]
    theme_id: Option<String>,
}

impl SecureAuth {
    /// Every theme of the tenant.
    ///
    /// # Errors
    /// Any [`CallError`] of a read.
    pub async fn list_themes(&self) -> Result<Vec<Theme>, CallError> {
        let url = self.shared.routes.admin(&["themes"]);
        self.read_list(&Call::new(Operation::ListThemes, url), "themes").await
    }

    /// The theme bound to a workspace or organization, if any.
    ///
    /// # Errors
    /// Any [`CallError`] of a read; an unknown workspace counts as one without theme.
    pub async fn get_theme_binding(&self, workspace: &WorkspaceId) -> Result<Option<ThemeId>, CallError> {
        let operation = Operation::GetThemeBinding;
        let url = self.shared.routes.admin(&["servers", workspace.as_str(), "theme"]);
        let bound: Bound = match self.read(&Call::new(operation, url)).await {
            Err(error) if error.kind == ErrorKind::NotFound => return Ok(None),
            result => result?,
        };
        bound
            .theme_id
            .filter(|it| !it.is_empty())
            .map(ThemeId::try_from)
            .transpose()
            .map_err(|error| CallError::new(ErrorKind::Decode, operation, error.to_string()))
    }

    /// Binds a theme to a workspace or organization, in place of any other, and reads it back.
    ///
    /// # Errors
    /// `ReadBackMismatch` when the vendor confirms but shows another theme; else as any write.
    pub async fn bind_theme(
        &self,
        workspace: &WorkspaceId,
        theme: &ThemeId,
        key: &IdempotencyKey,
    ) -> Result<UpdateOutcome, CallError> {
        let url = self.shared.routes.admin(&["servers", workspace.as_str(), "bind-theme", theme.as_str()]);
        let call = Call::new(Operation::BindTheme, url).key(key);
        self.set_theme(workspace, Some(theme), &call).await
    }

    /// Takes the theme away from a workspace or organization and reads it back. The theme itself stays.
    ///
    /// # Errors
    /// As [`Self::bind_theme`].
    pub async fn unbind_theme(
        &self,
        workspace: &WorkspaceId,
        key: &IdempotencyKey,
    ) -> Result<UpdateOutcome, CallError> {
        let url = self.shared.routes.admin(&["servers", workspace.as_str(), "unbind-theme"]);
        let call = Call::new(Operation::UnbindTheme, url).key(key);
        self.set_theme(workspace, None, &call).await
    }

    async fn set_theme(
        &self,
        workspace: &WorkspaceId,
        wanted: Option<&ThemeId>,
        call: &Call,
    ) -> Result<UpdateOutcome, CallError> {
        let before = self.get_theme_binding(workspace).await?;
        if before.as_ref() == wanted {
            let shown = shown(before.as_ref());
            return Ok(UpdateOutcome {
                before: shown.clone(),
                after: shown,
                changed: false,
                trace_ids: Vec::new(),
            });
        }
        let answer = self.send(call).await?;
        let after = self.get_theme_binding(workspace).await?;
        if after.as_ref() != wanted {
            let kind = ErrorKind::ReadBackMismatch { fields: vec!["theme_id".to_owned()] };
            return Err(CallError::new(kind, call.operation, "").with(|it| {
                it.trace_id = answer.trace_id;
                it.correlation_id = answer.correlation_id;
                it.unknown = true;
            }));
        }
        Ok(UpdateOutcome {
            before: shown(before.as_ref()),
            after: shown(after.as_ref()),
            changed: true,
            trace_ids: answer.trace_id.into_iter().collect(),
        })
    }
}

fn shown(theme: Option<&ThemeId>) -> Value {
    json!({ "theme_id": theme.map(ThemeId::as_str) })
}
