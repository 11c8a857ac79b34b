//! What was said once still means the same: records of runs that earlier versions wrote, and the command line's help.

use std::{fs, process::Command};

use serde_json::Value;

use crate::common::path;

fn igoscope(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_igoscope"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("COLUMNS", "120")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The names in a record and how deep they are, without those of figures that only a folder has.
fn names(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object.iter().filter(|(name, _)| *name != "files") {
                found.push(format!("{at}/{name}"));
                names(value, &format!("{at}/{name}"), found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| names(value, at, found)),
        _ => {}
    }
}

/// Every value in a record that is no measured time.
fn values(value: &Value, at: &str, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(name, value)| values(value, &format!("{at}/{name}"), found)),
        Value::Array(all) => {
            all.iter().enumerate().for_each(|(number, value)| values(value, &format!("{at}/{number}"), found));
        }
        _ if at.ends_with("/seconds") || at.contains("/files") => {}
        value => found.push((at.to_owned(), value.clone())),
    }
}

/// A record with its keys and numbers, sorted by name.
fn sorted<T: Ord>(mut all: Vec<T>) -> Vec<T> {
    all.sort();
    all.dedup();
    all
}

/// What has another name by now: noise was measured in the network's numbers, and nothing said so.
fn renamed(record: &mut Value) {
    match record {
        Value::Object(object) => {
            if let Some(noise) = object.remove("noise_std") {
                object.insert("noise".to_owned(), noise);
                object.insert("noise_unit".to_owned(), "input".into());
            }
            object.values_mut().for_each(renamed);
        }
        Value::Array(values) => values.iter_mut().for_each(renamed),
        _ => {}
    }
}

#[test]
fn runs_are_done_again_from_the_records_of_earlier_versions() {
    for name in ["coffee", "rocket"] {
        let record = path(&format!("tests/fixtures/records/{name}.json"));
        let out = tempfile::tempdir().unwrap();
        igoscope(&["explain", "--config", record.to_str().unwrap(), "--out", out.path().to_str().unwrap()]);
        let read = |text: String| -> Value { serde_json::from_str(&text).unwrap() };
        let mut before = read(fs::read_to_string(&record).unwrap());
        renamed(&mut before);
        let again = read(fs::read_to_string(out.path().join(name).join("run.json")).unwrap());
        let keys = |value: &Value| {
            let mut found = Vec::new();
            names(value, "", &mut found);
            sorted(found)
        };
        let found = keys(&again);
        assert!(keys(&before).iter().all(|key| found.contains(key)), "{name}: no name is another one");
        let methods = |value: &Value| value["methods"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(methods(&again), methods(&before), "{name}: only what was asked for is done again");
        for (table, own) in before["parameters"].as_object().unwrap() {
            for (parameter, value) in own.as_object().unwrap() {
                assert_eq!(&again["parameters"][table][parameter], value, "{name}: {table} {parameter}");
            }
        }
        let all = |value: &Value| {
            let mut found = Vec::new();
            values(value, "", &mut found);
            found
        };
        let (before, again) = (all(&before), all(&again));
        let find = |at: &str| again.iter().find(|(place, _)| place == at).map(|(_, value)| value);
        for (at, value) in &before {
            // The record was made on another machine, whose vector unit may round otherwise: on one and the same,
            // every bit is the same, and the program says which device it was.
            let found = find(at).unwrap_or_else(|| panic!("{name} lacks {at}"));
            match (value.as_f64(), found.as_f64()) {
                (Some(value), Some(found)) => {
                    let apart = (value - found).abs() / value.abs().max(1.0);
                    assert!(apart < 0.03, "{name}: {at} is {found}, and was {value}");
                }
                _ if at == "/device" || at == "/program" => {}
                _ => assert_eq!(found, value, "{name}: {at}"),
            }
        }
    }
}

#[test]
fn the_help_is_what_it_was() {
    for command in ["explain", "evaluate"] {
        let file = path(&format!("tests/snapshots/{command}-help.txt"));
        let help = igoscope(&[command, "--help"]);
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            fs::write(&file, &help).unwrap();
        }
        let kept = fs::read_to_string(&file).unwrap();
        assert_eq!(help, kept, "if this is meant, run the test with UPDATE_SNAPSHOTS=1");
    }
}
