//! What can be read on the wall: values and ranks, colours, legends, axes, and the class that is explained.

use egui::{Rect, Role, Vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use igoscope::explain::{INTEGRATED_GRADIENTS, usual_methods};

use crate::common::driver::{Window, app, click, is_idle, painted, sample, settle, shows, wait};

fn explained() -> Window {
    let mut window = sample("coffee", 2);
    wait(&mut window, "the run is finished", is_idle);
    settle(&mut window);
    window
}

/// The place of the picture whose name begins like this.
fn place(window: &Window, name: &str) -> Rect {
    let images = window.get_all_by_role(Role::Image);
    let mut found = images.filter(|node| node.accesskit_node().label().is_some_and(|label| label.starts_with(name)));
    found.next().unwrap_or_else(|| panic!("no picture “{name}”")).rect()
}

/// What is heard that begins like this.
fn heard(window: &Window, begin: &str) -> Vec<String> {
    let said = window.query_all_by_label_contains(begin).map(|node| {
        let node = node.accesskit_node();
        node.label().or_else(|| node.value()).unwrap_or_default()
    });
    said.collect()
}

#[test]
fn what_is_read_at_a_place_does_not_hop_and_says_signs_and_ties() {
    let mut window = explained();
    let tile = place(&window, "I-GOS, ");
    let mut columns: Vec<Vec<i32>> = Vec::new();
    let mut readings = Vec::new();
    for step in 1..12 {
        let share = step as f32 / 12.0;
        window.hover_at(tile.min + tile.size() * Vec2::new(share, 1.0 - share * share));
        window.run_steps(3);
        let of_ranks = painted(&window).into_iter().filter(|(text, _)| text.starts_with("top "));
        columns.push(of_ranks.map(|(_, place)| place.left() as i32).collect());
        readings.extend(heard(&window, " here: "));
    }
    assert_eq!(columns[0].len(), usual_methods().len(), "a rank below every map");
    assert!(columns.iter().all(|column| *column == columns[0]), "{columns:?}");
    let of_gradients = format!("{} here: ", INTEGRATED_GRADIENTS.title);
    let signed = readings.iter().filter_map(|reading| reading.strip_prefix(&of_gradients));
    assert!(signed.clone().count() > 5 && signed.clone().all(|value| value.starts_with(['+', '−'])), "{readings:?}");
    let has_ties = readings.iter().any(|reading| reading.contains(" · tied with "));
    assert!(has_ties, "a mask that was hardly moved leaves most cells alike: {readings:?}");
}

#[test]
fn the_colours_are_there_in_a_small_window_and_say_what_their_ends_are() {
    let mut window = explained();
    for size in [Vec2::new(1440.0, 900.0), Vec2::new(1024.0, 768.0), Vec2::new(1024.0, 768.0) / 1.5] {
        window.set_size(size);
        settle(&mut window);
        let screen = Rect::from_min_size(egui::Pos2::ZERO, size);
        for method in usual_methods() {
            let label = format!("{} colours: ", method.title);
            let place = window.get_by_label_contains(&label).rect();
            assert!(screen.contains_rect(place) && place.width() > 30.0, "{method} in {size}");
        }
        assert!(painted(&window).iter().any(|(text, _)| text.starts_with("≥ ")), "values are cut: {size}");
    }
    let of_gradients = |window: &Window| heard(window, &format!("{} colours: ", INTEGRATED_GRADIENTS.title)).concat();
    let said = of_gradients(&window);
    assert!(said.contains("The largest 0.5 % of the values") && said.contains("Blue-red tells them apart"), "{said}");
}

#[test]
fn legends_are_beside_the_curves_and_axes_mark_zero_and_the_first_value() {
    let mut window = explained();
    for size in
        [Vec2::new(1440.0, 900.0), Vec2::new(2560.0, 1440.0), Vec2::new(900.0, 1100.0), Vec2::new(1024.0, 700.0)]
    {
        window.set_size(size);
        settle(&mut window);
        for chart in ["deletion", "insertion"] {
            let name = if chart == "deletion" { "Deletion curves" } else { "Insertion curves" };
            let plot = place(&window, name);
            for method in usual_methods() {
                let row = window.get_by_label(&format!("{} {chart} curve", method.title)).rect();
                assert!(!row.shrink(1.0).intersects(plot), "{method} in {size}: {row:?} on {plot:?}");
            }
            let run = app(&window).state().shown().unwrap();
            let curves = run.method(usual_methods()[0]).unwrap().curves.clone().unwrap();
            let first = if chart == "deletion" { curves.points[0].deletion } else { curves.points[0].insertion };
            // What is as good as 0 stands there already.
            let first = if first < 0.1 { 0.0 } else { first };
            let marks: Vec<(String, Rect)> = painted(&window)
                .into_iter()
                .filter(|(_, at)| plot.y_range().contains(at.center().y) && at.right() <= plot.left() + 2.0)
                .filter(|(_, at)| at.left() > plot.left() - 60.0)
                .collect();
            for wanted in [0.0, first] {
                let is_there =
                    |(text, _): &(String, Rect)| text.parse().is_ok_and(|it: f32| (it - wanted).abs() < 0.006);
                assert!(marks.iter().any(is_there), "{chart} in {size}: no {wanted} among {marks:?}");
            }
        }
    }
}

#[test]
fn the_share_that_is_shown_is_marked_on_its_curves_and_the_explained_class_is_told_of_every_picture() {
    let mut window = explained();
    let is_marked = |window: &Window, words: &str| shows(window, words);
    click(&mut window, "All but top");
    window.run_steps(2);
    assert!(is_marked(&window, "Deletion curves, marked at 15 %") && is_marked(&window, "Insertion curves"));
    window.get_by_role_and_label(Role::Slider, "Top share").set_value_accesskit(0.9);
    wait(&mut window, "the model has looked", |window| !heard(window, "I-GOS, 90 % deleted: ").is_empty());
    let class = app(&window).state().shown().unwrap().seen.as_ref().unwrap().class.name.clone();
    for method in usual_methods() {
        let said = heard(&window, &format!("{}, 90 % deleted: ", method.title)).concat();
        assert!(said.contains(&class), "{said} lacks {class}");
    }
    click(&mut window, "Only top");
    window.run_steps(2);
    assert!(is_marked(&window, "Insertion curves, marked at 90 %") && is_marked(&window, "Deletion curves"));
}
