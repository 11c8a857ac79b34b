//! The progress of a download on a terminal.

use indicatif::{HumanBytes, ProgressBar, ProgressState, ProgressStyle};

use crate::model::Progress;

/// What is said, once, where the hub refuses the user's token.
pub(super) const WITHOUT_TOKEN: &str =
    "igoscope: the hub refuses HF_TOKEN, which is expired, revoked or mistyped: going on without it";

/// A bar on a terminal's standard error, empty until there is something to show; nothing elsewhere, nor if `quiet`.
pub(super) fn hidden_if(quiet: bool) -> ProgressBar {
    if quiet { ProgressBar::hidden() } else { ProgressBar::no_length() }
}

/// Shows how far the model `title` is.
pub(super) fn show(bar: &ProgressBar, title: &str, progress: Progress) {
    if progress.total == 0 {
        return;
    }
    bar.set_length(progress.total);
    bar.set_message(title.to_owned());
    let template = "  {msg}  {bar:32} {decimal_bytes} of {decimal_total_bytes}  {speed}  {left} left";
    let left = progress.total.saturating_sub(progress.done) as f64;
    let speed = progress.bytes_per_sec;
    // Writing to a terminal's line cannot fail in a way that anybody could be told of.
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let style = style.with_key("speed", move |_: &ProgressState, out: &mut dyn std::fmt::Write| {
        let _ = write!(out, "{}/s", HumanBytes(speed as u64));
    });
    bar.set_style(style.with_key("left", move |_: &ProgressState, out: &mut dyn std::fmt::Write| {
        let _ = if speed > 0.0 { write!(out, "{:.0} s", left / speed) } else { write!(out, "?") };
    }));
    bar.set_position(progress.done);
}
