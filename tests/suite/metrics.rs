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
