//! The UI kit: what every page is built from.

pub(crate) mod badge;
pub(crate) mod chart;
pub(crate) mod facts;
pub(crate) mod form;
pub(crate) mod frame;
pub(crate) mod icon;
pub(crate) mod layout;
pub(crate) mod notice;
pub(crate) mod number;
pub(crate) mod pager;
pub(crate) mod panel;
pub(crate) mod rendered;
pub(crate) mod run;
pub(crate) mod states;
pub(crate) mod table;
pub(crate) mod time;

pub(crate) use badge::{Face, Tone, badge};
pub(crate) use facts::{Copyable, Fact, Facts};
pub(crate) use form::{Act, Cancel, Choice, Field, Hidden, Reason, Submit, SubmitKind};
pub(crate) use frame::{Page, PageError, Visit, page};
pub(crate) use icon::{Icon, glyph};
pub(crate) use layout::Place;
pub(crate) use notice::Notice;
pub(crate) use number::{count, grouped};
pub(crate) use panel::{Crumb, Empty, Heading, Panel};
pub(crate) use rendered::{Rendered, rendered};
pub(crate) use table::{Column, Table};
pub(crate) use time::{Now, Time};
