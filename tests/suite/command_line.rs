//! The command line as a person or a script uses it.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use candle_core::{Device, Tensor};
use serde_json::Value;

const QUICK: [&str; 16] = [
    "--iterations",
    "2",
    "--integration-steps",
    "4",
    "--search-points",
    "2",
    "--integrated-gradients-steps",
    "4",
    "--curve-steps",
    "5",
    "--descent-iterations",
    "2",
    "--descent-levels",
    "2",
    "--random-orders",
    "2",
];

fn igoscope(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_igoscope"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("WAYLAND_SOCKET")
        .output()
        .unwrap()
}

fn explain(more: &[&str]) -> Output {
    igoscope(&[&["explain"], &QUICK[..], more].concat())
}

/// The same without random orders, which are the last of [`QUICK`].
fn explain_alone(more: &[&str]) -> Output {
    let [quick @ .., "--random-orders", _] = QUICK else { panic!("no random orders") };
    let output = igoscope(&[&["explain", "--random-orders", "0"][..], &quick, more].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn one_line(bytes: &[u8]) -> String {
    let text = text(bytes);
    assert_eq!(text.trim_end().lines().count(), 1, "{text}");
    text
}

fn array(path: &Path) -> (Vec<usize>, Vec<f32>) {
    let tensor = Tensor::read_npy(path).unwrap().to_device(&Device::Cpu).unwrap();
    (tensor.dims().to_vec(), tensor.flatten_all().unwrap().to_vec1().unwrap())
}

#[test]
fn explain_names_the_coffee_and_writes_everything() {
    let out = tempfile::tempdir().unwrap();
    let output = explain(&["assets/samples/coffee.jpg", "--out", out.path().to_str().unwrap()]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("espresso (967)"));
    assert_eq!(text(&output.stderr), "", "no progress bar where there is no terminal");
    let folder = out.path().join("coffee");

    let run: Value = serde_json::from_str(&fs::read_to_string(folder.join("run.json")).unwrap()).unwrap();
    assert_eq!(run["version"], 1);
    assert_eq!(run["model"], "efficientnet-lite0");
    assert_eq!((&run["class"]["id"], &run["class"]["name"]), (&967.into(), &"espresso".into()));
    assert!((run["class"]["probability"].as_f64().unwrap() - 0.95).abs() < 0.02);
    assert_eq!(run["top"].as_array().unwrap().len(), 5);
    assert_eq!(run["methods"]["igos"]["parameters"]["iterations"], 2);
    let steps = run["methods"]["igos"]["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 2);
    for key in ["iteration", "score", "l1", "tv", "objective", "step", "trials", "seconds"] {
        assert!(steps[0][key].is_number(), "{key}");
    }

    for (method, size) in [("igos", 28), ("curve-descent", 28), ("grad-cam", 7), ("integrated-gradients", 224)] {
        for key in ["seconds", "deletion", "insertion", "insertion_minus_deletion"] {
            assert!(run["methods"][method][key].is_number(), "{method} {key}");
        }
        for key in ["keeps_90_percent", "halves"] {
            let share = run["methods"][method].get(key).unwrap();
            assert!(share.is_null() || (0.0..1.0).contains(&share.as_f64().unwrap()), "{method} {key}: {share}");
        }
        let (shape, values) = array(&folder.join(format!("{method}.saliency.npy")));
        assert_eq!(shape, [size, size]);
        assert!(values.iter().all(|value| value.is_finite() && *value >= 0.0));
        for picture in ["overlay", "heatmap"] {
            let picture = image::open(folder.join(format!("{method}.{picture}.png"))).unwrap();
            assert_eq!((picture.width(), picture.height()), (224, 224));
        }
        let table = fs::read_to_string(folder.join(format!("{method}.curves.csv"))).unwrap();
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!((lines[0], lines.len()), ("fraction,deletion,insertion", 7));
    }
    let (_, mask) = array(&folder.join("igos.mask.npy"));
    let (_, saliency) = array(&folder.join("igos.saliency.npy"));
    assert!(mask.iter().zip(&saliency).all(|(m, s)| (1.0 - m - s).abs() < 1e-6));
}

#[test]
fn json_is_one_line_a_picture_and_the_same_run_twice() {
    let arguments = ["assets/samples/coffee.jpg", "assets/samples/camera.jpg", "--json", "--method", "igos,grad-cam"];
    let without_times = |output: &Output| -> Vec<Value> {
        text(&output.stdout)
            .lines()
            .map(|line| {
                let mut run: Value = serde_json::from_str(line).unwrap();
                for method in ["igos", "grad-cam"] {
                    run["methods"][method]["seconds"] = Value::Null;
                }
                for step in run["methods"]["igos"]["steps"].as_array_mut().unwrap() {
                    step["seconds"] = Value::Null;
                }
                run
            })
            .collect()
    };
    let first = without_times(&explain(&arguments));
    assert_eq!(first.len(), 2);
    assert_eq!(first[1]["class"]["name"], "tripod");
    assert!(first[0]["methods"].get("integrated-gradients").is_none());
    assert_eq!(first, without_times(&explain(&arguments)));
}

#[test]
fn a_class_can_be_named() {
    let output = explain(&["assets/samples/chelsea.jpg", "--class", "Egyptian cat", "--method", "grad-cam", "--json"]);
    let run: Value = serde_json::from_str(&text(&output.stdout)).unwrap();
    assert_eq!(run["class"]["id"], 285);
    let output = explain(&["assets/samples/chelsea.jpg", "--class", "cat"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(one_line(&output.stderr).contains("tiger cat (282)"));
}

#[test]
fn a_contrast_in_logits_on_a_part_at_another_size_is_explained_and_recorded() {
    let question = "--class espresso --against cup --score logit --crop 100,50,300,300 --input-size 256 --json";
    let arguments: Vec<&str> =
        "assets/samples/coffee.jpg --method grad-cam".split(' ').chain(question.split(' ')).collect();
    let output = explain(&arguments);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let run: Value = serde_json::from_str(&text(&output.stdout)).unwrap();
    assert_eq!((&run["class"]["id"], &run["against"]["id"]), (&967.into(), &968.into()));
    assert_eq!((&run["score"], &run["curve_score"]), (&"logit".into(), &"probability".into()));
    assert_eq!((&run["crop"], &run["input_size"]), (&"100,50,300,300".into(), &256.into()));
    assert_eq!(run["region"]["width"], 300.0);
    let probability = |class: &str| run[class]["probability"].as_f64().unwrap();
    let logit_difference = (probability("class") / probability("against")).ln();
    assert!((run["value"].as_f64().unwrap() - logit_difference).abs() < 1e-3);
    // What is not asked for is the paper's.
    let plain = explain(&["assets/samples/coffee.jpg", "--method", "grad-cam", "--json"]);
    let plain: Value = serde_json::from_str(&text(&plain.stdout)).unwrap();
    assert_eq!((&plain["score"], &plain["against"]), (&"probability".into(), &Value::Null));
    assert_eq!((&plain["crop"], &plain["input_size"]), (&"center".into(), &224.into()));
    assert_eq!(plain["value"], plain["class"]["probability"]);
}

#[test]
fn a_size_that_is_no_square_is_explained_drawn_recorded_and_done_again() {
    let folder = tempfile::tempdir().unwrap();
    let [one, two] = ["one", "two"].map(|name| folder.path().join(name));
    let sized = ["--input-size", "96x160", "--method", "grad-cam", "--method", "gradient"];
    let asked = [&["assets/samples/coffee.jpg"], &sized[..], &["--out", one.to_str().unwrap()]].concat();
    explain_alone(&asked);
    let read = |folder: &Path| fs::read(folder.join("coffee/gradient.saliency.npy")).unwrap();
    let record = one.join("coffee/run.json");
    let run: Value = serde_json::from_str(&fs::read_to_string(&record).unwrap()).unwrap();
    assert_eq!(run["input_size"], "96x160");
    let drawn = image::image_dimensions(one.join("coffee/gradient.overlay.png")).unwrap();
    assert_eq!(drawn, (96, 160));
    let output = igoscope(&[
        "explain",
        "assets/samples/coffee.jpg",
        "--config",
        record.to_str().unwrap(),
        "--out",
        two.to_str().unwrap(),
    ]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(read(&one) == read(&two), "bit for bit");
}

#[test]
fn the_class_that_is_contrasted_is_marked() {
    let output = explain(&["assets/samples/coffee.jpg", "--against", "cup", "--method", "grad-cam"]);
    let text = text(&output.stdout);
    let marked = |words: &str| text.lines().find(|line| line.ends_with(words)).map(str::to_owned).unwrap_or_default();
    assert!(marked("← explained").contains("espresso (967)"), "{text}");
    assert!(marked("← rather than this").contains("cup (968)"), "{text}");
}

#[test]
fn what_cannot_be_done_is_told_in_one_line_and_the_exit_code_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let text_file = folder.path().join("notes.jpg");
    fs::write(&text_file, "not a picture").unwrap();
    let blocked = folder.path().join("notes.jpg/out");
    let cases: [(&[&str], &str); 10] = [
        (&["no-such-file.png"], "no-such-file.png"),
        (&["assets"], "folder"),
        (&[text_file.to_str().unwrap()], "notes.jpg"),
        (&["assets/samples/coffee.jpg", "--class", "unicorn of doom"], "unicorn of doom"),
        (&["assets/samples/coffee.jpg", "--mask-size", "0"], "mask_size"),
        (&["assets/samples/coffee.jpg", "--against", "unicorn of doom"], "unicorn of doom"),
        (&["assets/samples/coffee.jpg", "--class", "967", "--against", "967"], "rather than itself"),
        (&["assets/samples/coffee.jpg", "--crop", "500,300,400,400"], "600 × 400"),
        (&["assets/samples/coffee.jpg", "--input-size", "224x2000"], "32 to 1024"),
        (&["assets/samples/coffee.jpg", "--method", "grad-cam", "--out", blocked.to_str().unwrap()], "folder"),
    ];
    for (arguments, told) in cases {
        let output = explain(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(one_line(&output.stderr).contains(told), "{}", text(&output.stderr));
    }
}

#[test]
fn one_bad_picture_does_not_keep_the_others_from_being_explained() {
    let output = explain(&["no-such-file.png", "assets/samples/coffee.jpg", "--method", "grad-cam"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("espresso"));
    assert!(one_line(&output.stderr).contains("no-such-file.png"));
}

#[test]
fn several_pictures_end_with_the_means_of_their_areas() {
    let output = explain(&["assets/samples/coffee.jpg", "assets/samples/camera.jpg", "--method", "grad-cam"]);
    let text = text(&output.stdout);
    let deletion = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let place = words.iter().position(|word| *word == "deletion").unwrap();
        words[place + 1].parse::<f32>().unwrap()
    };
    let figures: Vec<f32> = text.lines().filter(|line| line.contains("Grad-CAM")).map(deletion).collect();
    assert!(text.contains("mean of 2 pictures"), "{text}");
    assert!((figures[2] - (figures[0] + figures[1]) / 2.0).abs() < 2e-3, "{figures:?}");
}

#[test]
fn areas_come_with_what_they_are_to_be_held_against() {
    let output = explain(&["assets/samples/coffee.jpg", "--method", "grad-cam"]);
    let said = text(&output.stdout);
    let lines: Vec<&str> = said.lines().skip_while(|line| !line.contains("Grad-CAM")).collect();
    for (line, parts) in [
        (0, &["Grad-CAM", "deletion 0.", "insertion 0.", "ins − del 0."][..]),
        (
            1,
            &["of the picture keep 90 % of the score; deleting ", " halves it", "on grey: deletion 0.", "insertion 0."],
        ),
        (2, &["Random order", "deletion 0.", " to 0.", "insertion 0.", "ins − del "]),
        (3, &["espresso on the blurred picture: "]),
    ] {
        assert!(parts.iter().all(|part| lines[line].contains(part)), "{parts:?} in {said}");
    }
    assert_eq!(lines.len(), 4, "the blurred picture is no espresso, and nobody is warned: {said}");
    let alone = explain_alone(&["assets/samples/coffee.jpg", "--method", "grad-cam", "--second-judge=false"]);
    let said = text(&alone.stdout);
    assert!(!said.contains("on grey") && !said.contains("Random"), "{said}");
}

#[test]
fn a_map_that_is_no_better_than_chance_is_said_to_be_none() {
    // No cell of the coffee is any evidence of a cat, nor does any number show a difference.
    let cat = ["assets/samples/coffee.jpg", "--class", "tabby", "--method", "grad-cam"];
    let said = text(&explain(&cat).stdout);
    let lines: Vec<&str> = said.lines().skip_while(|line| !line.contains("Grad-CAM")).collect();
    assert!(lines[1].trim().starts_with("no better than a random order"), "{said}");
    let method = |output: Output| -> Value {
        serde_json::from_str::<Value>(&text(&output.stdout)).unwrap()["methods"]["grad-cam"].take()
    };
    let record = |arguments: &[&str]| method(explain(&[arguments, &["--json"]].concat()));
    assert_eq!(record(&cat)["is_better_than_random"], false);
    let coffee = ["assets/samples/coffee.jpg", "--method", "grad-cam"];
    assert_eq!(record(&coffee)["is_better_than_random"], true);
    assert!(!text(&explain(&coffee).stdout).contains("no better than"));
    let alone = method(explain_alone(&[&coffee[..], &["--json"]].concat()));
    assert!(alone.get("is_better_than_random").is_none(), "there was none to hold it against: {alone}");

    let out = tempfile::tempdir().unwrap();
    let more = ["--out", out.path().to_str().unwrap(), "--figure", "--report"];
    assert!(explain(&[&cat[..], &more[..]].concat()).status.success());
    for file in ["coffee/figure.svg", "report.html"] {
        let words = fs::read_to_string(out.path().join(file)).unwrap();
        assert!(words.contains("no better than a random order"), "{file}");
    }
}

#[test]
fn a_baseline_that_still_is_the_class_is_warned_of() {
    // The class of the blurred picture itself.
    let json = explain(&["assets/samples/coffee.jpg", "--method", "grad-cam", "--json"]);
    let run: Value = serde_json::from_str(&text(&json.stdout)).unwrap();
    assert_eq!(run["baseline"]["is_still_the_class"], false);
    let class = run["baseline"]["top"]["name"].as_str().unwrap();
    let output = explain(&["assets/samples/coffee.jpg", "--method", "grad-cam", "--class", class, "--score", "logit"]);
    let said = text(&output.stdout);
    assert!(said.contains("still the most probable class") && said.contains("try --curve-baseline grey"), "{said}");
}

#[test]
fn what_found_nothing_is_said_and_is_in_no_mean() {
    let folder = tempfile::tempdir().unwrap();
    let grey = folder.path().join("grey.png");
    image::RgbImage::from_pixel(256, 256, image::Rgb([128; 3])).save(&grey).unwrap();
    let output = explain(&[grey.to_str().unwrap(), "assets/samples/coffee.jpg", "--method", "grad-cam"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    let lines: Vec<&str> = said.lines().filter(|line| line.contains("Grad-CAM")).collect();
    assert!(lines[0].ends_with("found nothing: the picture is the same everywhere"), "{said}");
    let areas = |line: &str| line.split("  ").filter(|part| part.contains('0')).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(areas(lines[1])[..3], areas(lines[2])[..3], "the mean is that of the coffee");
    assert!(lines[2].ends_with("of 1 picture") && said.contains("mean of 2 pictures"), "{said}");
}

#[test]
fn what_may_find_something_is_said_and_recorded() {
    // A weight that no score can pay for: the mask stays as it was.
    let price = ["--l1-weight", "1000", "--method", "igos", "assets/samples/coffee.jpg"];
    let said = text(&explain(&price).stdout);
    assert!(
        said.contains("I-GOS                 found nothing: ") && said.contains("; try a tenth of --l1-weight"),
        "{said}"
    );
    let json = text(&explain(&[&price[..], &["--json"]].concat()).stdout);
    let run: Value = serde_json::from_str(&json).unwrap();
    let igos = &run["methods"]["igos"];
    assert_eq!(
        (&igos["found"], &igos["why"], &igos["try"]),
        (&false.into(), &"unmoved".into(), &"try a tenth of --l1-weight".into())
    );
}

#[test]
fn other_seeds_say_how_far_areas_move_by_chance() {
    let arguments = ["assets/samples/coffee.jpg", "--method", "igos", "--seeds", "2"];
    let said = text(&explain(&arguments).stdout);
    assert!(said.contains("over 2 seeds: deletion 0.") && said.contains(" ± 0."), "{said}");
    let run: Value = serde_json::from_str(&text(&explain(&[&arguments[..], &["--json"]].concat()).stdout)).unwrap();
    let seeds = &run["methods"]["igos"]["seeds"];
    assert!(seeds["runs"] == 2 && seeds["insertion"]["deviation"].is_number(), "{seeds}");
}

#[test]
fn wrong_usage_exits_with_two() {
    for arguments in [
        &["explain"][..],
        &["explain", "a.jpg", "--metod", "igos"],
        &["explain", "a.jpg", "--method", "magic"],
        &["explain", "a.jpg", "--crop", "middle"],
        &["explain", "a.jpg", "--score", "applause"],
    ] {
        assert_eq!(igoscope(arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn without_a_display_one_line_names_explain() {
    let output = igoscope(&[]);
    assert_eq!(output.status.code(), Some(1));
    let line = one_line(&output.stderr);
    assert!(line.contains("display") && line.contains("igoscope explain"), "{line}");
}

/// `igoscope … | head -1` ends when `head` does, and nothing is wrong with that.
#[test]
fn a_reader_that_went_away_is_no_failure() {
    let commands: [&[&str]; 3] = [
        &["models"],
        &["models", "--json"],
        &["explain", "assets/samples/coffee.jpg", "--method", "grad-cam", "--curve-steps", "2"],
    ];
    for arguments in commands {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = Command::new(env!("CARGO_BIN_EXE_igoscope"));
        let command = command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).stdout(writer);
        let output = command.stderr(std::process::Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn results_of_another_picture_of_the_same_name_stay_and_those_of_fewer_methods_say_what_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    for (name, sample) in [("a/cat.jpg", "coffee"), ("b/cat.jpg", "chelsea"), ("b/...jpg", "coffee")] {
        fs::create_dir_all(folder.path().join(name).parent().unwrap()).unwrap();
        fs::copy(format!("assets/samples/{sample}.jpg"), folder.path().join(name)).unwrap();
    }
    let out = path("out");
    let few = ["--second-judge=false", "--random-orders", "0", "--out", &out];
    let run = |more: &[&str]| {
        let output = igoscope(&[&["explain", "--curve-steps", "2"], more, &few[..]].concat());
        assert!(output.status.success(), "{output:?}");
        text(&output.stderr)
    };
    let both = ["--method", "grad-cam,integrated-gradients", "--integrated-gradients-steps", "1"];
    assert_eq!(run(&[&[path("a/cat.jpg").as_str()], &both[..]].concat()), "");
    assert_eq!(run(&[&path("b/cat.jpg"), "--method", "grad-cam"]), "");
    let told = run(&[&path("a/cat.jpg"), "--method", "grad-cam"]);
    assert!(told.contains("earlier results of Integrated gradients"), "{told}");
    let image = |name: &str| {
        let record: Value =
            serde_json::from_slice(&fs::read(Path::new(&out).join(name).join("run.json")).unwrap()).unwrap();
        record["image"].as_str().unwrap().to_owned()
    };
    assert_eq!((image("cat"), image("cat-2")), (path("a/cat.jpg"), path("b/cat.jpg")));
    // In one call, the same picture twice has two folders.
    let twice = path("twice");
    let pictures = [path("a/cat.jpg"), path("c/cat.jpg")];
    fs::create_dir(folder.path().join("c")).unwrap();
    fs::copy(&pictures[0], &pictures[1]).unwrap();
    let more = ["--method", "grad-cam", "--curve-steps", "2", "--second-judge=false", "--random-orders", "0"];
    let output = igoscope(&[&["explain", &pictures[0], &pictures[1], "--out", &twice], &more[..]].concat());
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    assert!(Path::new(&twice).join("cat/run.json").exists() && Path::new(&twice).join("cat-2/run.json").exists());
    // A name of dots leads to no folder above.
    run(&[&path("b/...jpg"), "--method", "grad-cam"]);
    assert_eq!(image("picture"), path("b/...jpg"));
    assert!(!folder.path().join("run.json").exists());
}

#[test]
fn where_nothing_can_be_written_nothing_is_computed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("taken");
    fs::write(&file, "by a file").unwrap();
    let output = explain(&["coffee", "--out", &file.display().to_string()]);
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(1), ""));
    assert!(one_line(&output.stderr).contains("could not be made"));
}
