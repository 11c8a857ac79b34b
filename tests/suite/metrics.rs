//! Metrics of real maps: their ranges, what chance has, and where they are told.

use std::process::Command;

use serde_json::Value;

/// What `igoscope explain` says of coffee's Grad-CAM, with few points of the curves.
fn explained(more: &[&str]) -> (Value, String) {
    let run = |json: bool| {
        let output = Command::new(env!("CARGO_BIN_EXE_igoscope"))
            .args(["explain", "assets/samples/coffee.jpg", "--method", "grad-cam", "--curve-steps", "2"])
            .args(["--random-orders=0", "--second-judge=false"])
            .args(more)
            .args(json.then_some("--json"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    (serde_json::from_str(&run(true)).unwrap(), run(false))
}

#[test]
fn a_good_map_is_measured_as_one_and_every_number_is_told_on_the_command_line_and_in_the_record() {
    let ids = "faithfulness-correlation,road,average-drop,average-increase,pointing-game,relevance-rank-accuracy,\
               sparseness,complexity,random-logit,avg-sensitivity,shift";
    // The cup, in the middle of the picture.
    let (record, text) = explained(&["--metric", ids, "--box", "150,60,330,280"]);
    let metrics = &record["methods"]["grad-cam"]["metrics"];
    let value = |id: &str| metrics[id].as_f64().unwrap_or_else(|| panic!("{id} has no value: {metrics}"));
    assert!(value("faithfulness-correlation") > 0.2 && value("road") > 0.05, "{metrics}");
    assert!((0.0..0.9).contains(&value("average-drop")), "{metrics}");
    assert_eq!(value("pointing-game"), 1.0);
    assert!(value("relevance-rank-accuracy") > 0.5, "{metrics}");
    assert!((0.2..1.0).contains(&value("sparseness")) && value("complexity") < (28.0_f64 * 28.0).ln());
    assert!(value("random-logit") < 0.9, "another class has another map: {metrics}");
    assert!(value("avg-sensitivity") < 0.3 && value("shift") > 0.7, "{metrics}");
    for said in ["Faithfulness correlation 0.", "ROAD 0.", "Pointing game 1", "Shift 0."] {
        assert!(text.contains(said), "{said} is not in {text}");
    }
}

#[test]
fn what_asks_for_a_place_is_not_measured_without_one() {
    let (record, _) = explained(&["--metric", "sparseness,iou"]);
    let metrics = &record["methods"]["grad-cam"]["metrics"];
    assert!(metrics["sparseness"].is_number() && metrics["iou"].is_null() && metrics.as_object().unwrap().len() == 2);
    let (record, _) = explained(&[]);
    assert!(record["methods"]["grad-cam"].get("metrics").is_none(), "nothing was asked for");
}

#[test]
fn a_map_is_held_against_those_of_networks_that_have_forgotten_what_they_learned() {
    let (record, text) = explained(&["--metric", "mprt"]);
    let method = &record["methods"]["grad-cam"];
    let steps = method["metric_steps"]["mprt"].as_array().unwrap();
    let names: Vec<&str> = steps.iter().map(|step| step["name"].as_str().unwrap()).collect();
    assert_eq!((names.len(), names[4]), (5, "everything"), "{names:?}");
    assert!(names[0].starts_with("after "), "{names:?}");
    let values: Vec<f64> = steps.iter().map(|step| step["value"].as_f64().unwrap()).collect();
    assert!(values.iter().all(|value| *value < 0.9), "{values:?}");
    let mean = values.iter().sum::<f64>() / 5.0;
    assert!((method["metrics"]["mprt"].as_f64().unwrap() - mean).abs() < 1e-6);
    assert!(text.contains("Model parameter randomisation "), "{text}");
}

/// What somebody else drew cannot be drawn again: it passes no test of sanity, and fails none.
#[test]
fn a_loaded_map_has_no_measure_that_asks_for_it_again() {
    let folder = tempfile::tempdir().unwrap();
    let map = folder.path().join("map.png");
    image::GrayImage::from_fn(224, 224, |x, y| image::Luma([(x + y) as u8 / 2])).save(&map).unwrap();
    let ids = "mprt,random-logit,avg-sensitivity,shift,sparseness";
    let (record, _) = explained(&["--map", map.to_str().unwrap(), "--metric", ids]);
    let metrics = &record["methods"]["loaded-map"]["metrics"];
    assert!(metrics["sparseness"].is_number(), "{record}");
    for id in ["mprt", "random-logit", "avg-sensitivity", "shift"] {
        assert!(metrics[id].is_null(), "{id}: {metrics}");
    }
}
