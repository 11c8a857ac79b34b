//! `igoscope-window`: opens igoscope's window without a console behind it.
//!
//! On Windows a program either has a console, which a double click then shows, or has none, and then a terminal
//! neither waits for it nor gets what it prints. igoscope has one, for the command line; this one has none, and starts
//! the igoscope beside it with what it was given.
#![cfg_attr(windows, windows_subsystem = "windows")]

use std::{
    env, io,
    process::{Command, ExitCode},
};

fn main() -> ExitCode {
    // Nobody would see a message: the exit code is all there is.
    match open() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn open() -> io::Result<()> {
    let igoscope = env::current_exe()?.with_file_name(format!("igoscope{}", env::consts::EXE_SUFFIX));
    let mut command = Command::new(igoscope);
    command.args(env::args_os().skip(1));
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt as _;

        /// `CREATE_NO_WINDOW`: a console program without a console.
        const NO_CONSOLE: u32 = 0x0800_0000;
        command.creation_flags(NO_CONSOLE);
    }
    command.spawn().map(drop)
}
