//! The list of a biller's users, and the search in it.

use domain::{Bid, Topic, account::AccountStanding};
use leptos::prelude::*;
use services::{
    accounts::{self, AccountQuery, Place as Spot, UserRow, UsersView},
    show_biller::{self, BillerView},
};
use url::form_urlencoded::{self, Serializer};

use crate::{
    pages::{bid_in_path, biller::head},
    paths,
    ui::{
        Column, Empty, Face, Icon, Notice, Page, Place, SubmitKind, Table, Time, Tone, Visit, badge, count,
        form::ActionLink, grouped, page,
    },
};

/// Users on a page.
const PAGE: usize = 50;

/// What the URL says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Query {
    search: String,
    standing: Option<AccountStanding>,
    differing: bool,
    after: Option<Spot>,
}

impl Query {
    fn parse(query: &str) -> Self {
        let mut parsed = Self::default();
        let (mut key, mut reference) = (None, None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "q" => parsed.search = value.trim().to_owned(),
                "show" if value == "differing" => parsed.differing = true,
                "show" => parsed.standing = value.parse().ok(),
                "after" => key = Some(value.into_owned()),
                "than" => reference = Some(value.into_owned()),
                _ => {}
            }
        }
        parsed.after = key.zip(reference).map(|(key, reference)| Spot { key, reference });
        parsed
    }

    fn to_query(&self) -> String {
        let mut out = Serializer::new(String::new());
        if !self.search.is_empty() {
            out.append_pair("q", &self.search);
        }
        if self.differing {
            out.append_pair("show", "differing");
        } else if let Some(standing) = self.standing {
            out.append_pair("show", standing.as_str());
        }
        if let Some(after) = &self.after {
            out.append_pair("after", &after.key).append_pair("than", &after.reference);
        }
        out.finish()
    }

    fn to_storage(&self) -> AccountQuery {
        AccountQuery {
            search: Some(self.search.clone()).filter(|text| !text.is_empty()),
            standing: self.standing,
            differing: self.differing,
            after: self.after.clone(),
            limit: PAGE,
        }
    }
}

/// A biller's users.
#[component]
pub(crate) fn UsersPage() -> impl IntoView {
    let bid = bid_in_path();
    page(Place::Billers, |visit| async move {
        let bid = bid?;
        let followed = visit.follow(Topic::Biller(bid.clone())).await?;
        let query = Query::parse(&visit.query);
        let biller = show_biller::show(&visit.console, &visit.actor, &bid).await?;
        let found = accounts::list(&visit.console, &visit.actor, &bid, &query.to_storage()).await?;
        let title = format!("Users of {}", biller.biller.name());
        Ok(Page::new(title, show(&visit, &biller, &query, found)).live(followed, ""))
    })
}

fn show(visit: &Visit, biller: &BillerView, query: &Query, found: UsersView) -> impl IntoView + use<> {
    let bid = biller.biller.bid().clone();
    let lag = lag(&found);
    let use_cases = paths::biller_use_cases(&bid);
    let hosted = (!found.hosted).then(|| {
        let text = "User hosting is not in effect: what IC tells of users is not mirrored, and they cannot be changed here.";
        view! { <Notice tone=Tone::Caution text><a class="link" href=use_cases>"Use cases"</a></Notice> }
    });
    let more = found.next.clone().map(|next| {
        let next = Query { after: Some(next), ..query.clone() };
        let href = paths::with_query(&paths::users(&bid), &next.to_query());
        view! { <nav class="pager" aria-label="Pages"><a class="btn btn-sm" href=href>"More users"</a></nav> }
    });
    let new = paths::user_new(&bid);
    let create = found.create.clone();
    let body = if found.users.is_empty() {
        nothing(query, &bid).into_any()
    } else {
        table(&bid, &found.users).into_any()
    };
    view! {
        {head::head(visit, &biller.biller, &biller.actions, head::Tab::Users)}
        <div class="stack">
            {hosted}
            <div id="lag" data-live="">{lag}</div>
            <div class="filter-row">
                {filters(query, &bid, &found)}
                <ActionLink id="create" href=new label="New user…" icon=Icon::User kind=SubmitKind::Plain
                    allowed=create />
            </div>
            <section id="users" class="panel panel-flush" data-live="" aria-label="Users">{body} {more}</section>
        </div>
    }
}

/// How far SecureAuth is behind.
fn lag(found: &UsersView) -> impl IntoView + use<> {
    let lag = found.lag.clone()?;
    let tone = if lag.parked > 0 { Tone::Bad } else { Tone::Caution };
    let text = format!(
        "SecureAuth is behind: {} waiting, {} parked.",
        count(lag.waiting, "change", "changes"),
        grouped(lag.parked)
    );
    let oldest = lag.oldest.map(|at| view! { " The oldest waits since " <Time at /> "." });
    Some(
        view! { <Notice tone text><p>{oldest} " " <a class="link" href=paths::MIRROR>"Mirror"</a></p></Notice> },
    )
}

fn filters(query: &Query, bid: &Bid, found: &UsersView) -> impl IntoView + use<> {
    let standings = AccountStanding::ALL
        .iter()
        .map(|it| {
            let label = format!("{} ({})", it.label(), grouped(found.counts.of(*it)));
            let selected = query.standing == Some(*it);
            view! { <option value=it.as_str() selected=selected>{label}</option> }
        })
        .collect_view();
    let all = format!("All ({})", grouped(found.counts.total()));
    let differing = format!("Differing ({})", grouped(found.counts.differing));
    let search = query.search.clone();
    view! {
        <form method="get" action=paths::users(bid) class="filter-row" role="search" aria-label="Users">
            <div class="field">
                <label for="q">"Search"</label>
                <input class="input input-sm" type="search" id="q" name="q" value=search maxlength="200" autocomplete="off"
                    spellcheck="false" aria-describedby="q-hint" />
            </div>
            <div class="field">
                <label for="show">"At SecureAuth"</label>
                <select class="select select-sm" id="show" name="show">
                    <option value="">{all}</option>
                    <option value="differing" selected=query.differing>{differing}</option>
                    {standings}
                </select>
            </div>
            <button type="submit" class="btn btn-sm">"Find"</button>
            <p class="hint basis-full" id="q-hint">"A search takes the beginning of a username, e-mail, phone, name or IC's id."</p>
        </form>
    }
}

fn nothing(query: &Query, bid: &Bid) -> impl IntoView + use<> {
    if *query == Query::default() {
        let migration = paths::biller_migration(bid);
        let text = "Users appear here once a move has brought them, or IC tells of them.";
        return view! {
            <Empty icon=Icon::User title="No users yet" text>
                <a class="btn btn-sm" href=migration>"Migration"</a>
            </Empty>
        }
        .into_any();
    }
    let all = paths::users(bid);
    let text = "What is looked for must be the beginning of a username, an address, a phone, IC's id or a word of the name.";
    view! {
        <Empty icon=Icon::Search title="No user matches" text>
            <a class="btn btn-sm" href=all>"All users"</a>
        </Empty>
    }
    .into_any()
}

fn table(bid: &Bid, users: &[UserRow]) -> impl IntoView + use<> {
    let rows = users.iter().map(|user| row(bid, user)).collect_view();
    view! {
        <Table name="Table of users" caption="Users, personal data masked" columns=[
            Column::text("User"), Column::text("E-mail"), Column::text("At IC"),
            Column::text("At SecureAuth"), Column::text("Differs in"), Column::text("Changed"),
        ]>
            {rows}
        </Table>
    }
}

fn row(bid: &Bid, user: &UserRow) -> impl IntoView + use<> {
    let ic = match user.ic {
        Some(status) => status.badge().into_any(),
        None => view! { <span class="row-sub">"not known"</span> }.into_any(),
    };
    let hold = user.hold.map(|hold| badge(Tone::Caution, Icon::Key, hold.label()));
    let differing = (!user.differing.is_empty()).then(|| badge(Tone::Bad, Icon::Alert, "Differs"));
    let (name, email, fields) =
        (user.name.clone(), user.email.clone().unwrap_or_else(|| "–".to_owned()), user.differing.clone());
    view! {
        <tr>
            <td><a class="row-link" href=paths::user(bid, &user.user)>{name}</a></td>
            <td>{email}</td>
            <td>{ic}</td>
            <td>{user.standing.badge()} {hold}</td>
            <td>{differing} " " <span class="row-sub">{fields}</span></td>
            <td><Time at=user.changed_at /></td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_looked_for_and_the_place_survive_the_url() {
        let query = Query {
            search: "o'brien & co".to_owned(),
            standing: Some(AccountStanding::New),
            differing: false,
            after: Some(Spot { key: "obrien ann".to_owned(), reference: "4 711".to_owned() }),
        };
        assert_eq!(Query::parse(&query.to_query()), query);
        let differing = Query { differing: true, ..Query::default() };
        assert_eq!(Query::parse(&differing.to_query()), differing);
        assert_eq!(Query::parse("show=nonsense&after=x"), Query::default());
    }
}
