//! Weights that lie about their sizes take no memory: a process of its own, because a peak never falls.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "what a test finds wrong may end it")]

use std::{fs, path::PathBuf};

use igoscope::model::recognise_file;
use proptest::{prelude::*, test_runner::TestRunner};

/// More than reading any of these small files takes, and less than any lie would.
const BOUND: f64 = 300e6;

/// The most memory this process has held, in bytes.
fn peak() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    1024.0 * line.trim().trim_end_matches("kB").trim().parse::<f64>().unwrap()
}

fn fixture(name: &str) -> Vec<u8> {
    fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/weights").join(name)).unwrap()
}

fn safetensors(length: u64, header: &str) -> Vec<u8> {
    [&length.to_le_bytes()[..], header.as_bytes()].concat()
}

/// Files that claim to be larger than they are.
fn liars() -> Vec<Vec<u8>> {
    let huge = r#"{"a":{"dtype":"F32","shape":[1000000,1000000],"data_offsets":[0,4000000000000]}}"#;
    let mut many_records = fixture("zip.pth");
    let end = many_records.len() - 22;
    // As many members as four bytes can say, in a directory as large.
    many_records[end + 8..end + 12].fill(0xff);
    many_records[end + 12..end + 16].copy_from_slice(&0xffff_fff0_u32.to_le_bytes());
    let mut large_members = fixture("zip.pth");
    let records: Vec<usize> =
        (0..large_members.len() - 4).filter(|&at| large_members[at..].starts_with(b"PK\x01\x02")).collect();
    for at in records {
        large_members[at + 20..at + 28].fill(0xfe);
    }
    let magic = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
    let legacy = |pickles: &[u8]| [&magic[..], pickles].concat();
    vec![
        safetensors(huge.len() as u64, huge),
        safetensors(u64::MAX, "{"),
        safetensors(15 << 20, "{"),
        many_records,
        large_members,
        // A text of four gigabytes, and one of eight exabytes.
        legacy(b"\x80\x02X\xff\xff\xff\xff"),
        legacy(b"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7f"),
        // A tuple of two of the one before, over and over.
        legacy(&[b"\x80\x02)".to_vec(), b"2\x86".repeat(500_000), b".".to_vec()].concat()),
    ]
}

#[test]
fn no_file_takes_more_memory_than_its_size_lets_expect() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hostile.pth");
    for liar in liars() {
        fs::write(&path, liar).unwrap();
        assert!(recognise_file(&path).is_err());
        assert!(peak() < BOUND, "{} bytes", peak());
    }
    let files = ["zip.pth", "protocol4.pth", "legacy.pth", "checkpoint.pth", "module.pth"].map(fixture);
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6);
    let mut runner = TestRunner::new(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) });
    runner
        .run(&(prop::sample::select(files.to_vec()), changes), |(mut file, changes)| {
            for (at, value) in changes {
                let at = at.index(file.len());
                file[at] = value;
            }
            fs::write(&path, file).unwrap();
            prop_assert!(recognise_file(&path).is_err());
            prop_assert!(peak() < BOUND, "{} bytes", peak());
            Ok(())
        })
        .unwrap();
}
