//! The pages, one file each. A page asks one use case and shows the answer.

pub(crate) mod activity;
pub(crate) mod biller;
pub(crate) mod billers;
pub(crate) mod deliveries;
pub(crate) mod delivery;
pub(crate) mod emergencies;
pub(crate) mod enable;
pub(crate) mod entries;
pub(crate) mod gist;
pub(crate) mod import;
pub(crate) mod import_preview;
pub(crate) mod migration;
pub(crate) mod nowhere;
pub(crate) mod overview;
pub(crate) mod performance;
pub(crate) mod resume;
pub(crate) mod secret;
pub(crate) mod sessions;
pub(crate) mod settings;
pub(crate) mod sign_in;
pub(crate) mod suspend;
pub(crate) mod test_sign_in;
pub(crate) mod use_case_defaults;
pub(crate) mod use_cases;
pub(crate) mod use_cases_change;
pub(crate) mod users;
pub(crate) mod wave;
pub(crate) mod wave_new;
pub(crate) mod waves;

use domain::{Bid, Portfolio};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::{
    paths,
    ui::{Empty, Icon, PageError},
};

/// The bid in the address.
fn bid_in_path() -> Result<Bid, PageError> {
    Ok(Bid::parse(&in_path("bid"))?)
}

/// A part of the address.
fn in_path(name: &'static str) -> String {
    use_params_map().with_untracked(|params| params.get(name)).unwrap_or_default()
}

/// Where billers would stand, when there are none: in the console, or in the portfolio to which the person is limited.
fn no_billers(within: Option<&Portfolio>) -> impl IntoView + use<> {
    match within {
        None => view! {
            <Empty icon=Icon::Upload title="No billers yet" text="Import a file, or let IC announce them over the API.">
                <a class="btn btn-primary btn-sm" href=paths::IMPORT>"Import billers"</a>
            </Empty>
        }
        .into_any(),
        Some(own) => {
            let title = format!("No biller is in the portfolio {own}");
            let text = "You see the billers of this portfolio only. IC or an import says which ones they are.";
            view! { <Empty icon=Icon::Search title text /> }.into_any()
        }
    }
}
