//! An address that leads nowhere.

use leptos::prelude::*;

use crate::ui::{frame::open_page, states};

/// An address that leads nowhere.
#[component]
pub(crate) fn NowherePage() -> impl IntoView {
    open_page(|_, _, _| async { Ok(states::nowhere()) })
}
