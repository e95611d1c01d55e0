//! Billers from a CSV file: which column is which, and what is wrong with a row.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    Bid, Portfolio,
    biller::{BillerDraft, PortfolioSaid},
    words,
};

words! {
    /// A column of the file.
    Column, "column" {
        /// IC's id; required.
        Bid = "bid", "bid";
        /// The true name; required.
        Name = "name", "name";
        /// Region.
        State = "state", "state";
        /// Kind of owner.
        Ownership = "ownership", "ownership";
        /// Number of customers.
        Customers = "customers", "customers";
        /// Contract tier.
        Tier = "tier", "tier";
        /// IANA time zone.
        TimeZone = "time_zone", "time_zone";
        /// Portfolio; a file without this column leaves every biller in its own.
        Portfolio = "portfolio", "portfolio";
    }
}

impl Column {
    const fn required(self) -> bool {
        matches!(self, Self::Bid | Self::Name)
    }
}

/// Why a file cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HeaderError {
    /// Nothing in the file.
    #[error("The file is empty: its first line must name the columns, e.g. bid,name,state,customers.")]
    Empty,
    /// A required column is not there.
    #[error("Line 1 names no column \"{missing}\" (found: {found}): add it to the first line.")]
    Missing {
        /// The column that is needed.
        missing: &'static str,
        /// The columns that are there.
        found: String,
    },
    /// A column is named twice.
    #[error("Line 1 names the column \"{0}\" twice: remove or rename one of them.")]
    Doubled(&'static str),
}

/// What is wrong with one row, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Error)]
#[error("{}{}: {problem}. {cure}", place(*.line), .field.as_deref().unwrap_or("whole row"))]
pub struct RowError {
    /// The line of the file on which the row begins, from 1; 0 when there is no file.
    pub line: u64,
    /// The field; `None` when it is the row as a whole.
    pub field: Option<String>,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub cure: String,
}

impl RowError {
    /// An error of a whole row.
    #[must_use]
    pub fn row(line: u64, problem: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { line, field: None, problem: problem.into(), cure: cure.into() }
    }

    /// An error of a field that stands in no file.
    pub(crate) fn new(field: &str, problem: &str, cure: &str) -> Self {
        Self { line: 0, field: Some(field.to_owned()), problem: problem.to_owned(), cure: cure.to_owned() }
    }

    /// An error of one field.
    #[must_use]
    pub fn field(line: u64, field: Column, problem: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { line, field: Some(field.as_str().to_owned()), problem: problem.into(), cure: cure.into() }
    }
}

/// Which column of the file is which; unknown columns are left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    places: Vec<Option<Column>>,
    ignored: Vec<String>,
}

impl Columns {
    /// Reads the first line. Order, case, spaces and a byte order mark do not matter.
    ///
    /// # Errors
    /// [`HeaderError`] names the column that is missing or doubled.
    pub fn from_header<'a>(header: impl IntoIterator<Item = &'a str>) -> Result<Self, HeaderError> {
        let names: Vec<String> = header
            .into_iter()
            .map(|name| name.trim_start_matches('\u{feff}').trim().to_lowercase().replace([' ', '-'], "_"))
            .collect();
        if names.iter().all(String::is_empty) {
            return Err(HeaderError::Empty);
        }
        let places: Vec<Option<Column>> = names.iter().map(|name| name.parse().ok()).collect();
        let mut seen = BTreeSet::new();
        for column in places.iter().flatten() {
            if !seen.insert(*column) {
                return Err(HeaderError::Doubled(column.as_str()));
            }
        }
        if let Some(missing) = Column::ALL.iter().find(|c| c.required() && !seen.contains(*c)) {
            return Err(HeaderError::Missing {
                missing: missing.as_str(),
                found: shortened(&names.join(", "), 200),
            });
        }
        let ignored =
            names.iter().zip(&places).filter(|(_, place)| place.is_none()).map(|(n, _)| n.clone()).collect();
        Ok(Self { places, ignored })
    }

    /// How many columns the file has.
    #[must_use]
    pub fn width(&self) -> usize {
        self.places.len()
    }

    /// Which column of ours stands at this place of the file, from 0.
    #[must_use]
    pub fn at(&self, place: usize) -> Option<Column> {
        self.places.get(place).copied().flatten()
    }

    /// Whether the file has this column.
    fn holds(&self, column: Column) -> bool {
        self.places.contains(&Some(column))
    }

    /// Columns of the file that mean nothing to us.
    #[must_use]
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// Reads one row; every wrong field is reported, not only the first.
    ///
    /// # Errors
    /// One [`RowError`] per wrong field.
    pub fn row(&self, line: u64, fields: &[&str]) -> Result<BillerDraft, Vec<RowError>> {
        if fields.len() != self.places.len() {
            return Err(vec![RowError::row(
                line,
                format!("{} fields instead of {}", fields.len(), self.places.len()),
                "Give every row as many fields as the first line; put a field that holds a comma into double quotes",
            )]);
        }
        let value = |column: Column| {
            let place = self.places.iter().position(|p| *p == Some(column))?;
            fields.get(place).map(|text| text.trim()).filter(|text| !text.is_empty())
        };
        let mut errors = Vec::new();
        let mut keep = |field: Result<Option<String>, RowError>| {
            field.unwrap_or_else(|error| {
                errors.push(error);
                None
            })
        };
        let bid = keep(bid(line, value(Column::Bid)));
        let name = keep(text(line, Column::Name, value(Column::Name), 200).and_then(|name| {
            name.map(Some).ok_or_else(|| {
                RowError::field(line, Column::Name, "is empty", "Give the name as on the biller's bills")
            })
        }));
        let state = keep(text(line, Column::State, value(Column::State), 60));
        let ownership = keep(text(line, Column::Ownership, value(Column::Ownership), 60));
        // Lower case first: it can have more characters.
        let tier = value(Column::Tier).map(str::to_lowercase);
        let tier = keep(text(line, Column::Tier, tier.as_deref(), 40));
        let time_zone = keep(time_zone(line, value(Column::TimeZone)));
        let customers = keep(customers(line, value(Column::Customers)));
        let portfolio = portfolio(line, self.holds(Column::Portfolio), value(Column::Portfolio))
            .unwrap_or_else(|error| {
                errors.push(error);
                PortfolioSaid::Nothing
            });
        match (bid.and_then(|b| Bid::parse(&b).ok()), name) {
            (Some(bid), Some(name)) if errors.is_empty() => Ok(BillerDraft {
                bid,
                name,
                state,
                ownership,
                customers: customers.and_then(|n| n.parse().ok()),
                tier,
                time_zone,
                portfolio,
            }),
            _ => Err(errors),
        }
    }
}

/// Checks the fields of a biller that came in as JSON, by the same rules as a row of a file.
///
/// # Errors
/// One [`RowError`] per wrong field, with line 0.
pub fn check(draft: BillerDraft) -> Result<BillerDraft, Vec<RowError>> {
    let customers = draft.customers.map(|n| n.to_string()).unwrap_or_default();
    let said = |column: &Column| *column != Column::Portfolio || !draft.portfolio.is_nothing();
    let places: Vec<_> = Column::ALL.iter().copied().filter(said).map(Some).collect();
    let field = |value: &Option<String>| value.clone().unwrap_or_default();
    let mut fields = vec![
        draft.bid.as_str().to_owned(),
        draft.name.clone(),
        field(&draft.state),
        field(&draft.ownership),
        customers,
        field(&draft.tier),
        field(&draft.time_zone),
        draft.portfolio.named().map(ToString::to_string).unwrap_or_default(),
    ];
    fields.truncate(places.len());
    let columns = Columns { places, ignored: Vec::new() };
    columns.row(0, &fields.iter().map(String::as_str).collect::<Vec<_>>())
}

fn bid(line: u64, value: Option<&str>) -> Result<Option<String>, RowError> {
    let text = value.unwrap_or_default();
    Bid::parse(text).map(|bid| Some(bid.to_string())).map_err(|error| {
        RowError::field(line, Column::Bid, error.to_string(), "Use the id under which IC knows the biller")
    })
}

fn text(line: u64, column: Column, value: Option<&str>, limit: usize) -> Result<Option<String>, RowError> {
    let Some(text) = value else { return Ok(None) };
    let length = text.chars().count();
    if length > limit {
        return Err(RowError::field(
            line,
            column,
            format!("has {length} characters, {limit} are allowed"),
            "Shorten it, or look for a missing quote earlier in the file",
        ));
    }
    if let Some(found) = text.chars().find(|c| c.is_control()) {
        return Err(RowError::field(
            line,
            column,
            format!("holds the control character {found:?}"),
            "Remove it; if it is a line break, look for a missing quote",
        ));
    }
    Ok(Some(text.to_owned()))
}

fn customers(line: u64, value: Option<&str>) -> Result<Option<String>, RowError> {
    let Some(text) = value else { return Ok(None) };
    match text.parse::<i64>() {
        Ok(number) if number >= 0 => Ok(Some(number.to_string())),
        _ => Err(RowError::field(
            line,
            Column::Customers,
            format!("{:?} is not a whole number", shortened(text, 40)),
            "Give a whole number from 0, without separators, or leave it empty",
        )),
    }
}

fn time_zone(line: u64, value: Option<&str>) -> Result<Option<String>, RowError> {
    let Some(text) = value else { return Ok(None) };
    let shaped = text == "UTC"
        || (text.contains('/')
            && text.len() <= 60
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '+'))
            && text.split('/').all(|part| part.starts_with(|c: char| c.is_ascii_alphabetic())));
    if shaped {
        Ok(Some(text.to_owned()))
    } else {
        Err(RowError::field(
            line,
            Column::TimeZone,
            format!("{:?} is not a time zone name", shortened(text, 40)),
            "Use an IANA name such as America/Chicago, or leave it empty",
        ))
    }
}

/// What a text says of a biller's portfolio; empty is none.
///
/// # Errors
/// The [`RowError`] of the field, with line 0.
pub fn portfolio_said(text: &str) -> Result<PortfolioSaid, RowError> {
    portfolio(0, true, Some(text).filter(|text| !text.trim().is_empty()))
}

fn portfolio(line: u64, said: bool, value: Option<&str>) -> Result<PortfolioSaid, RowError> {
    match value.map(Portfolio::parse) {
        None if said => Ok(PortfolioSaid::InNone),
        None => Ok(PortfolioSaid::Nothing),
        Some(Ok(portfolio)) => Ok(PortfolioSaid::In(portfolio)),
        Some(Err(error)) => Err(RowError::field(
            line,
            Column::Portfolio,
            error.to_string(),
            "Use the portfolio's name as the CRM has it, or leave it empty",
        )),
    }
}

fn shortened(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        text.to_owned()
    } else {
        text.chars().take(limit).chain(['…']).collect()
    }
}

fn place(line: u64) -> String {
    if line == 0 { String::new() } else { format!("line {line}, ") }
}
