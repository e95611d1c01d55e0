//! Which column is which: guessed, shown, corrected.

use domain::migration::{MigrationState, SaltEncoding, SaltOrder, SourceField};
use leptos::prelude::*;
use services::migration::MigrationView;

use crate::{
    paths,
    ui::{Act, Fact, Facts, Field, Hidden, Icon, Panel, Submit, SubmitKind, Visit},
};

/// The form that says which column is which.
pub(super) fn panel(visit: &Visit, view: &MigrationView) -> impl IntoView + use<> {
    let mapping = &view.it.mapping;
    let fields = SourceField::ALL
        .iter()
        .map(|field| {
            let chosen = mapping.columns.get(field).cloned().unwrap_or_default();
            select(visit, field.as_str(), field.label(), &view.it.header, &chosen)
        })
        .collect_view();
    let order = mapping.digest.map(|digest| digest.order.label().to_owned()).unwrap_or_default();
    let orders: Vec<String> = SaltOrder::ALL.iter().map(|it| it.label().to_owned()).collect();
    let encoding = mapping.digest.map_or(SaltEncoding::Text, |digest| digest.encoding);
    let encodings: Vec<String> = SaltEncoding::ALL.iter().map(|it| it.label().to_owned()).collect();
    let country = mapping.country_code.clone().unwrap_or_default();
    let (bid, id) = (view.it.bid.to_string(), view.it.id.to_string());
    let order = select(visit, "salt_order", "Bare digests: what was hashed", &orders, &order);
    let encoding = select(visit, "salt_encoding", "How salts are written", &encodings, encoding.label());
    let country = view! {
        <Field visit name="country_code" label="Country code of phones that name none" value=country hint="e.g. +1" />
    }
    .into_any();
    let form = view! {
        <Act to=paths::act::MAP_MIGRATION class="form-stack">
            <Hidden name="bid" value=bid />
            <Hidden name="id" value=id />
            {fields}
            {order} {encoding} {country}
            <div class="buttons"><Submit id="map" label="Check with these columns" icon=Icon::Check kind=SubmitKind::Plain /></div>
        </Act>
    };
    let body = if view.it.state == MigrationState::Mapping {
        form.into_any()
    } else {
        // Checked: what is decided now comes below, and must not stand under a long form on a phone.
        let typed = visit.typed("salt_encoding").is_some();
        view! {
            {as_read(view)}
            <details class="more" id="other-columns" open=typed><summary>"Other columns…"</summary>{form}</details>
        }
        .into_any()
    };
    view! {
        <Panel id="columns" title="Columns" lead="Guessed from the names, or remembered from the last file. A change has every row checked anew.">
            {body}
        </Panel>
    }
}

/// Which columns the check has read.
fn as_read(view: &MigrationView) -> impl IntoView + use<> {
    let mapping = &view.it.mapping;
    let facts = SourceField::ALL
        .iter()
        .filter_map(|field| {
            mapping.columns.get(field).filter(|column| !column.is_empty()).map(|it| (*field, it.clone()))
        })
        .map(|(field, column)| view! { <Fact label=field.label()>{column}</Fact> })
        .collect_view();
    let digest = mapping.digest.map(|digest| {
        let how = format!("{}, salts as {}", digest.order.label(), digest.encoding.label().to_lowercase());
        view! { <Fact label="Bare digests">{how}</Fact> }
    });
    let country = mapping.country_code.clone().map(|code| view! { <Fact label="Country code">{code}</Fact> });
    view! { <Facts>{facts} {digest} {country}</Facts> }
}

fn select(
    visit: &Visit,
    name: &'static str,
    label: &'static str,
    values: &[String],
    chosen: &str,
) -> impl IntoView + use<> {
    let chosen = visit.typed(name).unwrap_or_else(|| chosen.to_owned());
    let options = values
        .iter()
        .map(|value| view! { <option value=value.clone() selected=*value == chosen>{value.clone()}</option> })
        .collect_view();
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <select class="select" id=name name=name><option value="">"–"</option>{options}</select>
        </div>
    }
}
