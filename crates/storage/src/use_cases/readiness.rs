//! How far billers are for each use case: worked out anew in every commit on which it depends, and kept.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Bid, Portfolio,
    use_case::{Delta, OpenRun, Readiness, Standing, UseCase, UseCases},
};
use sqlx::FromRow;

use crate::{
    Conn, StorageError,
    counters::{self, Counter},
    decode::Place,
    error::exactly,
    sql::{Sql, Value},
};

/// How far a biller is for each use case, in their order.
pub type Stages = [Readiness; 3];

#[derive(FromRow)]
struct StandingRow {
    bid: String,
    status: String,
    has_run: bool,
    attention: bool,
    users: Option<String>,
    in_effect: Option<String>,
    frozen: bool,
    delta: Option<String>,
    user_hosting: Option<String>,
    delegated_login: Option<String>,
    hosted_login: Option<String>,
}

impl StandingRow {
    fn place(&self) -> Place<'_> {
        Place { table: "billers", row: &self.bid }
    }

    fn kept(&self) -> Result<Stages, StorageError> {
        let at = self.place();
        let word = |column: &'static str, text: &Option<String>| {
            Ok::<_, StorageError>(at.word_opt(column, text.as_deref())?.unwrap_or(Readiness::NotEnabled))
        };
        Ok([
            word("user_hosting", &self.user_hosting)?,
            word("delegated_login", &self.delegated_login)?,
            word("hosted_login", &self.hosted_login)?,
        ])
    }

    fn found(&self) -> Result<Stages, StorageError> {
        let at = self.place();
        let in_effect: Option<UseCases> = at.json_opt("in_effect", self.in_effect.as_deref())?;
        let standing = Standing {
            status: at.word("status", &self.status)?,
            open_run: match (self.has_run, self.attention) {
                (false, _) => OpenRun::None,
                (true, false) => OpenRun::UnderWay,
                (true, true) => OpenRun::Failed,
            },
            users: at.word_opt("state", self.users.as_deref())?,
            in_effect: in_effect.unwrap_or_default(),
            held_off: false,
            delta: match (self.frozen, &self.delta) {
                (false, _) => Delta::NotAsked,
                (true, None) => Delta::Outstanding,
                (true, Some(_)) => Delta::Moved,
            },
        };
        Ok([UseCase::UserHosting, UseCase::DelegatedLogin, UseCase::HostedLogin]
            .map(|use_case| standing.readiness(use_case)))
    }
}

/// Works out anew how far these billers are, and keeps and counts what differs.
pub(crate) async fn settle(
    conn: &mut Conn,
    bids: &BTreeSet<Bid>,
    counted: &mut BTreeMap<Counter, i64>,
) -> Result<(), StorageError> {
    for bid in bids {
        // Locked by a statement of its own: the next one then sees what others committed meanwhile.
        let mut lock = Sql::new("SELECT bid FROM billers WHERE bid = ");
        lock.bind(bid.as_str()).push(conn.engine().for_update());
        let _: Option<(String,)> = lock.optional(conn).await?;
        let mut sql = Sql::new(
            "SELECT b.bid, b.status, b.open_run IS NOT NULL AS has_run, b.attention, m.state AS users, e.in_effect, \
             f.bid IS NOT NULL AS frozen, f.delta, b.user_hosting, b.delegated_login, b.hosted_login FROM billers b \
             LEFT JOIN user_moves m ON m.bid = b.bid LEFT JOIN use_case_effects e ON e.bid = b.bid \
             LEFT JOIN freezes f ON f.bid = b.bid WHERE b.bid = ",
        );
        sql.bind(bid.as_str());
        let Some(row) = sql.optional::<StandingRow>(conn).await? else { continue };
        let (before, after) = (row.kept()?, row.found()?);
        if before != after {
            keep(conn, bid, after).await?;
            for (index, use_case) in UseCase::ALL.iter().enumerate() {
                *counted.entry(Counter::Readiness(*use_case, before[index])).or_default() -= 1;
                *counted.entry(Counter::Readiness(*use_case, after[index])).or_default() += 1;
            }
        }
    }
    // Billers that are not enabled are counted by their status.
    counted.retain(|counter, _| !matches!(counter, Counter::Readiness(_, Readiness::NotEnabled)));
    Ok(())
}

async fn keep(conn: &mut Conn, bid: &Bid, stages: Stages) -> Result<(), StorageError> {
    let words = stages.map(|stage| (stage != Readiness::NotEnabled).then(|| stage.as_str().to_owned()));
    let mut sql = Sql::new("UPDATE billers SET user_hosting = ");
    let [hosting, delegated, hosted] = words;
    sql.bind(hosting).push(", delegated_login = ").bind(delegated).push(", hosted_login = ").bind(hosted);
    sql.push(" WHERE bid = ").bind(bid.as_str());
    exactly(1, sql.run(conn).await?, "Keeping how far a biller is")
}

#[derive(FromRow)]
struct StagesRow {
    bid: String,
    user_hosting: Option<String>,
    delegated_login: Option<String>,
    hosted_login: Option<String>,
}

/// How far these billers are.
///
/// # Errors
/// [`StorageError::Driver`]; [`StorageError::Inconsistent`] for a row that was changed by hand.
pub async fn stages(conn: &mut Conn, bids: &[Bid]) -> Result<BTreeMap<Bid, Stages>, StorageError> {
    let mut found = BTreeMap::new();
    for batch in bids.chunks(200) {
        let mut sql =
            Sql::new("SELECT bid, user_hosting, delegated_login, hosted_login FROM billers WHERE bid IN ");
        sql.tuple(batch.iter().map(|bid| Value::from(bid.as_str())));
        for row in sql.all::<StagesRow>(conn).await? {
            let at = Place { table: "billers", row: &row.bid };
            let word = |column: &'static str, text: &Option<String>| {
                Ok::<_, StorageError>(at.word_opt(column, text.as_deref())?.unwrap_or(Readiness::NotEnabled))
            };
            let stages = [
                word("user_hosting", &row.user_hosting)?,
                word("delegated_login", &row.delegated_login)?,
                word("hosted_login", &row.hosted_login)?,
            ];
            found.insert(at.word("bid", &row.bid)?, stages);
        }
    }
    Ok(found)
}

/// How many enabled billers are how far for a use case: of all of them kept, within a portfolio counted. Billers that
/// are not enabled are not among them.
///
/// # Errors
/// As [`stages`].
pub async fn counts(
    conn: &mut Conn,
    use_case: UseCase,
    within: Option<&Portfolio>,
) -> Result<Vec<(Readiness, u64)>, StorageError> {
    let found = match within {
        None => counters::of_scope(conn, use_case.as_str()).await?,
        Some(portfolio) => {
            let column = use_case.as_str();
            let mut sql = Sql::new("SELECT ");
            sql.push(column).push(", COUNT(*) FROM billers WHERE portfolio = ").bind(portfolio.as_str());
            sql.push(" AND ").push(column).push(" IS NOT NULL GROUP BY ").push(column);
            let rows: Vec<(String, i64)> = sql.all(conn).await?;
            rows.into_iter().map(|(word, n)| (word, u64::try_from(n).unwrap_or(0))).collect()
        }
    };
    let of = |readiness: Readiness| {
        found.iter().find(|(word, _)| word == readiness.as_str()).map_or(0, |(_, n)| *n)
    };
    Ok(Readiness::ALL
        .iter()
        .filter(|readiness| **readiness != Readiness::NotEnabled)
        .map(|readiness| (*readiness, of(*readiness)))
        .collect())
}
