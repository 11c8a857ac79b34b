//! Colour profiles: what the numbers of a picture mean (ICC.1, ISO 15076-1), and the same colours in sRGB, which is
//! what networks were trained on.

use std::panic;

use image::{DynamicImage, ImageBuffer, Pixel};
use moxcms::{
    CmsError, ColorProfile, DataColorSpace, Layout, ProfileText, RenderingIntent, TransformExecutor, TransformOptions,
};
use serde::{Deserialize, Serialize};

use super::photo_error::one_line;

/// How many levels a profile may move a colour and still be sRGB: tables round.
const SAME_LEVELS: u8 = 1;
/// The most letters of a profile's name that are kept.
const MAX_NAME: usize = 80;

/// What to do with the colour profiles of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profiles {
    /// Show the colours that they mean, in sRGB.
    #[default]
    Convert,
    /// Take the numbers as they are stored, as PyTorch's usual loading does.
    Ignore,
}

impl Profiles {
    /// Every choice.
    pub const ALL: [Self; 2] = [Self::Convert, Self::Ignore];

    /// The name in flags and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Convert => "convert",
            Self::Ignore => "ignore",
        }
    }
}

/// What a picture's colour profile was, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Colours {
    /// What was to be done with it.
    pub profiles: Profiles,
    /// The name it has for itself, if the picture has one that can be read.
    pub profile: Option<String>,
    /// Whether the pixels were converted: not where there is none, or it is sRGB, or it cannot be used.
    pub converted: bool,
}

/// A picture whose colours were looked at.
pub(super) struct Converted {
    /// In sRGB, or as it was.
    pub picture: DynamicImage,
    pub colours: Colours,
    /// Why a profile that should have been used could not be.
    pub unused: Option<String>,
}

/// Does what is asked for with a picture's profile. One that is sRGB changes nothing, and one that cannot be used does
/// not either.
pub(super) fn convert(picture: DynamicImage, icc: Option<&[u8]>, profiles: Profiles) -> Converted {
    let as_it_was = |picture, profile, unused| {
        let colours = Colours { profiles, profile, converted: false };
        Converted { picture, colours, unused }
    };
    let Some(icc) = icc.filter(|icc| !icc.is_empty()) else { return as_it_was(picture, None, None) };
    let is_grey = !picture.color().has_color();
    // A slip in other people's code costs the profile, not the picture.
    let read = panic::catch_unwind(|| {
        let profile = ColorProfile::new_from_slice(icc).ok()?;
        Some((name_of(&profile), use_of(&profile, is_grey), profile))
    });
    let Ok(Some((name, usage, profile))) = read else {
        return as_it_was(picture, None, unused(profiles, None, "it is damaged"));
    };
    match usage {
        _ if profiles == Profiles::Ignore => as_it_was(picture, Some(name), None),
        Ok(Use::IsSrgb) => as_it_was(picture, Some(name), None),
        Ok(Use::Converts) => match in_srgb(picture, &profile) {
            Ok(picture) => {
                let colours = Colours { profiles, profile: Some(name), converted: true };
                Converted { picture, colours, unused: None }
            }
            Err(picture) => {
                let unused = unused(profiles, Some(&name), "it is damaged");
                as_it_was(picture, Some(name), unused)
            }
        },
        Err(why) => {
            let unused = unused(profiles, Some(&name), why);
            as_it_was(picture, Some(name), unused)
        }
    }
}

fn unused(profiles: Profiles, name: Option<&str>, why: &str) -> Option<String> {
    let name = name.map(|name| format!(" “{name}”")).unwrap_or_default();
    (profiles == Profiles::Convert).then(|| {
        format!("The picture's colour profile{name} cannot be used, as {why}: its colours are shown as they are stored")
    })
}

/// What a profile is good for.
enum Use {
    IsSrgb,
    Converts,
}

/// What a profile is good for, for a picture that is grey or not, or why it is good for nothing.
fn use_of(profile: &ColorProfile, is_grey: bool) -> Result<Use, &'static str> {
    const NO_USE: &str = "it has no way to other colours";
    let layout = match (profile.color_space, is_grey) {
        (DataColorSpace::Gray, true) => Layout::Gray,
        (DataColorSpace::Rgb, _) => Layout::Rgb,
        (DataColorSpace::Gray, false) => return Err("it is for grey pictures, and this one is coloured"),
        (DataColorSpace::Cmyk, _) => return Err("it is for inks"),
        _ => return Err("it is of an unusual kind"),
    };
    let probe = if layout == Layout::Gray { (0..=255).collect() } else { colours_everywhere() };
    let transform = profile
        .create_transform_8bit(layout, &ColorProfile::new_srgb(), Layout::Rgb, options(profile))
        .map_err(|_| NO_USE)?;
    let mut found = vec![0; probe.len() / layout.channels() * 3];
    transform.transform(&probe, &mut found).map_err(|_| NO_USE)?;
    let meant = |place: usize| if layout == Layout::Gray { probe[place / 3] } else { probe[place] };
    if found.iter().enumerate().all(|(place, level)| level.abs_diff(meant(place)) <= SAME_LEVELS) {
        Ok(Use::IsSrgb)
    } else if is_grey && layout == Layout::Rgb {
        Err("it is for coloured pictures, and this one is grey")
    } else {
        Ok(Use::Converts)
    }
}

/// A grid of colours, and every grey.
fn colours_everywhere() -> Vec<u8> {
    let steps = || (0..=255).step_by(51);
    let grid = steps().flat_map(|red| steps().flat_map(move |green| steps().flat_map(move |blue| [red, green, blue])));
    grid.chain((0..=255).flat_map(|level| [level; 3])).collect()
}

/// Colours are measured as they are seen beside the same white, where the profile has a table for that.
fn options(profile: &ColorProfile) -> TransformOptions {
    let has_perceptual_only = profile.lut_a_to_b_colorimetric.is_none() && profile.lut_a_to_b_perceptual.is_some();
    TransformOptions {
        rendering_intent: if has_perceptual_only {
            RenderingIntent::Perceptual
        } else {
            RenderingIntent::RelativeColorimetric
        },
        prefer_fixed_point: false,
        ..TransformOptions::default()
    }
}

/// The picture in sRGB: 16 bits a channel if it has more than 8. As it was, if that cannot be.
fn in_srgb(mut picture: DynamicImage, profile: &ColorProfile) -> Result<DynamicImage, DynamicImage> {
    let srgb = ColorProfile::new_srgb();
    let options = options(profile);
    let flat = |from, to| profile.create_transform_8bit(from, &srgb, to, options);
    let deep = |from, to| profile.create_transform_16bit(from, &srgb, to, options);
    if let DynamicImage::ImageRgb32F(_) = picture {
        picture = picture.into_rgb16().into();
    } else if let DynamicImage::ImageRgba32F(_) = picture {
        picture = picture.into_rgba16().into();
    }
    let done = match &mut picture {
        DynamicImage::ImageRgb8(pixels) => flat(Layout::Rgb, Layout::Rgb).and_then(|way| colours(pixels, &*way)),
        DynamicImage::ImageRgba8(pixels) => flat(Layout::Rgba, Layout::Rgba).and_then(|way| colours(pixels, &*way)),
        DynamicImage::ImageRgb16(pixels) => deep(Layout::Rgb, Layout::Rgb).and_then(|way| colours(pixels, &*way)),
        DynamicImage::ImageRgba16(pixels) => deep(Layout::Rgba, Layout::Rgba).and_then(|way| colours(pixels, &*way)),
        DynamicImage::ImageLuma8(pixels) => flat(Layout::Gray, Layout::Rgb).and_then(|way| greys(pixels, &*way)),
        DynamicImage::ImageLumaA8(pixels) => flat(Layout::Gray, Layout::Rgb).and_then(|way| greys(pixels, &*way)),
        DynamicImage::ImageLuma16(pixels) => deep(Layout::Gray, Layout::Rgb).and_then(|way| greys(pixels, &*way)),
        DynamicImage::ImageLumaA16(pixels) => deep(Layout::Gray, Layout::Rgb).and_then(|way| greys(pixels, &*way)),
        _ => Err(CmsError::UnsupportedProfileConnection),
    };
    match done {
        Ok(()) => Ok(picture),
        Err(_) => Err(picture),
    }
}

/// Converts pixels where they are, row by row, as a second picture may not fit into memory.
fn colours<P: Pixel>(
    picture: &mut ImageBuffer<P, Vec<P::Subpixel>>,
    way: &dyn TransformExecutor<P::Subpixel>,
) -> Result<(), CmsError>
where
    P::Subpixel: Default,
{
    let row = picture.width() as usize * usize::from(P::CHANNEL_COUNT);
    let mut before = vec![P::Subpixel::default(); row];
    // All rows are of one length: if one can be converted, all can.
    for pixels in picture.chunks_exact_mut(row) {
        before.copy_from_slice(pixels);
        way.transform(&before, pixels)?;
    }
    Ok(())
}

/// Converts greys where they are: each level to another one, which is a colour of three equal parts.
fn greys<P: Pixel>(
    picture: &mut ImageBuffer<P, Vec<P::Subpixel>>,
    way: &dyn TransformExecutor<P::Subpixel>,
) -> Result<(), CmsError>
where
    P::Subpixel: Default + TryFrom<u32> + Into<u32>,
{
    let levels: Vec<P::Subpixel> = (0..=u16::MAX.into()).map_while(|level| P::Subpixel::try_from(level).ok()).collect();
    let mut found = vec![P::Subpixel::default(); 3 * levels.len()];
    way.transform(&levels, &mut found)?;
    for pixel in picture.pixels_mut() {
        // Behind the level stands alpha, if there is one.
        if let Some(level) = pixel.channels_mut().first_mut() {
            let place: u32 = (*level).into();
            *level = found[3 * place as usize];
        }
    }
    Ok(())
}

/// The name that a profile has for itself.
fn name_of(profile: &ColorProfile) -> String {
    let name = match &profile.description {
        Some(ProfileText::PlainString(text)) => text,
        Some(ProfileText::Localizable(texts)) => {
            let english = texts.iter().find(|text| text.language == "en").or(texts.first());
            english.map_or("", |text| &text.value)
        }
        Some(ProfileText::Description(text)) => &text.ascii_string,
        None => "",
    };
    let name: String = one_line(name.trim_end_matches('\0')).chars().take(MAX_NAME).collect();
    if name.is_empty() { String::from("unnamed") } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_pixel(colour: [u8; 3], profile: &ColorProfile, profiles: Profiles) -> (Vec<u8>, Converted) {
        let picture = DynamicImage::from(image::RgbImage::from_pixel(2, 1, image::Rgb(colour)));
        let converted = convert(picture, Some(&profile.encode().unwrap()), profiles);
        (converted.picture.to_rgb8().as_raw()[..3].to_vec(), converted)
    }

    #[test]
    fn srgb_changes_nothing_and_a_wider_space_does() {
        let (pixel, converted) = one_pixel([10, 200, 77], &ColorProfile::new_srgb(), Profiles::Convert);
        assert_eq!((pixel, converted.colours.converted, converted.unused), (vec![10, 200, 77], false, None));
        let (pixel, converted) = one_pixel([10, 200, 77], &ColorProfile::new_display_p3(), Profiles::Convert);
        assert!(converted.colours.converted && pixel[0] == 0 && pixel[1] > 200, "{pixel:?}");
        let (pixel, converted) = one_pixel([10, 200, 77], &ColorProfile::new_display_p3(), Profiles::Ignore);
        assert_eq!((pixel, converted.colours.converted, converted.unused), (vec![10, 200, 77], false, None));
        assert!(converted.colours.profile.is_some());
    }

    #[test]
    fn what_is_no_profile_of_use_changes_nothing_and_is_said() {
        let picture = || DynamicImage::from(image::RgbImage::from_pixel(1, 1, image::Rgb([1, 2, 3])));
        let grey = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
        let mut inks = ColorProfile::new_srgb().encode().unwrap();
        inks[16..20].copy_from_slice(b"CMYK");
        for icc in [&b"no profile"[..], &[0; 200], &grey, &inks] {
            let converted = convert(picture(), Some(icc), Profiles::Convert);
            assert_eq!((converted.picture, converted.colours.converted), (picture(), false));
            assert!(converted.unused.is_some_and(|why| why.contains("cannot be used, as it is")));
            assert_eq!(convert(picture(), Some(icc), Profiles::Ignore).unused, None, "nobody wanted it");
        }
        assert_eq!(convert(picture(), None, Profiles::Convert).unused, None);
    }

    #[test]
    fn greys_are_converted_by_their_curve_and_stay_grey() {
        let linear = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
        let flat = DynamicImage::from(image::GrayAlphaImage::from_pixel(1, 1, image::LumaA([55, 9])));
        let deep = DynamicImage::ImageLuma16(ImageBuffer::from_pixel(1, 1, image::Luma([55 * 257])));
        // 55/255 of white's light is 0.502 of it in sRGB.
        let [flat, deep] = [flat, deep].map(|picture| convert(picture, Some(&linear), Profiles::Convert).picture);
        let pixel = flat.to_luma_alpha8().get_pixel(0, 0).0;
        assert!(pixel[0].abs_diff(128) <= 1 && pixel[1] == 9, "{pixel:?}");
        let level = deep.to_luma16().get_pixel(0, 0).0[0];
        assert!(level.abs_diff(32_900) < 257, "{level}");
    }
}
