//! The login URL and the handover pack.

use domain::{access::Refusal, biller::Biller, login::LoginRoute};
use leptos::prelude::*;
use services::show_biller::HandoverView;

use crate::{
    paths,
    ui::{Act, Field, Hidden, Icon, Panel, Submit, SubmitKind, Tone, Visit, badge, facts::CopyButton, glyph},
};

/// The address that people bookmark, and where it leads now.
pub(super) fn address(url: String, biller: &Biller) -> impl IntoView + use<> {
    let leads = match biller.login_route {
        LoginRoute::SecureAuth => badge(Tone::Good, Icon::CheckCircle, "Leads to SecureAuth").into_any(),
        LoginRoute::Legacy => badge(Tone::Caution, Icon::Pause, "Leads to the legacy page").into_any(),
    };
    view! {
        <section class="panel" aria-labelledby="login-title">
            <header class="panel-head panel-head-row">
                <h2 id="login-title">"Login URL"</h2>
                {leads}
            </header>
            <div class="login-url">
                <code class="login-url-text">{url.clone()}</code>
                <CopyButton text=url.clone() what="login URL".to_owned() word="Copy" />
                <a class="btn btn-sm" href=url target="_blank" rel="noopener noreferrer">
                    {glyph(Icon::External)} "Open" <span class="sr-only">" in a new tab"</span>
                </a>
            </div>
            <p class="hint">
                "The address to publish and bookmark. It stays the same for ever and starts each sign-in afresh; the address \
                of the page it leads to changes every time and is no login link."
            </p>
        </section>
    }
}

/// The text for the biller, and the day on which it goes live.
pub(super) fn pack(
    visit: &Visit,
    biller: &Biller,
    pack: HandoverView,
    allowed: &Result<(), Refusal>,
) -> impl IntoView + use<> {
    let HandoverView { text, go_live, go_live_in_words } = pack;
    let (bid, present, allowed) = (biller.bid().to_string(), go_live.unwrap_or_default(), allowed.clone());
    // What was typed stands in the field; so what is set must stand beside it.
    let refused = visit.typed("go_live").is_some_and(|typed| typed.trim() != present);
    let hint = match go_live_in_words {
        _ if !refused => String::new(),
        Some(day) => format!("Set now: {day}. Saving puts your day in its place."),
        None => "No day is set now. Saving sets yours.".to_owned(),
    };
    let field =
        view! { <Field visit name="go_live" label="Go-live day" kind="date" value=present.clone() hint /> }
            .into_any();
    let form = view! {
        <Act to=paths::act::SET_GO_LIVE class="inline-form">
            <Hidden name="bid" value=bid />
            <Hidden name="seen" value=present />
            {field}
            <Submit id="save-go-live" label="Save day" kind=SubmitKind::Plain allowed />
        </Act>
    };
    view! {
        <Panel id="handover-pack" title="Handover pack" lead="What the biller has to know, ready for an e-mail.">
            {form}
            <div class="handover">
                <pre class="handover-text" tabindex="0" aria-label="Text for the biller">{text.clone()}</pre>
                <CopyButton text what="handover text".to_owned() word="Copy text" />
            </div>
        </Panel>
    }
}
