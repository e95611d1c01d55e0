//! The state of lists in their URLs: search, filters, order, place and selection.

use domain::{
    Bid,
    biller::CiamStatus,
    filter::{BillerFilter, Cursor, Direction, ListQuery, SortBy, Stage},
    settings::SettingKey,
    text::UnknownWord,
    use_case::{Choice, ChoicePatch, Choices, OldUrlBehaviour, UseCase},
    wave::WaveAction,
};
use services::AuditQuery;
use url::form_urlencoded::{self, Serializer};

use crate::activity_query::ActivityQuery;

/// The entries that the query string of the activity page asks for, from the newest on: its exports take the
/// same string.
#[must_use]
pub fn activity(query: &str) -> AuditQuery {
    ActivityQuery::parse(query).unpaged().to_audit()
}

/// The query string that names these choices.
#[must_use]
pub fn of_choices(choices: &Choices) -> String {
    let mut out = Serializer::new(String::new());
    for use_case in UseCase::ALL {
        out.append_pair(use_case.as_str(), choices.of(*use_case).as_str());
    }
    out.append_pair(OLD_URL, choices.old_url.map_or("inherit", OldUrlBehaviour::as_str));
    out.finish()
}

/// The choices that a query string names; what it does not name is inherited, and of several the last one counts.
///
/// # Errors
/// The word that is none.
pub fn choices_of(query: &str) -> Result<Choices, UnknownWord> {
    let mut choices = Choices::default();
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        if let Ok(use_case) = key.parse::<UseCase>() {
            choices = choices.with(use_case, value.parse::<Choice>()?);
        } else if key == OLD_URL {
            choices.old_url = if value == "inherit" { None } else { Some(value.parse()?) };
        }
    }
    Ok(choices)
}

/// The parameter that names what the old login page does.
pub const OLD_URL: &str = "old_url";

/// The parameter that names what a wave does; without it, it enables.
pub const DO: &str = "do";
/// The wave changes use cases.
pub const DO_USE_CASES: &str = "use_cases";

/// The wave writes defaults of settings.
pub const DO_SETTINGS: &str = "settings";
/// The wave moves users.
pub const DO_MIGRATE: &str = "migrate";
/// The parameter that names such a setting.
pub const KEY: &str = "key";

/// What the query string of a wave's preview says that the wave does.
#[must_use]
pub fn action_of(query: &str) -> WaveAction {
    let mut patch = ChoicePatch::default();
    let mut changes = false;
    let mut defaults = false;
    let mut moves = false;
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        changes |= key == DO && value == DO_USE_CASES;
        defaults |= key == DO && value == DO_SETTINGS;
        moves |= key == DO && value == DO_MIGRATE;
        if let (Ok(use_case), Ok(choice)) = (key.parse::<UseCase>(), value.parse::<Choice>()) {
            patch.switches.insert(use_case, choice);
        } else if key == OLD_URL {
            patch.old_url = value.parse().ok();
        }
    }
    if defaults {
        let named = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == KEY);
        let mut keys: Vec<SettingKey> = named.filter_map(|(_, value)| value.parse().ok()).collect();
        keys.sort_unstable();
        keys.dedup();
        return WaveAction::Defaults { keys };
    }
    if moves {
        return WaveAction::Migrate;
    }
    if changes { WaveAction::UseCases(patch) } else { WaveAction::Enable }
}

/// The part of a preview's query string that says what the wave does.
#[must_use]
pub fn of_action(action: &WaveAction) -> String {
    let mut out = Serializer::new(String::new());
    let patch = match action {
        // A copy is asked for on its own preview, which has the values.
        WaveAction::Enable | WaveAction::Copy { .. } => return String::new(),
        WaveAction::UseCases(patch) => patch,
        WaveAction::Defaults { keys } => {
            out.append_pair(DO, DO_SETTINGS);
            for key in keys {
                out.append_pair(KEY, key.as_str());
            }
            return out.finish();
        }
        WaveAction::Migrate => {
            out.append_pair(DO, DO_MIGRATE);
            return out.finish();
        }
    };
    out.append_pair(DO, DO_USE_CASES);
    for (use_case, choice) in &patch.switches {
        out.append_pair(use_case.as_str(), choice.as_str());
    }
    if let Some(old_url) = patch.old_url {
        out.append_pair(OLD_URL, old_url.as_str());
    }
    out.finish()
}

/// The names of the query parameters, as they stand in the form.
pub mod name {
    /// Words to search for.
    pub const SEARCH: &str = "q";
    /// A status; may come several times.
    pub const STATUS: &str = "status";
    /// Only billers whose last run failed.
    pub const ATTENTION: &str = "attention";
    /// Region.
    pub const STATE: &str = "state";
    /// Kind of owner.
    pub const OWNERSHIP: &str = "ownership";
    /// Contract tier.
    pub const TIER: &str = "tier";
    /// How far for which use case, e.g. `hosted_login.ready`.
    pub const STAGE: &str = "stage";
    /// Only this portfolio.
    pub const PORTFOLIO: &str = "portfolio";
    /// What the list is sorted by.
    pub const SORT: &str = "sort";
    /// Which way.
    pub const DIRECTION: &str = "dir";
    /// Where the page lies.
    pub const CURSOR: &str = "at";
    /// A selected biller; may come several times.
    pub const SELECTED: &str = "sel";
    /// Everything that matches the filter is meant, not single billers.
    pub const ALL: &str = "all";
}

/// What the URL of the billers page says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BillersQuery {
    /// Which page of which list.
    pub list: ListQuery,
    /// The selected billers, in order, without repeats; they may lie on other pages.
    pub selected: Vec<Bid>,
    /// Whether everything that matches the filter is meant.
    pub all_matching: bool,
}

impl BillersQuery {
    /// Reads a query string. What is not understood is left out, so an old bookmark still shows a list.
    /// Where a single value comes twice the last one counts: that is the one of the button pressed.
    #[must_use]
    pub fn parse(query: &str) -> Self {
        let mut parsed = Self::default();
        let text = |value: &str| Some(value.trim().to_owned()).filter(|v| !v.is_empty());
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            let filter = &mut parsed.list.filter;
            match key.as_ref() {
                name::SEARCH => filter.search = value.trim().to_owned(),
                name::STATUS => match value.parse::<CiamStatus>() {
                    Ok(status) if !filter.statuses.contains(&status) => filter.statuses.push(status),
                    _ => {}
                },
                name::ATTENTION => filter.needs_attention = value == "1",
                name::STATE => filter.state = text(&value),
                name::OWNERSHIP => filter.ownership = text(&value),
                name::TIER => filter.tier = text(&value),
                name::PORTFOLIO => filter.portfolio = value.parse().ok(),
                name::STAGE => filter.stage = stage(&value),
                name::SORT => parsed.list.sort = value.parse().unwrap_or(SortBy::Name),
                name::DIRECTION => parsed.list.direction = value.parse().unwrap_or(Direction::Ascending),
                name::CURSOR => parsed.list.cursor = Cursor::parse(&value),
                name::SELECTED => match Bid::parse(&value) {
                    Ok(bid) if !parsed.selected.contains(&bid) => parsed.selected.push(bid),
                    _ => {}
                },
                name::ALL => parsed.all_matching = value == "1",
                _ => {}
            }
        }
        parsed
    }

    /// The query string; what is as usual is left out.
    #[must_use]
    pub fn to_query(&self) -> String {
        let mut out = Serializer::new(String::new());
        let filter = &self.list.filter;
        if !filter.search.is_empty() {
            out.append_pair(name::SEARCH, &filter.search);
        }
        for status in &filter.statuses {
            out.append_pair(name::STATUS, status.as_str());
        }
        if filter.needs_attention {
            out.append_pair(name::ATTENTION, "1");
        }
        for (key, value) in
            [(name::STATE, &filter.state), (name::OWNERSHIP, &filter.ownership), (name::TIER, &filter.tier)]
        {
            if let Some(value) = value {
                out.append_pair(key, value);
            }
        }
        if let Some(portfolio) = &filter.portfolio {
            out.append_pair(name::PORTFOLIO, portfolio.as_str());
        }
        if let Some(stage) = filter.stage {
            out.append_pair(name::STAGE, &format!("{}.{}", stage.use_case, stage.readiness));
        }
        if self.list.sort != SortBy::Name {
            out.append_pair(name::SORT, self.list.sort.as_str());
        }
        if self.list.direction != Direction::Ascending {
            out.append_pair(name::DIRECTION, self.list.direction.as_str());
        }
        if let Some(cursor) = &self.list.cursor {
            out.append_pair(name::CURSOR, &cursor.to_string());
        }
        for bid in &self.selected {
            out.append_pair(name::SELECTED, bid.as_str());
        }
        if self.all_matching {
            out.append_pair(name::ALL, "1");
        }
        out.finish()
    }

    /// The list with this one status only, from its beginning.
    #[must_use]
    pub fn with_status(status: CiamStatus) -> Self {
        let mut query = Self::default();
        query.list.filter.statuses = vec![status];
        query
    }

    /// The list of billers that wait for a decision.
    #[must_use]
    pub fn needing_attention() -> Self {
        let mut query = Self::default();
        query.list.filter.needs_attention = true;
        query
    }

    /// The same billers sorted by this column, from the beginning; a second time turns the order around.
    #[must_use]
    pub fn sorted_by(&self, column: SortBy) -> Self {
        let mut query = self.clone();
        query.list.cursor = None;
        query.list.direction =
            if self.list.sort == column { self.list.direction.reversed() } else { usual(column) };
        query.list.sort = column;
        query
    }

    /// The same list without any filter.
    #[must_use]
    pub fn unfiltered(&self) -> Self {
        let mut query = self.clone();
        query.list.filter = BillerFilter::default();
        query.list.cursor = None;
        query
    }

    /// Everything that matches the present filter, for the preview of a wave.
    #[must_use]
    pub fn everything_matching(&self) -> Self {
        let mut query = Self { all_matching: true, ..Self::default() };
        query.list.filter = self.list.filter.clone();
        query
    }
}

fn stage(text: &str) -> Option<Stage> {
    let (use_case, readiness) = text.split_once('.')?;
    Some(Stage { use_case: use_case.parse().ok()?, readiness: readiness.parse().ok()? })
}

/// The direction people expect first: names from A, numbers and times from the top.
const fn usual(column: SortBy) -> Direction {
    match column {
        SortBy::Name | SortBy::Bid => Direction::Ascending,
        SortBy::Customers | SortBy::Changed => Direction::Descending,
    }
}

#[cfg(test)]
mod tests {
    use domain::filter::Side;

    use super::*;

    fn bid(text: &str) -> Bid {
        Bid::parse(text).expect("a bid")
    }

    #[test]
    fn choices_read_back_from_their_query_and_the_last_value_counts() {
        let choices: Choices = "on off inherit redirect".parse().expect("choices");
        for choices in [choices, Choices::default()] {
            assert_eq!(choices_of(&of_choices(&choices)), Ok(choices));
        }
        // A switch that was moved stands behind the hidden value of the same name.
        let moved = choices_of("user_hosting=inherit&user_hosting=on&hosted_login=off").expect("choices");
        assert_eq!(moved.to_string(), "on inherit off inherit");
        assert!(choices_of("user_hosting=maybe").is_err());
    }

    #[test]
    fn what_a_wave_does_reads_back_from_its_query() {
        let action =
            action_of("do=use_cases&user_hosting=on&delegated_login=keep&hosted_login=off&old_url=keep");
        assert_eq!(action.label(), "User hosting on, Hosted login off");
        assert_eq!(action_of(&of_action(&action)), action);
        let old_page = action_of("do=use_cases&old_url=redirect");
        assert_eq!(old_page.label(), "the old page sends people on");
        assert_eq!(action_of(&of_action(&old_page)), old_page);
        assert_eq!(action_of("user_hosting=on"), WaveAction::Enable);
        let defaults = action_of("do=settings&key=organization.color&key=pool.name&key=nothing&all=1");
        assert_eq!(defaults.label(), "Write the defaults of Colour, Pool name");
        assert_eq!(action_of(&of_action(&defaults)), defaults);
        assert_eq!(action_of("do=migrate&sel=4711"), WaveAction::Migrate);
        assert_eq!(action_of(&of_action(&WaveAction::Migrate)), WaveAction::Migrate);
    }

    fn full() -> BillersQuery {
        BillersQuery {
            list: ListQuery {
                filter: BillerFilter {
                    search: "água & gas+100%".to_owned(),
                    statuses: vec![CiamStatus::Enabled, CiamStatus::Suspended],
                    needs_attention: true,
                    state: Some("TX".to_owned()),
                    ownership: Some("Investor Owned".to_owned()),
                    tier: Some("gold".to_owned()),
                    portfolio: "Coast & Bay".parse().ok(),
                    stage: stage("hosted_login.ready"),
                },
                sort: SortBy::Customers,
                direction: Direction::Descending,
                cursor: Some(Cursor { side: Side::After, key: "a~b c".to_owned(), bid: bid("34") }),
                ..ListQuery::default()
            },
            selected: vec![bid("1"), bid("Bell-2")],
            all_matching: true,
        }
    }

    #[test]
    fn everything_on_the_page_survives_the_url() {
        assert_eq!(BillersQuery::parse(&full().to_query()), full());
    }

    #[test]
    fn the_usual_list_has_a_bare_url() {
        assert_eq!(BillersQuery::default().to_query(), "");
        assert_eq!(BillersQuery::parse(""), BillersQuery::default());
    }

    #[test]
    fn what_is_not_understood_is_left_out() {
        let query =
            BillersQuery::parse("status=gone&sort=shoe&dir=up&at=zzz&sel=a%20b&attention=yes&utm=1&q=+");
        assert_eq!(query, BillersQuery::default());
    }

    #[test]
    fn repeats_count_once_and_the_last_single_value_wins() {
        let query = BillersQuery::parse("sel=1&sel=1&status=enabled&status=enabled&sort=bid&sort=customers");
        assert_eq!(query.selected, [bid("1")]);
        assert_eq!(query.list.filter.statuses, [CiamStatus::Enabled]);
        assert_eq!(query.list.sort, SortBy::Customers);
    }

    #[test]
    fn sorting_again_turns_the_order_around_and_starts_at_the_beginning() {
        let once = full().sorted_by(SortBy::Name);
        assert_eq!((once.list.sort, once.list.direction), (SortBy::Name, Direction::Ascending));
        assert_eq!(once.list.cursor, None);
        assert_eq!(once.selected, full().selected);
        let twice = once.sorted_by(SortBy::Name);
        assert_eq!(twice.list.direction, Direction::Descending);
        assert_eq!(full().sorted_by(SortBy::Customers).list.direction, Direction::Ascending);
    }
}
