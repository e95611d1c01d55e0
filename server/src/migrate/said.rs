//! What is said of a move on the terminal.

use domain::migration::{PasswordKind, RowState, Verdict};
use services::migration::{Count, MigrationView};

use crate::terminal;

/// Where it stands, in one line.
pub(super) fn standing(view: &MigrationView) -> String {
    let of = |state| view.in_state(state);
    let arrived = of(RowState::Imported) + of(RowState::Verified) + of(RowState::Unchanged);
    let all = arrived + of(RowState::Ready) + of(RowState::Failed);
    let mut said = format!("{}: {} rows", view.it.state.label(), view.it.rows);
    if view.it.state.works() && of(RowState::Staged) > 0 {
        said.push_str(&format!(", {} to check", of(RowState::Staged)));
    }
    if all > 0 {
        said.push_str(&format!(", {arrived} of {all} users at SecureAuth"));
    }
    if let Some(rate) = view.rate {
        said.push_str(&format!(", {rate:.0} a second"));
    }
    if let Some((least, most)) = view.left {
        said.push_str(&format!(", {} to {} s left", least.as_secs(), most.as_secs()));
    }
    if let Some(why) = &view.it.throttle {
        said.push_str(&format!(". {why}"));
    }
    said
}

/// Who is missing in the delivery, and what was decided about them.
pub(super) fn missing(view: &MigrationView) {
    let Some(found) = view.it.missing.as_ref().filter(|found| found.users > 0) else { return };
    let decided = match &found.decision {
        None => "; nobody decided about them",
        Some(decision) if decision.ended => "; they were locked",
        Some(_) => "; they are being locked",
    };
    terminal::line(&format!(
        "  {} users that were moved before are missing in this file{decided}",
        found.users
    ));
}

/// Everything: what becomes of the rows, kinds of passwords, problems with their cures.
pub(super) fn whole(view: &MigrationView) {
    let of = |count| view.counts.get(&count).copied().unwrap_or(0);
    terminal::line(&standing(view));
    if let Some(known) = &view.it.prediction {
        let (users, calls) = (known.users, known.calls);
        terminal::line(&format!(
            "  {users} users of the pool were read, with {calls} requests to SecureAuth"
        ));
    }
    missing(view);
    for verdict in Verdict::ALL {
        terminal::line(&format!("  {:<24}{:>10}", verdict.label(), of(Count::Verdict(*verdict))));
    }
    terminal::line("Passwords");
    for kind in PasswordKind::ALL.iter().filter(|kind| of(Count::Kind(**kind)) > 0) {
        let canary = view.it.canaries.iter().find(|canary| canary.kind == *kind);
        let canary = canary.map(|canary| match &canary.problem {
            None => "  canary accepted".to_owned(),
            Some(problem) => format!("  canary refused: {problem}"),
        });
        let said = canary.unwrap_or_default();
        terminal::line(&format!("  {:<24}{:>10}{said}", kind.label(), of(Count::Kind(*kind))));
    }
    if !view.problems.is_empty() {
        terminal::line("Problems");
    }
    for problem in &view.problems {
        terminal::line(&format!(
            "  {:<40}{:>10}  {}",
            problem.cause.label(),
            problem.rows,
            problem.cause.cure()
        ));
        for (line, detail) in &problem.sample {
            terminal::line(&format!("      line {line} {detail}"));
        }
    }
}
