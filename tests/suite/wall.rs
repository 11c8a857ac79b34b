//! The comparison wall and the charts, driven by label, with the real worker and the embedded model.

use std::{fs, time::Duration};

use egui::{
    Event, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2, Rect, Role, TouchPhase, Vec2,
    accesskit::Toggled,
};
use egui_kittest::{
    Node,
    kittest::{NodeT as _, Queryable as _},
};
use igoscope::{
    app::Options,
    explain::{GRAD_CAM, IGOS, IgosParameters, Method, usual_methods},
};

use crate::common::{
    driver::{Window, app, click, is_idle, log, pictures, sample, settle, shows, steps, wait, window, window_with},
    quick,
};

/// A sample whose run is finished and drawn.
fn explained() -> Window {
    let mut window = sample("coffee", 1);
    wait(&mut window, "the run is finished", is_idle);
    settle(&mut window);
    window
}

/// The place of the picture whose name begins like this.
fn place(window: &Window, name: &str) -> Rect {
    let found = pictures(window).into_iter().find(|(label, _)| label.starts_with(name));
    found.unwrap_or_else(|| panic!("no picture “{name}” among {:?}", pictures(window))).1
}

fn has_picture(window: &Window, name: &str) -> bool {
    pictures(window).iter().any(|(label, _)| label.starts_with(name))
}

fn at(rect: Rect, x: f32, y: f32) -> Pos2 {
    rect.min + Vec2::new(x, y) * rect.size()
}

/// What a node says: a label's words are its value.
fn words(node: &Node<'_>) -> String {
    let node = node.accesskit_node();
    node.label().or_else(|| node.value()).unwrap_or_default()
}

/// What every map has where the pointer is.
fn readings(window: &Window) -> Vec<String> {
    let nodes = window.query_all_by_label_contains(" here: ");
    nodes.map(|node| words(&node)).collect()
}

fn read_at(window: &mut Window, place: Pos2) -> Vec<String> {
    window.hover_at(place);
    window.step();
    window.step();
    readings(window)
}

fn drag(window: &mut Window, from: Pos2, to: Pos2) {
    window.hover_at(from);
    window.drag_at(from);
    window.step();
    for step in 1..=5 {
        window.hover_at(from + (to - from) * (step as f32 / 5.0));
        window.step();
    }
    window.drop_at(to);
    window.step();
    window.step();
}

fn double_click(window: &mut Window, place: Pos2) {
    window.hover_at(place);
    for pressed in [true, false, true, false] {
        let modifiers = Modifiers::NONE;
        window.event(Event::PointerButton { pos: place, button: PointerButton::Primary, pressed, modifiers });
    }
    window.step();
    window.step();
}

#[test]
fn pointing_at_one_tile_reads_the_same_place_in_all_maps_and_zoom_and_pan_are_one_for_all() {
    let mut window = explained();
    let (igos, cam) = (place(&window, "I-GOS, "), place(&window, "Grad-CAM, "));
    let side = read_at(&mut window, at(igos, 0.3, 0.4));
    assert_eq!(side.len(), usual_methods().len(), "{side:?}");
    assert!(side.iter().all(|reading| reading.contains(" · top ")), "{side:?}");
    assert_eq!(read_at(&mut window, at(cam, 0.3, 0.4)), side, "the same place of another tile has the same numbers");
    // Not on the border of two cells, where rounding decides.
    let inner = |rect| at(rect, 0.52, 0.47);
    let middle = read_at(&mut window, inner(igos));
    assert_ne!(middle, side);

    let delta = Vec2::new(0.0, 480.0);
    let (unit, phase, source) = (MouseWheelUnit::Point, TouchPhase::Move, MouseWheelSource::Wheel);
    window.event(Event::MouseWheel { unit, delta, phase, source, modifiers: Modifiers::NONE });
    window.step();
    settle(&mut window);
    assert_eq!(read_at(&mut window, inner(igos)), middle, "what is at the pointer stays there");
    assert_ne!(read_at(&mut window, at(igos, 0.3, 0.4)), side, "and around it there is less to see");
    assert_eq!(read_at(&mut window, inner(cam)), middle, "in the other tiles too");

    drag(&mut window, inner(igos), inner(igos) + Vec2::new(60.0, 30.0));
    let moved = read_at(&mut window, inner(cam));
    assert_ne!(moved, middle, "a drag in one tile moves all");
    double_click(&mut window, inner(cam));
    assert_eq!(read_at(&mut window, inner(igos)), middle);
    assert_eq!(read_at(&mut window, at(igos, 0.3, 0.4)), side, "a double click shows everything again");
}

#[test]
fn the_most_important_cells_alone_and_everything_else_are_what_the_model_is_asked_about() {
    let mut window = explained();
    click(&mut window, "Only top");
    let is_asked = |words: &'static str| move |window: &Window| window.query_by_label_contains(words).is_some();
    wait(&mut window, "the model has looked", is_asked("I-GOS, 15 % revealed: "));
    let slide = |window: &mut Window, share: f64| {
        window.get_by_role_and_label(Role::Slider, "Top share").set_value_accesskit(share);
        window.step();
    };
    let whole = app(&window).state().shown().unwrap().seen.as_ref().unwrap().class.answer.number() * 100.0;
    slide(&mut window, 1.0);
    let everything = format!("espresso {whole:.1} %");
    wait(&mut window, "all is revealed", is_asked("Grad-CAM, 100 % revealed: "));
    assert!(window.query_all_by_label_contains(&everything).count() >= usual_methods().len(), "the picture itself");
    click(&mut window, "All but top");
    wait(&mut window, "all is deleted", is_asked("I-GOS, 100 % deleted: "));
    slide(&mut window, 0.0);
    wait(&mut window, "nothing is deleted", is_asked("I-GOS, 0 % deleted: "));
    assert!(window.query_all_by_label_contains(&everything).count() >= usual_methods().len());
    click(&mut window, "Contour");
    slide(&mut window, 0.25);
    wait(&mut window, "the outline is drawn", is_asked("I-GOS, outline of the top 25 %"));
    click(&mut window, "Heatmap");
    settle(&mut window);
    assert!(window.query_by_label_contains("I-GOS, outline").is_none());
}

#[test]
fn the_line_between_picture_and_map_is_in_the_same_place_in_all_tiles() {
    let mut window = explained();
    click(&mut window, "Wipe");
    settle(&mut window);
    let shares = |window: &Window| {
        let share = |method: &&Method| {
            let tile = place(window, &format!("{}, ", method.title));
            let line = window.get_by_label(&format!("{} wipe line", method.title)).rect();
            (line.center().x - tile.left()) / tile.width()
        };
        usual_methods().iter().map(share).collect::<Vec<f32>>()
    };
    assert!(shares(&window).iter().all(|share| (share - 0.5).abs() < 0.01), "{:?}", shares(&window));
    let tile = place(&window, "I-GOS, ");
    drag(&mut window, tile.center(), at(tile, 0.2, 0.6));
    assert!(shares(&window).iter().all(|share| (share - 0.2).abs() < 0.02), "{:?}", shares(&window));
}

#[test]
fn holding_a_curve_shows_the_pictures_there_with_what_the_model_makes_of_them() {
    let mut window = explained();
    let plot = place(&window, "Insertion curves");
    // The axis goes a little beyond both ends.
    let x = |share: f32| at(plot, (share + 0.03) / 1.06, 0.4);
    window.hover_at(x(5.0 / 6.0));
    window.drag_at(x(5.0 / 6.0));
    window.step();
    let fifth = "I-GOS, 83 % revealed: ";
    wait(&mut window, "the model has looked", |window| window.query_by_label_contains(fifth).is_some());
    let known = app(&window).state().shown().unwrap();
    for method in usual_methods() {
        let score = known.method(method).unwrap().curves.as_ref().unwrap().points[5].insertion;
        let label = format!("{}, 83 % revealed: ", method.title);
        let label = words(&window.get_by_label_contains(&label));
        assert_eq!(label.matches('%').count(), 4, "three classes: {label}");
        let espresso = label.split(", ").find_map(|part| part.split("espresso ").nth(1)).expect("espresso is likely");
        let told: f32 = espresso.trim_end_matches(" %").parse().unwrap();
        assert!((told - score * 100.0).abs() < 0.11, "{told} % beside a curve at {score}");
    }
    window.hover_at(x(1.0 / 6.0));
    window.step();
    wait(&mut window, "the pictures follow", |window| {
        window.query_by_label_contains("I-GOS, 17 % revealed: ").is_some()
    });
    window.drop_at(x(1.0 / 6.0));
    window.step();
    settle(&mut window);
    assert!(window.query_by_label_contains("revealed: ").is_none(), "the former view is back");
}

#[test]
fn a_curve_can_be_held_while_the_run_is_held_and_the_run_goes_on_after() {
    let mut window = sample("coffee", 200);
    wait(&mut window, "Grad-CAM is judged and I-GOS is at work", |window| {
        let run = app(window).state().shown();
        run.is_some_and(|run| {
            run.method(&GRAD_CAM).is_some_and(|m| m.curves.is_some()) && !run.iterations(&IGOS).is_empty()
        })
    });
    click(&mut window, "Pause");
    settle(&mut window);
    let plot = place(&window, "Deletion curves");
    let place = at(plot, 0.53, 0.6);
    window.hover_at(place);
    window.drag_at(place);
    window.step();
    wait(&mut window, "the model has looked", |window| {
        window.query_by_label_contains("Grad-CAM, 50 % deleted: ").is_some()
    });
    window.drop_at(place);
    window.step();
    assert!(app(&window).state().active().is_some(), "nothing was ended for it");
    let held = steps(&window);
    click(&mut window, "Resume");
    wait(&mut window, "it goes on", |window| steps(window) > held);
    click(&mut window, "Stop");
    wait(&mut window, "it has ended", is_idle);
}

#[test]
fn a_method_that_is_hidden_in_one_legend_is_hidden_in_both_charts_and_in_what_is_saved() {
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().to_owned();
    let options = Options { sample: Some("coffee".to_owned()), ..Options::default() };
    let mut window = window_with(options, quick(2), move |app| app.with_chart_folder(saved.clone()));
    wait(&mut window, "the run is finished", is_idle);
    let save = |window: &mut Window, chart: &str, format: &str, file: &str| {
        click(window, chart);
        window.step();
        click(window, &format!("Save as {format}…"));
        let path = folder.path().join(file);
        let note = format!("Saved {}", path.display());
        wait(window, "the chart is saved", |window| log(window).contains(&note));
        fs::read(path).unwrap()
    };
    let random = app(&window).state().shown().unwrap().random.as_ref().unwrap().areas().unwrap();
    let table = String::from_utf8(save(&mut window, "Save deletion chart", "CSV", "coffee.deletion.csv")).unwrap();
    let header = table.lines().next().unwrap();
    assert!(header.contains(&format!("random order {:.3}", random[0].mean)), "{header}");
    click(&mut window, "random order deletion curve");
    click(&mut window, "Grad-CAM deletion curve");
    window.step();
    for chart in ["deletion", "insertion"] {
        let label = format!("Grad-CAM {chart} curve");
        let row = window.get_by_label(&label);
        assert_eq!(row.accesskit_node().toggled(), Some(Toggled::False), "{chart}");
    }
    let table = String::from_utf8(save(&mut window, "Save insertion chart", "CSV", "coffee.insertion.csv")).unwrap();
    let curves = app(&window).state().shown().unwrap().method(&IGOS).unwrap().curves.clone().unwrap();
    let header = table.lines().next().unwrap();
    assert!(header.contains(&format!("I-GOS {:.3}", curves.insertion())), "{header}");
    assert!(!header.contains("Grad-CAM") && !header.contains("random order"), "{header}");
    assert_eq!(table.lines().count(), 1 + curves.points.len());
    let svg = String::from_utf8(save(&mut window, "Save deletion chart", "SVG", "coffee.deletion.svg")).unwrap();
    assert!(svg.starts_with("<svg") && svg.contains("probability of espresso") && !svg.contains("Grad-CAM"));
    let png = save(&mut window, "Save deletion chart", "PNG", "coffee.deletion.png");
    assert_eq!(image::load_from_memory(&png).unwrap().width(), 1440);

    click(&mut window, "Chart of iterations");
    window.step();
    click(&mut window, "I-GOS step size");
    window.step();
    assert!(has_picture(&window, "I-GOS step size"));
    let table = String::from_utf8(save(&mut window, "Save iterations chart", "CSV", "coffee.iterations.csv")).unwrap();
    let sizes: Vec<f64> =
        app(&window).state().shown().unwrap().iterations(&IGOS).iter().map(|step| step.number("step")).collect();
    assert!(sizes.iter().all(|size| table.contains(&size.to_string())), "{table} lacks one of {sizes:?}");
}

#[test]
fn tiles_can_be_enlarged_hidden_and_put_in_another_order_and_given_more_room() {
    let mut window = explained();
    let title = |window: &Window, title: &str| window.get_by_label(&format!("{title} tile")).rect().center();
    let before = place(&window, "I-GOS, ");
    let over = title(&window, "I-GOS");
    double_click(&mut window, over);
    assert!(place(&window, "I-GOS, ").width() > 1.4 * before.width());
    assert!(!has_picture(&window, "Grad-CAM, "));
    settle(&mut window);
    let over = title(&window, "I-GOS");
    double_click(&mut window, over);
    assert_eq!(place(&window, "I-GOS, "), before);

    let (from, to) = (title(&window, "Grad-CAM"), title(&window, "I-GOS") + Vec2::new(0.0, 60.0));
    drag(&mut window, from, to);
    settle(&mut window);
    assert_eq!(place(&window, "Grad-CAM, "), before, "it took the place it was put in");

    click(&mut window, "Tiles");
    window.step();
    click(&mut window, "Show Integrated gradients");
    window.step();
    assert!(!has_picture(&window, "Integrated gradients, ") && has_picture(&window, "I-GOS, "));
    click(&mut window, "Show Integrated gradients");
    window.step();
    assert!(has_picture(&window, "Integrated gradients, "));

    let plot = place(&window, "Deletion curves");
    let gap = window.get_by_label("Between tiles and charts").rect().center();
    drag(&mut window, gap, gap - Vec2::new(150.0, 0.0));
    let wider = place(&window, "Deletion curves");
    assert!((wider.width() - plot.width() - 150.0).abs() < 3.0, "{plot:?} {wider:?}");
    assert!(place(&window, "Grad-CAM, ").width() < before.width());
    settle(&mut window);
    let gap = window.get_by_label("Between tiles and charts").rect().center();
    double_click(&mut window, gap);
    settle(&mut window);
    assert_eq!(place(&window, "Deletion curves").width(), plot.width());
}

#[test]
fn a_picture_that_is_the_same_everywhere_has_no_map_in_any_view_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let grey = folder.path().join("grey.png");
    image::RgbImage::from_pixel(300, 300, image::Rgb([128; 3])).save(&grey).unwrap();
    let mut window = window(Options { pictures: vec![grey], ..Options::default() }, quick(2));
    wait(&mut window, "the run is finished", is_idle);
    settle(&mut window);
    let why = "Found nothing: the picture is the same everywhere";
    for style in ["Overlay", "Heatmap", "Wipe", "Contour", "Only top", "All but top"] {
        click(&mut window, style);
        settle(&mut window);
        for method in usual_methods() {
            assert!(has_picture(&window, &format!("{}, {why}", method.title)), "{method} in {style}");
        }
        let drawn =
            [" wipe line", " outline of", " revealed: ", " deleted: ", ": Deletion ", " deletion curve", ": Try "];
        for words in drawn {
            assert!(window.query_by_label_contains(words).is_none(), "{words} in {style}");
        }
    }
    let state = app(&window).state();
    assert!(usual_methods().iter().all(|method| !state.can_copy(method)));
    assert!(log(&window).contains("I-GOS found nothing: the picture is the same everywhere"), "{}", log(&window));
    click(&mut window, "Overlay");
    let at = place(&window, "I-GOS, ").center();
    assert!(read_at(&mut window, at).is_empty(), "there is no value to be read");
}

#[test]
fn where_nothing_was_found_a_button_explains_again_with_what_may_find_something() {
    let mut parameters = quick(2);
    parameters.edit(|igos: &mut IgosParameters| igos.l1_weight = 1e4);
    let options = Options { sample: Some("coffee".to_owned()), ..Options::default() };
    let mut window = window(options, parameters);
    wait(&mut window, "the run is finished", is_idle);
    let first = app(&window).state().shown().unwrap().id;
    assert!(has_picture(&window, "I-GOS, Found nothing: the search moved nothing by more than rounding"));
    assert!(shows(&window, "Grad-CAM deletion curve") && !shows(&window, "I-GOS deletion curve"));
    click(&mut window, "I-GOS: Try L1 weight 1000");
    wait(&mut window, "it is explained again", |window| {
        is_idle(window) && app(window).state().shown().unwrap().id != first
    });
    let run = app(&window).state().shown().unwrap();
    assert_eq!(run.parameters.get::<IgosParameters>().unwrap().l1_weight, 1e3);
}

#[test]
fn nothing_is_drawn_again_when_nothing_happens_in_any_view() {
    let mut window = explained();
    for style in ["Overlay", "Heatmap", "Wipe", "Contour", "Only top", "All but top"] {
        click(&mut window, style);
        settle(&mut window);
        window.remove_cursor();
        window.step();
        settle(&mut window);
        let soonest = window.output().viewport_output.values().map(|viewport| viewport.repaint_delay).min();
        assert!(soonest > Some(Duration::from_secs(1)), "{style} is drawn again after {soonest:?}");
        assert!(shows(&window, style));
    }
}
