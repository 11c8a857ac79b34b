//! Playing through the iterations of a run. Takes the clock as an argument, and says when it wants to be asked again.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// Iterations a second at 1×: slow enough to see what each one changes.
const RATE: f64 = 4.0;
/// How many iterations long the last one is shown before a loop begins again.
const REST: u32 = 3;
/// The speeds that can be chosen.
pub const SPEEDS: [f64; 5] = [0.5, 1.0, 2.0, 4.0, 8.0];

/// How iterations are played.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pace {
    /// Whether the end is followed by the beginning.
    pub loops: bool,
    /// How fast, as a multiple of the usual speed: one of [`SPEEDS`].
    pub speed: f64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { loops: false, speed: 1.0 }
    }
}

impl Pace {
    /// This pace, or the usual speed if its own is none of [`SPEEDS`].
    pub fn checked(self) -> Self {
        Self { speed: if SPEEDS.contains(&self.speed) { self.speed } else { 1.0 }, ..self }
    }

    fn interval(self) -> Duration {
        Duration::from_secs_f64(1.0 / (RATE * self.speed.max(SPEEDS[0])))
    }
}

/// What is there to play.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reel {
    /// How many iterations there are.
    pub known: usize,
    /// Whether more are coming.
    pub is_growing: bool,
}

/// Playing, or not.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Playback {
    /// How iterations are played.
    pub pace: Pace,
    next: Option<Next>,
}

/// When the next iteration is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    At(Instant),
    /// As soon as it is there.
    WhenThere,
}

impl Playback {
    /// Whether iterations are being played.
    pub fn is_playing(&self) -> bool {
        self.next.is_some()
    }

    /// Begins to play; the iteration on the wall stays for its time.
    pub fn play(&mut self, now: Instant) {
        self.next = Some(Next::At(now + self.pace.interval()));
    }

    /// Stops where it is.
    pub fn stop(&mut self) {
        self.next = None;
    }

    /// Plays at another pace from now on.
    pub fn set_pace(&mut self, pace: Pace, now: Instant) {
        self.pace = pace;
        if self.is_playing() {
            self.play(now);
        }
    }

    /// The iteration to show now, where `shown` is the one on the wall, both counted from 0.
    pub fn advance(&mut self, shown: usize, reel: Reel, now: Instant) -> usize {
        let Some(next) = self.next else { return shown };
        let interval = self.pace.interval();
        let last = reel.known.saturating_sub(1);
        let mut shown = shown.min(last);
        let mut due = match next {
            // A window that was hidden does not catch up on what nobody saw.
            Next::At(at) => at.max(now.checked_sub(interval * REST).unwrap_or(at)),
            Next::WhenThere => now,
        };
        while due <= now {
            if shown < last {
                shown += 1;
                let stays = if shown == last && self.pace.loops { interval * REST } else { interval };
                due += stays;
            } else if self.pace.loops && last > 0 {
                shown = 0;
                due += interval;
            } else {
                self.next = reel.is_growing.then_some(Next::WhenThere);
                return shown;
            }
        }
        self.next = Some(Next::At(due));
        shown
    }

    /// How long until there is another iteration to show; nothing while none is due.
    pub fn due_in(&self, now: Instant) -> Option<Duration> {
        match self.next? {
            Next::At(at) => Some(at.saturating_duration_since(now)),
            Next::WhenThere => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: Instant, millis: u64) -> Instant {
        start + Duration::from_millis(millis)
    }

    const DONE: Reel = Reel { known: 4, is_growing: false };

    #[test]
    fn each_iteration_is_shown_for_its_time_and_the_last_one_ends_it() {
        let start = Instant::now();
        let mut playback = Playback::default();
        playback.play(start);
        let mut shown = 0;
        for (millis, expected) in [(100, 0), (250, 1), (400, 1), (500, 2), (760, 3)] {
            shown = playback.advance(shown, DONE, at(start, millis));
            assert_eq!(shown, expected, "after {millis} ms");
            assert!(playback.is_playing());
        }
        assert_eq!(playback.advance(shown, DONE, at(start, 1100)), 3);
        assert!(!playback.is_playing() && playback.due_in(start).is_none());
    }

    #[test]
    fn a_loop_rests_at_the_end_and_begins_again() {
        let start = Instant::now();
        let mut playback = Playback { pace: Pace { loops: true, speed: 1.0 }, next: None };
        playback.play(start);
        let mut shown = 2;
        for (millis, expected) in [(250, 3), (700, 3), (1000, 0), (1250, 1)] {
            shown = playback.advance(shown, DONE, at(start, millis));
            assert_eq!(shown, expected, "after {millis} ms");
        }
    }

    #[test]
    fn at_the_newest_iteration_of_a_run_under_way_it_waits_without_asking_for_frames() {
        let start = Instant::now();
        let growing = |known| Reel { known, is_growing: true };
        let mut playback = Playback::default();
        playback.play(start);
        assert_eq!(playback.advance(1, growing(2), at(start, 300)), 1);
        assert!(playback.is_playing());
        assert_eq!(playback.due_in(at(start, 300)), None);
        assert_eq!(playback.advance(1, growing(3), at(start, 5000)), 2);
        assert!(playback.due_in(at(start, 5000)).is_some());
    }

    #[test]
    fn eight_times_the_speed_is_eight_times_as_many() {
        let start = Instant::now();
        let reel = Reel { known: 100, is_growing: false };
        for (speed, expected) in [(0.5, 2), (1.0, 4), (8.0, 32)] {
            let mut playback = Playback { pace: Pace { loops: false, speed }, next: None };
            playback.play(start);
            let mut shown = 0;
            for millis in (0..=1010).step_by(10) {
                shown = playback.advance(shown, reel, at(start, millis));
            }
            assert_eq!(shown, expected, "at {speed}");
        }
    }

    #[test]
    fn a_pace_that_cannot_be_chosen_is_the_usual_one() {
        assert_eq!(Pace { loops: true, speed: 0.0 }.checked(), Pace { loops: true, speed: 1.0 });
        assert_eq!(Pace { loops: false, speed: f64::NAN }.checked(), Pace::default());
    }
}
