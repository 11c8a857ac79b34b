//! The plan of the house, held against the code: a room uses only the floors below it.

use std::{fs, path::Path};

/// Floors, from the ground up.
const FLOORS: [(&str, u8); 9] = [
    ("device", 0),
    ("imaging", 0),
    ("nn", 0),
    ("model", 1),
    ("explain", 2),
    ("export", 3),
    ("worker", 3),
    ("app", 4),
    ("cli", 4),
];

fn floor(room: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == room).map(|(_, floor)| *floor)
}

/// Every source file with its room and its text.
fn sources(folder: &Path, found: &mut Vec<(String, String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let name = path.strip_prefix(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).unwrap();
            let room = name.iter().next().unwrap().to_string_lossy().trim_end_matches(".rs").to_owned();
            found.push((room, name.display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
}

fn all() -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut found);
    assert!(found.len() > 20);
    found
}

/// The rooms a text names as `crate::room` or within `crate::{…}`.
fn rooms_used(text: &str) -> Vec<&'static str> {
    let mut used = Vec::new();
    for (start, _) in text.match_indices("crate::") {
        let rest = &text[start + 7..];
        let scope = if rest.starts_with('{') {
            &rest[..rest.find("};").unwrap_or(rest.len())]
        } else {
            &rest[..rest.len().min(20)]
        };
        for (room, _) in FLOORS {
            let named = if rest.starts_with('{') {
                scope.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == room)
            } else {
                scope.split(|c: char| !c.is_alphanumeric() && c != '_').next() == Some(room)
            };
            if named {
                used.push(room);
            }
        }
    }
    used
}

#[test]
fn a_room_uses_only_the_floors_below_it() {
    for (room, name, text) in all() {
        let Some(own) = floor(&room) else { continue };
        for used in rooms_used(&text).into_iter().filter(|used| *used != room) {
            let allowed = floor(used).unwrap() < own;
            assert!(allowed, "{name} uses {used}, which is not below {room}");
        }
    }
}

#[test]
fn only_the_window_knows_egui_and_only_nn_knows_gemm() {
    for (room, name, text) in all() {
        for library in ["egui::", "eframe::", "rfd::", "arboard::"] {
            assert!(room == "app" || !text.contains(library), "{name} knows {library}");
        }
        for library in ["gemm::", "pulp::"] {
            assert!(room == "nn" || !text.contains(library), "{name} knows {library}");
        }
    }
}

#[test]
fn unsafe_code_lives_in_nn_only_and_says_why_it_is_sound() {
    for (room, name, text) in all() {
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate().filter(|(_, line)| line.trim_start().starts_with("unsafe {")) {
            assert_eq!(room, "nn", "{name}:{}", number + 1);
            let reason = lines[..number].iter().rev().take_while(|line| line.trim_start().starts_with("//"));
            assert!(reason.clone().any(|line| line.contains("SAFETY:")), "{name}:{} {line}", number + 1);
        }
    }
}
