//! Settings: one write for each object, read back, and noted as observed.

use domain::{
    object::{ObjectKind, Origin, VendorObject},
    oidc::OidcClient,
    run::{FailureKind, RunDetail, StepKind},
    settings::{
        Effective, Observed, Own, Scope, Setting, SettingKey, SettingValue, SettingsChange, WriteMode,
        catalogue, change, vanity as host, wire,
    },
};
use secureauth::{SettingsObject, ThemeId, UpdateOutcome};
use serde_json::Value;
use storage::settings::ObservedScope;

use super::{
    objects::{application, binding, organization, pool, updated, vendor_id},
    step::{StepContext, StepFailure, StepReport},
    vanity,
};
use crate::biller_settings::read;

/// The objects that are written like each other; themes have calls of their own.
const SCOPES: [Scope; 4] = [Scope::Organization, Scope::Pool, Scope::Binding, Scope::Application];

/// Writes what the run is to write to the object of this step.
pub(super) async fn apply(context: &StepContext<'_>) -> Result<StepReport, StepFailure> {
    let Some(RunDetail::Settings(change)) = &context.run().detail else {
        return Err(StepFailure::new(
            FailureKind::Internal,
            "The run does not say which settings it is to write.",
            "Ask for the change anew.",
        ));
    };
    let scope = match context.step.kind {
        StepKind::Organization => Scope::Organization,
        StepKind::Pool => Scope::Pool,
        StepKind::Binding => Scope::Binding,
        StepKind::Application => Scope::Application,
        StepKind::VanityDomain => return vanity::apply(context, change).await,
        _ => return theme(context, change).await,
    };
    if change.of_scope(scope).next().is_none() {
        return Ok(StepReport::skipped("None of its settings is to change."));
    }
    let object = object(context, scope)?;
    let due = match change.mode {
        WriteMode::Strict => change.clone(),
        WriteMode::OwnOnly => {
            let found = context.vendor().read_settings(&object).await?;
            let writes = change.due(scope, &found).unwrap_or_default();
            if writes.is_empty() {
                let report =
                    StepReport::done("Nothing of what was written is there any more: left as it is.");
                return Ok(report.observing(scope, seen(context, scope, &found)));
            }
            SettingsChange { writes, ..change.clone() }
        }
    };
    let writes: Vec<_> = due.of_scope(scope).cloned().collect();
    let strict = SettingsChange { mode: WriteMode::Strict, ..due };
    let unfit = move |json: &Value| strict.due(scope, json).err().unwrap_or_default();
    let outcome = context.vendor().write_settings(&object, change::patch(&writes), unfit).await?;
    let labels: Vec<&str> = writes.iter().map(|write| write.key.setting().label).collect();
    Ok(report(context, scope, outcome, &labels))
}

/// Writes what is set for a biller that is being enabled, its tier or all billers.
pub(super) async fn ensure(context: &StepContext<'_>) -> Result<StepReport, StepFailure> {
    let mut all = StepReport::skipped("Nothing is set for this biller, its tier or all billers.");
    let mut written: Vec<String> = Vec::new();
    for scope in SCOPES {
        let wanted = set_for(context, scope);
        if wanted.is_empty() {
            continue;
        }
        let patch = wire::patch(wanted.iter().map(|(setting, value)| (*setting, value)));
        let object = object(context, scope)?;
        let outcome = context.vendor().write_settings(&object, patch, |_| Vec::new()).await?;
        let labels: Vec<&str> = wanted.iter().map(|(setting, _)| setting.label).collect();
        let done = report(context, scope, outcome, &labels);
        written.push(done.outcome);
        all.skipped = false;
        all.observed.extend(done.observed);
        all.audit.extend(done.audit);
    }
    if let Some(host) = own_host(context) {
        let done = vanity::set(context, &host).await?;
        written.push(done.outcome);
        all.skipped = false;
        all.observed.extend(done.observed);
        all.audit.extend(done.audit);
    }
    if !all.skipped {
        all.outcome = written.join(" ");
    }
    Ok(all)
}

/// The host name that was set for the biller before it was enabled.
fn own_host(context: &StepContext<'_>) -> Option<String> {
    let key = host::HOST.parse().ok()?;
    host::host(key, context.layers().biller.get(&key)).map(str::to_owned)
}

/// What somebody set on any level; defaults are what every enablement writes, or the vendor's own.
fn set_for(context: &StepContext<'_>, scope: Scope) -> Vec<(&'static Setting, SettingValue)> {
    let layers = context.layers();
    let is_set = |key: &SettingKey| {
        [&layers.biller, &layers.tier, &layers.everywhere].iter().any(|values| values.contains_key(key))
    };
    let own = Own { status: context.biller().status, plan: context.plan() };
    catalogue::of_scope(scope)
        .iter()
        .filter(|setting| setting.is_editable() && is_set(&setting.key()))
        .filter_map(|setting| Some((setting, Effective::of(setting, layers, own).value?)))
        .collect()
}

/// The object that holds the settings of a scope, by the ids that the run goes by.
fn object(context: &StepContext<'_>, scope: Scope) -> Result<SettingsObject, StepFailure> {
    Ok(match scope {
        Scope::Pool => SettingsObject::Pool(pool::id(context)?),
        Scope::Binding => SettingsObject::Binding(organization::id(context)?, binding::id(context)?),
        Scope::Application => SettingsObject::Application(application::id(context)?),
        Scope::Organization | Scope::Theme | Scope::VanityDomain | Scope::Tenant => {
            SettingsObject::Organization(organization::id(context)?)
        }
    })
}

fn seen(context: &StepContext<'_>, scope: Scope, json: &Value) -> ObservedScope {
    ObservedScope { values: read::observe(scope, json), read_at: context.console.now() }
}

fn report(context: &StepContext<'_>, scope: Scope, outcome: UpdateOutcome, labels: &[&str]) -> StepReport {
    let names = labels.join(", ");
    let read = seen(context, scope, &outcome.after);
    let given = (scope == Scope::Application).then(|| given(context, &read)).flatten();
    let report = updated(
        context,
        outcome,
        format!("{}: {names} written.", scope.label()),
        format!("{}: {names} was as wanted already.", scope.label()),
    )
    .observing(scope, read);
    match given {
        Some(object) => report.recording(object),
        None => report,
    }
}

/// The application with the addresses that it has now: IC is told these from now on.
fn given(context: &StepContext<'_>, read: &ObservedScope) -> Option<VendorObject> {
    let recorded = context.recorded(ObjectKind::Application)?;
    let list = |key: &str| match read.values.get(&key.parse().ok()?)?.value()? {
        SettingValue::List(items) => Some(items.clone()),
        _ => None,
    };
    let oidc = OidcClient {
        redirect_uris: list("application.redirect_uris")?,
        post_logout_redirect_uris: list("application.post_logout_redirect_uris")?,
        ..context.oidc().clone()
    };
    Some(VendorObject { oidc: Some(oidc), ..recorded.clone() })
}

/// Binds another theme, or takes it away.
async fn theme(context: &StepContext<'_>, change: &SettingsChange) -> Result<StepReport, StepFailure> {
    let Some(write) = change.of_scope(Scope::Theme).next() else {
        return Ok(StepReport::skipped("The theme is not to change."));
    };
    let setting = write.key.setting();
    let organization = organization::id(context)?;
    let found = context.vendor().get_theme_binding(&organization).await?;
    let text = found.as_ref().map(ToString::to_string).unwrap_or_default();
    let wanted = write.to.to_text();
    let shown_now = Observed::Value(SettingValue::Text(text.clone()));
    if text != wanted && write.expected.as_ref().is_some_and(|expected| *expected != shown_now) {
        return match change.mode {
            WriteMode::OwnOnly => Ok(StepReport::done("Another theme is bound by now: left as it is.")),
            WriteMode::Strict => Err(StepFailure::new(
                FailureKind::Mismatch,
                format!(
                    "The theme is {} at SecureAuth now; it was {} when the change to {} was decided.",
                    setting.show(&SettingValue::Text(text)),
                    change::was(setting, write),
                    setting.show(&write.to),
                ),
                "Look at both values, decide which one is right, and ask for the change anew.",
            )),
        };
    }
    let key = context.idempotency_key();
    let outcome = if wanted.is_empty() {
        context.vendor().unbind_theme(&organization, &key).await?
    } else {
        let theme: ThemeId = vendor_id(&wanted)?;
        context.vendor().bind_theme(&organization, &theme, &key).await?
    };
    let shown = setting.show(&write.to);
    let report = updated(
        context,
        outcome,
        format!("Theme: {shown} from now on."),
        format!("Theme: {shown} was bound already."),
    );
    if wanted.is_empty() {
        let recorded = context.recorded(ObjectKind::Theme).is_some();
        return Ok(if recorded { report.removing(ObjectKind::Theme) } else { report });
    }
    Ok(report.recording(context.object(ObjectKind::Theme, &wanted, "Theme", Origin::Adopted)))
}
