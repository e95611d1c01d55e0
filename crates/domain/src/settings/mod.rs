//! The settings of a biller at SecureAuth: one catalogue, typed values, and how they compare with what the vendor shows.
//!
//! Everything about a setting stands in [`catalogue`]: the form, the check of what was typed (here and in the browser),
//! the write, the comparison and the documentation are made from it.

pub mod agree;
pub mod bounds;
pub mod catalogue;
pub mod change;
pub mod compare;
pub mod drift;
pub mod duration;
pub mod effective;
pub mod file;
pub mod request;
pub mod setting;
mod spec;
pub mod value;
pub mod vanity;
pub mod wire;

pub use agree::{Contradiction, Holding, contradictions};
pub use bounds::{Invalid, Kind, Word};
pub use catalogue::find;
pub use change::{
    Proposal, ProposalSource, ProposedLayer, SetValue, SettingWrite, SettingsChange, WriteMode,
};
pub use compare::{Agreement, agreement};
pub use drift::{Changed, Drift, DriftDecision, Scan, ScanState};
pub use effective::{Effective, Layer, Layers, Own, ValueOrigin, Values};
pub use request::{ChangeRequest, Moved, RequestBody, RequestDecision, RequestState};
pub use setting::{Control, Owner, Risk, Scope, Section, Setting, SettingKey, Support, VendorField};
pub use value::SettingValue;
pub use wire::Observed;
