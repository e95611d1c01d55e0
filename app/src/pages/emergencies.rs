//! Emergencies: whose sign-ins are held off, who has to look at it, and the switch for everyone.

use domain::{
    Topic,
    access::Refusal,
    emergency::{Decision, EVERYONE, EmergencyState},
};
use leptos::prelude::*;
use services::emergency_off::{self, Emergencies, EmergencyView};

use crate::{
    islands::ConfirmName,
    paths,
    ui::{
        Act, Crumb, Empty, Face, Field, Heading, Hidden, Icon, Page, Panel, Place, Reason, Submit,
        SubmitKind, Time, Tone, Visit, page,
    },
};

/// The emergencies.
#[component]
pub(crate) fn EmergenciesPage() -> impl IntoView {
    page(Place::UseCases, |visit| async move {
        let followed = visit.follow(Topic::Billers).await?;
        let found = emergency_off::list(&visit.console, &visit.actor).await?;
        Ok(Page::new("Emergency off", show(&visit, found)).live(followed, String::new()))
    })
}

fn show(visit: &Visit, found: Emergencies) -> impl IntoView + use<> {
    let list = if found.list.is_empty() {
        view! { <Empty icon=Icon::CheckCircle title="No emergency" text="Nobody's sign-ins are held off, and none ever were." /> }.into_any()
    } else {
        let rows = found.list.into_iter().map(row).collect_view();
        view! { <ul class="lines">{rows}</ul> }.into_any()
    };
    let everyone = everyone(visit, found.everyone);
    view! {
        <Heading title="Emergency off" crumbs=vec![Crumb::new(paths::USE_CASES, "Use cases")]
            lead="Sign-ins at the login URLs go to the legacy page with the very next request. A second person looks at it afterwards." />
        <div class="columns">
            <div class="column-wide">
                <Panel id="emergencies" title="Emergencies" live=true>{list}</Panel>
            </div>
            <div class="column-narrow">{everyone}</div>
        </div>
        <ConfirmName />
    }
}

fn everyone(visit: &Visit, allowed: Result<(), Refusal>) -> impl IntoView + use<> {
    let fields = view! {
        <Field visit name="name" label=format!("Type “{EVERYONE}” to confirm") required=true must_be=EVERYONE.to_owned() />
        <Reason visit />
    }
    .into_any();
    view! {
        <Panel id="everyone" title="Everyone" class="panel-danger" lead="No biller's login URL leads to SecureAuth any more until this is lifted.">
            <Act to=paths::act::EMERGENCY_OFF_EVERYONE class="form-stack">
                {fields}
                <div class="buttons">
                    <Submit id="off-everyone" label="Hold everyone's sign-ins off" icon=Icon::Pause kind=SubmitKind::Danger allowed />
                </div>
            </Act>
        </Panel>
    }
}

/// One emergency, with the decision that it waits for.
pub(super) fn row(view: EmergencyView) -> impl IntoView {
    let EmergencyView { emergency, name, allowed } = view;
    let whose = match (&emergency.bid, name) {
        (Some(bid), Some(name)) => {
            let href = paths::biller_use_cases(bid);
            view! { <a class="link" href=href>{name}</a> }.into_any()
        }
        _ => view! { <strong>"Everyone"</strong> }.into_any(),
    };
    let decide = (emergency.state != EmergencyState::Lifted)
        .then(|| decide(&emergency.id.to_string(), emergency.state, allowed));
    let review = emergency.review.clone().map(|review| {
        view! {
            <p class="line-note">"Looked at by " {review.by.name().to_owned()} ", " <Time at=review.at /></p>
            {review.note.map(|text| view! { <p class="quote">{text}</p> })}
        }
    });
    view! {
        <li class="line">
            {emergency.state.badge()}
            <div class="line-main">
                <p>{whose}</p>
                <p class="line-note">"Held off by " {emergency.started_by.name().to_owned()} ", " <Time at=emergency.started_at /></p>
                <p class="quote">{emergency.reason}</p>
                {review}
                {decide}
            </div>
        </li>
    }
}

fn decide(id: &str, state: EmergencyState, allowed: Result<(), Refusal>) -> impl IntoView + use<> {
    let refused = allowed.err().map(|refusal| refusal.to_string());
    if let Some(text) = refused {
        return view! { <p class="refusal">{text}</p> }.into_any();
    }
    let id = id.to_owned();
    let label = format!("note-{id}");
    let keep = (state == EmergencyState::Active).then(|| view! {
        <button type="submit" class="btn btn-sm" name="decision" value=Decision::Keep.as_str()>{Decision::Keep.label()}</button>
    });
    view! {
        <Act to=paths::act::DECIDE_EMERGENCY class="inline-form">
            <Hidden name="id" value=id />
            <div class="field">
                <label for=label.clone()>"What you found " <span class="optional">"optional"</span></label>
                <input class="input input-sm" type="text" id=label name="note" maxlength="500" autocomplete="off" />
            </div>
            {keep}
            <button type="submit" class="btn btn-sm btn-primary" name="decision" value=Decision::Lift.as_str()>{Decision::Lift.label()}</button>
        </Act>
    }
    .into_any()
}

impl Face for EmergencyState {
    fn tone(self) -> Tone {
        match self {
            Self::Active => Tone::Bad,
            Self::Kept => Tone::Caution,
            Self::Lifted => Tone::Quiet,
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::Active => Icon::Alert,
            Self::Kept => Icon::Pause,
            Self::Lifted => Icon::Check,
        }
    }

    fn word(self) -> &'static str {
        self.label()
    }
}
