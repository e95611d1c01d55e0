//! The rules of moving users.

mod adoption;
mod passwords;
mod rows;
mod schemas;
