//! The window at the smallest and the largest size it is used at: nothing overlaps, and maps grow with it, not margins.

use egui::{Key, Rect, Vec2};
use egui_kittest::kittest::Queryable as _;
use igoscope::{
    explain::{GRAD_CAM, usual_methods},
    model::ModelChoice,
};

use super::collection::{opened_with, place};
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
    faults_of(painted(window).into_iter(), pictures(window), size)
}

fn faults_of(texts: impl Iterator<Item = (String, Rect)>, pictures: Vec<(String, Rect)>, size: Vec2) -> Vec<String> {
    let screen = Rect::from_min_size(egui::Pos2::ZERO, size);
    // Words on a picture lie on it; a turned title's place is not where it is painted.
    let turned = |text: &str| text.starts_with("probability of") || text.starts_with("objective");
    let texts: Vec<(String, Rect)> =
        texts.filter(|(text, place)| place.is_positive() && !text.trim().is_empty() && !turned(text)).collect();
    let all: Vec<(String, Rect)> = texts.into_iter().chain(pictures).collect();
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

/// The table while its queue runs, with a second model beside it; a page of a method; and two models' maps compared.
#[test]
fn nothing_overlaps_in_a_small_window_with_a_table_a_page_or_a_comparison() {
    let folder = place(2);
    let mut window = opened_with(folder.path(), vec![folder.path().join("pictures")], Some(ModelChoice::Embedded));
    wait(&mut window, "the second model has answered too", |window| {
        let collection = app(window).state().collection.as_ref().unwrap();
        collection.beside.as_ref().is_some_and(|beside| beside.classified == 6) && is_idle(window)
    });
    let sizes = [Vec2::new(800.0, 500.0), Vec2::new(1024.0, 640.0)];
    let look = |window: &mut Window, what: &str| {
        for size in sizes {
            window.set_size(size);
            // What was told goes by itself.
            wait(window, "nothing is told", |window| window.query_all_by_label_contains("Dismiss: ").next().is_none());
            settle(window);
            assert_eq!(faults(window, size), Vec::<String>::new(), "{what}, {size}");
        }
    };
    click(&mut window, "Table (6)");
    look(&mut window, "classified");
    click(&mut window, "Explain all (6)");
    wait(&mut window, "one of them is done", |window| {
        let state = app(window).state();
        state.collection.as_ref().unwrap().explained() == 1 && state.queue.share_done() > 0.0
    });
    look(&mut window, "with a queue");
    click(&mut window, "Areas");
    click(&mut window, "Hold the queue");
    look(&mut window, "with areas");
    click(&mut window, "Cancel the queue");
    click(&mut window, "Compare maps");
    click(&mut window, "tabby/00.png");
    wait(&mut window, "both have explained it", |window| {
        let pair = app(window).state().compared().map(|(pair, _)| pair.map(|run| run.has_a_map()));
        pair == Some([true; 2]) && is_idle(window)
    });
    look(&mut window, "compared");
    window.key_press(Key::Escape);
    window.run_steps(3);
    click(&mut window, "What is Grad-CAM?");
    for size in sizes {
        window.set_size(size);
        settle(&mut window);
        // What it lies over is behind it.
        let all = painted(&window);
        let from = all.iter().rposition(|(text, _)| text == GRAD_CAM.meaning).unwrap();
        let page = all.into_iter().skip(from);
        assert_eq!(faults_of(page, Vec::new(), size), Vec::<String>::new(), "a method's page, {size}");
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
