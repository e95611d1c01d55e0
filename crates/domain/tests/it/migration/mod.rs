//! The rules of moving users.

mod passwords;
mod rows;
mod schemas;
