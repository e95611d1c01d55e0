//! Settings: what is wanted, what was read at SecureAuth, and changes that somebody proposed.

mod observed;
mod proposals;
mod requests;
mod values;

pub use observed::{ObservedScope, observed_of, put_observed};
pub use proposals::{find_proposal, forget_proposals, put_proposal, remove_proposal};
pub use requests::{decide_request, find_request, put_request, waiting_requests};
pub use values::{LastChange, LayerValues, all_values, inheriting, layers_of, set, values_of};
