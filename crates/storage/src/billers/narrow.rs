//! Which billers a filter means, and from which side to look for them.
//!
//! A page must cost the same whatever the number of billers. So exactly one condition leads: it is written so
//! that an index serves it together with the sort order. The others are only checked on the rows that come by,
//! and are written so that no index is chosen for them. The condition with the fewest billers leads, which the
//! kept counters tell. A search word that few billers have leads before all others.

use domain::{
    biller::CiamStatus,
    filter::{BillerFilter, Stage},
    search,
};

use crate::{
    Conn, StorageError,
    counters::{self, Counter},
    sql::{Sql, Value},
};

/// Up to this many matches of a word, all of them are looked at and sorted; above, they are so frequent that
/// walking along the sort order usually finds a page of them soon.
const FEW: i64 = 2_000;

/// Words of a search that count: nobody types more, and a statement cannot grow without bounds.
const WORDS: usize = 16;

/// A folded word and the first text after everything that begins with it.
pub(super) type Prefix = (String, String);

/// The condition that leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lead {
    /// None: along the sort order.
    Order,
    /// A word: all its billers are fetched, then sorted.
    Word(Prefix),
    /// Billers that wait for a decision.
    Attention,
    /// One or several statuses.
    Statuses,
    /// One value of a column.
    Facet(&'static str),
}

/// A filter, ready to be written as SQL.
#[derive(Clone, Debug)]
pub(super) struct Narrow {
    pub(super) lead: Lead,
    pub(super) statuses: Vec<CiamStatus>,
    words: Vec<Prefix>,
    attention: bool,
    facets: Vec<(&'static str, String)>,
    stage: Option<Stage>,
}

impl Narrow {
    /// Reads a filter and chooses the condition that leads.
    pub(super) async fn plan(conn: &mut Conn, filter: &BillerFilter) -> Result<Self, StorageError> {
        let mut narrow = Self::read(filter);
        if let Some(word) = narrow.rarest_word(conn).await? {
            return Ok(narrow.led_by(word));
        }
        let mut choices = narrow.choices();
        if choices.len() == 1 {
            narrow.lead = choices.remove(0).0;
            return Ok(narrow);
        }
        let mut fewest = u64::MAX;
        for (lead, counted) in choices {
            let mut billers = 0;
            for counter in &counted {
                billers += counters::get(conn, counter).await?;
            }
            if billers < fewest {
                fewest = billers;
                narrow.lead = lead;
            }
        }
        Ok(narrow)
    }

    fn read(filter: &BillerFilter) -> Self {
        let mut words: Vec<Prefix> = search::words(&filter.search)
            .into_iter()
            .filter_map(|word| search::prefix_end(&word).map(|end| (word, end)))
            .collect();
        words.sort_unstable();
        words.dedup();
        words.truncate(WORDS);
        let mut statuses = filter.statuses.clone();
        statuses.sort_unstable();
        statuses.dedup();
        let facets = [
            ("portfolio", filter.portfolio.as_ref().map(ToString::to_string)),
            ("state", filter.state.clone()),
            ("ownership", filter.ownership.clone()),
            ("tier", filter.tier.clone()),
            stage(filter.stage),
        ]
        .into_iter()
        .filter_map(|(column, value)| value.map(|value| (column, value)))
        .collect();
        Self {
            lead: Lead::Order,
            statuses,
            words,
            attention: filter.needs_attention,
            facets,
            stage: filter.stage,
        }
    }

    /// The same filter with this word in the lead.
    pub(super) fn led_by(mut self, word: Prefix) -> Self {
        self.words.retain(|other| *other != word);
        self.lead = Lead::Word(word);
        self
    }

    /// The word to lead if walking along the sort order leads nowhere: the longest is the likeliest to be rare.
    /// `None` without words, or when one leads already.
    pub(super) fn frequent_word(&self) -> Option<&Prefix> {
        match self.lead {
            Lead::Word(_) => None,
            _ => self.words.iter().max_by_key(|(word, _)| word.len()),
        }
    }

    /// Every condition that can lead, with the counters that tell its number of billers.
    fn choices(&self) -> Vec<(Lead, Vec<Counter>)> {
        let mut choices = Vec::new();
        for (column, value) in &self.facets {
            let counter = match *column {
                "portfolio" => Counter::Portfolio(value.clone()),
                "state" => Counter::State(value.clone()),
                "ownership" => Counter::Ownership(value.clone()),
                "tier" => Counter::Tier(value.clone()),
                _ => match self.stage {
                    Some(Stage { use_case, readiness }) => Counter::Readiness(use_case, readiness),
                    None => continue,
                },
            };
            choices.push((Lead::Facet(column), vec![counter]));
        }
        // Several statuses are several ranges, which cannot be walked along together with words.
        if self.statuses.len() == 1 || (!self.statuses.is_empty() && self.words.is_empty()) {
            choices.push((Lead::Statuses, self.statuses.iter().copied().map(Counter::Status).collect()));
        }
        if self.attention {
            choices.push((Lead::Attention, vec![Counter::Attention]));
        }
        choices
    }

    /// The rarest word of the search, if few billers have it.
    async fn rarest_word(&self, conn: &mut Conn) -> Result<Option<Prefix>, StorageError> {
        let mut rarest = None;
        let mut fewest = FEW + 1;
        for word in &self.words {
            let mut sql = Sql::new("SELECT COUNT(*) FROM (SELECT 1 FROM biller_terms t WHERE ");
            in_range(&mut sql, word);
            sql.push(" LIMIT ").bind(FEW + 1).push(") AS few");
            let (found,): (i64,) = sql.optional(conn).await?.unwrap_or_default();
            if found < fewest {
                fewest = found;
                rarest = Some(word.clone());
            }
        }
        Ok(rarest)
    }

    /// Appends the leading condition with `AND` before it, unless it is a word. Of several statuses the one that
    /// is meant is given.
    pub(super) fn push_lead(&self, sql: &mut Sql, status: Option<CiamStatus>) {
        match self.lead {
            Lead::Order | Lead::Word(_) => {}
            Lead::Attention => {
                sql.push(" AND b.attention");
            }
            Lead::Statuses => {
                if let Some(status) = status {
                    sql.push(" AND b.status = ").bind(status.as_str());
                }
            }
            Lead::Facet(lead) => {
                for (column, value) in self.facets.iter().filter(|(column, _)| *column == lead) {
                    sql.push(" AND b.").push(column).push(" = ").bind(value.as_str());
                }
            }
        }
    }

    /// Appends every other condition, each with `AND` before it.
    pub(super) fn push_rest(&self, sql: &mut Sql) {
        for (column, value) in self.facets.iter().filter(|(column, _)| self.lead != Lead::Facet(column)) {
            sql.push(" AND (b.").push(column).push(" = ").bind(value.as_str()).push(") IS TRUE");
        }
        if !self.statuses.is_empty() && self.lead != Lead::Statuses {
            sql.push(" AND (b.status IN ");
            sql.tuple(self.statuses.iter().map(|status| Value::from(status.as_str()))).push(") IS TRUE");
        }
        if self.attention && self.lead != Lead::Attention {
            sql.push(" AND (b.attention OR FALSE) IS TRUE");
        }
        for word in &self.words {
            sql.push(" AND EXISTS (SELECT 1 FROM biller_terms t WHERE t.bid = b.bid AND ");
            in_range(sql, word);
            // The OFFSET keeps PostgreSQL from collecting every biller with this word first.
            sql.push(" LIMIT 1 OFFSET 0)");
        }
    }
}

/// The column that holds how far a biller is, and the value that is asked for.
fn stage(stage: Option<Stage>) -> (&'static str, Option<String>) {
    let column = stage.map_or("user_hosting", |stage| stage.use_case.as_str());
    (column, stage.map(|stage| stage.readiness.as_str().to_owned()))
}

/// Appends the condition that the term `t.term` begins with the word.
pub(super) fn in_range(sql: &mut Sql, (from, to): &Prefix) {
    sql.push("t.term >= ").bind(from.as_str()).push(" AND t.term < ").bind(to.as_str());
}
