//! What reaches the browser as WebAssembly.
//!
//! Every island enhances what the server has rendered: it finds its elements by `data-` attributes, listens on
//! the document, and so keeps working when a part of the page is exchanged. Without JavaScript nothing is
//! missing but the comfort. The islands take no properties, which keeps JSON out of the download.
//!
//! | attribute | meaning |
//! |---|---|
//! | `data-topic` on `main` | what the page follows live |
//! | `data-live` and an id | a region that is exchanged when the page changes |
//! | `data-search` on a form | searches while typing |
//! | `data-select-all` | ticks every row of the page |
//! | `data-matrix` on a table, `data-cell` on what its cells hold | arrow keys lead from cell to cell |
//! | `data-keep-selection` on a link | takes the selection along |
//! | `data-copy` on a button | copies this text |
//! | `data-upload` on a form | shows how far an upload is |
//! | `data-must-be` on an input | enables the form's button once this is typed |
//! | `data-takes` on a field | what may be typed; judged by the domain's rule |
//! | `data-zoom-from`, `data-zoom-step` on a chart | its first minute and the minutes of a stretch, for dragging over it |
//! | `data-ends-in`, `data-crm` on `#session` | the rest of the session's time in seconds; who may frame the page |
//! | `data-session-text`, `data-session-stay` | where people are told that it ends; lets it go on |

#[cfg(feature = "hydrate")]
mod check;
#[cfg(feature = "hydrate")]
mod confirm;
#[cfg(feature = "hydrate")]
mod copy;
#[cfg(feature = "hydrate")]
mod dom;
#[cfg(feature = "hydrate")]
mod host;
#[cfg(feature = "hydrate")]
mod live;
#[cfg(feature = "hydrate")]
mod matrix;
#[cfg(feature = "hydrate")]
mod menu;
#[cfg(feature = "hydrate")]
mod search;
#[cfg(feature = "hydrate")]
mod selection;
#[cfg(feature = "hydrate")]
mod session_end;
#[cfg(feature = "hydrate")]
mod swap;
#[cfg(feature = "hydrate")]
mod upload;
#[cfg(feature = "hydrate")]
mod zoom;

use leptos::prelude::*;

/// Keeps the page fresh: follows its topic and exchanges the regions that changed.
#[island]
pub fn Live() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    live::start();
    view! { <span hidden=true></span> }
}

/// Copies the text of the button that is pressed.
#[island]
pub fn Copy() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    copy::start();
    view! { <span hidden=true></span> }
}

/// Searches while typing, and sorts without loading a page.
#[island]
pub fn SearchAsYouType() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    search::start();
    view! { <span hidden=true></span> }
}

/// Keeps the selection of the list in the URL, counts it, and ticks whole pages.
#[island]
pub fn Selection() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    selection::start();
    view! { <span hidden=true></span> }
}

/// Moves through the matrix of use cases with the arrow keys.
#[island]
pub fn Matrix() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    matrix::start();
    view! { <span hidden=true></span> }
}

/// Shows how far an upload is.
#[island]
pub fn UploadProgress() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    upload::start();
    view! { <span hidden=true></span> }
}

/// Enables a button once the name is typed.
#[island]
pub fn ConfirmName() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    confirm::start();
    view! { <span hidden=true></span> }
}

/// Checks what is typed into settings.
#[island]
pub fn CheckValues() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    check::start();
    view! { <span hidden=true></span> }
}

/// Looks closer at the part of a chart that is dragged over.
#[island]
pub fn ZoomCharts() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    zoom::start();
    view! { <span hidden=true></span> }
}

/// Says when the session is about to end and lets it go on; in the CRM's frame it asks the CRM for that.
#[island]
pub fn SessionEnd() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    session_end::start();
    view! { <span hidden=true></span> }
}

/// The last island of a page: says that all of them are ready (`data-hydrated` on the root), and closes menus.
#[island]
pub fn Ready() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    menu::start();
    view! { <span hidden=true></span> }
}
