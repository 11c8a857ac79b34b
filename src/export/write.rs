//! The files of a run.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use candle_core::{Device, Tensor};
use image::RgbImage;

use super::{ExportError, run_json};
use crate::{
    explain::{Curves, Finished, MethodKind, Run},
    imaging::{Colormap, heatmap, overlay},
};

/// How the pictures are coloured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    /// Colours of the map.
    pub colormap: Colormap,
    /// Share of the map in the overlay, in `[0, 1]`.
    pub opacity: f32,
}

impl Default for Style {
    fn default() -> Self {
        Self { colormap: Colormap::default(), opacity: 0.5 }
    }
}

/// The name of the folder for an image's results: its file name without the ending.
pub fn folder_name(image: &str) -> String {
    Path::new(image).file_stem().map_or_else(|| "picture".to_owned(), |stem| stem.to_string_lossy().into_owned())
}

/// Writes a run into `folder`, which is made if need be. Files of an earlier run there are replaced.
///
/// For each method `<method>.overlay.png` and `<method>.heatmap.png` (input size), `<method>.saliency.npy`
/// (float32, rows × columns at the method's own resolution over the input crop, higher is more important) and
/// `<method>.curves.csv` (fraction, deletion, insertion); `igos.mask.npy` (float32, m × m, 1 keeps); `run.json`.
///
/// # Errors
/// The folder or a file cannot be written.
pub fn write_run(run: &Run, style: Style, folder: &Path) -> Result<(), ExportError> {
    fs::create_dir_all(folder)
        .map_err(|error| ExportError::Folder { path: folder.to_owned(), reason: error.to_string() })?;
    for finished in &run.methods {
        write_method(run, finished, style, folder)?;
    }
    let path = folder.join("run.json");
    let json = run_json(run, true).map_err(|error| failed(&path, &error))?;
    write(&path, json + "\n")
}

fn write_method(
    run: &Run,
    Finished { explanation, curves }: &Finished,
    style: Style,
    folder: &Path,
) -> Result<(), ExportError> {
    let file = |ending: &str| folder.join(format!("{}.{ending}", explanation.method));
    let side = run.input.side;
    let drawn = explanation.saliency.drawn_at(side, side);
    write_png(&file("heatmap.png"), &heatmap(&drawn, side, side, style.colormap))?;
    write_png(&file("overlay.png"), &overlay(&run.input.crop.image, &drawn, style.colormap, style.opacity))?;
    let saliency = &explanation.saliency;
    write_npy(&file("saliency.npy"), &saliency.values, saliency.height, saliency.width)?;
    write(&file("curves.csv"), csv(curves))?;
    match &explanation.mask {
        Some(mask) if explanation.method == MethodKind::Igos => {
            write_npy(&file("mask.npy"), &mask.values, mask.size, mask.size)
        }
        _ => Ok(()),
    }
}

fn csv(curves: &Curves) -> String {
    let mut text = "fraction,deletion,insertion\n".to_owned();
    for point in &curves.points {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{},{},{}", point.fraction, point.deletion, point.insertion);
    }
    text
}

fn write_png(path: &Path, picture: &RgbImage) -> Result<(), ExportError> {
    picture.save(path).map_err(|error| failed(path, &error))
}

fn write_npy(path: &Path, values: &[f32], height: usize, width: usize) -> Result<(), ExportError> {
    Tensor::from_slice(values, (height, width), &Device::Cpu)
        .and_then(|tensor| tensor.write_npy(path))
        .map_err(|error| failed(path, &error))
}

fn write(path: &Path, text: String) -> Result<(), ExportError> {
    fs::write(path, text).map_err(|error| failed(path, &error))
}

fn failed(path: &Path, error: &dyn std::error::Error) -> ExportError {
    let reason = error.to_string().lines().next().unwrap_or("no reason given").to_owned();
    ExportError::File { path: PathBuf::from(path), reason }
}
