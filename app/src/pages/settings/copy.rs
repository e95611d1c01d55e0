//! Chooses the billers for which a biller's settings are proposed. One form: search and pages are read with it, the
//! preview is asked for with it, so that what is ticked goes along without JavaScript.

use std::collections::BTreeSet;

use domain::{Bid, Topic, biller::Biller, settings::Layer};
use leptos::prelude::*;
use services::{
    biller_settings::show::{self, SettingsView},
    list_billers::{self, BillerList},
};
use url::form_urlencoded;

use crate::{
    islands::SearchAsYouType,
    pages::bid_in_path,
    paths,
    query::{BillersQuery, name},
    ui::{
        Column, Crumb, Empty, Face, Heading, Hidden, Icon, Notice, Page, Panel, Place, Table, Tone, Visit,
        count, glyph, page, pager::form_pager,
    },
};

/// The billers for which a biller's settings are to be proposed.
#[component]
pub(crate) fn CopySettingsPage() -> impl IntoView {
    let bid = bid_in_path();
    page(Place::Billers, |visit| async move {
        let bid = bid?;
        let followed = visit.follow(Topic::Billers).await?;
        let query = BillersQuery::parse(&visit.query);
        let picked = picked(&visit.query);
        let view = show::show(&visit.console, &visit.actor, &Layer::Biller(bid.clone())).await?;
        let mut list = list_billers::list(&visit.console, &visit.actor, &query.list).await?;
        list.page.rows.retain(|row| *row.bid() != bid);
        let announce = format!("{} shown.", count(list.page.rows.len(), "biller", "billers"));
        let body = body(&visit, &bid, &view, &query, &picked, &list).into_any();
        Ok(Page::new("Settings for other billers", body).live(followed, announce))
    })
}

/// The billers that are ticked, by the names of their boxes: `pick[BID]`.
fn picked(query: &str) -> BTreeSet<Bid> {
    form_urlencoded::parse(query.as_bytes())
        .filter_map(|(name, _)| Bid::parse(name.strip_prefix("pick[")?.strip_suffix(']')?).ok())
        .collect()
}

fn body(
    visit: &Visit,
    bid: &Bid,
    view: &SettingsView,
    query: &BillersQuery,
    picked: &BTreeSet<Bid>,
    list: &BillerList,
) -> impl IntoView + use<> {
    let biller = view.biller.as_ref().map(|biller| biller.name().to_owned()).unwrap_or_default();
    let crumbs = vec![
        Crumb::new(paths::BILLERS, "Billers"),
        Crumb::new(paths::biller(bid), biller.clone()),
        Crumb::new(paths::biller_settings(bid), "Settings"),
    ];
    let copied = view.rows.iter().filter(|row| row.own.is_some() && !row.setting.is_of_one_biller());
    let copied: Vec<AnyView> = copied
        .filter_map(|row| {
            let value = row.setting.show(row.own.as_ref()?);
            Some(view! { <li>{row.setting.label} ": " <span class="break">{value}</span></li> }.into_any())
        })
        .collect();
    let nothing = copied.is_empty();
    let what = if nothing {
        let text = "Nothing is set for this biller itself, so there is nothing to copy.";
        view! { <Notice tone=Tone::Caution text /> }.into_any()
    } else {
        view! { <ul class="bullets">{copied}</ul> }.into_any()
    };
    let error = visit.error("to").map(|text| view! { <Notice tone=Tone::Bad text /> });
    let search = query.list.filter.search.clone();
    let elsewhere: Vec<&Bid> =
        picked.iter().filter(|bid| !list.page.rows.iter().any(|row| row.bid() == *bid)).collect();
    let kept = kept(&elsewhere).into_any();
    let rows = table(picked, list);
    let pager = form_pager(list.page.previous.as_ref(), list.page.next.as_ref()).into_any();
    let allowed = view.may_change.clone();
    let lead =
        format!("What is set for {biller} itself is proposed for these; what else is set for them stays.");
    let from = bid.to_string();
    view! {
        <Heading title="Settings for other billers" crumbs lead />
        <Panel id="copied" title="What is copied">{what}</Panel>
        {error}
        <form method="get" action=paths::copy_settings(bid) id="billers" class="billers" data-search="" aria-label="Choose billers">
            <Hidden name="bid" value=from />
            <div class="filter-row" role="search">
                <div class="field">
                    <label for="q">"Search"</label>
                    <input class="input" type="search" id="q" name=name::SEARCH value=search autocomplete="off" placeholder="Name or bid" />
                </div>
                <button type="submit" class="btn">{glyph(Icon::Search)} "Search"</button>
            </div>
            <div id="kept" data-live="">{kept}</div>
            <section id="results" data-live="" aria-label="Results">
                {rows}
                {pager}
            </section>
            <div class="buttons">
                <button type="submit" id="copy-settings" class="btn btn-primary" formmethod="post"
                    formaction=paths::act::COPY_SETTINGS disabled=nothing || allowed.is_err()>
                    {glyph(Icon::Copy)} "Preview the copies…"
                </button>
                {allowed.err().map(|refusal| view! { <span class="refusal">{refusal.to_string()}</span> })}
            </div>
        </form>
        <SearchAsYouType />
    }
}

/// The ticked billers that are not among the rows: they stay ticked.
fn kept(elsewhere: &[&Bid]) -> impl IntoView + use<> {
    let number = elsewhere.len();
    let fields = elsewhere
        .iter()
        .map(|bid| view! { <input type="hidden" name=format!("pick[{bid}]") value="on" /> })
        .collect_view();
    let told = (number > 0).then(|| {
        let bids = elsewhere.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let text = format!("Chosen beside those below: {bids}.");
        view! { <p class="hint break">{text}</p> }
    });
    view! { {fields} {told} }
}

fn table(picked: &BTreeSet<Bid>, list: &BillerList) -> AnyView {
    if list.page.rows.is_empty() {
        return view! { <Empty icon=Icon::Search title="No biller found" text="No other biller matches this search." /> }
            .into_any();
    }
    let rows = list.page.rows.iter().map(|biller| row(biller, picked.contains(biller.bid()))).collect_view();
    view! {
        <Table name="Billers" caption="Billers to choose from" columns=[
            Column::ticks("Chosen"), Column::text("Biller"), Column::text("Tier"), Column::text("CIAM status"),
        ]>
            {rows}
        </Table>
    }
    .into_any()
}

fn row(biller: &Biller, chosen: bool) -> impl IntoView + use<> {
    let bid = biller.bid().to_string();
    let label = format!("Choose {}", biller.name());
    let tier = biller.draft.tier.clone().unwrap_or_else(|| "–".to_owned());
    view! {
        <tr>
            <td class="col-select">
                <input type="checkbox" class="checkbox checkbox-primary checkbox-sm" name=format!("pick[{bid}]") value="on"
                    checked=chosen aria-label=label />
            </td>
            <td><a class="row-link" href=paths::biller_settings(biller.bid())>{biller.name().to_owned()}</a> " " <span class="row-sub">{bid}</span></td>
            <td>{tier}</td>
            <td>{biller.status.badge()}</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::picked;

    #[test]
    fn what_is_ticked_reads_back_from_the_address() {
        let bids: Vec<String> = picked("q=x&pick%5B34%5D=on&pick%5BBell-2%5D=on&pick[]=on&sel=9")
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(bids, ["34", "Bell-2"]);
    }
}
