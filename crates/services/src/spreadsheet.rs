//! Cells of files that people open in a spreadsheet: what it would take for a formula and run is kept from that.

/// A spreadsheet takes a cell that begins with one of these for a formula.
const FORMULAS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// The cell as text: an apostrophe stands before what would be a formula, and before what looks as if one stood there
/// already, so that [`plain`] gives back every cell as it was.
pub(crate) fn harmless(cell: &str) -> String {
    if begins_a_formula(cell) { format!("'{cell}") } else { cell.to_owned() }
}

/// The cell as it was before [`harmless`].
pub(crate) fn plain(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| begins_a_formula(rest)).unwrap_or(cell)
}

fn begins_a_formula(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(FORMULAS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_run_and_every_cell_comes_back_as_it_was() {
        for begin in FORMULAS {
            let cell = format!("{begin}cmd|' /C calc'!A0");
            assert_eq!(harmless(&cell), format!("'{cell}"), "{begin:?}");
        }
        for cell in ["=1", "'=1", "''=1", "'", "''", "", "a=1", "'a", "O'Neil", " =1", "＝1", "\n1", "1+1"] {
            assert!(!harmless(cell).starts_with(FORMULAS), "{cell:?}");
            assert_eq!(plain(&harmless(cell)), cell, "{cell:?}");
        }
        assert_eq!(harmless("a=1"), "a=1", "what is no formula stays as it is");
    }
}
