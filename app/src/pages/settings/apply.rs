//! Brings the defaults of a level to billers that are enabled already, as a wave.

use domain::settings::Layer;
use leptos::prelude::*;
use services::apply_defaults::DecidedDefault;

use crate::{
    paths,
    query::{self, name},
    ui::{Hidden, Icon, Panel, Time, count, glyph, grouped},
};

/// The defaults decided on this level, each with the number of billers that take it from here. Nothing where none is.
pub(super) fn panel(layer: &Layer, decided: Vec<DecidedDefault>, may_wave: bool) -> Option<AnyView> {
    let newest = decided.first()?.at;
    let tier = match layer {
        Layer::Tier(tier) => Some(view! { <Hidden name=name::TIER value=tier.clone() /> }),
        Layer::Everywhere | Layer::Biller(_) => None,
    };
    let lines = decided.into_iter().map(|one| {
        let ticked = one.at == newest;
        line(one, ticked)
    });
    let lines = lines.collect_view();
    let button = if may_wave {
        view! { <button type="submit" id="apply-defaults" class="btn">{glyph(Icon::Layers)} "Preview the wave…"</button> }
            .into_any()
    } else {
        view! { <p class="refusal">"Your role may not change many billers at once."</p> }.into_any()
    };
    let lead = "A default reaches billers that are enabled already only when it is written for them. Choose which; the \
        next page shows for how many, and lets a pilot go first.";
    Some(
        view! {
            <Panel id="apply" title="For enabled billers" lead>
                <form method="get" action=paths::WAVE_NEW class="form-stack" aria-label="Apply defaults">
                    <Hidden name=query::DO value=query::DO_SETTINGS />
                    <Hidden name=name::ALL value="1" />
                    <Hidden name=name::STATUS value="enabled" />
                    <Hidden name=name::STATUS value="suspended" />
                    {tier}
                    <ul class="lines">{lines}</ul>
                    <div class="buttons">{button}</div>
                </form>
            </Panel>
        }
        .into_any(),
    )
}

fn line(one: DecidedDefault, ticked: bool) -> impl IntoView {
    let key = one.setting.key;
    let value = one.value.as_ref().map_or_else(|| "set back".to_owned(), |value| one.setting.show(value));
    let inherit = match one.inheriting {
        1 => "1 enabled biller takes it from here".to_owned(),
        n if n < 1_000 => format!(
            "{} take it from here",
            count(usize::try_from(n).unwrap_or_default(), "enabled biller", "enabled billers")
        ),
        n => format!("{} enabled billers take it from here", grouped(n)),
    };
    view! {
        <li class="line">
            <div class="line-main">
                <label class="tick">
                    <input type="checkbox" class="checkbox checkbox-sm" name=query::KEY value=key checked=ticked />
                    {one.setting.label} ": " <span class="break">{value}</span>
                </label>
                <p class="line-note">{inherit} " · " {one.by.name().to_owned()} ", " <Time at=one.at /></p>
            </div>
        </li>
    }
}
