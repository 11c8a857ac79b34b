//! What the bytes of a file are.

use std::path::Path;

use image::ImageFormat;

/// How far an XML file is searched for its first element: comments and a document type stand before it.
const XML_HEAD: usize = 4096;
/// How far into a file the signature of a PDF may stand.
const PDF_HEAD: usize = 1024;

/// The format the content says; for a file without any signature that is called `.tga`, TGA. Else what it seems to be,
/// as a sentence needs it: "an AVIF picture".
pub(super) fn format_of(bytes: &[u8], path: Option<&Path>) -> Result<ImageFormat, String> {
    if let Some(known) = known_but_not_read(bytes) {
        return Err(known.to_owned());
    }
    match image::guess_format(bytes) {
        Ok(format) if format.reading_enabled() => Ok(format),
        Ok(format) => Err(format!("a picture of the format {format:?}")),
        Err(_) if path.is_some_and(is_called_tga) => Ok(ImageFormat::Tga),
        Err(_) => Err(String::from("not a picture")),
    }
}

fn is_called_tga(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("tga"))
}

/// What people drop and nothing here decodes.
fn known_but_not_read(bytes: &[u8]) -> Option<&'static str> {
    const SIGNATURES: [(&[u8], &str); 8] = [
        (b"II+\0", "a BigTIFF picture"),
        (b"MM\0+", "a BigTIFF picture"),
        (b"\0\0\0\x0CjP  \r\n\x87\n", "a JPEG 2000 picture"),
        (b"\xFF\x4F\xFF\x51", "a JPEG 2000 picture"),
        (b"\0\0\0\x0CJXL \r\n\x87\n", "a JPEG XL picture"),
        (b"\xFF\x0A", "a JPEG XL picture"),
        (b"8BPS\0\x01", "a Photoshop picture (PSD)"),
        (b"8BPS\0\x02", "a Photoshop picture (PSB)"),
    ];
    let signed = SIGNATURES.iter().find(|(signature, _)| bytes.starts_with(signature)).map(|(_, name)| *name);
    signed.or_else(|| media_file(bytes)).or_else(|| document(bytes))
}

/// An ISO media file whose brands are those of a still picture: AVIF, or what phones make by default.
fn media_file(bytes: &[u8]) -> Option<&'static str> {
    if bytes.get(4..8) != Some(b"ftyp") {
        return None;
    }
    let length = u32::from_be_bytes(*bytes.first_chunk()?) as usize;
    let (brands, _) = bytes.get(8..length.min(bytes.len()))?.as_chunks::<4>();
    let has = |names: &[&[u8; 4]]| brands.iter().any(|brand| names.contains(&brand));
    if has(&[b"avif", b"avis"]) {
        Some("an AVIF picture")
    } else if has(&[b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"]) {
        Some("an HEIC picture")
    } else {
        None
    }
}

/// A drawing or a page, which have no pixels of their own.
fn document(bytes: &[u8]) -> Option<&'static str> {
    let head = &bytes[..bytes.len().min(PDF_HEAD)];
    if head.windows(5).any(|part| part == b"%PDF-") {
        return Some("a PDF document");
    }
    let head = &bytes[..bytes.len().min(XML_HEAD)];
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let is_drawing = text.starts_with(b"<") && text.windows(4).any(|part| part == b"<svg");
    is_drawing.then_some("a drawing (SVG)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_and_not_read_is_named() {
        let svg = [b"\xEF\xBB\xBF\n<?xml version='1.0'?><!-- ", &[b'x'; 600][..], b" --><svg/>"].concat();
        for (bytes, name) in [
            (&b"II+\0\x08\0\0\0"[..], "BigTIFF"),
            (b"MM\0+\0\x08\0\0", "BigTIFF"),
            (b"\0\0\0\x0CjP  \r\n\x87\n\0", "JPEG 2000"),
            (b"\xFF\x4F\xFF\x51\0", "JPEG 2000"),
            (b"\0\0\0\x0CJXL \r\n\x87\n\0", "JPEG XL"),
            (b"\xFF\x0A\0\0", "JPEG XL"),
            (b"8BPS\0\x01\0", "PSD"),
            (b"%PDF-1.7\n", "PDF"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
            (&svg, "SVG"),
            (b"\0\0\0\x1Cftypavif\0\0\0\0mif1miaf", "AVIF"),
            (b"\0\0\0\x1Cftypmif1\0\0\0\0avifmiaf\0\0\0\0", "AVIF"),
            (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
            (b"\0\0\0\x18ftypmif1\0\0\0\0heic", "HEIC"),
        ] {
            let found = format_of(bytes, Some(Path::new("named.tga"))).unwrap_err();
            assert!(found.contains(name), "{found} is {name}");
        }
    }

    #[test]
    fn films_and_texts_are_no_pictures() {
        for bytes in [&b"\0\0\0\x18ftypisom\0\0\0\0mp41"[..], b"<html><body/></html>", b"an essay on <svg>"] {
            assert_eq!(format_of(bytes, None).unwrap_err(), "not a picture");
        }
    }
}
