//! The plan of the house, held against the code: a room uses only the floors below it.

use std::{fs, path::Path};

/// Floors, from the ground up.
const FLOORS: [(&str, u8); 10] = [
    ("device", 0),
    ("imaging", 0),
    ("nn", 0),
    ("model", 1),
    ("explain", 2),
    ("export", 3),
    ("worker", 3),
    ("dataset", 4),
    ("app", 5),
    ("cli", 5),
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

/// What each room of the window may use of the others: data, then what is made of it, then what is drawn, then all.
const WINDOW_ROOMS: [(&str, &[&str]); 6] = [
    ("state", &[]),
    ("theme", &["state"]),
    ("commands", &["state"]),
    ("jobs", &["state"]),
    ("ui", &["state", "theme", "commands", "jobs"]),
    ("window", &["state", "theme", "commands", "jobs", "ui"]),
];

/// The paths that a text's `use` declarations name, with their braces taken apart.
fn used_paths(text: &str) -> Vec<String> {
    let declarations = text.split("use ").skip(1).filter_map(|rest| rest.split_once(';')).map(|(path, _)| path);
    declarations.flat_map(|path| taken_apart("", &path.split_whitespace().collect::<String>())).collect()
}

fn taken_apart(before: &str, path: &str) -> Vec<String> {
    let Some((start, rest)) = path.split_once('{') else { return vec![format!("{before}{path}")] };
    let inner = rest.strip_suffix('}').unwrap_or(rest);
    let mut depth = 0;
    let parts = inner.split(|letter| {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        letter == ',' && depth == 0
    });
    parts.filter(|part| !part.is_empty()).flat_map(|part| taken_apart(&format!("{before}{start}"), part)).collect()
}

/// The room of the window that a file of `app` or a path in it is of: the first name after `app`.
fn window_room(file: &str, path: &str) -> Option<String> {
    let path = path.trim_start_matches("self::");
    let names: Vec<&str> = if let Some(rest) = path.strip_prefix("crate::app::") {
        rest.split("::").collect()
    } else if path.starts_with("super::") {
        let mut module: Vec<&str> = file.trim_end_matches(".rs").split('/').collect();
        if module.last() == Some(&"mod") {
            module.pop();
        }
        let rest = path.trim_start_matches("super::");
        module.truncate(module.len().saturating_sub(path[..path.len() - rest.len()].len() / "super::".len()));
        module.extend(rest.split("::"));
        module.into_iter().skip(1).collect()
    } else {
        return None;
    };
    names.first().map(|&name| name.to_owned())
}

#[test]
fn a_room_of_the_window_uses_only_those_before_it() {
    assert_eq!(taken_apart("", "a::{b,c::{d,e}}"), ["a::b", "a::c::d", "a::c::e"]);
    assert_eq!(window_room("app/ui/wall/mod.rs", "super::super::state::State").as_deref(), Some("state"));
    let mut seen = 0;
    for (_, file, text) in all().into_iter().filter(|(room, ..)| room == "app") {
        let own = file.split('/').nth(1).unwrap().trim_end_matches(".rs").to_owned();
        let Some((_, allowed)) = WINDOW_ROOMS.iter().find(|(name, _)| *name == own) else { continue };
        // Also paths that are written out where they are used.
        let written = text.match_indices("crate::app::").map(|(at, _)| {
            let path = &text[at..];
            path[..path.find(|letter: char| !letter.is_alphanumeric() && !":_".contains(letter)).unwrap_or(path.len())]
                .to_owned()
        });
        for path in used_paths(&text).into_iter().chain(written) {
            let Some(used) = window_room(&file, &path) else { continue };
            seen += 1;
            let is_room = WINDOW_ROOMS.iter().any(|(name, _)| *name == used);
            let may = used == own || allowed.contains(&used.as_str());
            assert!(!is_room || may, "{file} uses {path}: {own} may not know {used}");
        }
    }
    assert!(seen > 100);
}

#[test]
fn what_the_window_knows_is_plain_data() {
    for (_, file, text) in all().into_iter().filter(|(_, file, _)| file.starts_with("app/state/")) {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            assert!(!["egui", "eframe", "epaint"].iter().any(|library| line.contains(library)), "{file}: {line}");
        }
    }
}
