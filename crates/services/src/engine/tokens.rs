//! Revokes tokens and sessions of all users of the pool, 100 a call, resumable after each.

use domain::object::ObjectKind;
use secureauth::PageRequest;
use serde_json::json;

use super::{
    objects::pool,
    step::{StepContext, StepFailure, StepReport},
};

/// Between the last user done and the number of users done, in the step's cursor.
const SEPARATOR: char = ' ';

/// Goes through the users page by page; after a crash it goes on behind the last page done. Doing a page
/// twice does no harm.
pub(super) async fn revoke(context: &StepContext<'_>) -> Result<StepReport, StepFailure> {
    if context.recorded(ObjectKind::Pool).is_none() {
        return Ok(StepReport::skipped("There is no pool."));
    }
    let pool = pool::id(context)?;
    let (after, mut done) = read_cursor(context.step.cursor.as_deref());
    let mut request = PageRequest { after, ..PageRequest::default() };
    let mut trace = None;
    loop {
        let page = context.vendor().list_users(&pool, &request).await?;
        let ids: Vec<_> = page.items.iter().map(|user| user.id.clone()).collect();
        if !ids.is_empty() {
            trace = context.vendor().revoke_pool_user_tokens(&pool, &ids).await?.trace_id;
            done += ids.len();
        }
        let Some(next) = request.following(&page) else { break };
        context.note(&format!("{}{SEPARATOR}{done}", next.after.as_deref().unwrap_or_default())).await?;
        request = next;
    }
    let audit =
        (done > 0).then(|| context.changed(None, Some(json!({ "tokens_revoked_of_users": done })), trace));
    Ok(StepReport::done(format!("Tokens and sessions of {done} users revoked.")).audited(audit))
}

fn read_cursor(cursor: Option<&str>) -> (Option<String>, usize) {
    match cursor.and_then(|text| text.rsplit_once(SEPARATOR)) {
        Some((after, done)) => (Some(after.to_owned()), done.parse().unwrap_or(0)),
        None => (None, 0),
    }
}
