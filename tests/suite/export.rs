//! What a run leaves behind: every file opened again, and the run done again from its record.

use std::{
    collections::BTreeMap,
    fs,
    io::BufReader,
    path::Path,
    process::{Command, Output},
};

use image::{AnimationDecoder as _, RgbaImage};
use serde_json::Value;

const QUICK: [&str; 13] = [
    "--iterations=2",
    "--integration-steps=4",
    "--search-points=2",
    "--integrated-gradients-steps=4",
    "--curve-steps=5",
    "--mask-size=14",
    "--convergence-tolerance=0",
    "--tv-weight=12.5",
    "--seed=3",
    "--baseline=noise",
    "--descent-iterations=2",
    "--descent-levels=2",
    "--random-orders=2",
];

const METHODS: [&str; 4] = ["igos", "curve-descent", "grad-cam", "integrated-gradients"];

fn igoscope(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_igoscope"))
        .arg("explain")
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .unwrap()
}

fn explain(arguments: &[&str]) -> Output {
    igoscope(&[&QUICK[..], arguments].concat())
}

fn done(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The one line that says why it failed.
fn refusal(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), text.trim_end().lines().count()), (Some(1), 1), "{text}");
    text
}

fn record(folder: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join("run.json")).unwrap()).unwrap()
}

/// The bytes of the arrays and curves in a folder, by name.
fn numbers(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| (entry.file_name().into_string().unwrap(), entry.path()))
        .filter(|(name, _)| name.ends_with(".npy") || name.ends_with(".csv"))
        .map(|(name, path)| (name, fs::read(path).unwrap()))
        .collect()
}

/// Fails if a document of tags is not well formed or names anything outside itself.
fn self_contained(text: &str) -> roxmltree::Document<'_> {
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..roxmltree::ParsingOptions::default() };
    let document = roxmltree::Document::parse_with_options(text, options).unwrap();
    for attribute in document.descendants().flat_map(|node| node.attributes()) {
        let value = attribute.value();
        if ["href", "src", "srcset", "data", "action", "poster"].contains(&attribute.name()) {
            assert!(value.starts_with("data:") || value.starts_with('#'), "{} = {value}", attribute.name());
        }
        assert!(!value.contains("url("), "{value}");
    }
    let addresses = text.matches("://").count();
    assert_eq!(addresses, text.matches("http://www.w3.org/").count(), "only names of languages are addresses");
    document
}

fn count(document: &roxmltree::Document<'_>, tag: &str) -> usize {
    document.descendants().filter(|node| node.tag_name().name() == tag).count()
}

#[test]
fn every_file_can_be_opened_again_and_says_what_was_computed() {
    let out = tempfile::tempdir().unwrap();
    let place = out.path().to_str().unwrap();
    let more = ["--out", place, "--scale=2", "--caption", "--figure", "--animation", "--report"];
    done(&explain(&[&["assets/samples/coffee.jpg"], &more[..]].concat()));
    let folder = out.path().join("coffee");
    let run = record(&folder);

    let listed: Vec<String> = serde_json::from_value(run["files"].clone()).unwrap();
    let mut listed: Vec<&str> = listed.iter().map(String::as_str).collect();
    let mut found: Vec<String> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    listed.sort_unstable();
    found.sort_unstable();
    assert_eq!(listed, found, "the record lists every file, and there are no others");

    // A caption is below the map, and the map above it is the one without a caption.
    for method in METHODS {
        for kind in ["overlay", "heatmap"] {
            let picture = image::open(folder.join(format!("{method}.{kind}.png"))).unwrap().into_rgb8();
            assert!(picture.width() == 448 && picture.height() > 448, "{method} {kind}: {:?}", picture.dimensions());
            let dark = picture.enumerate_pixels().filter(|(_, y, pixel)| *y >= 448 && pixel.0[0] < 128).count();
            assert!(dark > 200, "{method} {kind} has no words: {dark}");
        }
    }

    let figure = image::open(folder.join("figure.png")).unwrap();
    let svg = fs::read_to_string(folder.join("figure.svg")).unwrap();
    let document = self_contained(&svg);
    let root = document.root_element();
    let side = |name: &str| root.attribute(name).unwrap().parse::<f32>().unwrap();
    assert_eq!(figure.width() as f32, 2.0 * side("width"));
    assert_eq!(figure.height() as f32, 2.0 * side("height"));
    assert_eq!(count(&document, "image"), 6, "the picture, four maps and the colours");
    let report = fs::read_to_string(out.path().join("report.html")).unwrap();
    let page = self_contained(&report);
    assert_eq!(count(&page, "svg"), 2);
    assert_eq!(count(&page, "img"), 5 + 1 + 2 * 2, "the picture, four maps, the colours, and twice two iterations");
    let number = |value: &Value| format!("{:.3}", value.as_f64().unwrap());
    for method in METHODS {
        let own = &run["methods"][method];
        for (area, name) in
            [("deletion", "deletion"), ("insertion", "insertion"), ("ins − del", "insertion_minus_deletion")]
        {
            let written = format!("{area} {}", number(&own[name]));
            assert!(svg.contains(&written) && report.contains(&written), "{method}: {written}");
        }
        // A second judge, on another baseline, and what the curves say in a sentence.
        let second = &own["judges"][0];
        assert_eq!((&own["found"], &second["baseline"]), (&true.into(), &"grey".into()));
        let written = ["deletion", "insertion"].map(|area| number(&second[area]));
        assert!(svg.contains(&format!("on grey: deletion {}, insertion {}", written[0], written[1])), "{method}");
        assert!(written.iter().all(|area| report.contains(&format!("<td class=\"n\">{area}</td>"))), "{method}");
        let share = |share: &Value| share.as_f64().map(|share| format!("{:.0} %", 100.0 * share));
        if let Some(share) = share(&own["halves"]) {
            assert!(svg.contains(&format!("deleting {share} halves")) && report.contains(&share), "{method}: {share}");
        }
    }
    // Every area is beside that of orders that know nothing, in both charts of both.
    for area in ["deletion", "insertion"] {
        let [mean, low, high] = ["mean", "low", "high"].map(|part| number(&run["random"][area][part]));
        let written = format!("{mean} ({low} to {high})");
        assert!(svg.contains(&format!("Random order {mean}")) && report.contains(&format!("Random order {mean}")));
        assert!(svg.contains(&written) && report.contains(&written), "{written}");
    }
    assert_eq!(run["random"]["orders"], 2);
    let random = fs::read_to_string(folder.join("random.curves.csv")).unwrap();
    assert_eq!(random.lines().count(), 1 + 6);
    assert!(random.starts_with("fraction,deletion,insertion,deletion_low,"), "{random}");
    assert!(svg.contains("espresso on the blurred picture: ") && report.contains("espresso on the blurred picture: "));
    // The mask that is the map is marked among the iterations, and shown first.
    let kept = run["methods"]["igos"]["kept_iteration"].as_u64().unwrap();
    assert!(report.contains(&format!("alt=\"Iteration {kept} of 2, best, score")), "{kept}");
    assert_eq!(report.matches("class=\"on\"").count(), 2, "one for each method that iterates");
    assert!(svg.contains("espresso (967), 9") && report.contains("espresso (967), 9"));
    assert!(svg.contains("tv weight 12.5") && report.contains("<td class=\"n\">12.5</td>"));

    let file = BufReader::new(fs::File::open(folder.join("igos.animation.gif")).unwrap());
    let frames = image::codecs::gif::GifDecoder::new(file).unwrap().into_frames().collect_frames().unwrap();
    moves(frames.into_iter().map(image::Frame::into_buffer).collect());
}

/// Two iterations: two frames that differ above the caption, which are twice the model's size.
fn moves(frames: Vec<RgbaImage>) {
    assert_eq!(frames.len(), 2);
    assert!(frames.iter().all(|frame| frame.width() == 448 && frame.height() > 448));
    let differing = frames[0].pixels().zip(frames[1].pixels()).filter(|(a, b)| a != b).count();
    assert!(differing > 1000, "{differing}");
}

#[test]
fn an_apng_moves_too_and_several_pictures_share_a_report() {
    let out = tempfile::tempdir().unwrap();
    let place = out.path().to_str().unwrap();
    let pictures = ["assets/samples/coffee.jpg", "assets/samples/camera.jpg"];
    let more = ["--method=igos", "--out", place, "--scale=2", "--animation=apng", "--report"];
    done(&explain(&[&pictures[..], &more[..]].concat()));
    let file = BufReader::new(fs::File::open(out.path().join("camera/igos.animation.png")).unwrap());
    let decoder = image::codecs::png::PngDecoder::new(file).unwrap();
    let frames = decoder.apng().unwrap().into_frames().collect_frames().unwrap();
    moves(frames.into_iter().map(image::Frame::into_buffer).collect());
    let report = fs::read_to_string(out.path().join("report.html")).unwrap();
    let page = self_contained(&report);
    assert_eq!(count(&page, "section"), 2);
    assert!(report.contains("espresso (967)") && report.contains("tripod (872)") && report.contains("Mean"));
}

#[test]
fn a_record_does_the_run_again_bit_for_bit_on_any_number_of_threads() {
    let out = tempfile::tempdir().unwrap();
    let (first, second) = (out.path().join("first"), out.path().join("second"));
    let place = |folder: &Path| folder.to_str().unwrap().to_owned();
    let lines = ["--line-search=path", "--class=281", "--against=285", "--crop=20,10,300,250", "--threads=1"];
    // From noise, two iterations of curve descent find nothing yet.
    let quick =
        QUICK.map(|flag| if flag.starts_with("--descent-iterations") { "--descent-iterations=6" } else { flag });
    done(&igoscope(&[&quick[..], &["assets/samples/chelsea.jpg", "--out", &place(&first)], &lines[..]].concat()));
    let config = place(&first.join("chelsea/run.json"));
    done(&igoscope(&["--config", &config, "--threads=3", "--out", &place(&second)]));
    let before = numbers(&first.join("chelsea"));
    assert_eq!(before.len(), 11, "four maps, four tables and that of random orders, two masks");
    for (name, bytes) in numbers(&second.join("chelsea")) {
        assert!(before[&name] == bytes, "{name} differs");
    }
    let again = record(&second.join("chelsea"));
    let original = record(&first.join("chelsea"));
    for key in [
        "image",
        "image_sha256",
        "model",
        "input_size",
        "crop",
        "region",
        "score",
        "class",
        "against",
        "value",
        "top",
        "baseline",
        "random",
        "parameters",
        "files",
    ] {
        assert_eq!(original[key], again[key], "{key}");
    }

    // Flags go before the record, and what they leave open is the record's.
    let changed = igoscope(&["--config", &config, "--iterations=1", "--method=igos", "--json"]);
    done(&changed);
    let changed: Value = serde_json::from_slice(&changed.stdout).unwrap();
    assert_eq!(changed["methods"].as_object().unwrap().len(), 1);
    assert_eq!(changed["methods"]["igos"]["steps"].as_array().unwrap().len(), 1);
    assert_eq!(changed["parameters"]["igos"]["line_search"], "path");
    assert_eq!((&changed["class"]["id"], &changed["parameters"]["igos"]["seed"]), (&281.into(), &3.into()));
}

/// A picture that is the same everywhere.
fn blank(path: &Path) {
    image::RgbImage::from_pixel(256, 256, image::Rgb([128; 3])).save(path).unwrap();
}

#[test]
fn where_nothing_was_found_no_file_has_colours_and_every_surface_says_so() {
    let out = tempfile::tempdir().unwrap();
    let (place, picture) = (out.path().to_str().unwrap(), out.path().join("grey.png"));
    blank(&picture);
    let more = ["--out", place, "--caption", "--figure", "--animation", "--report"];
    let output = explain(&[&[picture.to_str().unwrap()], &more[..]].concat());
    done(&output);
    let said = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> =
        said.lines().filter(|line| line.contains("found nothing: the picture is the same")).collect();
    assert_eq!(lines.len(), METHODS.len(), "{said}");
    assert!(!said.contains("deletion") && !said.contains("Random"), "{said}");

    let folder = out.path().join("grey");
    let run = record(&folder);
    for method in METHODS {
        let own = &run["methods"][method];
        assert_eq!((&own["found"], &own["why"]), (&false.into(), &"blank".into()), "{method}");
        for name in ["deletion", "insertion", "halves", "judges", "kept_iteration"] {
            assert!(own.get(name).is_none(), "{method} {name}");
        }
        for file in ["overlay.png", "heatmap.png", "curves.csv", "animation.gif"] {
            assert!(!folder.join(format!("{method}.{file}")).exists(), "{method}.{file}");
        }
        assert!(folder.join(format!("{method}.saliency.npy")).is_file(), "{method}");
    }
    assert_eq!(run["random"], Value::Null, "there is no area to hold against one");
    assert!(!folder.join("random.curves.csv").exists());

    let svg = fs::read_to_string(folder.join("figure.svg")).unwrap();
    let report = fs::read_to_string(out.path().join("report.html")).unwrap();
    let (drawing, page) = (self_contained(&svg), self_contained(&report));
    for method in ["I-GOS", "Curve descent", "Grad-CAM", "Integrated gradients"] {
        let written = format!("{method} found nothing: the picture is the same everywhere");
        assert!(svg.contains(&written) && report.contains(&written), "{method}");
    }
    assert_eq!(count(&drawing, "image"), 5, "the picture, again for each method, and no colours");
    assert_eq!((count(&page, "img"), count(&page, "svg")), (5, 0));
    let pixels = image::open(folder.join("figure.png")).unwrap().into_rgb8();
    assert!(pixels.pixels().all(|pixel| pixel.0[0] == pixel.0[1] && pixel.0[1] == pixel.0[2]), "all of it is grey");
}

#[test]
fn a_reports_means_leave_out_pictures_in_which_nothing_was_found() {
    let out = tempfile::tempdir().unwrap();
    let (place, picture) = (out.path().to_str().unwrap(), out.path().join("grey.png"));
    blank(&picture);
    let coffee = "assets/samples/coffee.jpg";
    done(&explain(&[picture.to_str().unwrap(), coffee, "--method=grad-cam", "--out", place, "--report"]));
    let run = record(&out.path().join("coffee"));
    let report = fs::read_to_string(out.path().join("report.html")).unwrap();
    let deletion = run["methods"]["grad-cam"]["deletion"].as_f64().unwrap();
    assert!(report.contains(&format!("<td class=\"n\">{deletion:.3} of 1</td>")), "the mean is that of the coffee");
    assert!(report.contains("colspan=\"2\">found nothing</td>"));
}

#[test]
fn a_record_is_held_to_its_picture_and_to_what_igoscope_knows() {
    let out = tempfile::tempdir().unwrap();
    let place = |name: &str| out.path().join(name).to_str().unwrap().to_owned();
    let picture = out.path().join("cat.jpg");
    fs::copy("assets/samples/chelsea.jpg", &picture).unwrap();
    done(&explain(&["--method=grad-cam", picture.to_str().unwrap(), "--out", &place("results")]));
    let config = place("results/cat/run.json");
    // Moved as a whole, the picture is found beside its record.
    fs::rename(&picture, out.path().join("results/cat/cat.jpg")).unwrap();
    done(&igoscope(&["--config", &config, "--json"]));
    fs::copy("assets/samples/coffee.jpg", out.path().join("results/cat/cat.jpg")).unwrap();
    assert!(refusal(&igoscope(&["--config", &config])).contains("pixels differ"));
    done(&igoscope(&["assets/samples/coffee.jpg", "--config", &config, "--json"]));

    let text = fs::read_to_string(&config).unwrap();
    for (from, to, told) in [
        ("\"version\": 1", "\"version\": 99", "99"),
        ("\"efficientnet-lite0\"", "\"another-net\"", "another-net"),
        ("\"grad-cam\"", "\"tea-leaves\"", "tea-leaves"),
        ("{", "[", "run.json"),
    ] {
        let broken = place("broken.run.json");
        fs::write(&broken, text.replacen(from, to, 1)).unwrap();
        assert!(refusal(&igoscope(&["--config", &broken])).contains(told), "{told}");
    }
    assert!(refusal(&igoscope(&["--config", &place("none.json")])).contains("none.json"));
}

#[test]
fn only_igoscopes_own_files_are_written_over() {
    let out = tempfile::tempdir().unwrap();
    let place = out.path().to_str().unwrap();
    let quick =
        |more: &[&str]| explain(&[&["assets/samples/coffee.jpg", "--method=grad-cam", "--out", place], more].concat());
    let folder = out.path().join("coffee");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("figure.png"), "my own drawing").unwrap();
    fs::write(folder.join("holiday.jpg"), "my own picture").unwrap();
    let told = refusal(&quick(&["--figure"]));
    assert!(told.contains("figure.png") && told.contains("move it"), "{told}");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "nothing is written before all is clear");

    fs::remove_file(folder.join("figure.png")).unwrap();
    done(&quick(&["--figure", "--report"]));
    done(&quick(&["--report"]));
    assert!(!folder.join("figure.png").exists(), "a figure of another run does not stay beside this one");
    assert_eq!(fs::read_to_string(folder.join("holiday.jpg")).unwrap(), "my own picture");

    fs::write(out.path().join("report.html"), "<p>my own report</p>").unwrap();
    assert!(refusal(&quick(&["--report"])).contains("report.html"));
    assert_eq!(fs::read_to_string(out.path().join("report.html")).unwrap(), "<p>my own report</p>");
}

#[test]
fn exports_need_a_folder_and_a_scale_that_can_be() {
    for arguments in [&["a.jpg", "--figure"][..], &["a.jpg", "--out=x", "--scale=5"], &["--figure", "--out=x"]] {
        assert_eq!(igoscope(arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_told_in_one_line_and_leaves_no_half_files() {
    let out = tempfile::tempdir().unwrap();
    // A limit of 16 KiB a file stands for a disk that is full.
    let script = "trap '' XFSZ; ulimit -f 16; exec \"$0\" explain \"$@\"";
    let output = Command::new("bash")
        .args(["-c", script, env!("CARGO_BIN_EXE_igoscope"), "assets/samples/coffee.jpg", "--method=grad-cam"])
        .args(["--curve-steps=2", "--out", out.path().to_str().unwrap()])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let told = refusal(&output);
    assert!(told.contains("grad-cam.overlay.png") && told.contains("free space"), "{told}");
    let left: Vec<_> =
        fs::read_dir(out.path().join("coffee")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["run.json"], "the record alone is whole");
}
