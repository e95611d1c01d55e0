//! The one-time move of a biller's users: what a row of the source says, what SecureAuth can take of it, and where a
//! move stands.

pub mod adoption;
pub mod cause;
pub mod control;
pub mod freeze;
pub mod hash;
pub mod mailing;
pub mod mapping;
pub mod missing;
pub mod password;
pub mod person;
pub mod row;
pub mod schema;
pub mod state;

pub use adoption::{AdoptionDay, AdoptionPoint, Outcome, Outlook, curve, outlook};
pub use cause::{Cause, Problem, Weight};
pub use control::{Ground, MigrationAct, may_ask};
pub use freeze::{Freeze, FreezeError, FreezeState, may_freeze};
pub use hash::{PasswordHash, ShaFunction};
pub use mailing::{MailAct, MailRules, MailState, MailingState};
pub use mapping::{Bound, Mapping, MappingError, SaltEncoding, SaltOrder, SourceField, StatedDigest};
pub use missing::MissingStand;
pub use password::{PasswordKind, PasswordSource, Sealed, detect};
pub use person::{Case, Claim, Person, PersonStatus};
pub use row::{Read, Verdict, read};
pub use state::{MigrationState, RowState};
