//! Both servers must show the same page, or the comparison says nothing.

use crate::Outcome;

/// How far the lengths may differ: the nonces and the ages of two moments.
const TOLERANCE: f64 = 0.02;

/// Checks that two pages have the same length, all but a little, and the same texts in their rows.
pub(crate) fn check(console: &str, peer: &str) -> Outcome<()> {
    let (ours, theirs) = (crate::figures::number(console.len()), crate::figures::number(peer.len()));
    if (ours / theirs - 1.0).abs() > TOLERANCE {
        return Err(changed(&format!("the console's has {ours} bytes, the hand-written one {theirs}")));
    }
    let (console, peer) = (row_texts(console), row_texts(peer));
    if console.len() < 2 {
        return Err(changed("no rows were found"));
    }
    if console.len() != peer.len() {
        return Err(changed(&format!("{} rows against {}", console.len(), peer.len())));
    }
    match console.iter().zip(&peer).find(|(ours, theirs)| ours != theirs) {
        Some((ours, theirs)) => Err(changed(&format!("a row reads {ours:?} against {theirs:?}"))),
        None => Ok(()),
    }
}

fn changed(how: &str) -> Box<dyn std::error::Error + Send + Sync> {
    format!(
        "the pages differ ({how}): adapt server/benches/billers_page/peer/markup.rs to the console's page"
    )
    .into()
}

/// What is to be read in each row of the table. The last cell is an age, which depends on the moment.
fn row_texts(page: &str) -> Vec<Vec<String>> {
    let table =
        page.split("<tbody>").nth(1).and_then(|rest| rest.split("</tbody>").next()).unwrap_or_default();
    table.split("</tr>").filter(|row| row.contains("<td")).map(cells).collect()
}

fn cells(row: &str) -> Vec<String> {
    let mut cells: Vec<String> = row.split("</td>").map(text).collect();
    cells.truncate(cells.len().saturating_sub(2));
    cells
}

/// Texts, links and labels: everything but the tags' own words.
fn text(cell: &str) -> String {
    let mut text = String::new();
    for part in cell.split('<') {
        let (tag, shown) = part.split_once('>').unwrap_or(("", part));
        for attribute in [" href=\"", " value=\"", " aria-label=\""] {
            if let Some(value) = tag.split(attribute).nth(1).and_then(|rest| rest.split('"').next()) {
                text.push_str(value);
                text.push(' ');
            }
        }
        text.push_str(shown);
        text.push(' ');
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
