//! The window's words are in one place: a language whose every word is marked is spoken, and what is on screen, heard or
//! hovered without marks is on a list. What a file of messages has, the window uses; other languages have nothing else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "what a test finds wrong may end it")]

#[allow(dead_code, reason = "what other tests need")]
mod common;
#[path = "common/ftl.rs"]
mod ftl;

use std::{borrow::Cow, collections::BTreeSet, fs, path::Path, sync::Once};

use common::{
    driver::{Window, app, asset, is_idle, remembering, wait, window},
    path, quick,
};
use egui::{Key, Modifiers, Rect, Role, Shape};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use ftl::{BEGIN, END, Part};
use i18n_embed::I18nAssets;
use igoscope::{
    app::{self, Options},
    explain::{Kind, Parameters, methods, tables},
    imaging::{Colormap, Resampling, SAMPLES, Size},
    model::{Score, TOP1_SOURCE, catalogue},
};

const ENGLISH: &str = include_str!("../assets/text/en/igoscope.ftl");

/// A language that nobody speaks: English, with marks.
const MARKED: &str = "qaa";

struct Translations(String);

impl I18nAssets for Translations {
    fn get_files(&self, file_path: &str) -> Vec<Cow<'_, [u8]>> {
        match file_path.split('/').next() {
            Some(MARKED) => vec![Cow::Borrowed(self.0.as_bytes())],
            _ => vec![Cow::Borrowed(ENGLISH.as_bytes())],
        }
    }

    fn filenames_iter(&self) -> Box<dyn Iterator<Item = String> + '_> {
        Box::new([MARKED, "en"].into_iter().map(|language| format!("{language}/igoscope.ftl")))
    }
}

/// Has every window of these tests speak with marks.
fn speak_marked() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| app::speak(&Translations(ftl::marked(ENGLISH)), &[MARKED.parse().unwrap()]).unwrap());
}

/// How a message without arguments is written there.
fn marked(text: &str) -> String {
    format!("{BEGIN}{text}{END}")
}

/// What may stand on screen without marks, and why.
struct Allowed(Vec<String>);

impl Allowed {
    /// What is the same in every language, and what `window` shows that is somebody else's.
    fn of(window: &Window) -> Self {
        let state = app(window).state();
        let mut all: Vec<String> = Vec::new();
        let mut add = |names: &mut dyn Iterator<Item = &str>| all.extend(names.map(str::to_owned));
        // Proper names of methods and colour maps.
        add(&mut methods().iter().map(|method| method.title));
        add(&mut Colormap::ALL.into_iter().map(Colormap::name));
        // Values that are called in flags and in run.json as here.
        let rows = || tables().flat_map(|table| table.rows);
        let choices = rows().filter_map(|row| if let Kind::Choice(names) = row.kind { Some(names()) } else { None });
        add(&mut choices.flatten());
        add(&mut Resampling::ALL.iter().map(|filter| filter.name()));
        add(&mut Score::ALL.into_iter().map(Score::name));
        add(&mut ["squash", "letterbox", "center"].into_iter());
        // Formats of files, endings, units, the papers' symbols of two letters.
        add(&mut ["PNG", "SVG", "CSV", "GIF", "APNG", ".onnx, .pt2, .safetensors, .pth", ".toml", "ms"].into_iter());
        let symbols: Vec<String> = rows().map(|row| row.symbol.replace('_', "")).collect();
        add(&mut symbols.iter().map(String::as_str).filter(|symbol| symbol.chars().count() > 1));
        // Models, their licences, where they are from and where they are kept.
        add(&mut catalogue().flat_map(|entry| [entry.title(), entry.licence]));
        let hub = &state.host.hub;
        let kept = hub.cache.display().to_string();
        add(&mut [TOP1_SOURCE, hub.endpoint.as_str(), kept.as_str(), "Apache-2.0"].into_iter());
        // What egui calls the edges of the log.
        let edges = ["top", "bottom", "left", "right"].map(|side| format!("Resize window {side} edge"));
        let corners = ["top-left", "top-right", "bottom-left", "bottom-right"];
        let corners = corners.map(|corner| format!("Resize window {corner} corner"));
        add(&mut edges.iter().chain(&corners).map(String::as_str));
        // And the edge of the side.
        add(&mut ["Resize panel"].into_iter());
        // Names of samples, files and colour profiles, their folders, and what the user called something.
        add(&mut SAMPLES.iter().map(|sample| sample.name));
        add(&mut state.pictures.iter().map(|picture| picture.photo.name.as_str()));
        add(&mut state.pictures.iter().filter_map(|picture| picture.photo.colours.profile.as_deref()));
        add(&mut state.presets.iter().map(|preset| preset.name.as_str()));
        let recent: Vec<String> = state.recent.paths().iter().map(|path| path.display().to_string()).collect();
        add(&mut recent.iter().map(String::as_str));
        add(&mut recent.iter().filter_map(|path| Path::new(path).file_name()?.to_str()));
        // The model's title, its classes, and its device in the words of the floors below.
        if let Some(model) = &state.model {
            add(&mut [model.spec.title.as_str(), model.device.as_str(), "CPU", "CUDA", "Metal"].into_iter());
            add(&mut model
                .devices
                .iter()
                .flat_map(|entry| [Some(entry.title.as_str()), entry.unavailable.as_deref()])
                .flatten());
            let labels = &model.spec.labels;
            let names: Vec<String> = (0..labels.len()).map(|class| labels.name(class)).collect();
            add(&mut names.iter().map(String::as_str));
            let sides: Vec<String> = [224, 299, 384, 512]
                .into_iter()
                .filter_map(|side| model.spec.sizes.refusal(Size::square(side)))
                .collect();
            add(&mut sides.iter().map(String::as_str));
        }
        // Errors of the floors below, which are English.
        add(&mut state.messages.shown_error().into_iter());
        // The longest first, as names are parts of others.
        all.retain(|name| name.contains(char::is_alphabetic));
        all.sort_by_key(|name| std::cmp::Reverse(name.len()));
        all.dedup();
        Self(all)
    }

    /// What of a text has letters, no marks, and no place on the list.
    fn faults(&self, text: &str) -> Vec<String> {
        let pieces = ftl::unmarked(text).into_iter().filter(|piece| piece.contains(char::is_alphabetic));
        pieces.filter_map(|piece| self.fault(piece)).collect()
    }

    fn fault(&self, piece: &str) -> Option<String> {
        let mut left = piece.to_owned();
        for name in &self.0 {
            let mut from = 0;
            while let Some(at) = left[from..].find(name.as_str()).map(|at| from + at) {
                let end = at + name.len();
                let is_apart =
                    !left[..at].ends_with(char::is_alphanumeric) && !left[end..].starts_with(char::is_alphanumeric);
                if is_apart {
                    left.replace_range(at..end, "·");
                }
                from = at + if is_apart { "·".len() } else { name.chars().next().map_or(1, char::len_utf8) };
            }
        }
        // Numbers (1e-5), keys (K, F1) and symbols of one letter (λ₁, m) are words in no language.
        let is_word = |word: &&str| {
            let letters = word.chars().filter(|letter| letter.is_alphabetic()).count();
            let begins_with_digit = word.starts_with(|first: char| first.is_ascii_digit());
            letters > 1 && !begins_with_digit
        };
        let words = left.split(|letter: char| !letter.is_alphanumeric() && !"₀₁₂".contains(letter));
        words.into_iter().any(|word| is_word(&word)).then(|| piece.trim().to_owned())
    }
}

/// Everything that is painted.
fn painted(window: &Window) -> BTreeSet<String> {
    fn gather(shape: &Shape, texts: &mut BTreeSet<String>) {
        match shape {
            Shape::Text(text) => {
                texts.insert(text.galley.text().to_owned());
            }
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| gather(shape, texts)),
            _ => {}
        }
    }
    let mut texts = BTreeSet::new();
    window.output().shapes.iter().for_each(|clipped| gather(&clipped.shape, &mut texts));
    texts
}

/// Everything that is heard.
fn heard(window: &Window) -> BTreeSet<String> {
    let nodes = window.root().children_recursive().map(|node| node.accesskit_node());
    nodes
        // A line of a text that is there as a whole.
        .filter(|node| node.role() != Role::TextRun)
        .flat_map(|node| {
            let data = node.data();
            let others = [data.description(), data.placeholder(), data.tooltip()].map(|text| text.map(str::to_owned));
            [node.label(), node.value()].into_iter().chain(others)
        })
        .flatten()
        .collect()
}

/// Looks at all that is painted and heard now.
fn check(window: &Window, what: &str) {
    let allowed = Allowed::of(window);
    let texts: BTreeSet<String> = painted(window).into_iter().chain(heard(window)).collect();
    let faults: BTreeSet<String> = texts.iter().flat_map(|text| allowed.faults(text)).collect();
    assert!(faults.is_empty(), "{what}: words that are not in assets/text: {faults:#?}");
}

/// Points at every control and label in turn, but for places in `known`, and looks at what is said of it.
fn check_hovers(window: &mut Window, what: &str, known: &mut Vec<Rect>) -> usize {
    window.ctx.all_styles_mut(|style| {
        style.interaction.tooltip_delay = 0.0;
        style.interaction.show_tooltips_only_when_still = false;
    });
    window.run_steps(2);
    let places: Vec<Rect> = window
        .root()
        .children_recursive()
        .filter_map(|node| node.accesskit_node().bounding_box().map(|_| node.rect()))
        .collect();
    let before = painted(window);
    let mut said = BTreeSet::new();
    let screen = window.ctx.content_rect();
    for place in places {
        let at = place.center();
        if place.is_positive() && screen.contains(at) && !known.contains(&place) {
            known.push(place);
            window.hover_at(at);
            // It is measured before it is drawn.
            window.run_steps(4);
            said.extend(painted(window).difference(&before).cloned());
        }
    }
    window.remove_cursor();
    window.step();
    let allowed = Allowed::of(window);
    let faults: BTreeSet<String> = said.iter().flat_map(|text| allowed.faults(text)).collect();
    assert!(faults.is_empty(), "{what}: hover texts that are not in assets/text: {faults:#?}");
    said.len()
}

fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run_steps(3);
}

/// Does a command by its English name.
fn command(window: &mut Window, typed: &str) {
    press(window, Modifiers::COMMAND, Key::K);
    window.get_by_label(&marked("Find a command")).type_text(typed);
    window.run_steps(2);
    press(window, Modifiers::NONE, Key::Enter);
}

/// Draws the window until it is idle, and looks at it on the way.
fn watch(window: &mut Window, what: &str) {
    let mut frame = 0;
    wait(window, what, |window| {
        frame += 1;
        if frame % 8 == 0 {
            check(window, what);
        }
        is_idle(window)
    });
    check(window, what);
}

#[test]
fn marks_are_around_words_and_not_around_what_is_put_in() {
    let made = ftl::marked(
        "a = Run { $n } of { $n ->\n    [one] one\n   *[other] { $n } runs\n }\n    .help =\n        One\n        two\n",
    );
    assert_eq!(
        ftl::parsed(&made),
        ftl::parsed(
            "a = «Run »{ $n }« of »{ $n ->\n    [one] «one»\n   *[other] { $n }« runs»\n }\n    .help =\n        «One»\n        «two»\n"
        )
    );
    assert_eq!(ftl::unmarked("«Run »7« of »x"), ["", "7", "x"]);
}

#[test]
fn a_word_without_marks_is_found_and_a_name_is_not() {
    let allowed = Allowed(vec!["tiger cat".to_owned(), "I-GOS".to_owned()]);
    for text in ["«Explain »tiger cat", "I-GOS 0.123", "λ₁ 1e-5, m", "«Ctrl»+K", "12 %"] {
        assert_eq!(allowed.faults(text), Vec::<String>::new(), "{text}");
    }
    for (text, fault) in [("«Explain »dog", "dog"), ("I-GOS tile", "I-GOS tile"), ("tiger cats", "tiger cats")] {
        assert_eq!(allowed.faults(text), [fault]);
    }
}

#[test]
fn a_window_without_a_picture_says_nothing_that_is_not_in_the_file() {
    speak_marked();
    let mut window = remembering(Options::default(), Some(Parameters::default()), String::new());
    for _ in 0..10 {
        window.step();
        check(&window, "start");
    }
    check_hovers(&mut window, "start", &mut Vec::new());
    let missing = vec![path("no such picture.jpg")];
    let mut window = remembering(Options { pictures: missing, ..Options::default() }, None, String::new());
    wait(&mut window, "the error is there", |window| app(window).state().messages.shown_error().is_some());
    window.run_steps(2);
    check(&window, "error");
    check_hovers(&mut window, "error", &mut Vec::new());
}

#[test]
fn a_window_at_work_says_nothing_that_is_not_in_the_file() {
    speak_marked();
    let pictures = vec![asset("rocket.jpg"), asset("camera.jpg")];
    let mut window = window(Options { pictures, welcomes: true, ..Options::default() }, quick(3));
    wait(&mut window, "both are open", |window| app(window).state().pictures.len() == 2);
    watch(&mut window, "a run");
    command(&mut window, "What is Integrated gradients?");
    check(&window, "the page of a method");
    press(&mut window, Modifiers::NONE, Key::Escape);
    window.get_by_label(&marked("Value by value")).click();
    window.run_steps(3);
    for group in ["Curves", "Integrated gradients"] {
        for label in [marked(group), group.to_owned()] {
            let header = window
                .query_all_by_role_and_label(Role::DisclosureTriangle, &label)
                .next()
                .map(|header| header.click());
            if header.is_some() {
                window.run_steps(3);
            }
        }
    }
    check(&window, "all groups");
    let mut known = Vec::new();
    let said = check_hovers(&mut window, "all panels", &mut known);
    assert!(said > 80, "only {said} hover texts were found");

    let menus =
        ["Samples", "Recent", "What is saved, and copied", "Tiles", "Presets", "Window", "Device", "Score", "Speed"];
    for menu in menus {
        let label = marked(menu);
        let button = window.query_all_by_label(&label).next().unwrap_or_else(|| panic!("there is no {menu}"));
        button.click();
        window.run_steps(3);
        check(&window, menu);
        check_hovers(&mut window, menu, &mut known);
        press(&mut window, Modifiers::NONE, Key::Escape);
        press(&mut window, Modifiers::NONE, Key::Escape);
    }
    for style in [Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6] {
        press(&mut window, Modifiers::NONE, style);
        window.run_steps(10);
        check(&window, "a style");
    }
    for chart in ["Chart: I-GOS step size", "Chart: I-GOS search trials"] {
        command(&mut window, chart);
        check(&window, chart);
        check_hovers(&mut window, chart, &mut known);
    }
    for key in [Key::L, Key::F1] {
        press(&mut window, Modifiers::NONE, key);
        check(&window, "log or sheet");
        press(&mut window, Modifiers::NONE, if key == Key::L { Key::L } else { Key::Escape });
    }
    // Every command, a screen of them after the other.
    press(&mut window, Modifiers::COMMAND, Key::K);
    for _ in 0..12 {
        check(&window, "palette");
        press(&mut window, Modifiers::NONE, Key::PageDown);
    }
    window.get_by_label(&marked("Find a command")).type_text("99999");
    window.run_steps(2);
    check(&window, "nothing found");
    press(&mut window, Modifiers::NONE, Key::Escape);
    // Every model.
    press(&mut window, Modifiers::COMMAND, Key::M);
    wait(&mut window, "the disk was looked at", |window| !app(window).state().models.kept.is_empty());
    for _ in 0..7 {
        window.run_steps(2);
        check(&window, "models");
        press(&mut window, Modifiers::NONE, Key::PageDown);
    }
    check_hovers(&mut window, "models", &mut known);
    press(&mut window, Modifiers::NONE, Key::Escape);
}

#[test]
fn runs_and_their_comparison_say_nothing_that_is_not_in_the_file() {
    speak_marked();
    let mut window = window(Options { sample: Some("coffee".to_owned()), ..Options::default() }, quick(2));
    watch(&mut window, "the first run");
    command(&mut window, "Pin this run");
    command(&mut window, "Show the runs");
    check(&window, "one run");
    // Why not the second class?
    let why_not = format!("{BEGIN}Why not {END}");
    window.query_all_by_label_contains(&why_not).next().expect("there is another class").click();
    window.run_steps(3);
    watch(&mut window, "the second run");
    command(&mut window, "Pin this run");
    let mut known = Vec::new();
    check_hovers(&mut window, "two runs", &mut known);
    command(&mut window, "Compare the two");
    window.run_steps(5);
    assert!(window.query_by_label(&marked("Close the comparison")).is_some());
    check(&window, "comparison");
    check_hovers(&mut window, "comparison", &mut known);
}

/// What the sources ask for: in a `text!`, or by the names of a table's entries.
fn asked_for() -> BTreeSet<Part> {
    fn sources(folder: &Path, all: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, all);
            } else {
                all.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    /// The literal that a text begins with, and what follows it.
    fn literal(text: &str) -> Option<(&str, &str)> {
        text.trim_start().strip_prefix('"')?.split_once('"')
    }
    let mut all = String::new();
    sources(&path("src/app"), &mut all);
    let mut asked = BTreeSet::new();
    for (at, call) in all.match_indices("text!(") {
        let Some((id, rest)) = literal(&all[at + call.len()..]) else { continue };
        let attribute =
            rest.trim_start().strip_prefix(',').and_then(literal).map(|(attribute, _)| attribute.to_owned());
        asked.insert((id.to_owned(), attribute));
    }
    let mut add = |id: String, attributes: &[&str]| {
        asked.extend(attributes.iter().map(|attribute| (id.clone(), Some((*attribute).to_owned()))));
        asked.insert((id, None));
    };
    let id = |parts: &[&str]| parts.join("-").replace('_', "-");
    for table in tables() {
        table.rows.iter().for_each(|row| add(id(&["parameter", table.id, row.name]), &["help", "example", "unit"]));
        table.groups().iter().for_each(|group| add(id(&["group", group]), &["help"]));
        // Or so, where a method before has a group of that name.
        table.groups().iter().for_each(|group| add(id(&["group", table.id, group]), &["help"]));
        add(id(&["group", table.id]), &["help"]);
    }
    for method in methods() {
        add(id(&["method", method.id]), &["meaning", "misleads", "computes", "source"]);
        method.charts.iter().for_each(|chart| add(id(&["chart", method.id, chart.id]), &["help", "axis"]));
        let lines = method.charts.iter().flat_map(|chart| chart.lines);
        lines.for_each(|line| add(id(&["line", method.id, line.id]), &[]));
        method.terms.iter().for_each(|term| add(id(&["term", method.id, term.name]), &[]));
        method.presets.iter().for_each(|preset| add(id(&["preset", preset.name]), &["purpose"]));
    }
    SAMPLES.iter().for_each(|sample| add(format!("sample-{}", sample.name), &[]));
    asked
}

#[test]
fn every_message_is_used() {
    let asked = asked_for();
    assert!(asked.len() > 400, "only {} were found", asked.len());
    let unused: Vec<Part> = ftl::arguments(ENGLISH).into_keys().filter(|part| !asked.contains(part)).collect();
    assert!(unused.is_empty(), "{unused:#?}");
}

#[test]
fn no_other_language_has_what_english_has_not() {
    for folder in fs::read_dir(path("assets/text")).unwrap() {
        let file = folder.unwrap().path().join("igoscope.ftl");
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!(ftl::faults(ENGLISH, &text), Vec::<String>::new(), "{}", file.display());
    }
    let right = "run = Los\n    .help = Dieses Bild noch einmal erklären\nrun-title = Lauf { $number }\n";
    assert_eq!(ftl::faults(ENGLISH, right), Vec::<String>::new());
    let wrong = "run = Los\n    .hlep = Noch einmal\nrun-title = Lauf { $nummer }\nlauf = Lauf\n";
    assert_eq!(
        ftl::faults(ENGLISH, wrong),
        [
            r#"("lauf", None) is not in English"#,
            r#"("run", Some("hlep")) is not in English"#,
            r#"("run-title", None) has no $nummer"#
        ]
    );
}
