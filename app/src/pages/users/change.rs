//! The forms that make a user and change one.

use domain::account::Profile;
use leptos::prelude::*;
use services::{
    accounts::{self, AccountQuery, UserView},
    show_biller::{self, BillerView},
};

use crate::{
    pages::{bid_in_path, in_path},
    paths,
    ui::{
        Act, Cancel, Choice, Crumb, Field, Heading, Hidden, Icon, Notice, Page, Panel, Place, Reason, Submit,
        Tone, Visit, page,
    },
};

/// A new user.
#[component]
pub(crate) fn UserNewPage() -> impl IntoView {
    let bid = bid_in_path();
    page(Place::Billers, |visit| async move {
        let bid = bid?;
        let biller = show_biller::show(&visit.console, &visit.actor, &bid).await?;
        let nobody = AccountQuery { limit: 1, ..AccountQuery::default() };
        let allowed = accounts::list(&visit.console, &visit.actor, &bid, &nobody).await?.create;
        Ok(Page::new("New user", new(&visit, &biller, allowed)))
    })
}

fn new(
    visit: &Visit,
    biller: &BillerView,
    allowed: Result<(), domain::access::Refusal>,
) -> impl IntoView + use<> {
    let bid = biller.biller.bid().clone();
    let crumbs = crumbs(biller);
    let fields = fields(visit, &Profile::default());
    let reference = view! { <Field visit name="reference" label="IC's id, if there is one" /> }.into_any();
    let reason = view! { <Reason visit /> }.into_any();
    let back = paths::users(&bid);
    view! {
        <Heading title="New user" crumbs lead="Made at SecureAuth only: IC is not told. The person sets a password by the activation you send afterwards." />
        <Panel id="new" title="User">
            <Act to=paths::act::CREATE_USER class="form-stack">
                <Hidden name="bid" value=bid.to_string() />
                {reference}
                {fields}
                {reason}
                <div class="buttons">
                    <Submit id="do-create" label="Make the user" icon=Icon::User allowed />
                    <Cancel href=back />
                </div>
            </Act>
        </Panel>
    }
}

/// A user changed.
#[component]
pub(crate) fn UserEditPage() -> impl IntoView {
    let (bid, user) = (bid_in_path(), in_path("user"));
    page(Place::Billers, |visit| async move {
        let bid = bid?;
        let biller = show_biller::show(&visit.console, &visit.actor, &bid).await?;
        let view = accounts::show(&visit.console, &visit.actor, &bid, &user).await?;
        Ok(Page::new("Change a user", edit(&visit, &biller, &view)))
    })
}

fn edit(visit: &Visit, biller: &BillerView, view: &UserView) -> impl IntoView + use<> {
    let bid = biller.biller.bid().clone();
    let mut crumbs = crumbs(biller);
    let back = paths::user(&bid, &view.user);
    crumbs.push(Crumb::new(back.clone(), view.title.clone()));
    let body = if view.revealed_until.is_none() {
        let text =
            "Personal data is masked. Say on the user's page why you need it; then it can be changed here.";
        view! { <Notice tone=Tone::Caution text><a class="link" href=back>"The user's page"</a></Notice> }
            .into_any()
    } else {
        let profile =
            view.vendor.as_ref().or(view.ic.as_ref()).map(|side| side.profile.clone()).unwrap_or_default();
        let fields = fields(visit, &profile);
        let (user, allowed) = (view.user.clone(), view.edit.clone());
        let reason = view! { <Reason visit /> }.into_any();
        let bid = bid.to_string();
        view! {
            <Panel id="change" title="User" lead="A new e-mail address is added before the old one is removed.">
                <Act to=paths::act::EDIT_USER class="form-stack">
                    <Hidden name="bid" value=bid />
                    <Hidden name="user" value=user />
                    {fields}
                    {reason}
                    <div class="buttons">
                        <Submit id="do-edit" label="Change at SecureAuth" icon=Icon::Check allowed />
                        <Cancel href=back />
                    </div>
                </Act>
            </Panel>
        }
        .into_any()
    };
    view! {
        <Heading title="Change a user" crumbs lead="Changed at SecureAuth only. What IC says next of this user takes its place." />
        {body}
    }
}

fn crumbs(biller: &BillerView) -> Vec<Crumb> {
    let bid = biller.biller.bid();
    vec![
        Crumb::new(paths::BILLERS, "Billers"),
        Crumb::new(paths::biller(bid), biller.biller.name()),
        Crumb::new(paths::users(bid), "Users"),
    ]
}

fn fields(visit: &Visit, profile: &Profile) -> AnyView {
    let of = |text: &Option<String>| text.clone().unwrap_or_default();
    let verified = if profile.email_verified { "yes" } else { "no" };
    view! {
        <Field visit name="username" label="Username" value=of(&profile.username) hint="Empty where the e-mail address is the username" />
        <Field visit name="email" label="E-mail" kind="email" value=of(&profile.email) />
        <Choice visit name="email_verified" label="E-mail verified" options=vec![("no", "No"), ("yes", "Yes")] chosen=verified />
        <Field visit name="phone" label="Phone" kind="tel" value=of(&profile.phone) hint="With its country code, e.g. +1 555 010 0199" />
        <Field visit name="given_name" label="Given name" value=of(&profile.given_name) />
        <Field visit name="family_name" label="Family name" value=of(&profile.family_name) />
    }
    .into_any()
}
