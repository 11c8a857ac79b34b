//! Networks as `torch.export` writes them answer as PyTorch does, with its gradients; archives that lie are refused in a
//! sentence.

use std::{fs, path::PathBuf};

use candle_core::{Device, safetensors::load};
use igoscope::{
    imaging::Size,
    model::{Batch, Classifier, Head, HeadSource, Said, inspect},
};

use crate::{
    common::path,
    onnx::{GRADIENT, LOGITS, SIDE, gradient, hosted, largest, picture_of},
};

fn fixture(name: &str) -> PathBuf {
    path(&format!("tests/fixtures/pt2/{name}.pt2"))
}

fn named(name: &str) -> Box<dyn Classifier> {
    let side = (name == "any_size").then_some(SIDE);
    hosted(&fixture(name), &Said::default(), side).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// `older` is `mobile` once more.
#[test]
fn networks_answer_as_in_pytorch_with_its_gradients() {
    let numbers = load(path("tests/fixtures/pt2.safetensors"), &Device::Cpu).unwrap();
    let of = |name: &str, what: &str| {
        let name = if name == "older" { "mobile" } else { name };
        numbers[&format!("{name}.{what}")].flatten_all().unwrap().to_vec1::<f32>().unwrap()
    };
    for name in [
        "plain", "any_size", "mobile", "windows", "tokens", "older", "bands", "routed", "volume", "outlook", "resized",
        "memory",
    ] {
        let classifier = named(name);
        let mut planar = picture_of(classifier.spec().channels(), Size::square(SIDE));
        if name == "any_size" {
            planar.iter_mut().for_each(|value| *value = (*value + 1.0) * 127.5);
        }
        let expected = of(name, "logits");
        let logits = classifier.logits(&Batch::new(&planar, planar.len())).unwrap().remove(0);
        let far = logits.iter().zip(&expected).map(|(own, other)| (own - other).abs()).fold(0.0, f32::max);
        assert!(logits.len() == expected.len() && far < LOGITS, "{name}: {logits:?} {expected:?}");
        let class = (0..expected.len()).max_by(|a, b| expected[*a].total_cmp(&expected[*b])).unwrap();
        let (own, other) = (gradient(&*classifier, &planar, class), of(name, "gradient"));
        let far = own.iter().zip(&other).map(|(own, other)| (own - other).abs()).fold(0.0, f32::max);
        assert!(own.len() == other.len() && far < GRADIENT * largest(&other), "{name}: {far} of {}", largest(&other));
    }
}

#[test]
fn what_a_program_says_is_found_and_what_it_does_not_is_a_guess() {
    let plain = named("plain");
    let spec = plain.spec();
    assert_eq!((spec.side(), spec.architecture.as_str(), spec.title.as_str()), (SIDE, "pt2", "plain (torch.export)"));
    assert!(spec.guesses.normalisation && !spec.guesses.size && spec.head_source == HeadSource::Default);

    let any_size = named("any_size");
    let spec = any_size.spec();
    assert_eq!((spec.head, spec.head_source), (Head::Softmax, HeadSource::File));
    assert!(hosted(&fixture("any_size"), &Said::default(), Some(2 * SIDE)).is_ok());

    // Layers where layers can say it: with attention to read, and with the rules that some have of their own.
    assert!(named("tokens").has_attention());
    // What was left open has its name, not how PyTorch writes it.
    let told = inspect(&fixture("plain")).unwrap();
    assert!(told.contains(", 3, 32, 32]") && !told.contains("Symbol"), "{told}");
    let told = inspect(&fixture("mobile")).unwrap();
    for line in ["written by      PyTorch 2", "computed as     layers", "aten.convolution", "input size      32 × 32"]
    {
        assert!(told.contains(line), "no “{line}”: {told}");
    }
}

#[test]
fn a_program_is_known_by_what_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("network.pt");
    fs::copy(fixture("plain"), &file).unwrap();
    assert_eq!(hosted(&file, &Said::default(), None).unwrap().spec().architecture, "pt2");
}

fn refusal(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hostile.pt2");
    fs::write(&file, bytes).unwrap();
    let told = hosted(&file, &Said::default(), None).err().unwrap_or_else(|| "it was hosted".to_owned());
    // What it is can be asked of every file.
    let _ = inspect(&file);
    told
}

/// An archive in which some bytes are others, as many: nothing checks their sum.
fn changed(name: &str, from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = fs::read(fixture(name)).unwrap();
    let at = bytes.windows(from.len()).position(|bytes| bytes == from.as_bytes());
    let at = at.unwrap_or_else(|| panic!("{name} has no “{from}”"));
    bytes[at..at + from.len()].copy_from_slice(to.as_bytes());
    bytes
}

#[test]
fn an_operator_that_is_not_known_is_named_with_its_node_and_the_line_that_may_help() {
    let told = refusal(&changed("plain", "aten.max_pool2d.default", "aten.hexagon_2d.default"));
    for words in ["torch.ops.aten.hexagon_2d.default", "pool (max_pool2d)", "torch.onnx.export(torch.export.load("] {
        assert!(told.contains(words), "no “{words}”: {told}");
    }
}

#[test]
fn archives_that_lie_are_refused_in_a_sentence() {
    let whole = fs::read(fixture("plain")).unwrap();
    for (what, bytes, words) in [
        ("nothing", Vec::new(), "no archive"),
        ("a text", b"this is no network".to_vec(), "no archive"),
        ("half of it", whole[..whole.len() / 2].to_vec(), "cut off"),
        (
            "a weight that is larger than its bytes",
            changed("plain", r#""as_int":8},{"as_int":3}"#, r#""as_int":9},{"as_int":9}"#),
            "stem.0.weight",
        ),
        (
            "what is read before it is made",
            changed("plain", r#"{"name":"batch_norm"}"#, r#"{"name":"batch_nor1"}"#),
            "made by no node",
        ),
        ("what is no JSON", changed("plain", r#"{"graph_module""#, r#"{"graph_module,"#), "cannot be read"),
        ("another order of bytes", changed("plain", "little", "bigger"), "another byte order"),
    ] {
        let told = refusal(&bytes);
        assert!(told.contains(words), "{what}: no “{words}” in {told}");
    }
    // What else is changed is read or refused, and never worse.
    for at in (0..whole.len()).step_by(331) {
        let mut bytes = whole.clone();
        bytes[at] = if bytes[at].is_ascii_digit() { b'9' } else { !bytes[at] };
        refusal(&bytes);
    }
}
