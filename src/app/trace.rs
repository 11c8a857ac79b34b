//! What `--trace` measures: how soon the window has what was asked for, and how long its frames take.
//!
//! A moment is when the window takes an event in, at the beginning of the frame that draws it: what it tells of is on
//! the screen one frame later. How long a frame takes is told once a run.

use std::{
    io::{self, Write},
    time::{Duration, Instant},
};

use crate::worker::Event;

/// Measures the window. It learns from the same events as the state, takes the clock as an argument, and never touches
/// egui.
#[derive(Debug)]
pub struct Trace {
    start: Stopwatch,
    /// When pictures were asked for that are not there yet.
    asked: Option<Instant>,
    /// Runs since the pictures that are there were asked for.
    opened: Option<Stopwatch>,
    /// How many frames have been drawn.
    drawn: u64,
    /// How long each frame took since the last run began.
    frames: Vec<Duration>,
    /// Since when nothing is computed.
    idle_since: Option<Instant>,
    idle_frames: usize,
    lines: Vec<String>,
}

/// Tells how long it took until something was there for the first time.
#[derive(Debug)]
struct Stopwatch {
    since: Instant,
    seen: Vec<&'static str>,
}

impl Stopwatch {
    fn new(since: Instant) -> Self {
        Self { since, seen: Vec::new() }
    }

    /// The seconds until `what`, if this is the first one.
    fn first(&mut self, what: &'static str, now: Instant) -> Option<f64> {
        if self.seen.contains(&what) {
            return None;
        }
        self.seen.push(what);
        Some(seconds_between(self.since, now))
    }
}

impl Trace {
    /// Measures from `start`, when the program began.
    pub fn new(start: Instant) -> Self {
        Self {
            start: Stopwatch::new(start),
            asked: None,
            opened: None,
            drawn: 0,
            frames: Vec::new(),
            idle_since: Some(start),
            idle_frames: 0,
            lines: Vec::new(),
        }
    }

    /// Whether no frame has been drawn yet.
    pub fn waits_for_a_frame(&self) -> bool {
        self.drawn == 0
    }

    /// Takes in that `drawn` frames have been drawn so far, and how long the last one took. Nothing happens if none was
    /// drawn since the last call.
    ///
    /// The first frame's moment is therefore when the window begins the second: after the first was handed to the
    /// screen, and a wait for the screen at most too late.
    pub fn frame(&mut self, drawn: u64, took: Option<Duration>, now: Instant) {
        if drawn == self.drawn {
            return;
        }
        self.drawn = drawn;
        self.since_start("first frame", now);
        if self.idle_since.is_some() {
            self.idle_frames += 1;
        } else {
            self.frames.extend(took);
        }
    }

    /// Takes in that the user asked for pictures.
    pub fn ask(&mut self, now: Instant) {
        self.asked = Some(now);
        self.opened = None;
    }

    /// Takes in what the worker says.
    pub fn absorb(&mut self, event: &Event, now: Instant) {
        match event {
            Event::ModelReady { .. } => self.since_start("model ready", now),
            // What the worker says of a run from now on is not of the one that was ended to open this picture.
            Event::Opened { .. } => {
                if let Some(asked) = self.asked.take() {
                    self.opened = Some(Stopwatch::new(asked));
                }
            }
            Event::Predicted { .. } => self.reach("first prediction", now),
            Event::Explained { .. } => self.reach("first map", now),
            Event::Iteration { .. } => {
                self.reach("first map", now);
                self.reach("first mask", now);
            }
            Event::Finished { .. } | Event::Cancelled { .. } | Event::Failed { run: Some(_), .. } => self.tell_frames(),
            Event::Failed { run: None, .. }
            | Event::Fetching { .. }
            | Event::FetchStopped
            | Event::FetchFailed { .. }
            | Event::ModelFailed { .. }
            | Event::Started { .. }
            | Event::Progress { .. }
            | Event::CurvePoint { .. }
            | Event::Probed { .. }
            | Event::Classified { .. }
            | Event::Judged { .. }
            | Event::SecondJudged { .. }
            | Event::Spread { .. }
            | Event::Measured { .. }
            | Event::RandomJudged { .. } => {}
        }
    }

    /// Takes in whether a run is under way in the frame that is drawn next.
    pub fn set_computing(&mut self, computing: bool, now: Instant) {
        match (computing, self.idle_since) {
            (true, Some(_)) => self.tell_idle_frames(now),
            (false, None) => {
                self.tell_frames();
                self.idle_since = Some(now);
            }
            (true, None) | (false, Some(_)) => {}
        }
    }

    /// Takes in that the window is being closed.
    pub fn close(&mut self, now: Instant) {
        self.tell_frames();
        self.tell_idle_frames(now);
    }

    /// Writes what there is to tell to standard error.
    pub fn print(&mut self) {
        let mut error = io::stderr().lock();
        for line in self.lines.drain(..) {
            // Where nobody reads it nobody misses it.
            let _ = writeln!(error, "trace: {line}");
        }
    }

    /// Tells of something that is there once for a start and once for an opened picture.
    fn reach(&mut self, what: &'static str, now: Instant) {
        self.since_start(what, now);
        if let Some(seconds) = self.opened.as_mut().and_then(|opened| opened.first(what, now)) {
            self.lines.push(format!("drop to {what} {seconds:.3} s"));
        }
    }

    fn since_start(&mut self, what: &'static str, now: Instant) {
        if let Some(seconds) = self.start.first(what, now) {
            self.lines.push(format!("{what} {seconds:.3} s"));
        }
    }

    fn tell_frames(&mut self) {
        let mut frames = std::mem::take(&mut self.frames);
        frames.sort_unstable();
        let [Some(median), Some(high), Some(longest)] = [50, 99, 100].map(|percent| percentile(&frames, percent))
        else {
            return;
        };
        let [median, high, longest] = [median, high, longest].map(|took| took.as_secs_f64() * 1e3);
        self.lines.push(format!(
            "frames while computing: {}, median {median:.1} ms, 99 % {high:.1} ms, longest {longest:.1} ms",
            frames.len()
        ));
    }

    fn tell_idle_frames(&mut self, now: Instant) {
        let Some(since) = self.idle_since.take() else { return };
        let frames = std::mem::take(&mut self.idle_frames);
        self.lines.push(format!("idle frames in the last {:.1} s: {frames}", seconds_between(since, now)));
    }
}

fn seconds_between(since: Instant, now: Instant) -> f64 {
    now.saturating_duration_since(since).as_secs_f64()
}

/// The least of `sorted` that at least `percent` % of them do not exceed (nearest rank); none of none.
fn percentile(sorted: &[Duration], percent: usize) -> Option<Duration> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        app::state::fixtures::{explained, opened, predicted, step},
        worker::RunId,
    };

    /// A trace, and its clock in milliseconds.
    fn trace() -> (Trace, impl Fn(u64) -> Instant) {
        let start = Instant::now();
        (Trace::new(start), move |milliseconds| start + Duration::from_millis(milliseconds))
    }

    fn milliseconds(all: impl IntoIterator<Item = u64>) -> Vec<Duration> {
        all.into_iter().map(Duration::from_millis).collect()
    }

    fn lines(trace: &mut Trace) -> Vec<String> {
        std::mem::take(&mut trace.lines)
    }

    #[test]
    fn a_percentile_is_one_of_the_values() {
        let of = |frames: &[Duration]| [50, 99, 100].map(|percent| percentile(frames, percent));
        let some = |all: [u64; 3]| all.map(|value| Some(Duration::from_millis(value)));
        assert_eq!(of(&[]), [None; 3]);
        assert_eq!(of(&milliseconds([7])), some([7, 7, 7]));
        assert_eq!(of(&milliseconds([1, 2, 3, 4])), some([2, 4, 4]));
        assert_eq!(of(&milliseconds(1..=100)), some([50, 99, 100]));
        assert_eq!(of(&milliseconds(1..=101)), some([51, 100, 101]));
    }

    #[test]
    fn each_first_thing_is_told_once_from_the_start() {
        let (mut trace, at) = trace();
        trace.frame(0, None, at(50));
        assert!(trace.waits_for_a_frame());
        trace.frame(1, None, at(123));
        trace.frame(2, None, at(140));
        trace.absorb(&predicted(1), at(300));
        trace.absorb(&explained(1), at(400));
        trace.absorb(&step(1, 1), at(500));
        trace.absorb(&step(1, 2), at(600));
        trace.absorb(&predicted(2), at(700));
        assert_eq!(
            lines(&mut trace),
            ["first frame 0.123 s", "first prediction 0.300 s", "first map 0.400 s", "first mask 0.500 s"]
        );
    }

    #[test]
    fn a_drop_is_measured_to_its_own_run_and_not_to_the_one_it_ended() {
        let (mut trace, at) = trace();
        trace.absorb(&predicted(1), at(100));
        trace.absorb(&step(1, 1), at(200));
        lines(&mut trace);
        trace.ask(at(1000));
        trace.absorb(&step(1, 2), at(1010));
        trace.absorb(&Event::Cancelled { run: RunId(1) }, at(1020));
        trace.absorb(&opened("b"), at(1030));
        trace.absorb(&predicted(2), at(1100));
        trace.absorb(&explained(2), at(1250));
        trace.absorb(&step(2, 1), at(1500));
        assert_eq!(
            lines(&mut trace),
            ["drop to first prediction 0.100 s", "drop to first map 0.250 s", "drop to first mask 0.500 s"]
        );
    }

    #[test]
    fn frames_are_told_when_the_run_ends_and_idle_ones_when_the_next_begins() {
        let (mut trace, at) = trace();
        trace.frame(1, None, at(100));
        trace.set_computing(true, at(200));
        assert_eq!(lines(&mut trace), ["first frame 0.100 s", "idle frames in the last 0.2 s: 1"]);
        for (drawn, took) in [(2, 3), (3, 1), (3, 9), (4, 2)] {
            trace.frame(drawn, Some(Duration::from_millis(took)), at(300));
        }
        trace.absorb(&Event::Finished { run: RunId(1) }, at(400));
        trace.set_computing(false, at(400));
        assert_eq!(
            lines(&mut trace),
            ["frames while computing: 3, median 2.0 ms, 99 % 3.0 ms, longest 3.0 ms"],
            "a frame is counted once"
        );
        trace.frame(5, Some(Duration::from_millis(1)), at(10_000));
        trace.close(at(10_400));
        assert_eq!(lines(&mut trace), ["idle frames in the last 10.0 s: 1"]);
    }
}
