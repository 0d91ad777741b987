//! Slipway, the program.

use clap::Parser;
use slipway_server::command_line::CommandLine;
use std::{error::Error, io, process::ExitCode};

#[tokio::main]
async fn main() -> ExitCode {
    match CommandLine::parse().run(&mut io::stdout()).await {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            eprintln!("slipway: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  because: {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}
