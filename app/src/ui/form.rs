//! Forms: plain posts that work without JavaScript.

use domain::access::Refusal;
use leptos::prelude::*;

use super::{
    frame::Visit,
    icon::{Icon, glyph},
};

/// A form that posts to a server function.
#[component]
pub(crate) fn Act(
    /// One of [`crate::paths::act`], or a plain route of the server.
    #[prop(into)]
    to: String,
    /// Extra classes.
    #[prop(optional)]
    class: &'static str,
    /// Fields and buttons.
    children: Children,
) -> impl IntoView {
    view! { <form method="post" action=to class=class>{children()}</form> }
}

/// A value that goes with a form.
#[component]
pub(crate) fn Hidden(
    /// The field's name.
    name: &'static str,
    /// Its value.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    view! { <input type="hidden" name=name value=value /> }
}

/// How a submit button looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SubmitKind {
    /// The one thing to do here.
    Primary,
    /// One of several.
    Plain,
    /// Takes something away from people.
    Danger,
}

impl SubmitKind {
    /// The button's classes.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Primary => "btn btn-primary",
            Self::Plain => "btn",
            Self::Danger => "btn btn-error",
        }
    }
}

/// A submit button. When it cannot be used the reason stands below it.
#[component]
pub(crate) fn Submit(
    /// Unique on the page.
    id: &'static str,
    /// What it does.
    #[prop(into)]
    label: String,
    /// How it looks.
    #[prop(default = SubmitKind::Primary)]
    kind: SubmitKind,
    /// An icon.
    #[prop(optional)]
    icon: Option<Icon>,
    /// Whether it may be used, or why not.
    #[prop(default = Ok(()))]
    allowed: Result<(), Refusal>,
    /// Why it may not be used, where that is no matter of access; empty if it may.
    #[prop(optional, into)]
    refused: String,
    /// Where it posts to, if not to where its form does.
    #[prop(optional)]
    to: Option<&'static str>,
) -> impl IntoView {
    let refused = Some(refused).filter(|text| !text.is_empty());
    let reason = allowed.err().map(|refusal| refusal.to_string()).or(refused);
    let described = reason.as_ref().map(|_| format!("{id}-reason"));
    view! {
        <span class="submit">
            <button type="submit" id=id class=kind.class() disabled=reason.is_some() formaction=to
                aria-describedby=described.clone()>
                {icon.map(glyph)}
                {label}
            </button>
            {reason.map(|text| view! { <span id=described class="refusal">{text}</span> })}
        </span>
    }
}

/// A link that looks like a button; when it cannot be followed the reason stands below it.
#[component]
pub(crate) fn ActionLink(
    /// Unique on the page.
    id: &'static str,
    /// Where it leads.
    href: String,
    /// What it does.
    #[prop(into)]
    label: String,
    /// How it looks.
    #[prop(default = SubmitKind::Plain)]
    kind: SubmitKind,
    /// An icon.
    icon: Icon,
    /// Whether it may be used, or why not.
    #[prop(default = Ok(()))]
    allowed: Result<(), Refusal>,
) -> impl IntoView {
    let Err(refusal) = allowed else {
        return view! { <a id=id class=kind.class() href=href>{glyph(icon)} {label}</a> }.into_any();
    };
    let reason = format!("{id}-reason");
    view! {
        <span class="submit">
            // A link without a target, so that it can be reached and its reason is read out.
            <a id=id class=format!("{} btn-disabled", kind.class()) role="link" aria-disabled="true" tabindex="0"
                aria-describedby=reason.clone()>
                {glyph(icon)} {label}
            </a>
            <span id=reason class="refusal">{refusal.to_string()}</span>
        </span>
    }
    .into_any()
}

/// The way out of a form.
#[component]
pub(crate) fn Cancel(
    /// Where it leads.
    href: String,
) -> impl IntoView {
    view! { <a class="btn btn-ghost" href=href>"Cancel"</a> }
}

/// A labelled input with hint and error. After a refused post it holds what was typed.
#[component]
pub(crate) fn Field<'a>(
    /// The present visit: what was typed before and what is wrong with it.
    visit: &'a Visit,
    /// The field's name and id.
    name: &'static str,
    /// Its label.
    #[prop(into)]
    label: String,
    /// The input's type.
    #[prop(default = "text")]
    kind: &'static str,
    /// Its value when nothing was typed yet.
    #[prop(optional, into)]
    value: String,
    /// What to type.
    #[prop(optional, into)]
    hint: String,
    /// Whether it must be filled.
    #[prop(optional)]
    required: bool,
    /// Smallest number.
    #[prop(optional)]
    min: Option<&'static str>,
    /// Largest number.
    #[prop(optional)]
    max: Option<&'static str>,
    /// The text that must be typed, for the browser's own check.
    #[prop(optional)]
    must_be: Option<String>,
) -> impl IntoView {
    let value = visit.typed(name).unwrap_or(value);
    let error = visit.error(name);
    let described = described_by(name, !hint.is_empty(), error.is_some());
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input class="input" id=name name=name type=kind value=value required=required min=min max=max
                data-must-be=must_be autocomplete="off" aria-invalid=error.is_some().then_some("true")
                aria-describedby=described />
            {hint_and_error(name, hint, error)}
        </div>
    }
}

/// The field for the reason of an action.
#[component]
pub(crate) fn Reason<'a>(
    /// The present visit.
    visit: &'a Visit,
) -> impl IntoView {
    let name = "reason";
    let error = visit.error(name);
    let hint = "Stands in the activity log beside your name, e.g. a ticket number.";
    let described = described_by(name, true, error.is_some());
    view! {
        <div class="field">
            <label for=name>"Reason " <span class="optional">"optional"</span></label>
            <textarea class="textarea" id=name name=name rows="2" maxlength="500" aria-describedby=described
                aria-invalid=error.is_some().then_some("true")>{visit.typed(name)}</textarea>
            {hint_and_error(name, hint.to_owned(), error)}
        </div>
    }
}

/// A labelled choice of one of several.
#[component]
pub(crate) fn Choice<'a>(
    /// The present visit: what was chosen before.
    visit: &'a Visit,
    /// The field's name and id.
    name: &'static str,
    /// Its label.
    #[prop(into)]
    label: String,
    /// The values with what people read.
    options: Vec<(&'static str, &'static str)>,
    /// The value when nothing was chosen yet.
    chosen: &'static str,
    /// What to choose.
    #[prop(optional, into)]
    hint: String,
) -> impl IntoView {
    let error = visit.error(name);
    let described = described_by(name, !hint.is_empty(), error.is_some());
    let chosen = visit.typed(name).unwrap_or_else(|| chosen.to_owned());
    let options = options
        .into_iter()
        .map(|(value, label)| view! { <option value=value selected=chosen == value>{label}</option> })
        .collect_view();
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <select class="select" id=name name=name aria-describedby=described>{options}</select>
            {hint_and_error(name, hint, error)}
        </div>
    }
}

fn described_by(name: &str, hint: bool, error: bool) -> Option<String> {
    let parts: Vec<_> = [(hint, "hint"), (error, "error")]
        .into_iter()
        .filter(|(shown, _)| *shown)
        .map(|(_, part)| format!("{name}-{part}"))
        .collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn hint_and_error(name: &'static str, hint: String, error: Option<String>) -> impl IntoView {
    view! {
        {error.map(|text| view! {
            <p class="field-error" id=format!("{name}-error")>{glyph(Icon::Alert)} {text}</p>
        })}
        {(!hint.is_empty()).then(|| view! { <p class="hint" id=format!("{name}-hint")>{hint}</p> })}
    }
}
