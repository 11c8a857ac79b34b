//! Memory is bounded by threads, not by the work: a process of its own, because a peak never falls.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "what a test finds wrong may end it")]

#[allow(dead_code, reason = "what other tests need")]
mod common;

use common::{input, model, peak};
use igoscope::{
    explain::{Control, IgosParameters, Subject, igos},
    model::Target,
};

#[test]
fn a_path_of_a_hundred_points_needs_no_more_memory_than_one_of_twenty() {
    let input = input("coffee");
    let subject = Subject { classifier: model(), input: &input, target: Target::probability(967) };
    let run = |integration_steps| {
        let parameters = IgosParameters { iterations: 2, integration_steps, ..IgosParameters::default() };
        igos(&subject, &parameters, &Control::default(), &mut |_| {}).unwrap();
        peak()
    };
    let (twenty, hundred) = (run(20), run(100));
    assert!(hundred <= 1.2 * twenty, "{hundred} bytes after {twenty}");
    assert!(hundred <= 500e6, "{hundred} bytes");
}
