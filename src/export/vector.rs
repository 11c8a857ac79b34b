//! Drawings for print: as PDF, and as SVG whose text needs no fonts.

use krilla::{Document, geom::Size, page::PageSettings};
use krilla_svg::{SurfaceExt as _, SvgSettings};
use resvg::usvg::WriteOptions;

use super::{ExportError, plate::MM, raster::tree};

/// A drawing, as SVG text in points, as a page of PDF of its size with its fonts in it.
///
/// # Errors
/// It is no SVG, or has no size.
pub fn pdf(svg: &str) -> Result<Vec<u8>, ExportError> {
    let refused = |reason: String| ExportError::Drawing { reason };
    let tree = tree(svg)?;
    let size = Size::from_wh(tree.size().width(), tree.size().height());
    let size = size.ok_or_else(|| refused("it has no size".to_owned()))?;
    let mut document = Document::new();
    let mut page = document.start_page_with(PageSettings::new(size));
    let mut surface = page.surface();
    let drawn = surface.draw_svg(&tree, size, SvgSettings::default());
    surface.finish();
    page.finish();
    drawn.ok_or_else(|| refused("it cannot be a page".to_owned()))?;
    document.finish().map_err(|error| refused(format!("{error:?}")))
}

/// A drawing, as SVG text in points, with its text as paths and its size in millimetres: the same wherever it is opened.
///
/// # Errors
/// It is no SVG.
pub fn outlined(svg: &str) -> Result<String, ExportError> {
    let tree = tree(svg)?;
    let (width, height) = (tree.size().width(), tree.size().height());
    let text = tree.to_string(&WriteOptions::default());
    // It begins with its size in pixels.
    let (head, rest) = text.split_once('>').unwrap_or_default();
    let spaces = head.split(' ').filter(|part| part.starts_with("xmlns")).collect::<Vec<_>>().join(" ");
    let size = format!("width=\"{:.3}mm\" height=\"{:.3}mm\"", width / MM, height / MM);
    Ok(format!("<svg {size} viewBox=\"0 0 {width} {height}\" {spaces}>{rest}"))
}
