//! What is copied and saved by clicks in the window: as it is shown there, into the folder that was typed, which the window
//! shows.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use egui::{ColorImage, Key, Rect};
use egui_kittest::kittest::Queryable as _;
use igoscope::app::Options;
use image::{RgbImage, imageops};

use crate::common::{
    driver::{Window, app, click, full_size, is_idle, settle, shows, wait, window, window_with},
    quick,
};

/// The picture that a click put on the clipboard.
fn copied(window: &mut Window) -> RgbImage {
    let mut image: Option<Arc<ColorImage>> = None;
    wait(window, "it is on the clipboard", |window| {
        let mut commands = window.output().platform_output.commands.iter();
        image = commands.find_map(|command| match command {
            egui::OutputCommand::CopyImage(image) => Some(Arc::new(image.clone())),
            _ => None,
        });
        image.is_some()
    });
    let image = image.unwrap();
    let pixels = image.pixels.iter().flat_map(|pixel| pixel.to_array()[..3].to_vec()).collect();
    RgbImage::from_raw(image.size[0] as u32, image.size[1] as u32, pixels).unwrap()
}

fn copy(window: &mut Window, button: &str) -> RgbImage {
    click(window, "What is saved, and copied");
    wait(window, "the menu is open", |window| shows(window, button));
    click(window, button);
    let picture = copied(window);
    window.run_steps(3);
    assert!(!shows(window, button), "the menu is closed");
    picture
}

/// What the window shows in a place.
fn shown(window: &mut Window, place: Rect) -> RgbImage {
    let whole = image::DynamicImage::ImageRgba8(window.render().unwrap()).to_rgb8();
    let [left, top] = [place.left(), place.top()].map(|edge| edge.round() as u32);
    imageops::crop_imm(&whole, left, top, place.width() as u32, place.height() as u32).to_image()
}

/// By how much a picture differs from another of any size, of 255 in the mean.
fn difference(one: &RgbImage, other: &RgbImage) -> f64 {
    let other = imageops::resize(other, one.width(), one.height(), imageops::FilterType::Triangle);
    let apart = one.as_raw().iter().zip(other.as_raw()).map(|(a, b)| f64::from(a.abs_diff(*b)));
    apart.sum::<f64>() / one.as_raw().len() as f64
}

#[test]
fn what_is_copied_has_the_pixels_of_what_is_shown_in_every_view() {
    let options = Options { sample: Some("coffee".to_owned()), host: full_size(), ..Options::default() };
    let mut window = window(options, quick(2));
    wait(&mut window, "the run is finished", is_idle);
    let mut taken = Vec::new();
    for view in ["Overlay", "Contour", "Wipe"] {
        click(&mut window, view);
        // Nothing is below the pointer.
        window.hover_at(egui::pos2(1.0, 899.0));
        settle(&mut window);
        let place = window.query_all_by_label_contains("Grad-CAM, ").next().unwrap().rect();
        let shown = shown(&mut window, place);
        let picture = copy(&mut window, "Copy Grad-CAM");
        // A line of a point's width is drawn where it is, and so is the wipe's.
        let apart = difference(&shown, &picture);
        assert!(apart < 6.0, "{view}: {apart}");
        taken.push((view, shown, picture));
    }
    for (view, shown, picture) in &taken {
        for (other, _, another) in taken.iter().filter(|(other, ..)| other != view) {
            let [own, others] = [picture, another].map(|picture| difference(shown, picture));
            assert!(own * 2.0 < others, "{view} is {own} from its own copy and {others} from that of {other}");
        }
    }
}

#[test]
fn a_comparison_is_saved_as_pdf_and_copied_by_clicks() {
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().to_owned();
    let options = Options { sample: Some("coffee".to_owned()), ..Options::default() };
    let mut window = window_with(options, quick(1), move |app| app.with_chart_folder(saved.clone()));
    wait(&mut window, "the run is finished", is_idle);
    window.get_by_label("cup").click_secondary();
    window.run_steps(2);
    click(&mut window, "Compare with cup");
    wait(&mut window, "both are there", |window| {
        is_idle(window) && app(window).state().can_copy_comparison() && shows(window, "One colour scale")
    });
    settle(&mut window);
    // A file has its name once it is whole.
    let file = |of: &str| -> Option<PathBuf> {
        let mut files = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path());
        files.find(|file| file.extension().is_some_and(|own| own == of))
    };
    let save = |window: &mut Window, format: &str| {
        // The other one is the whole window's.
        let buttons = window.query_all_by_label("Save");
        buttons.max_by(|a, b| a.rect().top().total_cmp(&b.rect().top())).unwrap().click();
        window.run_steps(2);
        click(window, &format!("Save as {format}…"));
    };
    save(&mut window, "PDF");
    wait(&mut window, "it is saved", |_| file("pdf").is_some());
    let page = fs::read(file("pdf").unwrap()).unwrap();
    assert!(page.starts_with(b"%PDF"));
    let text = String::from_utf8_lossy(&page);
    let media = text.split("/MediaBox").nth(1).unwrap().trim_start();
    assert!(media.starts_with("[0 0 518.7"), "183 mm are 518.74 points: {}", &media[..40]);
    click(&mut window, "Copy");
    let picture = copied(&mut window);
    // As many pixels as it has as a PNG: 5 a point.
    assert_eq!(picture.width(), 2594);
    save(&mut window, "PNG");
    wait(&mut window, "it is saved", |_| file("png").is_some());
    assert_eq!(image::open(file("png").unwrap()).unwrap().to_rgb8(), picture, "what is saved is what is copied");
}

#[test]
fn save_saves_where_it_is_told_to_and_shows_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let opened = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&opened);
    let options = Options { sample: Some("coffee".to_owned()), ..Options::default() };
    let mut window = window_with(options, quick(1), move |app| {
        let hears = Arc::clone(&hears);
        let opener = move |folder: &std::path::Path| {
            hears.lock().unwrap().push(folder.to_owned());
            Ok(())
        };
        app.without_dialogs().with_opener(opener)
    });
    wait(&mut window, "the run is finished", is_idle);
    click(&mut window, "Save");
    window.run_steps(3);
    window.get_by_label("Path of a file or folder").type_text(&folder.path().display().to_string());
    window.run_steps(2);
    window.key_press(Key::Enter);
    let place = folder.path().join("coffee");
    wait(&mut window, "it is saved", |window| shows(window, "Show the folder"));
    assert!(place.join("run.json").is_file() && opened.lock().unwrap().is_empty());
    click(&mut window, "Show the folder");
    wait(&mut window, "it is shown", |_| !opened.lock().unwrap().is_empty());
    assert_eq!(*opened.lock().unwrap(), [place]);
}
