//! The window at the smallest and the largest size it is used at: nothing overlaps, and maps grow with it, not margins.

use egui::{Rect, Vec2};
use egui_kittest::kittest::Queryable as _;
use igoscope::explain::usual_methods;

use crate::common::driver::{Window, app, click, is_idle, painted, pictures, sample, settle, wait};

fn explained(size: Vec2) -> Window {
    let mut window = sample("coffee", 2);
    window.set_size(size);
    wait(&mut window, "the run is finished", is_idle);
    settle(&mut window);
    window
}

/// What overlaps or is beyond the window's edges.
fn faults(window: &Window, size: Vec2) -> Vec<String> {
    let screen = Rect::from_min_size(egui::Pos2::ZERO, size);
    // Words on a picture lie on it; a turned title's place is not where it is painted.
    let turned = |text: &str| text.starts_with("probability of") || text.starts_with("objective");
    let texts: Vec<(String, Rect)> = painted(window)
        .into_iter()
        .filter(|(text, place)| place.is_positive() && !text.trim().is_empty() && !turned(text))
        .collect();
    let all: Vec<(String, Rect)> = texts.into_iter().chain(pictures(window)).collect();
    let mut faults = Vec::new();
    for (number, (name, place)) in all.iter().enumerate() {
        if !screen.expand(0.5).contains_rect(*place) {
            faults.push(format!("“{name}” at {place:?} is beyond the window"));
        }
        for (other, at) in &all[..number] {
            // A shadow, or the same words drawn as heard.
            if place.shrink(1.5).intersects(at.shrink(1.5)) && other != name {
                faults.push(format!("“{name}” at {place:?} meets “{other}” at {at:?}"));
            }
        }
    }
    faults
}

#[test]
fn nothing_overlaps_in_a_small_window() {
    for size in [Vec2::new(800.0, 500.0), Vec2::new(1024.0, 768.0) / 1.5, Vec2::new(1024.0, 640.0)] {
        let mut window = explained(size);
        assert_eq!(faults(&window, size), Vec::<String>::new(), "{size}");
        click(&mut window, "Value by value");
        settle(&mut window);
        assert_eq!(faults(&window, size), Vec::<String>::new(), "{size}, value by value");
        for method in usual_methods() {
            let label = format!("{}, ", method.title);
            let tile = pictures(&window).into_iter().find(|(name, _)| name.starts_with(&label)).unwrap().1;
            assert!(tile.width() >= 64.0, "{method} is {tile:?} in {size}");
        }
    }
}

#[test]
fn maps_grow_with_the_window_and_margins_do_not() {
    let mut window = explained(Vec2::new(1440.0, 900.0));
    let side = |window: &Window| {
        let found = pictures(window).into_iter().find(|(name, _)| name.starts_with("I-GOS, "));
        found.unwrap().1.width()
    };
    let usual = side(&window);
    window.set_size(Vec2::new(2560.0, 1440.0));
    settle(&mut window);
    assert!(side(&window) > 1.6 * usual, "{} from {usual}", side(&window));
    let used = pictures(&window).into_iter().fold(Rect::NOTHING, |used, (_, place)| used | place);
    let panel = window.get_by_label("Class to explain").rect().left();
    // Above and below are bars, and the lines of the outer tiles.
    assert!(used.left() < 30.0 && used.right() > panel - 60.0, "{used:?}");
    assert!(used.top() < 110.0 && used.bottom() > 1440.0 - 160.0, "{used:?}");
    assert!(app(&window).state().old().is_none());
}
