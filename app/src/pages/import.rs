//! Bringing in billers from a file: the upload.

use domain::{actor::Capability, import::Column};
use leptos::prelude::*;

use crate::{
    islands::UploadProgress,
    paths,
    ui::{Crumb, Heading, Icon, Page, Panel, Place, Submit, page},
};

/// Bringing in billers from a file.
#[component]
pub(crate) fn ImportPage() -> impl IntoView {
    page(Place::Billers, |visit| async move {
        visit.actor.may(Capability::ImportBillers)?;
        Ok(Page::new("Import billers", show()))
    })
}

fn show() -> impl IntoView {
    let crumbs = vec![Crumb::new(paths::BILLERS, "Billers")];
    view! {
        <Heading title="Import billers" crumbs lead="Upload a file, look at what it would do, then apply it. Nothing changes before." />
        <div class="columns">
            <div class="column-wide">
                <Panel id="upload" title="File">
                    <form method="post" action=paths::IMPORT_UPLOAD enctype="multipart/form-data" class="form-stack" data-upload="">
                        <div class="field">
                            <label for="file">"CSV file"</label>
                            <input class="file-input" type="file" id="file" name="file" accept=".csv,text/csv" required=true
                                aria-describedby="file-hint" />
                            <p class="hint" id="file-hint">
                                "UTF-8, with a first line that names the columns. Any order of columns, any number of rows."
                            </p>
                        </div>
                        <div class="upload-progress" hidden=true data-upload-progress="">
                            <progress class="progress tone-moving" max="100" value="0" aria-label="Upload"></progress>
                            <p class="hint" role="status" data-upload-text=""></p>
                        </div>
                        <div class="buttons"><Submit id="upload-file" label="Upload and check" icon=Icon::Upload /></div>
                    </form>
                </Panel>
            </div>
            <div class="column-narrow">
                <Panel id="columns" title="Columns" lead="Other columns are left alone. A bad row harms no other.">
                    {columns()}
                </Panel>
            </div>
        </div>
        <UploadProgress />
    }
}

fn columns() -> impl IntoView {
    let rows = Column::ALL
        .iter()
        .map(|column| {
            let needed = matches!(column, Column::Bid | Column::Name);
            view! {
                <div class="fact">
                    <dt><code>{column.as_str()}</code></dt>
                    <dd>{meaning(*column)} {needed.then(|| view! { <strong>" Required."</strong> })}</dd>
                </div>
            }
        })
        .collect_view();
    view! { <dl class="facts facts-tight">{rows}</dl> }
}

const fn meaning(column: Column) -> &'static str {
    match column {
        Column::Bid => "IC's id: letters, digits, '.', '_', '-'. A known bid is updated.",
        Column::Name => "The true name, as on the biller's bills.",
        Column::State => "Region, e.g. TX.",
        Column::Ownership => "Kind of owner, e.g. Municipal.",
        Column::Customers => "A whole number.",
        Column::Tier => "Contract tier, as the CRM calls it.",
        Column::TimeZone => "IANA name, e.g. America/Chicago.",
        Column::Portfolio => "As the CRM names it. Without this column every biller stays in its own.",
    }
}
