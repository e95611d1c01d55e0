//! The page around what changes: one page of the console, cut where its contents differ from time to time.

use std::ops::Range;

use super::{markup, query::List};
use crate::Outcome;

/// What is written anew for every request.
#[derive(Clone, Copy)]
enum Hole {
    Nonce,
    Version,
    Total,
    Found,
    Status(&'static str),
    Attention,
    States,
    Ownerships,
    Tiers,
    Rows,
    Next,
}

/// The words of the statuses, in the order of their chips.
const STATUSES: [&str; 6] = ["not_enabled", "enabling", "enabled", "suspending", "suspended", "resuming"];

/// The page in pieces: a text, then what follows it.
pub(super) struct Frame {
    pieces: Vec<(String, Hole)>,
    end: String,
    /// The length of the page it was cut from.
    length: usize,
}

impl Frame {
    /// Cuts a page of the console.
    pub(super) fn cut(page: &str) -> Outcome<Self> {
        let mut holes = vec![
            (between(page, "data-version=\"", "\"")?, Hole::Version),
            (between(page, "class=\"lead\">", " billers in all")?, Hole::Total),
            (inside(page, "id=\"results-count\"")?, Hole::Found),
            (inside(page, "id=\"n-attention\"")?, Hole::Attention),
            (options(page, "<select name=\"state\"")?, Hole::States),
            (options(page, "<select name=\"ownership\"")?, Hole::Ownerships),
            (options(page, "<select name=\"tier\"")?, Hole::Tiers),
            (rows(page)?, Hole::Rows),
            (between(page, "name=\"at\" value=\"", "\"")?, Hole::Next),
        ];
        for status in STATUSES {
            holes.push((inside(page, &format!("id=\"n-{status}\""))?, Hole::Status(status)));
        }
        let nonce = &page[between(page, "nonce=\"", "\"")?];
        holes.extend(page.match_indices(nonce).map(|(at, text)| (at..at + text.len(), Hole::Nonce)));
        holes.sort_by_key(|(range, _)| range.start);
        let mut pieces = Vec::new();
        let mut at = 0;
        for (range, hole) in holes {
            pieces.push((page[at..range.start].to_owned(), hole));
            at = range.end;
        }
        Ok(Self { pieces, end: page[at..].to_owned(), length: page.len() })
    }

    /// A page.
    pub(super) fn fill(&self, list: &List, nonce: &str, now: i64) -> String {
        let mut page = String::with_capacity(self.length + self.length / 8);
        for (text, hole) in &self.pieces {
            page.push_str(text);
            match hole {
                Hole::Nonce => page.push_str(nonce),
                Hole::Version => page.push_str(&list.version.to_string()),
                Hole::Total => markup::grouped(&mut page, list.total),
                Hole::Found => markup::found(&mut page, list),
                Hole::Status(status) => {
                    let n = list.statuses.iter().find(|(word, _)| word == status).map_or(0, |(_, n)| *n);
                    markup::grouped(&mut page, n);
                }
                Hole::Attention => markup::grouped(&mut page, list.attention),
                Hole::States => markup::options(&mut page, &list.states),
                Hole::Ownerships => markup::options(&mut page, &list.ownerships),
                Hole::Tiers => markup::options(&mut page, &list.tiers),
                Hole::Rows => markup::rows(&mut page, &list.rows, now),
                Hole::Next => markup::next(&mut page, list),
            }
        }
        page.push_str(&self.end);
        page
    }
}

fn missing(mark: &str) -> String {
    format!("the console's page has no {mark} any more: adapt server/benches/billers_page/peer/frame.rs")
}

/// The place after `mark`.
fn after(page: &str, from: usize, mark: &str) -> Result<usize, String> {
    page[from..].find(mark).map(|at| from + at + mark.len()).ok_or_else(|| missing(mark))
}

/// What stands between two marks.
fn between(page: &str, start: &str, end: &str) -> Result<Range<usize>, String> {
    let start = after(page, 0, start)?;
    Ok(start..after(page, start, end)? - end.len())
}

/// The text of the element that has this attribute.
fn inside(page: &str, attribute: &str) -> Result<Range<usize>, String> {
    let start = after(page, after(page, 0, attribute)?, ">")?;
    Ok(start..after(page, start, "<")? - 1)
}

/// The options of a choice but the first one, which means all.
fn options(page: &str, select: &str) -> Result<Range<usize>, String> {
    let option = "</option>";
    let start = after(page, after(page, 0, select)?, option)?;
    let end = after(page, start, "</select>")?;
    let last = page[start..end].rfind(option).map_or(start, |at| start + at + option.len());
    Ok(start..last)
}

fn rows(page: &str) -> Result<Range<usize>, String> {
    let start = after(page, 0, "<tbody>")?;
    let end = after(page, start, "</tbody>")?;
    let row = "</tr>";
    Ok(start..page[start..end].rfind(row).map_or(start, |at| start + at + row.len()))
}
