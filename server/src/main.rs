//! Slipway, the program.

use clap::Parser;
use slipway_server::command_line::CommandLine;
use std::{io, process::ExitCode};

#[tokio::main]
async fn main() -> ExitCode {
    match CommandLine::parse().run(&mut io::stdout()).await {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            eprintln!("slipway: {error}");
            ExitCode::FAILURE
        }
    }
}
