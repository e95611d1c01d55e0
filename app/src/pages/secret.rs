//! Handing over a client secret: what it means and the name to type; then, once, the secret itself.

use domain::{Topic, oidc::OldSecret};
use leptos::prelude::*;
use secrecy::ExposeSecret;
use services::hand_over_secret::{self, HandedOver, SecretView};

use super::bid_in_path;
use crate::{
    context::JustMade,
    islands::ConfirmName,
    paths,
    ui::{
        Cancel, Choice, Copyable, Crumb, Fact, Facts, Field, Heading, Hidden, Icon, Notice, Page, Panel,
        Place, Reason, Submit, SubmitKind, Time, Tone, Visit, page,
    },
};

/// Before a secret is made; and, as the answer to the form, the one place where it is shown.
#[component]
pub(crate) fn SecretPage() -> impl IntoView {
    let bid = bid_in_path();
    let made = use_context::<JustMade>();
    page(Place::Billers, |visit| async move {
        if let Some(JustMade(made)) = made {
            // It does not follow anything: fetched again, the page would be the form and the secret gone.
            let title = format!("Client secret of {}", made.biller.name());
            return Ok(Page::new(title, shown(made)));
        }
        let bid = bid?;
        let followed = visit.follow(Topic::Biller(bid.clone())).await?;
        let view = hand_over_secret::view(&visit.console, &visit.actor, &bid).await?;
        let title = format!("Hand over a client secret: {}", view.biller.name());
        let announce = view.allowed.as_ref().err().map(ToString::to_string).unwrap_or_default();
        Ok(Page::new(title, asked(&visit, view)).live(followed, announce))
    })
}

fn asked(visit: &Visit, view: SecretView) -> impl IntoView + use<> {
    let bid = view.biller.bid();
    let crumbs =
        vec![Crumb::new(paths::BILLERS, "Billers"), Crumb::new(paths::biller(bid), view.biller.name())];
    let application = view.client_id.clone().unwrap_or_else(|| "not made yet".to_owned());
    let last = match view.made_at {
        Some(at) => view! { <Time at /> }.into_any(),
        None => "never; nobody has seen the one that SecureAuth made with the application".into_any(),
    };
    view! {
        <Heading title="Hand over a client secret" crumbs
            lead="SecureAuth makes a new secret for the biller's application, and the next page shows it. Once." />
        <div class="columns">
            <div class="column-wide">
                <Panel id="meaning" title="What it means">
                    <ul class="bullets">
                        <li>"IC's applications must be given the new secret at once: it replaces the one before, which ends as you choose here."</li>
                        <li>"It is shown on the next page only. The console keeps it nowhere, so nobody can look it up later; if it is lost, make another one."</li>
                        <li>"Take it to IC in a way that nobody else reads: straight into its store of secrets, not by e-mail or chat."</li>
                        <li>"The activity log says who had it made, when and why. It never holds the secret."</li>
                    </ul>
                </Panel>
                <Panel id="secret-application" title="Application" live=true>
                    <Facts class="facts-tight">
                        <Fact label="Client id"><code class="break">{application}</code></Fact>
                        <Fact label="Secret last made here">{last}</Fact>
                    </Facts>
                </Panel>
            </div>
            <div class="column-narrow">{confirm(visit, view)}</div>
        </div>
        <ConfirmName />
    }
}

fn confirm(visit: &Visit, view: SecretView) -> impl IntoView + use<> {
    let SecretView { biller, made_at, allowed, .. } = view;
    let name = biller.name().to_owned();
    let seen = made_at.map(|at| at.micros().to_string()).unwrap_or_default();
    let old = match made_at {
        Some(_) => {
            let options = OldSecret::ALL.iter().map(|old| (old.as_str(), old.label())).collect();
            view! { <Choice visit name="old" label="The secret before" options chosen=OldSecret::Day.as_str()
                hint="A day lets IC change its applications one after the other. At once, if somebody has seen it who should not." /> }
            .into_any()
        }
        None => view! { <Hidden name="old" value=OldSecret::Ends.as_str() /> }.into_any(),
    };
    let fields = view! {
        <Hidden name="seen" value=seen />
        <Field visit name="name" label="Type the biller's name to confirm" required=true must_be=name.clone() />
        {old}
        <Reason visit />
    }
    .into_any();
    view! {
        <Panel id="confirm" title="Confirm" class="panel-danger">
            <p class="confirm-name"><strong class="break">{name}</strong></p>
            // Posted to this very page, which answers with the secret: nothing is kept between two requests.
            <form method="post" action=paths::secret(biller.bid()) class="form-stack">
                {fields}
                <div class="buttons">
                    <Submit id="make-secret" label="Make and show the secret" icon=Icon::Key kind=SubmitKind::Danger allowed />
                    <Cancel href=paths::biller(biller.bid()) />
                </div>
            </form>
        </Panel>
    }
}

fn shown(made: HandedOver) -> impl IntoView {
    let (bid, name) = (made.biller.bid().clone(), made.biller.name().to_owned());
    let crumbs = vec![Crumb::new(paths::BILLERS, "Billers"), Crumb::new(paths::biller(&bid), name.clone())];
    let before = made.replaces.then(|| {
        let text = match made.old {
            OldSecret::Ends => "The secret before has ended: applications that still use it are refused now.",
            OldSecret::Hour => "The secret before works for another hour.",
            OldSecret::Day => "The secret before works for another day.",
        };
        view! { <p>{text}</p> }
    });
    let secret = made.secret.expose_secret().to_owned();
    view! {
        <Heading title="The client secret" crumbs lead="Give it to IC now." />
        <div role="status" class="mb-4">
            <Notice tone=Tone::Caution text="You will not see it again. Nobody will: it is kept nowhere. If you leave this page without it, make another one.">
                {before}
            </Notice>
        </div>
        <Panel id="secret" title=name>
            <Facts>
                <Fact label="Client id"><Copyable text=made.client_id what="client id" /></Fact>
                <Fact label="Client secret"><Copyable text=secret what="client secret" /></Fact>
                <Fact label="Used as">"client_secret_basic: client id and secret in the authorization header at the token endpoint"</Fact>
            </Facts>
            <div class="panel-foot"><a class="btn btn-primary" href=paths::biller(&bid)>"I have it: back to the biller"</a></div>
        </Panel>
    }
}
