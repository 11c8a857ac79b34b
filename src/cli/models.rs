//! `igoscope models`: the catalogue, and what of it is on this computer.

use std::{mem, ops::ControlFlow};

use anyhow::{Context, Result, bail};
use serde::Serialize;

use super::{ModelsArguments, ModelsTask, fetch_bar, output::print};
use crate::model::{Entry, Hub, TOP1_SOURCE, Verified, catalogue, inspect};

/// Bytes of a megabyte, as drives and networks count.
const MEGABYTE: f64 = 1e6;

/// Does what is asked with the catalogue.
///
/// # Errors
/// A model cannot be fetched, is damaged, or cannot be removed.
pub fn models(arguments: &ModelsArguments) -> Result<()> {
    let hub = Hub::from_env();
    match &arguments.task {
        None if arguments.json => list_json(&hub),
        None => list(&hub),
        Some(ModelsTask::Fetch { name }) => fetch(&hub, name),
        Some(ModelsTask::Verify { name: Some(name) }) => verify(&hub, &[name]),
        Some(ModelsTask::Verify { name: None }) => {
            let cached: Vec<&Entry> = catalogue().filter(|entry| entry.cached(&hub).is_some()).collect();
            verify(&hub, &cached)
        }
        Some(ModelsTask::Remove { name }) => remove(&hub, name),
        Some(ModelsTask::Inspect { file }) => print(&inspect(file)?),
    }
}

/// What `--json` prints of a model.
#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    title: &'a str,
    architecture: &'a str,
    repository: &'a str,
    file: &'a str,
    revision: &'a str,
    /// Of the file in the cache; about, if it is not there.
    bytes: u64,
    licence: &'a str,
    /// In per cent.
    top1: f64,
    top1_source: &'a str,
    /// Where it is, if it is in the cache.
    path: Option<String>,
    sha256: Option<String>,
    /// Bytes that an unfinished download left.
    unfinished_bytes: Option<u64>,
}

fn list_json(hub: &Hub) -> Result<()> {
    let listed: Vec<Listed<'_>> = catalogue()
        .map(|entry| {
            let cached = entry.cached(hub);
            Listed {
                name: entry.name,
                title: entry.title(),
                architecture: entry.architecture,
                repository: entry.file.repository,
                file: entry.file.file,
                revision: entry.file.revision,
                bytes: cached.as_ref().map_or_else(|| entry.approximate_bytes(), |cached| cached.bytes),
                licence: entry.licence,
                top1: entry.top1(),
                top1_source: TOP1_SOURCE,
                path: cached.as_ref().map(|cached| cached.path.display().to_string()),
                sha256: cached.and_then(|cached| cached.sha256),
                unfinished_bytes: hub.unfinished(&entry.file),
            }
        })
        .collect();
    print(&serde_json::to_string_pretty(&listed)?)
}

fn list(hub: &Hub) -> Result<()> {
    print(&row("name", "architecture", "size", "top-1", "licence", "on this computer"))?;
    print(&row("efficientnet-lite0", "EfficientNet-Lite0", "", "", "Apache-2.0", "part of igoscope"))?;
    for entry in catalogue() {
        let cached = entry.cached(hub);
        let place = match (&cached, hub.unfinished(&entry.file)) {
            (Some(cached), _) => cached.path.display().to_string(),
            (None, Some(bytes)) => format!("{:.0} MB of it", bytes as f64 / MEGABYTE),
            (None, None) => "no".to_owned(),
        };
        let bytes = cached.as_ref().map_or_else(|| entry.approximate_bytes(), |cached| cached.bytes) as f64 / MEGABYTE;
        let size = if cached.is_some() { format!("{bytes:.0} MB") } else { format!("≈ {bytes:.0} MB") };
        let top1 = format!("{:.1} %", entry.top1());
        print(&row(entry.name, entry.title(), &size, &top1, entry.licence, &place))?;
    }
    print(&format!(
        "top-1 on ImageNet from {TOP1_SOURCE}; weights from {}, kept in {}",
        hub.endpoint,
        hub.cache.display()
    ))
}

fn row(name: &str, architecture: &str, size: &str, top1: &str, licence: &str, place: &str) -> String {
    format!("{name:<21}  {architecture:<28}  {size:>8}  {top1:>7}  {licence:<13}  {place}")
}

fn fetch(hub: &Hub, entry: &Entry) -> Result<()> {
    let bar = fetch_bar::hidden_if(false);
    let mut is_without_token = false;
    let fetched = hub.fetch_checked(&entry.file, &mut |progress| {
        if progress.is_without_token && !mem::replace(&mut is_without_token, true) {
            bar.suspend(|| eprintln!("{}", fetch_bar::WITHOUT_TOKEN));
        }
        fetch_bar::show(&bar, entry.title(), progress);
        ControlFlow::Continue(())
    });
    bar.finish_and_clear();
    let (cached, was_other) = fetched?;
    if was_other {
        eprintln!("igoscope: what was here of {} was not what the hub has, and was fetched again", entry.name);
    }
    print(&format!("{} is in {}", entry.name, cached.path.display()))
}

fn verify(hub: &Hub, entries: &[&Entry]) -> Result<()> {
    let mut damaged = Vec::new();
    for entry in entries {
        let cached = entry.cached(hub).with_context(|| format!("{} is not on this computer", entry.name))?;
        let told = match hub.verify(&cached)? {
            Verified::Intact => "is what came from the hub",
            Verified::Unknown => "cannot be checked: its checksum is not known",
            Verified::Damaged => {
                damaged.push(entry.name);
                "is damaged"
            }
        };
        print(&format!("{} {told}", entry.name))?;
    }
    if let [first, ..] = damaged.as_slice() {
        bail!(
            "{} damaged: `igoscope models fetch {first}` fetches it again",
            if damaged.len() == 1 { format!("{first} is") } else { format!("{} are", damaged.join(", ")) }
        );
    }
    if entries.is_empty() { print("no model of the catalogue is on this computer") } else { Ok(()) }
}

fn remove(hub: &Hub, entry: &Entry) -> Result<()> {
    let freed = hub.remove(&entry.file)?;
    if freed == 0 {
        bail!("{} is not on this computer", entry.name);
    }
    print(&format!("removed {}, {:.0} MB", entry.name, freed as f64 / MEGABYTE))
}
