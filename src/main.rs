//! The door: reads the command line, opens the window or runs a command.

use std::process::ExitCode;

use clap::Parser;
use igoscope::cli::{Arguments, Task, explain};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_env("IGOSCOPE_LOG").unwrap_or_else(|_| EnvFilter::new("error"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let done = match &arguments.task {
        Some(Task::Explain(arguments)) => explain(arguments),
        None => Ok(()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("igoscope: {error:#}");
            ExitCode::FAILURE
        }
    }
}
