//! What is copied and saved is what is shown: the view, the part of the picture, the iteration and the colours.

use std::sync::Arc;

use egui::{Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, TouchPhase, Vec2};
use egui_kittest::kittest::Queryable as _;
use igoscope::{
    explain::{Canvas, Change, Finished, GRAD_CAM, IGOS, INTEGRATED_GRADIENTS, Method, Ranking, Run, usual_methods},
    export::{self, Compared, Outputs, Part, Shows, Style, overlaid},
    imaging::{Colormap, CropMode},
    model::Score,
    worker::{Command, HostOptions, Network, Recording, Request, RunContext, RunId, Status, Worker},
};
use image::{RgbImage, imageops};

use crate::common::{
    driver::{app, click, is_idle, sample as window_on, settle, shows, wait},
    quick, sample,
};

/// Without captions, a pixel for each of the model's.
const PLAIN: Outputs = Outputs { scale: 1, caption: false, figure: true, animation: None, report: false };

/// A run of a sample by the usual methods.
fn run(crop: CropMode) -> Run {
    let worker = Worker::start(HostOptions::default(), || {});
    let photo = Arc::new(sample("coffee"));
    let (methods, parameters) = (usual_methods(), quick(3));
    let request = Request {
        run: RunId(1),
        network: Network::Model,
        photo: Arc::clone(&photo),
        crop,
        class: None,
        against: None,
        score: Score::Probability,
        methods: methods.clone(),
        known: Vec::new(),
        metrics: Vec::new(),
        given: None,
        marked: None,
        parameters: parameters.clone(),
        seeds: 1,
    };
    worker.send(Command::Explain(Box::new(request)));
    let (mut recording, mut model) = (Recording::default(), None);
    while recording.status == Status::Running {
        let event = worker.events().recv().unwrap();
        if let igoscope::worker::Event::ModelReady { spec, device, .. } = &event {
            model = Some((Arc::clone(spec), device.clone()));
        }
        recording.absorb(&event);
    }
    let (model, device) = model.unwrap();
    let image = "coffee".to_owned();
    let context = RunContext { image, photo, model, device, score: Score::Probability, crop, parameters };
    recording.run(context, &methods).unwrap()
}

fn of(run: &Run, method: &'static Method) -> Finished {
    run.methods.iter().find(|finished| finished.explanation.method == method).unwrap().clone()
}

fn tile(run: &Run, method: &'static Method, style: Style) -> RgbImage {
    export::tile(run, &of(run, method), style, PLAIN).unwrap()
}

#[test]
fn every_view_of_a_map_is_exported_as_it_is_composed() {
    let run = run(CropMode::Center);
    let square = &run.input.crop.image;
    let style = |shows| Style { shows, ..Style::default() };
    let over = tile(&run, &GRAD_CAM, style(Shows::Overlay));
    assert_eq!(over, overlaid(square, &of(&run, &GRAD_CAM).explanation.saliency, Style::default()));

    // What the model is asked about at a share of the curves.
    let ranking = Ranking::of(&of(&run, &GRAD_CAM).explanation.saliency, &run.parameters.curves);
    let canvas = Canvas::new(Arc::clone(&run.input));
    for change in [Change::Insertion, Change::Deletion] {
        let found = tile(&run, &GRAD_CAM, style(Shows::Changed(change, 0.2)));
        assert_eq!(found, canvas.picture(&ranking, change, 0.2), "{change:?}");
    }

    // The picture on the left, the map on the right, and a line of two pixels between them.
    let wipe = tile(&run, &GRAD_CAM, style(Shows::Wipe(0.25)));
    for (x, y, pixel) in wipe.enumerate_pixels() {
        match x {
            0..55 => assert_eq!(pixel, square.get_pixel(x, y)),
            55..57 => assert_eq!(pixel.0, [255; 3]),
            _ => assert_eq!(pixel, over.get_pixel(x, y)),
        }
    }

    // Lines where the most important cells end, and nothing else.
    let contour = tile(&run, &GRAD_CAM, style(Shows::Contour(0.2)));
    let lines = ranking.outline(0.2);
    let near = |x: u32, y: u32, within: f32| {
        let place = [x, y].map(|pixel| (pixel as f32 + 0.5) / 224.0);
        lines.iter().flat_map(|line| line.windows(2)).any(|ends| {
            let [a, b] = [ends[0], ends[1]];
            let (along, to) = ([b[0] - a[0], b[1] - a[1]], [place[0] - a[0], place[1] - a[1]]);
            let length = (along[0].powi(2) + along[1].powi(2)).max(1e-12);
            let share = ((to[0] * along[0] + to[1] * along[1]) / length).clamp(0.0, 1.0);
            (to[0] - share * along[0]).hypot(to[1] - share * along[1]) * 224.0 < within
        })
    };
    let mut on_lines = 0;
    for (x, y, pixel) in contour.enumerate_pixels() {
        if pixel.0.iter().zip(square.get_pixel(x, y).0).any(|(a, b)| a.abs_diff(b) > 1) {
            assert!(near(x, y, 3.0), "{x}, {y} is far from every line");
            on_lines += 1;
        }
    }
    assert!(on_lines > 200, "{on_lines}");
}

#[test]
fn a_part_an_iteration_and_colours_with_signs_are_those_on_the_wall() {
    let run = run(CropMode::Center);
    let square = &run.input.crop.image;
    let part = Part { min: [0.25, 0.5], side: 0.5 };
    let zoomed = tile(&run, &GRAD_CAM, Style { part, ..Style::default() });
    assert_eq!(zoomed.dimensions(), (224, 224));
    let whole = export::tile(&run, &of(&run, &GRAD_CAM), Style::default(), Outputs { scale: 2, ..PLAIN }).unwrap();
    assert_eq!(zoomed, imageops::crop_imm(&whole, 112, 224, 224, 224).to_image(), "with the photo's own pixels");

    let finished = of(&run, &IGOS);
    let other = finished.explanation.iterations.iter().find(|own| finished.explanation.kept != Some(own.number));
    let number = other.unwrap().number;
    let style = Style { iteration: Some((&IGOS, number)), ..Style::default() };
    let mask = other.unwrap().mask.saliency();
    assert_eq!(tile(&run, &IGOS, style), overlaid(square, &mask, Style::default()));
    assert_eq!(tile(&run, &GRAD_CAM, style), tile(&run, &GRAD_CAM, Style::default()), "it is of one method only");
    let figure = export::figure(&run, style, 1).unwrap();
    assert!(figure.contains(&format!("iteration {number} of 3")));
    let areas = |method| of(&run, method).curves.deletion();
    let said = |method| figure.contains(&format!("{:.3}", areas(method)));
    assert!(said(&GRAD_CAM) && !figure.contains(&format!("deletion {:.3}</text>", areas(&IGOS))));

    let signed = Colormap::ALL.into_iter().find(|colormap| colormap.is_signed()).unwrap();
    let style = Style { colormap: signed, ..Style::default() };
    let explanation = of(&run, &INTEGRATED_GRADIENTS).explanation;
    let expected = overlaid(square, explanation.signed.as_ref().unwrap(), style);
    assert_eq!(tile(&run, &INTEGRATED_GRADIENTS, style), expected);
    assert_ne!(expected, overlaid(square, &explanation.saliency, style));

    let style = Style { shows: Shows::Changed(Change::Insertion, 0.15), part, ..Style::default() };
    let figure = export::figure(&run, style, 1).unwrap();
    assert!(figure.contains("the most important 15 % alone") && figure.contains("a part, enlarged 2.0 times"));
    assert!(!figure.contains("more important</text>"), "there are no colours to be explained");
}

#[test]
fn a_comparison_has_one_scale_and_a_difference_where_both_see_the_same() {
    let (one, other) = (run(CropMode::Center), run(CropMode::Squash));
    let pair = |runs: [&Run; 2], methods: [&'static Method; 2], one_scale: bool| {
        let finished = [0, 1].map(|number| of(runs[number], methods[number]));
        let compared = |number: usize| Compared { name: "a run", run: runs[number], finished: &finished[number] };
        let plate = export::comparison([compared(0), compared(1)], Style::default(), one_scale, 183.0).unwrap();
        let pictures: Vec<RgbImage> = plate.rows[0].cells.iter().map(|cell| cell.picture.clone()).collect();
        (pictures, plate.bars)
    };
    let (pictures, _) = pair([&one, &other], [&GRAD_CAM; 2], true);
    assert_eq!(pictures.len(), 2, "other parts of the picture have no difference");
    let methods: [&'static Method; 2] = [&GRAD_CAM, &INTEGRATED_GRADIENTS];
    let (shared, bars) = pair([&one, &one], methods, true);
    let (own, own_bars) = pair([&one, &one], methods, false);
    assert_eq!((shared.len(), own.len()), (3, 3));
    assert_eq!(bars[0].ends, bars[1].ends);
    assert_ne!(own_bars[0].ends, own_bars[1].ends);
    let differ = |number: usize| shared[number] != own[number];
    assert!(differ(0) != differ(1), "the map with the larger values stays as it is");
    assert_eq!(shared[2], own[2]);
}

#[test]
fn the_window_saves_the_view_on_its_wall() {
    let mut window = window_on("coffee", 3);
    wait(&mut window, "the run is finished", is_idle);
    let saved = |window: &mut crate::common::driver::Window| {
        let folder = tempfile::tempdir().unwrap();
        window.state_mut().as_mut().unwrap().save_in(folder.path());
        wait(window, "it is saved", |window| app(window).state().saving.is_none());
        let open =
            |name: &str| image::open(folder.path().join("coffee").join(name)).ok().map(|picture| picture.to_rgb8());
        (open("grad-cam.view.png"), open("igos.view.png"), open("grad-cam.overlay.png").unwrap())
    };
    let (cam, igos, overlay) = saved(&mut window);
    assert!(cam.is_none() && igos.is_none(), "nothing is shown but what every run has");
    window.key_press(Key::ArrowLeft);
    window.run_steps(3);
    let is_kept = app(&window).state().step_of(&IGOS) == igoscope_kept(&window);
    assert!(!is_kept);
    let (cam, igos, _) = saved(&mut window);
    assert!(cam.is_none() && igos.is_some(), "another iteration of I-GOS is shown");
    click(&mut window, "Only top");
    let (cam, _, same) = saved(&mut window);
    let whole = cam.unwrap();
    assert!(whole != overlay && same == overlay, "what every run has is the same in any view");
    let tile = window.query_all_by_label_contains("Grad-CAM, ").next().unwrap().rect();
    window.hover_at(tile.center());
    window.step();
    let (unit, phase, source) = (MouseWheelUnit::Point, TouchPhase::Move, MouseWheelSource::Wheel);
    let delta = Vec2::new(0.0, 480.0);
    window.event(Event::MouseWheel { unit, delta, phase, source, modifiers: Modifiers::NONE });
    window.step();
    settle(&mut window);
    let (cam, ..) = saved(&mut window);
    assert_ne!(cam.unwrap(), whole, "a part of it is shown");
    assert!(shows(&window, "Only top"));
}

/// The iteration that is I-GOS's result, counted from 0.
fn igoscope_kept(window: &crate::common::driver::Window) -> Option<usize> {
    let run = app(window).state().shown()?;
    Some(run.method(&IGOS)?.explanation.as_ref()?.kept? - 1)
}
