//! A folder of labelled pictures, evaluated without a window.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::Duration,
};

use arrow_array::{Array as _, StringArray};
use igoscope::dataset::{Head, Line, RANDOM, read_lines};
use serde_json::Value;

use crate::common::dataset::{write_network, write_pictures};

/// The files that are the same for the same lines, whoever made them.
const SUMMARIES: [&str; 4] = ["summary.md", "summary.tex", "summary.csv", "summary.json"];

/// A folder with a network and pictures in `pictures/`.
struct Place(tempfile::TempDir);

impl Place {
    fn with(each: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        write_network(folder.path());
        write_pictures(&folder.path().join("pictures"), each);
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, dataset: &str, out: &str, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_igoscope"));
        command.current_dir(self.0.path()).args(["evaluate", dataset, "--out", out]);
        command.args(["--weights", "ten.safetensors", "--labels", "ten.txt", "--method", "grad-cam"]);
        command.args(["--curve-steps", "4", "--curve-grid", "7", "--random-orders", "2", "--input-size", "112"]);
        command.args(more);
        command
    }

    fn evaluate(&self, out: &str, more: &[&str]) -> Output {
        self.command("pictures", out, more).output().unwrap()
    }

    fn evaluated(&self, out: &str, more: &[&str]) -> String {
        let output = self.evaluate(out, more);
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    }

    fn merged(&self, from: &str, out: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_igoscope"));
        command.current_dir(self.0.path()).args(["evaluate", "--merge", from, "--out", out]).output().unwrap()
    }

    fn refusal(&self, out: &str, more: &[&str]) -> String {
        let output = self.evaluate(out, more);
        assert!(!output.status.success(), "{}", text(&output.stdout));
        text(&output.stderr)
    }

    fn lines(&self, out: &str) -> Vec<Line> {
        let folder = self.path(out);
        read_lines(&folder, &Head::read(&folder).unwrap()).unwrap()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn assert_same(&self, one: &str, other: &str) {
        for name in SUMMARIES {
            assert_eq!(self.read(&format!("{one}/{name}")), self.read(&format!("{other}/{name}")), "{name}");
        }
        assert_eq!(without_times(self.lines(one)), without_times(self.lines(other)));
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn without_times(mut lines: Vec<Line>) -> Vec<Line> {
    for result in lines.iter_mut().filter_map(|line| line.result.as_mut()) {
        result.seconds = None;
    }
    lines
}

#[test]
fn every_picture_has_a_line_a_method_and_they_come_to_a_summary() {
    let place = Place::with(3);
    fs::write(place.path("pictures/tabby/broken.png"), b"\x89PNG\r\n\x1a\nno more").unwrap();
    let printed = place.evaluated("out", &["--methods", "integrated-gradients", "--integrated-gradients-steps", "4"]);
    assert!(printed.contains("10 pictures") && printed.contains("1 could not be explained"), "{printed}");
    let lines = place.lines("out");
    assert_eq!(lines.len(), 9 * 3 + 1, "two methods and the random orders, and one that is broken");
    let names: Vec<&str> =
        lines.iter().filter(|line| line.index == 0).map(|line| line.method.as_deref().unwrap()).collect();
    assert_eq!(names, [RANDOM, "grad-cam", "integrated-gradients"]);
    let broken: Vec<&Line> = lines.iter().filter(|line| line.error.is_some()).collect();
    assert_eq!((broken.len(), broken[0].picture.as_str()), (1, "tabby/broken.png"));
    for line in lines.iter().filter(|line| line.error.is_none()) {
        let (seen, result) = (line.seen.as_ref().unwrap(), line.result.as_ref().unwrap());
        // Of the embedded network the cat is a tiger cat.
        let expected =
            if line.label.as_deref() == Some("tabby") { "tiger cat" } else { line.label.as_deref().unwrap() };
        assert_eq!(seen.predicted, expected, "{}", line.picture);
        assert_eq!(line.is_wrong(), Some(line.label.as_deref() == Some("tabby")));
        assert_eq!(seen.explained_class, seen.predicted_class);
        let (answer, label_answer) = (seen.answer, seen.label_answer.unwrap());
        assert!((seen.loss.unwrap() + label_answer.ln()).abs() < 1e-5 && answer >= label_answer);
        assert_eq!(seen.label_rank == Some(0), line.is_wrong() == Some(false));
        assert!(seen.margin.unwrap() >= 0.0);
        if let Some(map) = &result.map {
            assert!(place.path("out").join(&map.file).is_file(), "{}", map.file);
            assert_eq!(map.signed_file.is_some(), line.method.as_deref() == Some("integrated-gradients"));
        }
    }
    let summary: Value = serde_json::from_str(&place.read("out/summary.json")).unwrap();
    let summary = &summary["summary"];
    assert_eq!((&summary["pictures"], &summary["labelled"]), (&10.into(), &9.into()));
    assert!((summary["top_1"].as_f64().unwrap() - 6.0 / 9.0).abs() < 1e-9);
    let difference = |line: &Line| f64::from(line.result.as_ref().unwrap().areas.unwrap().difference());
    let of = |method: &str| -> Vec<f64> {
        lines.iter().filter(|line| line.method.as_deref() == Some(method)).map(difference).collect()
    };
    let mean = of("grad-cam").iter().sum::<f64>() / 9.0;
    let row = &summary["methods"][0];
    assert_eq!((&row["method"], &row["found"]), (&"grad-cam".into(), &9.into()));
    let interval = &row["means"][0]["interval"];
    assert!((interval["mean"].as_f64().unwrap() - mean).abs() < 1e-6);
    assert!(interval["low"].as_f64().unwrap() < mean && mean < interval["high"].as_f64().unwrap());
    assert_eq!(summary["methods"][2]["method"], RANDOM);
    let pairs = summary["paired"].as_array().unwrap();
    assert_eq!(pairs.iter().filter(|pair| pair["metric"] == "insertion_minus_deletion").count(), 3);
    assert!(place.read("out/summary.md").contains("| Grad-CAM | 9 of 9 |"));
    assert!(place.read("out/summary.tex").contains("\\begin{tabular}"));
    assert_eq!(place.read("out/pictures.csv").lines().count(), lines.len() + 1);
}

/// Some of every kind that need few passes.
const MEASURED: &str = "average-drop,pointing-game,relevance-mass-accuracy,sparseness,mprt,random-logit";

/// What is measured besides is in every file, and where the thing is stands in the list.
#[test]
fn metrics_are_had_of_every_map_and_come_to_means() {
    let place = Place::with(1);
    let list = "path,box\npictures/tabby/00.png,\"0,0,400,400\"\npictures/espresso/00.png,\n";
    fs::write(place.path("list.csv"), list).unwrap();
    let output = place.command("list.csv", "out", &["--metric", MEASURED]).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let printed = text(&output.stdout);
    assert!(printed.contains("## Metrics") && printed.contains("| Pointing game |"), "{printed}");
    let lines = place.lines("out");
    let of = |index: usize, id: &str| {
        lines.iter().find(|line| line.index == index && line.method.as_deref() == Some("grad-cam"))?.metric(id)
    };
    let sparseness = [0, 1].map(|index| f64::from(of(index, "sparseness").unwrap()));
    assert_eq!((of(0, "pointing-game").is_some(), of(1, "pointing-game")), (true, None), "nothing is marked there");
    let summary: Value = serde_json::from_str(&place.read("out/summary.json")).unwrap();
    let means = summary["summary"]["methods"][0]["means"].as_array().unwrap();
    let mean = |id: &str| means.iter().find(|mean| mean["metric"] == id).unwrap();
    let found = mean("sparseness")["interval"]["mean"].as_f64().unwrap();
    assert!((found - (sparseness[0] + sparseness[1]) / 2.0).abs() < 1e-6, "{found} {sparseness:?}");
    assert_eq!(mean("pointing_game")["pictures"], 1);
    let heads = place.read("out/pictures.csv");
    assert!(heads.lines().next().unwrap().ends_with(",mprt,random_logit"), "{heads}");
    assert!(place.read("out/report.html").contains("Relevance mass accuracy"));
    // Results that were measured by something else do not go together.
    let other = place.command("list.csv", "out", &["--metric", "road", "--resume"]).output().unwrap();
    assert!(!other.status.success() && text(&other.stderr).contains("metrics"), "{}", text(&other.stderr));
}

#[test]
fn the_table_opens_as_arrow_and_the_page_is_whole() {
    let place = Place::with(4);
    place.evaluated("out", &[]);
    let file = fs::File::open(place.path("out/results.arrow")).unwrap();
    let batches: Vec<_> = arrow_ipc::reader::FileReader::try_new(file, None).unwrap().map(Result::unwrap).collect();
    let lines = place.lines("out");
    assert_eq!(batches.iter().map(|batch| batch.num_rows()).sum::<usize>(), lines.len());
    let pictures = batches[0].column_by_name("picture").unwrap().as_any().downcast_ref::<StringArray>().unwrap();
    assert!((0..pictures.len()).all(|row| pictures.value(row) == lines[row].picture));
    let page = place.read("out/report.html");
    let document = roxmltree::Document::parse_with_options(
        &page,
        roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() },
    );
    let document = document.unwrap();
    let titles: Vec<&str> =
        document.descendants().filter(|node| node.has_tag_name("h2")).filter_map(|node| node.text()).collect();
    assert_eq!(titles, ["Most wrong first", "Highest ins − del of Grad-CAM", "Lowest ins − del of Grad-CAM"]);
    let images = document.descendants().filter(|node| node.has_tag_name("img"));
    let images: Vec<&str> = images.filter_map(|node| node.attribute("src")).collect();
    assert_eq!(images.len(), 2 * (4 + 6 + 6), "a picture and a map for each card");
    assert!(images.chunks(2).all(|pair| pair[0] != pair[1]), "the map is over the picture");
    assert!(!page.contains("cannot be read"));
    let facts = document.descendants().filter(|node| node.attribute("class") == Some("colours"));
    let facts: Vec<&str> = facts.filter_map(|node| node.text()).collect();
    assert!(
        facts[0].starts_with("pictures: maps for what the model predicts in each picture (probability)"),
        "{facts:?}"
    );
    let cells = document.descendants().filter(|node| node.has_tag_name("td")).filter_map(|node| node.text());
    assert!(cells.into_iter().all(|cell| !cell.contains("(-") && !cell.starts_with('-')), "a minus is no hyphen");
    let wrong = document.descendants().find(|node| node.attribute("class") == Some("card")).unwrap();
    let said = wrong.descendants().find(|node| node.has_tag_name("p")).and_then(|node| node.text()).unwrap();
    assert!(said.starts_with("tiger cat") && said.contains("labelled tabby"), "{said}");
    let mut wrong: Vec<&Line> = lines
        .iter()
        .filter(|line| line.is_wrong() == Some(true) && line.method.as_deref() == Some("grad-cam"))
        .collect();
    wrong.sort_by(|a, b| {
        let loss = |line: &Line| line.seen.as_ref().unwrap().loss.unwrap();
        loss(b).total_cmp(&loss(a))
    });
    let names: Vec<&str> =
        document.descendants().filter(|node| node.has_tag_name("h4")).filter_map(|node| node.text()).collect();
    assert!(names.iter().zip(&wrong).all(|(name, line)| *name == line.picture), "{names:?}");
    assert!(wrong.len() == 4 && !wrong.is_sorted_by_key(|line| line.index), "their order is not that of their names");
}

#[test]
fn parts_come_to_the_same_as_the_whole_bit_for_bit() {
    let place = Place::with(4);
    place.evaluated("whole", &["--threads", "2"]);
    for parts in [2, 5] {
        let shards = format!("shards-{parts}");
        for number in 1..=parts {
            let said = place.evaluated(&shards, &["--shard", &format!("{number}/{parts}"), "--threads", "1"]);
            assert!(said.contains("--merge"), "{said}");
            if number == 1 {
                let missing = text(&place.merged(&shards, "early").stderr);
                assert!(
                    missing.contains("pictures are missing") && !place.path("early/summary.md").exists(),
                    "{missing}"
                );
            }
        }
        let merged = format!("merged-{parts}");
        let output = place.merged(&shards, &merged);
        assert!(output.status.success(), "{}", text(&output.stderr));
        place.assert_same("whole", &merged);
        assert_eq!(fs::read_dir(place.path(&format!("{merged}/maps"))).unwrap().count(), 12);
    }
}

/// Ends it three times, each time once it has written something, and tears the last line as a full disk would.
#[test]
fn what_is_ended_at_any_moment_goes_on_without_a_line_lost_or_twice() {
    let place = Place::with(4);
    place.evaluated("whole", &[]);
    let all = place.lines("whole").len();
    let file = place.path("ended/results.jsonl");
    let length = || fs::metadata(&file).map_or(0, |file| file.len());
    for end in 1..=3 {
        let before = length();
        let mut command = place.command("pictures", "ended", &["--resume"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while length() <= before {
            assert!(child.try_wait().unwrap().is_none(), "end {end}: it is still at work");
            thread::sleep(Duration::from_millis(2));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines > 0 && lines < all, "end {end}: {lines} of {all}");
    }
    let kept = fs::read(&file).unwrap();
    fs::write(&file, &kept[..kept.len() - 7]).unwrap();
    place.evaluated("ended", &["--resume"]);
    place.assert_same("whole", "ended");
    let before = fs::read(&file).unwrap();
    place.evaluated("ended", &["--resume"]);
    assert_eq!(fs::read(&file).unwrap(), before, "all of it was there");
}

/// Runs a shell's command as a job of a cluster would, with the program where it looks for it.
#[cfg(unix)]
fn as_a_job(place: &Place, arguments: &[&str], variables: &[(&str, String)]) {
    let programs = Path::new(env!("CARGO_BIN_EXE_igoscope")).parent().unwrap().to_owned();
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::env::join_paths([programs].into_iter().chain(std::env::split_paths(&paths))).unwrap();
    let mut command = Command::new("sh");
    command.current_dir(place.0.path()).args(arguments).env("PATH", paths);
    let output = command.envs(variables.iter().map(|(name, value)| (name, value))).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
}

/// What the tests' network and its curves need.
#[cfg(unix)]
const FLAGS: &str = "--weights ten.safetensors --labels ten.txt --method grad-cam --curve-steps 4 --curve-grid 7 \
                     --random-orders 2 --input-size 112";

#[cfg(unix)]
#[test]
fn the_example_for_slurm_does_a_part() {
    let place = Place::with(1);
    place.evaluated("whole", &[]);
    let script = crate::common::path("examples/evaluate.slurm");
    let script = script.to_str().unwrap();
    let said = fs::read_to_string(script).unwrap();
    assert!(said.lines().any(|line| line.starts_with("#SBATCH --array=1-")), "parts are counted from 1");
    for part in 1..=2 {
        let arguments: Vec<&str> = [script, "pictures", "parts"].into_iter().chain(FLAGS.split_whitespace()).collect();
        let variables = [
            ("SLURM_ARRAY_TASK_ID", part.to_string()),
            ("SLURM_ARRAY_TASK_COUNT", 2.to_string()),
            ("SLURM_CPUS_PER_TASK", 1.to_string()),
        ];
        as_a_job(&place, &arguments, &variables);
    }
    assert!(place.merged("parts", "merged").status.success());
    place.assert_same("whole", "merged");
}

#[cfg(unix)]
#[test]
fn the_example_for_kubernetes_does_a_part() {
    let place = Place::with(1);
    place.evaluated("whole", &[]);
    let job = fs::read_to_string(crate::common::path("examples/evaluate.k8s.yaml")).unwrap();
    let value = |key: &str| job.lines().find_map(|line| line.trim().strip_prefix(key)).map(str::trim).unwrap();
    assert_eq!((value("command:"), value("completionMode:")), ("[sh, -c]", "Indexed"));
    // A text of several lines in YAML: one with spaces between them.
    let lines = job.lines().skip_while(|line| line.trim() != "args:").skip(1);
    let lines = lines.map(str::trim).take_while(|line| *line != "resources:");
    let script = lines.collect::<Vec<_>>().join(" ").trim_start_matches("- ").to_owned();
    let count = format!("/{}\"", value("completions:"));
    assert_eq!(script.matches(&count).count(), 1, "{script}");
    let script = script.replace(&count, "/2\"").replace("/data/", "");
    for index in 0..2 {
        let script = format!("{script} {FLAGS}");
        as_a_job(&place, &["-c", &script], &[("JOB_COMPLETION_INDEX", index.to_string())]);
    }
    assert!(place.merged("out", "merged").status.success());
    place.assert_same("whole", "merged");
}

#[test]
fn results_of_something_else_are_neither_added_to_nor_written_over() {
    let place = Place::with(1);
    place.evaluated("out", &[]);
    assert!(place.refusal("out", &[]).contains("--resume"));
    let other = place.refusal("out", &["--resume", "--seed", "7"]);
    assert!(other.contains("something else") && other.contains("seed is 0 and not 7"), "{other}");
    let other = place.refusal("out", &["--resume", "--class", "label"]);
    assert!(other.contains("explained"), "{other}");
    write_pictures(&place.path("pictures"), 2);
    assert!(place.refusal("out", &["--resume"]).contains("something else"));
    fs::create_dir(place.path("mine")).unwrap();
    fs::write(place.path("mine/results.jsonl"), "mine").unwrap();
    assert!(place.refusal("mine", &[]).contains("in the way"));
    assert_eq!(place.read("mine/results.jsonl"), "mine");
    let page = place.path("page/report.html");
    fs::create_dir(place.path("page")).unwrap();
    fs::write(&page, "mine").unwrap();
    assert!(place.refusal("page", &[]).contains("report.html"));
    assert_eq!(fs::read_to_string(&page).unwrap(), "mine");
}

#[test]
fn labels_can_come_from_a_list_and_be_what_is_explained() {
    let place = Place::with(2);
    let list = "path,label\npictures/espresso/00.png,3\npictures/tabby/00.png,Tiger Cat\npictures/tripod/00.png,\n\
                pictures/tabby/01.png,siamese\n";
    fs::write(place.path("list.csv"), list).unwrap();
    let output = place.command("list.csv", "out", &["--class", "label"]).output().unwrap();
    let said = text(&output.stderr);
    assert!(output.status.success() && said.contains("siamese") && said.contains("no label"), "{said}");
    let lines = place.lines("out");
    let found: Vec<(usize, Option<usize>, bool)> = lines
        .iter()
        .filter(|line| line.method.as_deref() != Some(RANDOM))
        .map(|line| (line.index, line.label_class, line.error.is_some()))
        .collect();
    assert_eq!(found, [(0, Some(3), false), (1, Some(8), false), (2, None, true), (3, None, true)]);
    let one = place.command("list.csv", "one", &["--class", "tripod", "--score", "logit"]).output().unwrap();
    assert!(one.status.success(), "{}", text(&one.stderr));
    for (results, expected) in [
        ("out", "Maps of Grad-CAM for the class that each picture is labelled with (probability)"),
        ("one", "Maps of Grad-CAM for tripod (logit)"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_igoscope"));
        let figure = command.current_dir(place.0.path()).args(["figure", results, "--out", "figure.pdf"]).output();
        assert!(figure.unwrap().status.success());
        assert!(place.read("figure.txt").starts_with(expected), "{}", place.read("figure.txt"));
    }
    let limited = place.command("list.csv", "limited", &["--limit", "2"]).output().unwrap();
    assert!(limited.status.success());
    assert_eq!(place.lines("limited").iter().map(|line| line.index).max(), Some(1));
    let nothing = place.command("ten.txt", "none", &[]).output().unwrap();
    assert!(!nothing.status.success() && text(&nothing.stderr).contains("none of the 10 pictures"));
}

#[test]
fn only_one_process_writes_into_a_folder() {
    let place = Place::with(1);
    place.evaluated("out", &[]);
    let file = fs::File::open(Path::new(&place.path("out/results.jsonl"))).unwrap();
    file.lock().unwrap();
    assert!(place.refusal("out", &["--resume"]).contains("another igoscope"));
}

#[test]
fn a_figure_for_a_paper_has_pictures_methods_and_numbers_and_no_files_name() {
    let place = Place::with(1);
    place.evaluated("out", &["--method", "integrated-gradients", "--integrated-gradients-steps", "4"]);
    let figure = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_igoscope"));
        command.current_dir(place.0.path()).args(["figure", "out"]).args(more).output().unwrap()
    };
    for (file, begins) in [("a.pdf", &b"%PDF"[..]), ("a.png", b"\x89PNG"), ("a.svg", b"<svg width=\"89.000mm\"")] {
        let output = figure(&["--out", file, "--width", "nature"]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert!(fs::read(place.path(file)).unwrap().starts_with(begins), "{file}");
    }
    let picture = image::open(place.path("a.png")).unwrap().to_rgb8();
    // 89 mm are 252.28 points of 5 pixels each.
    assert_eq!(picture.width(), 1261);
    let caption = place.read("a.txt");
    for expected in [
        "espresso",
        "tiger cat",
        "tripod",
        "integrated gradients: integration steps 4",
        "curves: steps 4",
        "SHA-256",
        "112 × 112",
    ] {
        assert!(caption.contains(expected), "{expected}: {caption}");
    }
    for text in [place.read("a.svg"), caption] {
        assert!(!text.contains("00.png") && !text.contains("threads"), "no file's name and no device");
    }
    let [page, png] = ["a.pdf", "a.png"].map(|name| fs::read(place.path(name)).unwrap());
    assert!(String::from_utf8_lossy(&page).contains("/FontFile"), "its letters are in it");
    // Where there is a program that draws pages: they have what the picture has.
    if let Ok(output) =
        Command::new("pdftoppm").args(["-r", "150", "-png", "a.pdf", "page"]).current_dir(&place.0).output()
    {
        assert!(output.status.success(), "{}", text(&output.stderr));
        let drawn = image::open(place.path("page-1.png")).unwrap().to_rgb8();
        let picture = image::load_from_memory(&png).unwrap().to_rgb8();
        let shape = |picture: &image::RgbImage| f64::from(picture.height()) / f64::from(picture.width());
        assert!((shape(&drawn) - shape(&picture)).abs() < 0.01, "{:?}", drawn.dimensions());
        // Small, so that it does not matter how either program makes pixels fewer.
        let small = |picture| image::imageops::thumbnail(picture, 120, 120);
        let (drawn, picture) = (small(&drawn), small(&picture));
        let apart = drawn.as_raw().iter().zip(picture.as_raw()).map(|(a, b)| f64::from(a.abs_diff(*b)));
        let apart = apart.sum::<f64>() / drawn.as_raw().len() as f64;
        assert!(apart < 8.0, "{apart} of 255 in the mean");
    }
    let told = figure(&["--out", "d.svg", "--with-names", "--with-device", "--scale", "one"]);
    assert!(told.status.success(), "{}", text(&told.stderr));
    let caption = place.read("d.txt");
    assert!(caption.contains("tabby/00.png: tiger cat (") && caption.contains(", on CPU"), "{caption}");
    assert!(caption.contains("all maps relative to the number below them"), "{caption}");
    assert!(caption.starts_with("Maps of Grad-CAM, Integrated gradients for what the model predicts"), "{caption}");
    // Three pictures, two maps of each, and one bar below all of them.
    assert_eq!(place.read("d.svg").matches("<image").count(), 3 * 3 + 1);
    assert_eq!(place.read("a.svg").matches("<image").count(), 3 * 3);
    let chosen = figure(&["--out", "b.svg", "--picture", "tabby/00.png", "--method", "grad-cam", "--scale", "shared"]);
    assert!(chosen.status.success(), "{}", text(&chosen.stderr));
    let svg = place.read("b.svg");
    assert_eq!(svg.matches("<image").count(), 3, "a picture, a map, and the bar of its colours");
    for (more, expected) in [
        (&["--out", "c.gif"][..], ".pdf"),
        (&["--out", "c.pdf", "--picture", "no.png"], "no.png"),
        (&["--out", "c.pdf", "--method", "igos"], "no results of igos"),
        (&["--out", "c.pdf", "--width", "wide"], "lncs"),
    ] {
        let refused = figure(more);
        assert!(!refused.status.success() && text(&refused.stderr).contains(expected), "{}", text(&refused.stderr));
    }
}
