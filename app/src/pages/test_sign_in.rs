//! A test sign-in at a biller's login URL: each hop, each check, each claim.

use domain::{
    Topic,
    test_sign_in::{Hop, TestSignIn, TestState},
};
use leptos::prelude::*;
use services::test_sign_in::{self, TestView};

use super::bid_in_path;
use crate::{
    paths,
    ui::{
        Act, Column, Crumb, Empty, Face, Fact, Facts, Heading, Hidden, Icon, Notice, Page, Panel, Place,
        Submit, Table, Time, Tone, glyph, page,
    },
};

/// A test sign-in.
#[component]
pub(crate) fn TestSignInPage() -> impl IntoView {
    let bid = bid_in_path();
    page(Place::Billers, |visit| async move {
        let bid = bid?;
        let followed = visit.follow(Topic::Biller(bid.clone())).await?;
        let view = test_sign_in::show(&visit.console, &visit.actor, &bid).await?;
        let announce = view.newest.as_ref().map(|test| format!("Test sign-in: {}.", test.state.label()));
        let title = format!("Test sign-in of {}", view.biller.name());
        Ok(Page::new(title, show(view)).live(followed, announce.unwrap_or_default()))
    })
}

fn show(view: TestView) -> impl IntoView {
    let bid = view.biller.bid().clone();
    let crumbs = vec![
        Crumb::new(paths::BILLERS, "Billers"),
        Crumb::new(paths::biller(&bid), view.biller.name()),
        Crumb::new(paths::biller_use_cases(&bid), "Use cases"),
    ];
    let title = format!("Test sign-in of {}", view.biller.name());
    let now = now(&view);
    let (hops, token) = match &view.newest {
        None => (nothing().into_any(), ().into_any()),
        Some(test) => (hops(&test.report.hops).into_any(), token(test, view.own).into_any()),
    };
    let refused = view.allowed.clone().err().unwrap_or_default();
    let again = if view.newest.is_some() { "Begin another one" } else { "Begin" };
    view! {
        <Heading title crumbs
            lead="The console goes the way from the login URL to the sign-in page, then you sign in there yourself. IC hears nothing of it." />
        <div class="columns">
            <div class="column-wide">
                <div id="test-now" data-live="" class="stack">{now}</div>
                <Panel id="hops" title="Hops" live=true>{hops}</Panel>
                <div id="token" data-live="">{token}</div>
            </div>
            <div class="column-narrow">
                <Panel id="begin" title="What it does">
                    <ul class="bullets">
                        <li>"Opens the login URL as a browser without a session would, with the biller's own application, as far as the sign-in page."</li>
                        <li>"Makes an application at SecureAuth for you: in the biller's organization, public, with PKCE, with this console's address only. It is deleted when the test is over, or after 15 minutes."</li>
                        <li>"You sign in by the login URL with an account of the biller. The code comes back to the console, which checks the ID token. Codes and tokens are not kept."</li>
                    </ul>
                    <Act to=paths::act::START_TEST_SIGN_IN class="form-stack">
                        <Hidden name="bid" value=bid.to_string() />
                        <div class="buttons"><Submit id="begin-test" label=again icon=Icon::Play refused /></div>
                    </Act>
                </Panel>
            </div>
        </div>
    }
}

/// Where the newest test stands, and what to do now.
fn now(view: &TestView) -> impl IntoView + use<> {
    view.newest.as_ref().map(|test| {
        let (by, at) = (test.by.name().to_owned(), test.started_at);
        let sign_in_at = view.sign_in_at.clone();
        let told = match (&test.report.failure, test.state) {
            (Some(why), _) => view! { <Notice tone=Tone::Bad text=why.clone() /> }.into_any(),
            (None, TestState::Waiting) => view! {
                <Notice tone=Tone::Moving text="Everything is ready: sign in with an account of the biller. This page shows what came of it.">
                    {sign_in_at.map(|href| view! {
                        <p class="panel-foot">
                            <a class="btn btn-primary" id="sign-in-at" href=href target="_blank" rel="noopener noreferrer">
                                {glyph(Icon::External)} "Sign in" <span class="sr-only">" in a new tab"</span>
                            </a>
                        </p>
                    })}
                </Notice>
            }
            .into_any(),
            (None, _) => view! { <Notice tone=Tone::Good text="Somebody signed in, and the ID token is as it must be." /> }.into_any(),
        };
        view! {
            <p>{test.state.badge()} " begun by " {by} ", " <Time at /></p>
            {told}
        }
    })
}

fn nothing() -> impl IntoView {
    view! { <Empty icon=Icon::Link title="No test yet" text="Begin one: each request on the way then stands here." /> }
}

fn hops(hops: &[Hop]) -> impl IntoView + use<> {
    let rows = hops
        .iter()
        .map(|hop| {
            let status = hop.status.map_or_else(|| "–".to_owned(), |status| status.to_string());
            let time = hop.millis.map_or_else(|| "–".to_owned(), |millis| format!("{millis} ms"));
            let (what, url, note) = (hop.what.clone(), hop.url.clone(), hop.note.clone());
            view! {
                <tr>
                    <td>{what} {note.map(|text| view! { <p class="row-sub">{text}</p> })}</td>
                    <td><code class="break">{url}</code></td>
                    <td class="num">{status}</td>
                    <td class="num">{time}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table name="Hops of the test" caption="Hops of the test" columns=[
            Column::text("What"), Column::text("Address"), Column::text("Status"), Column::text("Took"),
        ]>
            {rows}
        </Table>
        <p class="hint">"Values that are secret, or could be, are left out of addresses."</p>
    }
}

/// What the ID token says. Claims tell of a person: they are shown to who began the test.
fn token(test: &TestSignIn, own: bool) -> impl IntoView + use<> {
    if test.report.claims.is_empty() {
        return ().into_any();
    }
    let checks = test.report.checks.iter().map(|text| view! { <li>{text.clone()} "."</li> }).collect_view();
    let claims = if own {
        let facts = test
            .report
            .claims
            .iter()
            .map(|claim| {
                let (name, value) = (claim.name.clone(), claim.value.clone());
                view! { <Fact label=name><span class="break">{value}</span></Fact> }
            })
            .collect_view();
        view! { <Facts class="facts-tight">{facts}</Facts> }.into_any()
    } else {
        let text = format!(
            "{} claims; they are shown to {}, who began the test.",
            test.report.claims.len(),
            test.by.name()
        );
        view! { <p class="hint">{text}</p> }.into_any()
    };
    view! {
        <Panel id="id-token" title="ID token">
            <ul class="bullets">{checks}</ul>
            {claims}
        </Panel>
    }
    .into_any()
}
