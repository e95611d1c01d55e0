//! Before a suspended biller is resumed.

use domain::{Topic, run::RunKind};
use leptos::prelude::*;
use services::resume_biller::{self, ResumePreview};

use super::{bid_in_path, enable::steps};
use crate::{
    paths,
    ui::{Act, Cancel, Crumb, Heading, Hidden, Icon, Page, Panel, Place, Reason, Submit, Visit, page},
};

/// Before a suspended biller is resumed.
#[component]
pub(crate) fn ResumePage() -> impl IntoView {
    let bid = bid_in_path();
    page(Place::Billers, |visit| async move {
        let bid = bid?;
        let followed = visit.follow(Topic::Biller(bid.clone())).await?;
        let preview = resume_biller::preview(&visit.console, &visit.actor, &bid).await?;
        let title = format!("Resume {}", preview.biller.name());
        let announce = preview.allowed.as_ref().err().map(ToString::to_string).unwrap_or_default();
        Ok(Page::new(title, show(&visit, preview)).live(followed, announce))
    })
}

fn show(visit: &Visit, preview: ResumePreview) -> impl IntoView + use<> {
    let ResumePreview { biller, allowed } = preview;
    let bid = biller.bid().clone();
    let back = paths::biller(&bid);
    let crumbs = vec![Crumb::new(paths::BILLERS, "Billers"), Crumb::new(back.clone(), biller.name())];
    let reason = view! { <Reason visit /> }.into_any();
    view! {
        <Heading title=format!("Resume {}", biller.name()) crumbs
            lead="Switches everything at SecureAuth on again, proves it, and only then brings sign-ins back." />
        <div class="columns">
            <div class="column-wide"><Panel id="steps" title="Steps">{steps(RunKind::Resume)}</Panel></div>
            <div class="column-narrow">
                <Panel id="confirm" title="Confirm" class="panel-accent">
                    <Act to=paths::act::RESUME class="form-stack">
                        <Hidden name="bid" value=bid.to_string() />
                        {reason}
                        <div class="buttons" id="confirm-buttons" data-live="">
                            <Submit id="confirm-resume" label="Resume" icon=Icon::Play allowed />
                            <Cancel href=back />
                        </div>
                    </Act>
                </Panel>
            </div>
        </div>
    }
}
