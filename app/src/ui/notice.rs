//! Notices.

use leptos::prelude::*;

use super::{
    badge::Tone,
    icon::{Icon, glyph},
};
use crate::session::{Flash, FlashKind};

/// A notice: an icon, a text, perhaps more below it.
#[component]
pub(crate) fn Notice(
    /// Its tone.
    tone: Tone,
    /// Its text.
    #[prop(into)]
    text: String,
    /// More.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let icon = match tone {
        Tone::Good => Icon::CheckCircle,
        Tone::Caution | Tone::Bad => Icon::Alert,
        Tone::Quiet | Tone::Moving => Icon::Info,
    };
    view! {
        <div class=format!("notice {}", tone.class())>
            {glyph(icon)}
            <div class="min-w-0 grow">
                <p class="notice-text">{text}</p>
                {children.map(|children| children())}
            </div>
        </div>
    }
}

/// The one-time notice of the action before. Read out at once, since the page was loaded because of it.
pub(crate) fn flash(flash: &Flash) -> impl IntoView + use<> {
    let (tone, role) = match flash.kind {
        FlashKind::Done => (Tone::Good, "status"),
        FlashKind::Problem => (Tone::Bad, "alert"),
    };
    let text = flash.text.clone();
    view! { <div role=role class="mb-4" id="flash"><Notice tone text /></div> }
}
