//! The program: parses the command line and hands over.

use std::process::ExitCode;

use clap::Parser;
use server::cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    server::main(Cli::parse()).await
}
