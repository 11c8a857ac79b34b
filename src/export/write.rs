//! What a run leaves in its folder.

use std::{error::Error, fs, io::Cursor, path::Path};

use image::RgbImage;

use super::{
    Animation, ExportError, Shows, Style, animation, curves,
    figure::figure,
    folder::{Folder, RECORD},
    npy::write_npy,
    random,
    raster::rasterise,
    record::run_json,
    report::{report_page, report_section},
    tile as draw, words,
};
use crate::{
    explain::{Control, Finished, Run},
    imaging::Origin,
};

/// The largest factor that pictures are enlarged by: a figure some 5000 pixels wide, which prints sharply on a page.
pub const MAX_SCALE: u32 = 4;

/// The picture itself, where it has no file of its own.
const PICTURE: &str = "picture.png";

/// What is written besides maps, arrays, curves and the record, and how large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outputs {
    /// Pixels of a picture for each of the model's, from 1 to [`MAX_SCALE`].
    pub scale: u32,
    /// Whether pictures of maps have a caption below them.
    pub caption: bool,
    /// The comparison as one figure, PNG and SVG.
    pub figure: bool,
    /// The optimisation as a moving picture.
    pub animation: Option<Animation>,
    /// A report, in the run's own folder.
    pub report: bool,
}

impl Default for Outputs {
    /// What someone who prepares a talk or a paper looks for, sharp.
    fn default() -> Self {
        Self { scale: 2, caption: false, figure: true, animation: Some(Animation::Gif), report: true }
    }
}

/// One map, as it is shown in a style; the picture alone with a caption that says so where nothing was found.
///
/// # Errors
/// Its lines or its caption cannot be drawn.
pub fn tile(run: &Run, finished: &Finished, style: Style, outputs: Outputs) -> Result<RgbImage, ExportError> {
    // Without words the picture alone would look like a map that is empty.
    let outputs = Outputs { caption: outputs.caption || !finished.is_found(), ..outputs };
    let picture = draw::shown(run, finished, style, outputs.scale)?;
    if outputs.caption {
        draw::captioned(&picture, &words::caption(run, finished, style), outputs.scale)
    } else {
        Ok(picture)
    }
}

/// Writes a run into `folder`, which is made if need be. Files of an earlier run there are replaced; any other file of
/// the same name is left, and an error.
///
/// For each method `<method>.overlay.png` and `<method>.heatmap.png` (input size times the scale), and
/// `<method>.view.png` where the style shows something else,
/// `<method>.saliency.npy` (float32, rows × columns at the method's own resolution over the input crop, higher is more
/// important) and `<method>.curves.csv` (fraction, deletion, insertion); `<method>.mask.npy` (float32, m × m, 1 keeps) of
/// those that iterate; `random.curves.csv` if random orders were judged; `run.json`. Where asked for: `figure.png`,
/// `figure.svg`, `<method>.animation.gif` or `.png`, `report.html`. A picture from the clipboard is kept as
/// `picture.png`. Of a method that found nothing there are arrays only: it has nothing to look at.
///
/// `report` hears how many of how many files are written.
///
/// # Errors
/// The folder or a file cannot be written, a file that is not igoscope's is in the way, a figure cannot be drawn, or a
/// cancellation. What was written until then stays, each file whole.
pub fn write_run(
    run: &Run,
    style: Style,
    outputs: Outputs,
    folder: &Path,
    control: &Control,
    report: &mut dyn FnMut(usize, usize),
) -> Result<(), ExportError> {
    let files = files(run, style, outputs);
    let names: Vec<String> = files.iter().map(|(name, _)| name.clone()).collect();
    let image = Path::new(&run.image);
    let mut folder = Folder::open(folder, &names, image)?;
    for (done, (name, content)) in files.iter().enumerate() {
        control.checkpoint()?;
        report(done, files.len());
        let writer: Box<Fill<'_>> = content.prepare(run, style, outputs, &names)?;
        folder.write(name, writer)?;
    }
    folder.finish();
    report(files.len(), files.len());
    Ok(())
}

/// Writes a file at a path.
type Fill<'a> = dyn FnOnce(&Path) -> Result<(), Box<dyn Error>> + 'a;

/// What is in a file.
enum Content<'a> {
    Record,
    Picture,
    Overlay(&'a Finished),
    Heatmap(&'a Finished),
    View(&'a Finished),
    Saliency(&'a Finished),
    Curves(&'a Finished),
    Mask(&'a Finished),
    RandomCurves,
    Animation(&'a Finished, Animation),
    FigureSvg,
    FigurePng,
    Report,
}

/// The files of a run, in the order they are written. The record is first: it says which of the others are ours.
fn files(run: &Run, style: Style, outputs: Outputs) -> Vec<(String, Content<'_>)> {
    let mut files = vec![(RECORD.to_owned(), Content::Record)];
    if run.photo.origin == Origin::Clipboard {
        files.push((PICTURE.to_owned(), Content::Picture));
    }
    for finished in &run.methods {
        let explanation = &finished.explanation;
        let mut add = |rest: &str, content| files.push((format!("{}.{rest}", explanation.method), content));
        if finished.is_found() {
            add("overlay.png", Content::Overlay(finished));
            add("heatmap.png", Content::Heatmap(finished));
            if !style.is_plain(explanation.method) {
                add("view.png", Content::View(finished));
            }
        }
        add("saliency.npy", Content::Saliency(finished));
        if finished.is_found() {
            add("curves.csv", Content::Curves(finished));
        }
        if explanation.mask().is_some() {
            add("mask.npy", Content::Mask(finished));
        }
        let moves = finished.is_found() && !explanation.iterations.is_empty();
        if let Some(animation) = outputs.animation.filter(|_| moves) {
            add(&format!("animation.{}", animation.extension()), Content::Animation(finished, animation));
        }
    }
    if !run.random.curves.is_empty() {
        files.push(("random.curves.csv".to_owned(), Content::RandomCurves));
    }
    if outputs.figure {
        files.push(("figure.svg".to_owned(), Content::FigureSvg));
        files.push(("figure.png".to_owned(), Content::FigurePng));
    }
    if outputs.report {
        files.push(("report.html".to_owned(), Content::Report));
    }
    files
}

impl Content<'_> {
    /// Makes the content; what is left to do is to write it.
    fn prepare<'a>(
        &'a self,
        run: &'a Run,
        style: Style,
        outputs: Outputs,
        names: &[String],
    ) -> Result<Box<Fill<'a>>, ExportError> {
        Ok(match *self {
            Self::Record => {
                let image = if run.photo.origin == Origin::Clipboard { PICTURE } else { &run.image };
                let json = run_json(run, image, names, true);
                Box::new(move |path| text(path, &(json? + "\n")))
            }
            Self::Picture => Box::new(|path| png(path, &run.photo.image)),
            Self::Overlay(finished) => {
                let picture = tile(run, finished, style.plain(Shows::Overlay), outputs)?;
                Box::new(move |path| png(path, &picture))
            }
            Self::Heatmap(finished) => {
                let picture = tile(run, finished, style.plain(Shows::Heatmap), outputs)?;
                Box::new(move |path| png(path, &picture))
            }
            Self::View(finished) => {
                let picture = tile(run, finished, style, outputs)?;
                Box::new(move |path| png(path, &picture))
            }
            Self::Saliency(Finished { explanation, .. }) => {
                let saliency = &explanation.saliency;
                Box::new(|path| write_npy(path, &saliency.values, [saliency.height, saliency.width]))
            }
            Self::Curves(finished) => Box::new(|path| text(path, &curves::csv(&finished.curves))),
            Self::Mask(Finished { explanation, .. }) => Box::new(|path| match explanation.mask() {
                Some(mask) => write_npy(path, &mask.values, [mask.size, mask.size]),
                None => Err("the method has no mask".into()),
            }),
            Self::RandomCurves => Box::new(|path| text(path, &random::csv(&run.random))),
            Self::Animation(finished, format) => {
                let frames = animation::frames(run, &finished.explanation, style, outputs.scale)?;
                Box::new(move |path| Ok(fs::write(path, animation::encode(&frames, format)?)?))
            }
            Self::FigureSvg => {
                let svg = figure(run, style, outputs.scale)?;
                Box::new(move |path| text(path, &svg))
            }
            Self::FigurePng => {
                let picture = rasterise(&figure(run, style, outputs.scale)?, outputs.scale)?;
                Box::new(move |path| png(path, &picture))
            }
            Self::Report => {
                let page = report_page(&[report_section(run, style.plain(Shows::Overlay))])?;
                Box::new(move |path| text(path, &page))
            }
        })
    }
}

fn text(path: &Path, text: &str) -> Result<(), Box<dyn Error>> {
    Ok(fs::write(path, text)?)
}

fn png(path: &Path, picture: &RgbImage) -> Result<(), Box<dyn Error>> {
    // In memory first: a buffered file would not tell that the disk is full when it is closed.
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png)?;
    Ok(fs::write(path, bytes.into_inner())?)
}
