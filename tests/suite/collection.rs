//! A folder of labelled pictures in the window: classified, sorted, filtered, walked through, and explained one after
//! the other across windows.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use igoscope::{
    app::Options,
    dataset::{Head, read_lines},
    explain::{GRAD_CAM, Method, methods, usual_methods},
    imaging::{CropMode, Size},
    model::{ModelChoice, Score},
    worker::{HostOptions, Status},
};

use crate::common::{
    dataset::{write_network, write_pictures},
    driver::{
        SIDE, Window, app, click, full_size, is_idle, log, painted, shows, thumbnails, wait, window_of, window_with,
    },
    quick,
};

/// A folder with the network of ten classes, and `each` pictures in each of three class folders.
pub fn place(each: u32) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_network(folder.path());
    write_pictures(&folder.path().join("pictures"), each);
    folder
}

/// A window on the folder, with results beside it.
fn opened(folder: &Path) -> Window {
    opened_with(folder, vec![folder.join("pictures")], None)
}

/// The same at full size: a queue of pictures that are long enough to be met in the middle of one.
fn opened_in_full(folder: &Path) -> Window {
    let options = Options { pictures: vec![folder.join("pictures")], host: full_size(), ..Options::default() };
    opened_as(folder, options, None, &usual_methods())
}

/// The same on these pictures, with a second model if there is one.
pub fn opened_with(folder: &Path, pictures: Vec<PathBuf>, beside: Option<ModelChoice>) -> Window {
    opened_as(folder, Options { pictures, ..Options::default() }, beside, &usual_methods())
}

/// The same with only these methods on the wall, and other options.
pub fn opened_as(folder: &Path, options: Options, beside: Option<ModelChoice>, shown: &[&'static Method]) -> Window {
    let host = HostOptions {
        model: ModelChoice::File(folder.join("ten.safetensors")),
        labels: Some(folder.join("ten.txt")),
        beside,
        input_size: options.host.input_size.or(Some(Size::square(SIDE))),
        ..options.host
    };
    let options = Options { host, ..options };
    let mut parameters = quick(1);
    parameters.curves.steps = 2;
    parameters.curves.random_orders = 1;
    parameters.curves.second_judge = false;
    let results = folder.join("results");
    let hidden = usual_methods().into_iter().filter(|method| !shown.contains(method));
    let hidden: Vec<_> = hidden.map(|method| serde_json::json!({ "method": method.id })).collect();
    let settings = serde_json::json!({ "tiles": { "hidden": hidden } }).to_string();
    let mut window = window_of(options, settings, move |app| {
        app.with_parameters(parameters.clone()).with_results_folder(results.clone())
    });
    wait(&mut window, "every picture is classified", |window| {
        let collection = app(window).state().collection.as_ref();
        collection.is_some_and(|collection| collection.classified == collection.rows.len())
    });
    window
}

fn names_shown(window: &Window) -> Vec<String> {
    let collection = app(window).state().collection.as_ref().unwrap();
    collection.shown().iter().map(|index| collection.dataset.items[*index].name.clone()).collect()
}

fn on_the_wall(window: &Window) -> String {
    app(window).state().picture().unwrap().photo.name.clone()
}

fn explained(window: &Window) -> usize {
    app(window).state().collection.as_ref().unwrap().explained()
}

#[test]
fn a_folder_is_classified_sorted_and_filtered_and_the_wrong_ones_are_a_key_away() {
    let folder = place(9);
    let mut window = opened_in_full(folder.path());
    wait(&mut window, "the first picture is explained", is_idle);
    assert_eq!(app(&window).state().pictures.len(), 1, "of many only the first is in memory");
    click(&mut window, "Table (27)");
    assert!(shows(&window, "27 pictures") && shows(&window, "9 of 27 wrong"), "the cat is a tiger cat");
    click(&mut window, "Most wrong first");
    let names = names_shown(&window);
    assert_eq!(names.len(), 9);
    assert!(names.iter().all(|name| name.starts_with("tabby/")) && shows(&window, "9 shown"), "{names:?}");
    let collection = app(&window).state().collection.as_ref().unwrap();
    let losses: Vec<f32> =
        collection.shown().iter().map(|index| collection.rows[*index].seen.as_ref().unwrap().loss.unwrap()).collect();
    assert!(losses.is_sorted_by(|a, b| a >= b) && losses[0] > losses[8], "{losses:?}");
    click(&mut window, "Wrong only");
    assert_eq!(names_shown(&window).len(), 27);
    click(&mut window, "tripod taken for tripod: 9");
    assert!(names_shown(&window).iter().all(|name| name.starts_with("tripod/")));
    click(&mut window, "Show all classes");
    assert_eq!(names_shown(&window).len(), 27);
    click(&mut window, "labelled tabby");
    assert!(names_shown(&window).len() == 9 && names_shown(&window).iter().all(|name| name.starts_with("tabby/")));
    click(&mut window, "taken for tripod");
    assert!(names_shown(&window).len() == 9 && names_shown(&window).iter().all(|name| name.starts_with("tripod/")));
    click(&mut window, "taken for tripod");
    assert_eq!(names_shown(&window).len(), 27, "a click on what is filtered by shows the others again");
    // Where there is no room for the matrix too.
    window.set_size(egui::Vec2::new(800.0, 500.0));
    window.run_steps(3);
    assert!(!shows(&window, "Confusion matrix"));
    click(&mut window, "Class");
    window.run_steps(3);
    click(&mut window, "tiger cat (9)");
    assert!(names_shown(&window).len() == 9 && names_shown(&window).iter().all(|name| name.starts_with("tabby/")));
    click(&mut window, "Show all classes");
    window.set_size(egui::Vec2::new(1440.0, 900.0));
    window.run_steps(3);
    click(&mut window, "Sort by Picture");
    let fifth = names_shown(&window)[4].clone();
    click(&mut window, &fifth);
    wait(&mut window, "it is opened", |window| app(window).state().pictures.len() == 2 && is_idle(window));
    assert!(window.query_by_label("Search pictures").is_none(), "the wall is back");
    for expected in ["00", "01"] {
        window.key_press(Key::N);
        window.step();
        wait(&mut window, "the next wrong one is on the wall", |window| {
            on_the_wall(window) == expected && is_idle(window)
        });
        let row = app(&window).state().row_on_the_wall().unwrap();
        assert_eq!(app(&window).state().collection.as_ref().unwrap().is_wrong(row), Some(true));
    }
    window.key_press_modifiers(Modifiers::SHIFT, Key::N);
    window.step();
    wait(&mut window, "and back", |window| on_the_wall(window) == "00" && is_idle(window));
    assert_eq!(app(&window).state().pictures.len(), 4);
    click(&mut window, "Table (27)");
    window.get_by_label("Search pictures").focus();
    window.step();
    window.get_by_label("Search pictures").type_text("espresso");
    window.step();
    window.step();
    assert_eq!(names_shown(&window).len(), 9);
    assert!(shows(&window, "9 shown"));
}

/// Files, and two folders of the same names: results of one are never taken for the other's.
#[test]
fn pictures_that_are_opened_together_are_a_table_of_their_own_whose_results_open_again() {
    let folder = place(2);
    let file = |name: &str| folder.path().join("pictures").join(name);
    let files = vec![file("tripod/00.png"), file("espresso/01.png"), file("espresso/00.png"), file("espresso/00.png")];
    let mut window = opened_with(folder.path(), files.clone(), None);
    wait(&mut window, "the first picture is explained", is_idle);
    click(&mut window, "Table (3)");
    for name in ["espresso/00.png", "espresso/01.png", "tripod/00.png"] {
        assert!(shows(&window, name), "{name}");
    }
    assert!(shows(&window, "3 pictures") && !shows(&window, "Sort by Label"), "nobody said what files are of");
    click(&mut window, "Explain all (3)");
    wait(&mut window, "one of them is done", |window| explained(window) >= 1);
    if shows(&window, "Hold the queue") {
        click(&mut window, "Hold the queue");
    }
    wait(&mut window, "the one at work is done", |window| app(window).state().queue.at_work().is_none());
    let done = explained(&window);
    drop(window);

    let results = folder.path().join("results");
    let of_results = || -> Vec<PathBuf> {
        let entries = fs::read_dir(&results).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.join("evaluation.json").is_file()).collect()
    };
    let [kept] = of_results().try_into().unwrap();
    assert_eq!(fs::read_dir(results.join("lists")).unwrap().count(), 1);
    assert!(Head::read(&kept).unwrap().dataset.starts_with(&results.display().to_string()));
    // In whatever order: by themselves, and by the folder of what came of them.
    for again in [files.into_iter().rev().collect(), vec![kept]] {
        let mut window = opened_with(folder.path(), again, None);
        wait(&mut window, "what was done is found again", |window| explained(window) == done);
        assert!(!log(&window).contains("something else"), "{}", log(&window));
        let collection = app(&window).state().collection.as_ref().unwrap();
        assert_eq!((collection.rows.len(), collection.to_explain().len()), (3, 3 - done));
    }

    // Folders of pictures without folders in them are what their pictures are labelled with.
    let folders = vec![folder.path().join("pictures/tripod"), folder.path().join("pictures/espresso")];
    let mut window = opened_with(folder.path(), folders, None);
    click(&mut window, "Table (4)");
    assert!(shows(&window, "0 of 4 wrong") && explained(&window) == 0);
    // Elsewhere, and called the same.
    write_pictures(&folder.path().join("other"), 2);
    let other = |name: &str| folder.path().join("other").join(name);
    let files = vec![other("tripod/00.png"), other("espresso/01.png"), other("espresso/00.png")];
    let window = opened_with(folder.path(), files, None);
    assert_eq!(explained(&window), 0);
    let own = app(&window).state().asked_of_collection().unwrap().1;
    let [kept] = of_results().try_into().unwrap();
    assert!(own.differs_from(&Head::read(&kept).unwrap()).is_some());
}

#[test]
fn a_list_in_a_text_or_a_table_is_opened_as_a_folder_is() {
    let folder = place(1);
    for (name, list) in [
        ("list.csv", "label,path\nespresso,pictures/espresso/00.png\ntabby,pictures/tabby/00.png\n"),
        ("list.txt", "# both\npictures/espresso/00.png\tespresso\npictures/tabby/00.png,tabby\n"),
        ("numbers.txt", "pictures/espresso/00.png 3\npictures/tabby/00.png 7\n"),
    ] {
        let list_file = folder.path().join(name);
        fs::write(&list_file, list).unwrap();
        let mut window = opened_with(folder.path(), vec![list_file], None);
        wait(&mut window, "the first picture is explained", is_idle);
        click(&mut window, "Table (2)");
        assert!(shows(&window, "1 of 2 wrong"), "{name}: {}", log(&window));
        assert_eq!(names_shown(&window), ["pictures/espresso/00.png", "pictures/tabby/00.png"]);
        assert_eq!(app(&window).state().host.labels, Some(folder.path().join("ten.txt")), "its classes are called so");
    }
}

/// On screen, and in what is heard; the same words as the table's.
#[test]
fn thumbnails_say_what_the_model_takes_their_pictures_for_and_where_they_stand() {
    let folder = place(2);
    let mut window = opened(folder.path());
    wait(&mut window, "the first picture is explained", is_idle);
    assert_eq!(app(&window).state().pictures.len(), 6, "some few are all opened");
    // High enough for all of them.
    window.set_size(egui::Vec2::new(1440.0, 1200.0));
    window.run_steps(3);
    let classes = ["espresso", "espresso", "tiger cat", "tiger cat", "tripod", "tripod"];
    let said = |window: &Window| -> Vec<(String, String)> {
        let own = thumbnails(window);
        assert_eq!(own.len(), 6, "{own:?}");
        let part = |label: &String, number: usize| label.split(", ").nth(number).unwrap_or_default().to_owned();
        own.iter().map(|label| (part(label, 1), part(label, 2))).collect()
    };
    for (number, ((answer, stands), class)) in said(&window).iter().zip(classes).enumerate() {
        assert!(answer.starts_with(class) && answer.ends_with(" %"), "{answer}");
        assert_eq!(stands, if number == 0 { "done" } else { "" }, "the others were classified only");
    }
    let texts = |window: &Window, text: &str| {
        let left = painted(window).into_iter().filter(|(own, place)| own == text && place.is_positive());
        left.filter(|(_, place)| place.right() < 112.0).count()
    };
    assert_eq!((texts(&window, "tiger cat"), texts(&window, "done")), (2, 1));
    click(&mut window, "Table (6)");
    click(&mut window, "Explain all (6)");
    wait(&mut window, "the second picture is being explained", |window| app(window).state().queue.at_work() == Some(1));
    window.step();
    let stands: Vec<String> = said(&window).into_iter().map(|(_, stands)| stands).collect();
    assert_eq!((stands[0].as_str(), &stands[2..]), ("done", &["waiting"; 4].map(str::to_owned)[..]));
    assert!(stands[1].starts_with("running"), "{stands:?}");
    assert_eq!(texts(&window, "waiting"), 4);
    assert_eq!(window.query_all_by_label("waiting").count(), 4, "the table says so too");
    click(&mut window, "Hold the queue");
}

/// Among them one whose file is no picture: those of its batch are answered all the same.
#[test]
fn a_broken_picture_is_failed_and_its_neighbours_are_classified_and_explained() {
    let folder = place(1);
    let broken = folder.path().join("pictures/tabby/broken.png");
    fs::write(&broken, "no picture").unwrap();
    let mut window = opened(folder.path());
    wait(&mut window, "the first picture is explained", is_idle);
    click(&mut window, "Table (4)");
    let collection = app(&window).state().collection.as_ref().unwrap();
    let answered: Vec<bool> = collection.rows.iter().map(|row| row.seen.is_some()).collect();
    assert_eq!((names_shown(&window)[2].as_str(), answered), ("tabby/broken.png", vec![true, true, false, true]));
    let failed = window.get_by_label("failed").rect().center().y;
    let name = window.get_by_label("tabby/broken.png").rect().center().y;
    assert!((failed - name).abs() < 2.0 && shows(&window, "1 of 3 wrong"));
    click(&mut window, "Explain all (3)");
    wait(&mut window, "the others are explained", |window| {
        explained(window) == 3 && !app(window).state().queue.is_busy()
    });
    window.step();
    assert_eq!(window.query_all_by_label("done").count(), 3);
}

/// As an engineer would: all of them are asked for, one is looked at meanwhile, the program is closed in the middle,
/// and the next one goes on.
#[test]
fn a_queue_goes_on_after_the_picture_one_looks_at_and_after_the_window_was_closed() {
    let folder = place(2);
    let mut window = opened_in_full(folder.path());
    wait(&mut window, "the first picture is explained", is_idle);
    click(&mut window, "Table (6)");
    click(&mut window, "Explain all (6)");
    wait(&mut window, "one of them is done", |window| explained(window) >= 1);
    let other = app(&window).state().collection.as_ref().unwrap().dataset.items[5].name.clone();
    click(&mut window, &other);
    wait(&mut window, "the picture one looks at is explained first", |window| {
        let state = app(window).state();
        on_the_wall(window) == "01" && state.shown().is_some_and(|run| run.has_a_result())
    });
    wait(&mut window, "and the queue goes on", |window| explained(window) >= 3);
    assert!(app(&window).state().queue.is_busy());
    drop(window);

    let results = folder.path().join("results");
    let kept = fs::read_dir(&results).unwrap().next().unwrap().unwrap().path();
    let lines = || read_lines(&kept, &Head::read(&kept).unwrap()).unwrap();
    let before = lines();
    let mut window = opened_in_full(folder.path());
    wait(&mut window, "what was done is found again", |window| explained(window) >= 3);
    let found = explained(&window);
    click(&mut window, "Table (6)");
    click(&mut window, &format!("Explain all ({})", 6 - found));
    wait(&mut window, "all are done", |window| explained(window) == 6 && !app(window).state().queue.is_busy());
    let after = lines();
    assert_eq!(after[..before.len().min(3)], before[..before.len().min(3)]);
    let each: HashSet<_> = after.iter().map(|line| (line.index, line.method.clone())).collect();
    assert_eq!(
        (each.len(), after.len()),
        (6 * (usual_methods().len() + 1), 6 * (usual_methods().len() + 1)),
        "none is there twice"
    );
    // What is on the disk is shown as if it had been computed here: no iteration is made again.
    click(&mut window, "tabby/00.png");
    wait(&mut window, "it is on the wall", |window| {
        is_idle(window) && app(window).state().row_on_the_wall() == Some(2) && app(window).state().shown().is_some()
    });
    let state = app(&window).state();
    let run = state.shown().unwrap();
    for method in usual_methods() {
        let outcome = state.collection.as_ref().unwrap().rows[2].outcome(method.id).unwrap();
        let record = run.method(method).unwrap();
        assert_eq!(record.judged().map(|curves| curves.difference()), outcome.areas.map(|areas| areas.difference()));
        assert!(record.iterations.is_empty() || outcome.map.is_none(), "{method}");
    }
    click(&mut window, "Table (6)");
    assert!(!shows(&window, "Sort by Grad-CAM, deletion"), "the table is not too wide at first");
    window.set_size(egui::Vec2::new(2400.0, 900.0));
    click(&mut window, "Areas");
    click(&mut window, "Sort by Grad-CAM, deletion");
    let collection = app(&window).state().collection.as_ref().unwrap();
    let areas: Vec<_> = collection.rows.iter().map(|row| row.outcome("grad-cam").unwrap().areas.unwrap()).collect();
    let deletions: Vec<f32> = collection.shown().iter().map(|index| areas[*index].deletion).collect();
    assert!(deletions.is_sorted_by(|a, b| a >= b) && deletions[0] > deletions[5], "{deletions:?}");
    let first = areas[collection.shown()[0]];
    for area in [first.deletion, first.insertion, first.difference()] {
        let written = igoscope::export::score(f64::from(area));
        assert!(painted(&window).iter().any(|(text, place)| *text == written && place.is_positive()), "{written}");
    }
    click(&mut window, "Areas");
    click(&mut window, "Report");
    let report = kept.join("report.html");
    wait(&mut window, "the report is written", |_| report.is_file());
    assert!(fs::read_to_string(&report).unwrap().contains("Most wrong first"));
    click(&mut window, "Choose tripod/00.png");
    click(&mut window, "Figure");
    wait(&mut window, "the figure is drawn", |_| kept.join("figure-1.png").is_file());
    let caption = fs::read_to_string(kept.join("figure-1.txt")).unwrap();
    assert!(caption.contains("\ntripod (") && !caption.contains("\nespresso ("), "{caption}");
}

#[test]
fn a_queue_is_held_and_ended_and_other_parameters_have_results_of_their_own() {
    let folder = place(1);
    let mut window = opened_in_full(folder.path());
    wait(&mut window, "the first picture is explained", is_idle);
    click(&mut window, "Table (3)");
    click(&mut window, "Explain all (3)");
    click(&mut window, "Hold the queue");
    wait(&mut window, "the one under way is done", |window| app(window).state().queue.at_work().is_none());
    let held = explained(&window);
    for _ in 0..20 {
        window.step();
    }
    assert!(app(&window).state().queue.is_busy() && explained(&window) == held, "no other is begun");
    click(&mut window, "Cancel the queue");
    assert!(!app(&window).state().queue.is_busy());
    let left = 3 - explained(&window);
    click(&mut window, &format!("Explain all ({left})"));
    wait(&mut window, "all are done", |window| explained(window) == 3 && !app(window).state().queue.is_busy());
    window.get_by_label("Close the table").click();
    window.step();
    window.step();
    assert_eq!(fs::read_dir(folder.path().join("results")).unwrap().count(), 1);
}

/// Sixty pictures of three classes with a network of ten: opened, sorted, the wrong ones first, these explained by a cheap
/// method, the program closed in the middle, and the rest done by the next one.
#[test]
fn a_folder_of_sixty_is_walked_to_its_end_across_two_windows() {
    let folder = place(20);
    let pictures = || vec![folder.path().join("pictures")];
    let options = || Options { pictures: pictures(), host: full_size(), ..Options::default() };
    let mut window = opened_as(folder.path(), options(), None, &[&GRAD_CAM]);
    click(&mut window, "Table (60)");
    assert!(shows(&window, "60 pictures") && shows(&window, "20 of 60 wrong"));
    assert_eq!(app(&window).state().pictures.len(), 1, "of many only the first is in memory");
    click(&mut window, "Sort by Answer");
    let collection = app(&window).state().collection.as_ref().unwrap();
    let answers: Vec<f32> =
        collection.shown().iter().map(|index| collection.rows[*index].seen.as_ref().unwrap().answer).collect();
    assert!(answers.len() == 60 && answers.is_sorted_by(|a, b| a >= b), "{answers:?}");
    click(&mut window, "Most wrong first");
    let worst = names_shown(&window);
    assert!(worst.len() == 20 && worst.iter().all(|name| name.starts_with("tabby/")), "{worst:?}");
    click(&mut window, "Explain all (20)");
    wait(&mut window, "some are done", |window| explained(window) >= 4);
    assert!(app(&window).state().queue.is_busy());
    drop(window);

    let kept: Vec<PathBuf> =
        fs::read_dir(folder.path().join("results")).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [kept] = kept.try_into().unwrap();
    let lines = || read_lines(&kept, &Head::read(&kept).unwrap()).unwrap();
    let before = lines();
    let done: HashSet<&str> = before.iter().map(|line| line.picture.as_str()).collect();
    let first: HashSet<&str> = worst[..done.len()].iter().map(String::as_str).collect();
    assert!(done == first && done.len() >= 4, "the worst first: {done:?}");

    let mut window = opened_as(folder.path(), options(), None, &[&GRAD_CAM]);
    wait(&mut window, "what was done is found again", |window| explained(window) >= done.len());
    // What was being written as the window closed may be there too.
    let found = explained(&window);
    click(&mut window, "Table (60)");
    click(&mut window, "Most wrong first");
    assert_eq!(names_shown(&window), worst);
    click(&mut window, &format!("Explain all ({})", 20 - found));
    wait(&mut window, "all are done", |window| explained(window) == 20 && !app(window).state().queue.is_busy());
    let after = lines();
    assert!(before.iter().all(|line| after.contains(line)), "what was done was not done again");
    let each: HashSet<_> = after.iter().map(|line| (line.picture.clone(), line.method.clone())).collect();
    // A line of the method, and one of the random order.
    assert_eq!((after.len(), each.len()), (40, 40));
    assert!(after.iter().all(|line| line.picture.starts_with("tabby/") && line.is_wrong() == Some(true)));
    let maps = after.iter().filter_map(|line| line.result.as_ref()?.map.as_ref());
    assert_eq!(maps.filter(|map| kept.join(&map.file).is_file()).count(), 20);
    click(&mut window, "Wrong only");
    window.step();
    assert!(shows(&window, "Explain all (40)"), "the others can be explained any time");
    click(&mut window, "Report");
    wait(&mut window, "the report is written", |_| kept.join("report.html").is_file());
}

/// Of files that are not there, which takes no time to find out.
#[test]
fn of_fifty_thousand_rows_only_those_on_screen_are_made() {
    const ROWS: usize = 50_000;
    let folder = tempfile::tempdir().unwrap();
    write_network(folder.path());
    let list = folder.path().join("list.csv");
    let line = |number: usize| format!("pictures/{number:05}.png,{}\n", ["espresso", "tabby", "tripod"][number % 3]);
    fs::write(&list, (0..ROWS).map(line).collect::<String>()).unwrap();
    let mut window = opened_with(folder.path(), vec![list], None);
    click(&mut window, "Table (50000)");
    let rows = |window: &Window| window.query_all_by_label_contains("Choose pictures/").count();
    let made = rows(&window);
    assert!(made > 10 && made < 60, "{made} rows are made");
    assert!(shows(&window, "pictures/00003.png") && !shows(&window, "pictures/40003.png"));
    let mut collection = app(&window).state().collection.as_ref().unwrap().clone();
    let now = Instant::now();
    collection.arrange();
    let arranged = now.elapsed();
    let now = Instant::now();
    window.run_steps(10);
    println!("rows are arranged in {arranged:?}, a frame is drawn in {:?}", now.elapsed() / 10);
    click(&mut window, "Sort by Picture");
    assert!(shows(&window, "pictures/49999.png") && rows(&window) < 60);
}

/// By its record or its folder, in a window that knows nothing of it.
#[test]
fn a_saved_run_opens_again_and_comes_to_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let flags = "--input-size 112 --iterations 1 --integration-steps 4 --search-points 2 --integrated-gradients-steps 4 --curve-steps 5 \
                 --descent-iterations 1 --descent-levels 2 --random-orders 1 --second-judge=false";
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_igoscope"))
        .args(["explain", "assets/samples/coffee.jpg", "--class", "cup", "--crop", "squash"])
        .args(["--score", "log-probability", "--method", "layer-cam,grad-cam,igos,integrated-gradients", "--out"])
        .arg(folder.path())
        .args(flags.split_whitespace())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let record = folder.path().join("coffee/run.json");
    let saved: serde_json::Value = serde_json::from_slice(&fs::read(&record).unwrap()).unwrap();
    for opened in [record.clone(), folder.path().join("coffee")] {
        let mut window = window_with(Options { pictures: vec![opened], ..Options::default() }, quick(7), |app| app);
        wait(&mut window, "it is explained again", is_idle);
        let run = app(&window).state().shown().unwrap();
        let seen = run.seen.as_ref().unwrap();
        assert_eq!(
            (seen.class.name.as_str(), run.question.crop, run.question.score),
            ("cup", CropMode::Squash, Score::LogProbability)
        );
        // One among them is not on the wall unless a run has it.
        let numbers = saved["methods"].as_object().unwrap();
        assert!(numbers.len() == 4 && numbers.contains_key("layer-cam"), "{numbers:?}");
        for method in methods().iter().filter(|method| numbers.contains_key(method.id)) {
            let judged = run.method(method).unwrap().judged().map(|curves| f64::from(curves.insertion()));
            let area = numbers[method.id]["insertion"].as_f64();
            assert_eq!(judged.map(|area| area as f32), area.map(|area| area as f32), "{method}");
        }
        assert!(!log(&window).contains("pixels of"), "{}", log(&window));
    }

    // The record of another picture of the same name.
    let other = saved["image_sha256"].as_str().unwrap();
    let text = fs::read_to_string(&record).unwrap().replace(other, &"0".repeat(64));
    fs::write(&record, text).unwrap();
    let mut window = window_with(Options { pictures: vec![record], ..Options::default() }, quick(7), |app| app);
    wait(&mut window, "it is told", |window| log(window).contains("are not those that this run was made with"));
}

/// Of ten classes and of a thousand: the network that was made of the other.
#[test]
fn a_second_model_answers_for_the_same_pictures_and_its_maps_stand_beside_the_first_ones() {
    let folder = place(3);
    let mut window = opened_with(folder.path(), vec![folder.path().join("pictures")], Some(ModelChoice::Embedded));
    wait(&mut window, "the second model has answered too", |window| {
        let collection = app(window).state().collection.as_ref().unwrap();
        collection.beside.as_ref().is_some_and(|beside| beside.classified == 9) && is_idle(window)
    });
    click(&mut window, "Table (9)");
    let collection = app(&window).state().collection.as_ref().unwrap().clone();
    let seen: Vec<_> = (0..9).map(|index| collection.seen_beside(index).unwrap().clone()).collect();
    let own: Vec<_> = collection.rows.iter().map(|row| row.seen.clone().unwrap()).collect();
    for (seen, own) in seen.iter().zip(&own) {
        assert_eq!(seen.differs, !seen.predicted.starts_with(&own.predicted), "{seen:?} {own:?}");
        // Of more classes the same one has less.
        assert!(seen.fall.unwrap() > 0.0 && seen.fall.unwrap() < own.answer);
    }
    let differing = seen.iter().filter(|seen| seen.differs).count();
    assert!(differing > 0 && differing < 9, "{seen:?}");
    assert!(shows(&window, &format!("answers otherwise for {differing} of 9")));
    click(&mut window, "Most differing first");
    let shown: Vec<usize> = app(&window).state().collection.as_ref().unwrap().shown().to_vec();
    assert_eq!(shown.len(), differing);
    assert!(shown.is_sorted_by(|a, b| seen[*a].fall >= seen[*b].fall));
    click(&mut window, "Compare maps");
    let first = names_shown(&window)[0].clone();
    click(&mut window, &first);
    wait(&mut window, "both have explained it", |window| {
        let state = app(window).state();
        let pair = state.compared().map(|(pair, _)| pair.map(|run| (run.status, run.has_a_map())));
        pair == Some([(Status::Finished, true); 2]) && is_idle(window)
    });
    let (pair, _) = app(&window).state().compared().unwrap();
    let classes = pair.map(|run| run.seen.as_ref().unwrap().class.name.clone());
    assert!(classes[1].starts_with(&classes[0]), "both explain what the first one takes it for: {classes:?}");
    assert_eq!(pair.map(|run| run.model.as_ref().unwrap().labels.len()), [10, 1000]);
    window.run_steps(4);
    assert!(shows(&window, "One colour scale"));
    assert!(window.query_all_by_label("EfficientNet-Lite0").next().is_some(), "maps are called by their models");
    window.key_press(Key::Escape);
    window.run_steps(3);
    assert!(app(&window).state().compared().is_none());
    click(&mut window, "Table (9)");
    click(&mut window, "No second model");
    wait(&mut window, "it has gone", |window| app(window).state().beside().is_none());
    assert!(app(&window).state().collection.as_ref().unwrap().beside.is_none());
}
