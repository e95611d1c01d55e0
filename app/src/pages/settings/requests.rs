//! Changes that wait for a second person: their list, and the page on which one is decided.

use domain::{
    Topic,
    settings::{Layer, RequestDecision, RequestState},
};
use leptos::prelude::*;
use services::biller_settings::{
    preview::Part,
    requests::{self, RequestLine, RequestView},
};

use super::preview;
use crate::{
    pages::in_path,
    paths,
    ui::{
        Act, Crumb, Face, Fact, Facts, Field, Heading, Hidden, Icon, Notice, Page, Panel, Place, Time, Tone,
        Visit, page,
    },
};

/// One change that a second person decides.
#[component]
pub(crate) fn ChangeRequestPage() -> impl IntoView {
    let id = in_path("id");
    page(Place::Settings, |visit| async move {
        let found = requests::show(&visit.console, &visit.actor, id.parse()?).await?;
        let followed = match found.view.parts.as_slice() {
            [Part { layer: Layer::Biller(bid), .. }] => visit.follow(Topic::Biller(bid.clone())).await?,
            _ => visit.follow(Topic::Billers).await?,
        };
        Ok(Page::new("Change of settings", show(&visit, found)).live(followed, ""))
    })
}

fn show(visit: &Visit, found: RequestView) -> impl IntoView + use<> {
    let RequestView { request, view, moved, allowed, own } = found;
    let crumbs = match view.parts.as_slice() {
        [Part { layer: Layer::Biller(bid), biller: Some(biller), .. }] => {
            vec![
                Crumb::new(paths::BILLERS, "Billers"),
                Crumb::new(paths::biller_settings(bid), biller.name()),
            ]
        }
        _ => vec![Crumb::new(paths::SETTINGS, "Default settings")],
    };
    let wave = request.body.rules.map(|rules| view! { <Fact label="As a wave">{rules.told()}</Fact> });
    let waits = request.state == RequestState::Waiting;
    let changed = (!moved.is_empty()).then(|| {
        let told: Vec<&str> = moved.iter().map(|it| it.told.as_str()).collect();
        let text = format!(
            "It cannot be approved as it stands. {} Decline it, and let it be proposed anew.",
            told.join(" ")
        );
        view! { <Notice tone=Tone::Bad text /> }
    });
    let review = request.review.clone().map(|review| {
        view! {
            <Fact label="Decided by">{review.by.name().to_owned()} ", " <Time at=review.at /></Fact>
            {review.note.map(|note| view! { <Fact label="Their words">{note}</Fact> })}
        }
    });
    let decide = waits.then(|| {
        let refused = allowed.err().map(|refusal| refusal.to_string());
        decide(visit, &request.id.to_string(), &view.token, refused, own).into_any()
    });
    let difference = waits.then(|| preview::parts(view.parts, view.copy.is_some()));
    view! {
        <Heading title="Change of settings" crumbs lead="On these settings much depends, so a second person decides." />
        <div id="request" data-live="" class="form-stack">
            {changed}
            <Panel id="asked" title="Asked for">
                <Facts>
                    <Fact label="State">{request.state.badge()}</Fact>
                    <Fact label="By">{request.requested_by.name().to_owned()} ", " <Time at=request.requested_at /></Fact>
                    <Fact label="Reason">{request.reason}</Fact>
                    {wave}
                    {review}
                </Facts>
            </Panel>
            {difference}
        </div>
        {decide}
    }
}

fn decide(visit: &Visit, id: &str, token: &str, refused: Option<String>, own: bool) -> impl IntoView + use<> {
    let (id, token) = (id.to_owned(), token.to_owned());
    let button = |decision: RequestDecision, class: &'static str| {
        view! { <button type="submit" class=class name="decision" value=decision.as_str()>{decision.label()}</button> }
    };
    let buttons = match (own, refused.is_some()) {
        (true, _) => button(RequestDecision::Withdraw, "btn").into_any(),
        (false, true) => ().into_any(),
        (false, false) => view! {
            {button(RequestDecision::Approve, "btn btn-primary")}
            {button(RequestDecision::Decline, "btn")}
        }
        .into_any(),
    };
    let note = (own || refused.is_none()).then(|| {
        view! { <Field visit name="note" label="Your words" hint="Needed to decline." /> }.into_any()
    });
    let why = refused.map(|text| view! { <p class="refusal">{text}</p> });
    view! {
        <Panel id="decide" title="Decide">
            <Act to=paths::act::DECIDE_REQUEST class="form-stack">
                <Hidden name="id" value=id />
                <Hidden name="token" value=token />
                {note}
                {why}
                <div class="buttons">{buttons}</div>
            </Act>
        </Panel>
    }
}

/// The changes that wait, as a panel; nothing where none does.
pub(super) fn panel(lines: Vec<RequestLine>) -> impl IntoView {
    if lines.is_empty() {
        return view! { <div id="requests" data-live=""></div> }.into_any();
    }
    let rows = lines.into_iter().map(line).collect_view();
    view! {
        <Panel id="requests" title="Waits for a second person" live=true>
            <ul class="lines">{rows}</ul>
        </Panel>
    }
    .into_any()
}

/// One change that waits, in one line.
pub(crate) fn line(line: RequestLine) -> impl IntoView {
    let RequestLine { request, whom, settings, allowed } = line;
    let href = paths::change_request(request.id);
    let named = settings.iter().take(3).copied().collect::<Vec<_>>().join(", ");
    let more = settings.len().saturating_sub(3);
    let what = if more == 0 { named } else { format!("{named} and {more} more") };
    let note = allowed.err().map(|refusal| view! { <p class="line-note">{refusal.to_string()}</p> });
    view! {
        <li class="line">
            {request.state.badge()}
            <div class="line-main">
                <p><a class="link" href=href>{whom} ": " {what}</a></p>
                <p class="line-note">"Asked for by " {request.requested_by.name().to_owned()} ", " <Time at=request.requested_at /></p>
                <p class="quote">{request.reason}</p>
                {note}
            </div>
        </li>
    }
}

impl Face for RequestState {
    fn tone(self) -> Tone {
        match self {
            Self::Waiting => Tone::Caution,
            Self::Approved => Tone::Good,
            Self::Declined => Tone::Bad,
            Self::Withdrawn => Tone::Quiet,
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::Waiting => Icon::Clock,
            Self::Approved => Icon::CheckCircle,
            Self::Declined => Icon::Alert,
            Self::Withdrawn => Icon::Minus,
        }
    }

    fn word(self) -> &'static str {
        match self {
            // For whom it waits stands beside it; the whole label is wider than a narrow phone.
            Self::Waiting => "Waiting",
            Self::Approved | Self::Declined | Self::Withdrawn => self.label(),
        }
    }
}
