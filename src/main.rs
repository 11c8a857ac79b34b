//! The door: reads the command line, opens the window or runs a command.

use std::{env, process::ExitCode, time::Instant};

use anyhow::{Result, bail};
use clap::Parser;
use igoscope::{
    app::{self, Keep, Options, ThemeChoice},
    cli::{Arguments, ReaderLeft, Task, evaluate, explain, figure, list_methods, models, safe},
    imaging::{SAMPLES, Sample},
    worker::HostOptions,
};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let start = Instant::now();
    let arguments = Arguments::parse();
    // A locale that is no language, such as C, is not an error: English is spoken.
    let usual = || EnvFilter::new("error,i18n_embed::requester=off");
    let filter = EnvFilter::try_from_env("IGOSCOPE_LOG").unwrap_or_else(|_| usual());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let done = match &arguments.task {
        Some(Task::Explain(task)) => explain(task),
        Some(Task::Evaluate(task)) => evaluate(task),
        Some(Task::Figure(task)) => figure(task),
        Some(Task::Models(task)) => models(task),
        Some(Task::Methods { markdown }) => list_methods(*markdown),
        None => window(arguments, start),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<ReaderLeft>() => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("igoscope: {}", safe(&format!("{error:#}")));
            ExitCode::FAILURE
        }
    }
}

fn window(arguments: Arguments, start: Instant) -> Result<()> {
    let has_display = ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"].iter().any(|name| env::var_os(name).is_some());
    if cfg!(target_os = "linux") && !has_display {
        bail!("there is no display to open a window on; without one, use `igoscope explain IMAGE`");
    }
    if let Some(name) = &arguments.sample
        && Sample::named(name).is_none()
    {
        let names: Vec<&str> = SAMPLES.iter().map(|sample| sample.name).collect();
        bail!("no sample is called “{name}”; there are {}", names.join(", "));
    }
    let keep = match (arguments.trace, arguments.settings) {
        (true, _) => Keep::Nowhere,
        (false, Some(folder)) => Keep::In(folder),
        (false, None) => Keep::InUsersFolder,
    };
    app::run(Options {
        pictures: arguments.images,
        sample: arguments.sample,
        welcomes: !arguments.trace,
        keep,
        theme: arguments.theme.as_deref().and_then(ThemeChoice::named),
        profiles: arguments.profiles,
        host: HostOptions { gives_way: true, beside: arguments.beside.clone(), ..arguments.host.options() },
        trace_from: arguments.trace.then_some(start),
    })
}
