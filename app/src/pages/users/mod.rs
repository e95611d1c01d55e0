//! A biller's users: the list and the search, one user, making and changing one, and what is on its way to SecureAuth.

mod acts;
mod change;
mod list;
mod mirror;
mod one;

pub(crate) use self::{
    change::{UserEditPage, UserNewPage},
    list::UsersPage,
    mirror::MirrorPage,
    one::UserPage,
};
