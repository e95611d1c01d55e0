//! The rules of moving users.

mod adoption;
mod control;
mod passwords;
mod rows;
mod schemas;
