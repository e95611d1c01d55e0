//! The doctor: checks database, vendor, tokens, scopes and clock, each with its cure.

use std::time::Duration;

use secureauth::{CallError, Power, TokenSubject, Workspace, WorkspaceId};

use crate::Console;

/// Result of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was checked.
    pub check: String,
    /// How it is.
    pub state: FindingState,
    /// What was found.
    pub detail: String,
    /// What to do, where something is wrong.
    pub cure: Option<String>,
}

/// How a checked part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindingState {
    /// As it should be.
    Good,
    /// Works, but something will be missing.
    Warning,
    /// Does not work.
    Bad,
}

/// Tokens near their ends are refused when the clocks differ by more than this.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(30);

impl Finding {
    fn good(check: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { check: check.into(), state: FindingState::Good, detail: detail.into(), cure: None }
    }

    fn wrong(
        state: FindingState,
        check: impl Into<String>,
        detail: impl Into<String>,
        cure: impl Into<String>,
    ) -> Self {
        Self { check: check.into(), state, detail: detail.into(), cure: Some(cure.into()) }
    }

    fn failed(check: impl Into<String>, error: &CallError) -> Self {
        Self::wrong(FindingState::Bad, check, error.to_string(), error.cure())
    }
}

/// Runs every check. Changes nothing.
pub async fn examine(console: &Console) -> Vec<Finding> {
    let mut findings = vec![database(console).await];
    for workspace in [Workspace::Admin, Workspace::System] {
        findings.extend(issuer(console, workspace).await);
        findings.push(token(console, workspace).await);
    }
    for power in Power::ALL {
        findings.push(scope(console, power).await);
    }
    findings.extend(tenant(console).await);
    findings.push(parent_workspace(console).await);
    findings.extend(theme(console).await);
    findings
}

async fn database(console: &Console) -> Finding {
    let look = async {
        let mut conn = console.store.read().await?;
        storage::health::ping(&mut conn).await?;
        storage::health::schema_version(&mut conn).await
    };
    match look.await {
        Ok(version) => Finding::good("Database", format!("answers; schema version {version}")),
        Err(error) => Finding::wrong(
            FindingState::Bad,
            "Database",
            error.to_string(),
            "Check database.url, that the server runs and that the account may create tables.",
        ),
    }
}

async fn issuer(console: &Console, workspace: Workspace) -> Vec<Finding> {
    let check = format!("Discovery of the {} workspace", workspace.as_str());
    match console.vendor.probe_discovery(console.vendor.issuer(workspace)).await {
        Err(error) => vec![Finding::failed(check, &error)],
        Ok(probe) => {
            let found =
                format!("issuer {}, tokens at {}", probe.discovery.issuer, probe.discovery.token_endpoint);
            let mut findings = vec![Finding::good(check, found)];
            findings.extend(probe.server_time.map(|there| clock(console, workspace, there)));
            findings
        }
    }
}

fn clock(console: &Console, workspace: Workspace, there: domain::Timestamp) -> Finding {
    let here = console.now();
    let skew = here.since(there).max(there.since(here));
    let check = format!("Clock against the {} workspace", workspace.as_str());
    if skew <= CLOCK_TOLERANCE {
        return Finding::good(check, format!("differs by {} s at most", skew.as_secs() + 1));
    }
    Finding::wrong(
        FindingState::Bad,
        check,
        format!("differs by {} s (here {here}, there {there})", skew.as_secs()),
        "Switch on time synchronisation on this server (timedatectl set-ntp true).",
    )
}

async fn token(console: &Console, workspace: Workspace) -> Finding {
    let check = format!("Token of the {} workspace", workspace.as_str());
    match console.vendor.check_token(TokenSubject::Workspace(workspace)).await {
        Ok(grant) => Finding::good(
            check,
            format!("given to client {}, good for {} s", grant.client_id, grant.expires_in.as_secs()),
        ),
        Err(error) => Finding::failed(check, &error),
    }
}

async fn scope(console: &Console, power: Power) -> Finding {
    let check = format!("Scope {}", power.scope());
    match console.vendor.check_token(TokenSubject::Power(power)).await {
        Ok(grant) => Finding::good(check, format!("given to client {}", grant.client_id)),
        Err(error) => {
            let (state, needed) = match power {
                Power::RevokeTokens => (FindingState::Bad, "needed to suspend billers"),
                Power::Identity => (FindingState::Warning, "needed to check and mirror users"),
                Power::ManageConfiguration => {
                    (FindingState::Warning, "needed to move users with their passwords")
                }
            };
            Finding::wrong(state, check, format!("{needed}; {error}"), error.cure())
        }
    }
}

async fn tenant(console: &Console) -> Vec<Finding> {
    let environment = match console.vendor.get_environment().await {
        Ok(environment) => environment,
        Err(error) => return vec![Finding::failed("Tenant", &error)],
    };
    let mut findings = Vec::new();
    for (flag, on, cure) in [
        (
            "organizations",
            environment.organizations,
            "Ask SecureAuth to enable organizations for the tenant.",
        ),
        (
            "admin workspace access",
            environment.admin_workspace_access,
            "Ask SecureAuth Support to enable the admin workspace.",
        ),
        (
            "system workspace access",
            environment.system_workspace_access,
            "Ask SecureAuth Support to enable the system workspace.",
        ),
    ] {
        let check = format!("Tenant: {flag}");
        findings.push(if on {
            Finding::good(check, "enabled")
        } else {
            Finding::wrong(FindingState::Bad, check, "switched off", cure)
        });
    }
    findings
}

async fn parent_workspace(console: &Console) -> Finding {
    let id = &console.settings.plan.parent_workspace;
    let workspace = match WorkspaceId::parse(id) {
        Ok(workspace) => workspace,
        Err(error) => {
            let cure = "Correct objects.parent_workspace in the configuration.";
            return Finding::wrong(FindingState::Bad, "Parent workspace", error.to_string(), cure);
        }
    };
    match console.vendor.list_bindings(&workspace).await {
        Ok(_) => Finding::good("Parent workspace", format!("{id} exists")),
        Err(error) => Finding::wrong(
            FindingState::Bad,
            "Parent workspace",
            format!("{id}: {error}"),
            "Create the workspace at SecureAuth, or set objects.parent_workspace to the one that exists.",
        ),
    }
}

async fn theme(console: &Console) -> Option<Finding> {
    let id = console.settings.plan.theme.as_ref()?;
    Some(match console.vendor.list_themes().await {
        Ok(themes) if themes.iter().any(|theme| theme.id.as_str() == id) => {
            Finding::good("Shared theme", format!("{id} exists"))
        }
        Ok(_) => Finding::wrong(
            FindingState::Bad,
            "Shared theme",
            format!("{id} does not exist"),
            "Create the theme at SecureAuth, or set objects.theme to one that exists, or leave it empty.",
        ),
        Err(error) => Finding::failed("Shared theme", &error),
    })
}
