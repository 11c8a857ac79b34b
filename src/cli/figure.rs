//! `igoscope figure`: pictures × methods from results that are on the disk.

use anyhow::{Result, anyhow};

use super::{FigureArguments, output::print};
use crate::dataset::{Figure, FigureOf, Head, Line, pictures_of, read_lines};

/// Pictures of a figure if none are named.
const FIRST: usize = 3;

/// Draws the figure.
///
/// # Errors
/// There are no results, a picture or map is not there, or the figure cannot be written.
pub fn figure(arguments: &FigureArguments) -> Result<()> {
    let folder = &arguments.results;
    let head = Head::read(folder)?;
    let lines = read_lines(folder, &head)?;
    let pictures = match arguments.pictures.as_slice() {
        [] => first(&lines),
        named => named.iter().map(|name| place(&lines, name)).collect::<Result<_>>()?,
    };
    let &FigureArguments { scale, width, names, device, ref methods, .. } = arguments;
    let of = FigureOf { pictures, methods: methods.clone(), scale, width, names, device };
    let figure = Figure::of(folder, &head, &lines, &of, &|name| pictures_of(folder, &head).join(name))?;
    figure.write(&arguments.out)?;
    print(&format!(
        "figure written to {}, its caption to {}",
        arguments.out.display(),
        arguments.out.with_extension("txt").display()
    ))
}

/// The first pictures that were explained.
fn first(lines: &[Line]) -> Vec<usize> {
    let mut places: Vec<usize> = lines.iter().filter(|line| line.seen.is_some()).map(|line| line.index).collect();
    places.dedup();
    places.truncate(FIRST);
    places
}

fn place(lines: &[Line], name: &str) -> Result<usize> {
    let found = lines.iter().find(|line| line.picture == name).map(|line| line.index);
    found.ok_or_else(|| anyhow!("there is no picture of this name in the results: {name}"))
}
