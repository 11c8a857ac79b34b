//! The part of a photo a model sees: the middle, as the model's makers cut it, or another one that the user chose.

use std::{fmt, str::FromStr};

use image::{Rgb, RgbImage, imageops};
use serde::{Deserialize, Serialize};

use super::{
    Bands, Size,
    resize::{Part, Resampling, Window, resize_plane, resize_window},
};

/// How a photo becomes what a model sees: the shorter side is resized to `resize`, then a piece of the size `crop` is cut
/// from the middle; or the whole photo is squashed to that size.
///
/// The same as torchvision's `Resize(resize, …)` and `CenterCrop(crop)` on a Pillow image, its roundings included. Where
/// `crop` exceeds what is resized torchvision pads with black; here the photo is resized until it fills the crop instead,
/// for black borders would be explained like a part of the photo. A side of 0 counts as 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CropRule {
    /// Length of the shorter side after resizing, in pixels.
    pub resize: u32,
    /// Width and height of what is cut.
    pub crop: Size,
    /// How pixels are made of others.
    pub resampling: Resampling,
    /// Whether the photo is resized to `crop`, whatever its shape, and nothing is cut.
    pub squashes: bool,
}

/// Which part of a photo the model sees, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum CropMode {
    /// As [`CropRule`] says: what the model was measured with, mostly the middle.
    #[default]
    Center,
    /// The whole photo, its sides squeezed or stretched.
    Squash,
    /// The whole photo in its own shape, with bars in the model's mean colour.
    Letterbox,
    /// A part of the photo that the user chose; one of another shape is squeezed or stretched.
    Region(PixelRect),
}

/// Whole pixels of a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PixelRect {
    /// Pixels left of it.
    pub x: u32,
    /// Pixels above it.
    pub y: u32,
    /// Its width, at least 1.
    pub width: u32,
    /// Its height, at least 1.
    pub height: u32,
}

/// A crop that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CropError {
    /// It is not on the photo, or not wholly.
    #[error(
        "the crop {mode} is not on the picture, which has {width} × {height} pixels: give X,Y,W,H with X + W and Y + H at most those"
    )]
    Outside {
        /// The crop.
        mode: CropMode,
        /// Width of the photo.
        width: u32,
        /// Height of the photo.
        height: u32,
    },
    /// No words for a crop.
    #[error("“{0}” is no crop: give center, squash, letterbox, or X,Y,W,H in whole pixels of the picture")]
    Unknown(String),
}

impl CropMode {
    /// The ones with a name.
    pub const NAMED: [Self; 3] = [Self::Center, Self::Squash, Self::Letterbox];

    /// Whether a photo of this size has such a crop.
    ///
    /// # Errors
    /// [`CropError::Outside`] for a region without pixels or with some beyond the photo.
    pub fn check(self, width: u32, height: u32) -> Result<(), CropError> {
        let Self::Region(part) = self else { return Ok(()) };
        let fits = |start: u32, length: u32, whole: u32| {
            length > 0 && start.checked_add(length).is_some_and(|end| end <= whole)
        };
        if fits(part.x, part.width, width) && fits(part.y, part.height, height) {
            Ok(())
        } else {
            Err(CropError::Outside { mode: self, width, height })
        }
    }
}

impl fmt::Display for CropMode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Center => formatter.write_str("center"),
            Self::Squash => formatter.write_str("squash"),
            Self::Letterbox => formatter.write_str("letterbox"),
            Self::Region(PixelRect { x, y, width, height }) => write!(formatter, "{x},{y},{width},{height}"),
        }
    }
}

impl FromStr for CropMode {
    type Err = CropError;

    fn from_str(text: &str) -> Result<Self, CropError> {
        let text = text.trim();
        if let Some(mode) = Self::NAMED.into_iter().find(|mode| mode.to_string() == text) {
            return Ok(mode);
        }
        let unknown = || CropError::Unknown(text.to_owned());
        let numbers: Result<Vec<u32>, _> = text.split(',').map(|number| number.trim().parse()).collect();
        match numbers.map_err(|_| unknown())?[..] {
            [x, y, width, height] if width > 0 && height > 0 => Ok(Self::Region(PixelRect { x, y, width, height })),
            _ => Err(unknown()),
        }
    }
}

impl TryFrom<String> for CropMode {
    type Error = CropError;

    fn try_from(text: String) -> Result<Self, CropError> {
        text.parse()
    }
}

impl From<CropMode> for String {
    fn from(mode: CropMode) -> Self {
        mode.to_string()
    }
}

/// A rectangle in a photo, in its pixels; `(0, 0)` is the outer corner of the top left pixel.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Region {
    /// Left edge; negative where there are bars beside the photo.
    pub x: f32,
    /// Top edge; negative where there are bars above the photo.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

impl Region {
    /// The place in the photo that lies at `[x, y]` of the crop, both from 0 to 1.
    pub fn photo_from_crop(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        [self.x + x * self.width, self.y + y * self.height]
    }

    /// The place in the crop, from 0 to 1 across and down, of `[x, y]` in the photo's pixels.
    pub fn crop_from_photo(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        [(x - self.x) / self.width, (y - self.y) / self.height]
    }
}

/// What the model sees, and where in the photo it lies.
#[derive(Debug, Clone, PartialEq)]
pub struct Crop {
    /// As a picture; of bands, some of them, as they are drawn.
    pub image: RgbImage,
    /// Its bands, if it was cut from a picture that has others than red, green and blue; as wide and as high.
    pub bands: Option<Bands>,
    /// What it covers of the photo; a letterbox reaches beyond it by its bars.
    pub region: Region,
}

impl CropRule {
    /// The shorter side to `resize` pixels by bicubic resampling, and the middle square of `crop` pixels a side.
    pub const fn new(resize: u32, crop: u32) -> Self {
        Self { resize, crop: Size::square(crop as usize), resampling: Resampling::Bicubic, squashes: false }
    }

    /// The same rule for a crop of another size: the shorter side is resized in proportion.
    pub fn with_size(self, crop: Size) -> Self {
        let (own, other) = (self.crop.shorter().max(1) as u64, crop.shorter() as u64);
        let resize = (u64::from(self.resize) * other + own / 2) / own;
        Self { resize: resize.try_into().unwrap_or(u32::MAX), crop, ..self }
    }

    /// Cuts to another size, and resizes to as much around it in proportion, rounded down as Python's `//` does.
    pub fn resize_for(&mut self, crop: Size) {
        let side = crop.shorter() as u64;
        let resize = u64::from(self.resize) * side / self.crop.shorter().max(1) as u64;
        self.resize = u32::try_from(resize).unwrap_or(side as u32);
        self.crop = crop;
    }

    /// Cuts the middle of `photo`, as the model sees it; a photo without pixels gives black.
    ///
    /// Only the crop is computed, not the whole resized photo, so a picture of extreme aspect takes no more memory
    /// than another of as many pixels.
    pub fn apply(self, photo: &RgbImage) -> Crop {
        self.cut(photo, CropMode::Center, Rgb([0; 3]))
    }

    /// Cuts `photo` as `mode` says, bars in `bars`; a photo or region without pixels gives that colour alone.
    ///
    /// Squashing and regions are Pillow's `crop` and `resize`, letterboxes its `ImageOps.pad`, all to the bit.
    pub fn cut(self, photo: &RgbImage, mode: CropMode, bars: Rgb<u8>) -> Crop {
        let (width, height) = photo.dimensions();
        let (across, down) = self.dimensions();
        let region = self.region_of(mode, width, height);
        let image = match self.placement(mode, width, height) {
            Some(Placement { part, full, window, left, top }) => {
                let cut = resize_window(photo, part, full, window, self.resampling);
                if (window.width, window.height) == (across, down) {
                    cut
                } else {
                    let mut whole = RgbImage::from_pixel(across, down, bars);
                    imageops::replace(&mut whole, &cut, i64::from(left), i64::from(top));
                    whole
                }
            }
            None => RgbImage::from_pixel(across, down, bars),
        };
        Crop { image, bands: None, region }
    }

    /// The same of a picture's bands: they are cut in their own numbers, and drawn as the picture is. Bars have `bars`, a
    /// number a band; a picture or region without pixels gives those alone.
    pub fn cut_bands(self, bands: &Bands, mode: CropMode, bars: &[f32]) -> Crop {
        let side = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let Size { width, height } = bands.size();
        let (across, down) = self.dimensions();
        let size = Size { width: across as usize, height: down as usize };
        let region = self.region_of(mode, side(width), side(height));
        let placement = self.placement(mode, side(width), side(height));
        let cut = |(plane, bar): (&[f32], &f32)| {
            let mut whole = vec![*bar; size.area()];
            if let Some(Placement { part, full, window, left, top }) = placement {
                let cut = resize_plane(plane, width, part, full, window, self.resampling);
                let rows = whole.chunks_exact_mut(size.width).skip(top as usize);
                for (to, from) in rows.zip(cut.chunks_exact((window.width as usize).max(1))) {
                    to[left as usize..][..from.len()].copy_from_slice(from);
                }
            }
            whole
        };
        let cut = bands.like(size, bands.planes().zip(bars).flat_map(cut).collect());
        Crop { image: cut.picture(), bands: Some(cut), region }
    }

    /// The part of a `width`×`height` photo that [`CropRule::apply`] would show.
    pub fn region(self, width: u32, height: u32) -> Region {
        self.region_of(CropMode::Center, width, height)
    }

    /// What [`CropRule::cut`] would show of a `width`×`height` photo.
    pub fn region_of(self, mode: CropMode, width: u32, height: u32) -> Region {
        let Some(Placement { part, full, window, left, top }) = self.placement(mode, width, height) else {
            return Region { x: 0.0, y: 0.0, width: 0.0, height: 0.0 };
        };
        let (across, down) = self.dimensions();
        // Two ratios, for the longer side is rounded to whole pixels.
        let x_ratio = f64::from(part.width) / full.0 as f64;
        let y_ratio = f64::from(part.height) / full.1 as f64;
        Region {
            x: (f64::from(part.x) + (window.left as f64 - f64::from(left)) * x_ratio) as f32,
            y: (f64::from(part.y) + (window.top as f64 - f64::from(top)) * y_ratio) as f32,
            width: (f64::from(across) * x_ratio) as f32,
            height: (f64::from(down) * y_ratio) as f32,
        }
    }

    /// Width and height of the crop, each at least 1.
    fn dimensions(self) -> (u32, u32) {
        let length = |side: usize| u32::try_from(side.max(1)).unwrap_or(u32::MAX);
        (length(self.crop.width), length(self.crop.height))
    }

    /// How the crop is filled; nothing for a photo without pixels, or a region that it does not have.
    fn placement(self, mode: CropMode, width: u32, height: u32) -> Option<Placement> {
        let (across, down) = self.dimensions();
        mode.check(width, height).ok()?;
        let whole = Part { x: 0, y: 0, width, height };
        if width == 0 || height == 0 {
            return None;
        }
        Some(match mode {
            CropMode::Center if self.squashes => Placement::filling(whole, (across, down)),
            CropMode::Center => {
                let full = self.resized(width, height)?;
                let window =
                    Window { left: centred(full.0, across), top: centred(full.1, down), width: across, height: down };
                Placement { part: whole, full, window, left: 0, top: 0 }
            }
            CropMode::Squash => Placement::filling(whole, (across, down)),
            CropMode::Region(PixelRect { x, y, width, height }) => {
                Placement::filling(Part { x, y, width, height }, (across, down))
            }
            CropMode::Letterbox => {
                // Pillow's `ImageOps.contain`: the side that is longer for its place fills it, the other is rounded.
                let rounded = |length: f64, most: u32| (length.round_ties_even() as u32).clamp(1, most);
                let is_wide = u64::from(width) * u64::from(down) >= u64::from(height) * u64::from(across);
                let (wide, high) = if is_wide {
                    (across, rounded(f64::from(height) / f64::from(width) * f64::from(across), down))
                } else {
                    (rounded(f64::from(width) / f64::from(height) * f64::from(down), across), down)
                };
                let window = Window { left: 0, top: 0, width: wide, height: high };
                Placement {
                    part: whole,
                    full: (u64::from(wide), u64::from(high)),
                    window,
                    left: centred(u64::from(across), wide) as u32,
                    top: centred(u64::from(down), high) as u32,
                }
            }
        })
    }

    /// What a `width` × `height` photo is resized to before its middle is cut: its shorter side to `resize`, or to more if
    /// the crop would reach beyond it, and the other in proportion.
    fn resized(self, width: u32, height: u32) -> Option<(u64, u64)> {
        let (across, down) = self.dimensions();
        let (short, long) = (u64::from(width.min(height)), u64::from(width.max(height)));
        let (along_short, along_long) = if width <= height { (across, down) } else { (down, across) };
        let filling = (u64::from(along_long) * short).div_ceil(long.max(1));
        let short_side = u64::from(self.resize.max(along_short)).max(filling);
        let long_side = (short_side * long).checked_div(short)?;
        Some(if width <= height { (short_side, long_side) } else { (long_side, short_side) })
    }
}

/// A part of a photo is resized to `full`, and a window of that put into the crop, so many pixels from its edges.
#[derive(Clone, Copy)]
struct Placement {
    part: Part,
    full: (u64, u64),
    window: Window,
    left: u32,
    top: u32,
}

impl Placement {
    /// The whole of a part, in the whole crop.
    fn filling(part: Part, (width, height): (u32, u32)) -> Self {
        let window = Window { left: 0, top: 0, width, height };
        Self { part, full: (u64::from(width), u64::from(height)), window, left: 0, top: 0 }
    }
}

/// Where a stretch of `crop` begins in the middle of `full` pixels; halves round to even, as Python's `round` does.
fn centred(full: u64, crop: u32) -> u64 {
    let doubled = full.saturating_sub(u64::from(crop));
    let floor = doubled / 2;
    floor + (doubled & floor & 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const VGG: CropRule = CropRule::new(256, 224);

    #[test]
    fn region_of_a_landscape_photo_is_centred() {
        let region = VGG.region(512, 256);
        assert_eq!(region, Region { x: 144.0, y: 16.0, width: 224.0, height: 224.0 });
    }

    #[test]
    fn region_of_a_portrait_photo_is_centred_and_in_photo_pixels() {
        let region = VGG.region(512, 1024);
        assert_eq!(region, Region { x: 32.0, y: 288.0, width: 448.0, height: 448.0 });
    }

    #[test]
    fn the_longer_side_is_cut_to_whole_pixels_and_half_offsets_round_to_even() {
        // torchvision: int(256·500/375) = 341; round((341 − 224)/2 = 58.5) = 58.
        let placement = VGG.placement(CropMode::Center, 500, 375).unwrap();
        assert_eq!(placement.full, (341, 256));
        assert_eq!((placement.window.left, placement.window.top), (58, 16));
        // int(256·1001/333 = 769.5…) = 769.
        assert_eq!(VGG.placement(CropMode::Center, 333, 1001).unwrap().full, (256, 769));
        // round(59.5) = 60.
        assert_eq!(centred(343, 224), 60);
    }

    #[test]
    fn a_line_of_pixels_is_cropped_without_a_picture_of_its_resized_length() {
        for (width, height) in [(1, 10_000), (10_000, 1)] {
            let crop = VGG.apply(&RgbImage::from_pixel(width, height, Rgb([1, 2, 3])));
            assert!(crop.image.pixels().all(|pixel| pixel.0 == [1, 2, 3]));
            assert_eq!(crop.image.dimensions(), (224, 224));
        }
    }

    #[test]
    fn a_crop_larger_than_the_resize_shows_the_whole_shorter_side() {
        let region = CropRule::new(10, 20).region(40, 80);
        assert_eq!(region, Region { x: 0.0, y: 20.0, width: 40.0, height: 40.0 });
    }

    #[test]
    fn a_photo_without_pixels_gives_black() {
        let crop = CropRule::new(4, 2).apply(&RgbImage::new(0, 7));
        assert_eq!(crop.image, RgbImage::new(2, 2));
    }

    /// A picture without symmetry, the same as the one Pillow was given for the numbers below.
    fn pattern() -> RgbImage {
        RgbImage::from_fn(13, 9, |x, y| {
            Rgb([(x * x * 7 + y * 13) as u8, (x * 31 + y * y * 3) as u8, (x * y * 11 + 5) as u8])
        })
    }

    const BARS: Rgb<u8> = Rgb([10, 20, 30]);

    fn square(side: u32) -> CropRule {
        CropRule::new(side, side)
    }

    fn part(x: u32, y: u32, width: u32, height: u32) -> CropMode {
        CropMode::Region(PixelRect { x, y, width, height })
    }

    #[test]
    fn a_squashed_photo_is_pillows_resize() {
        // Image.fromarray(pattern).resize((4, 4), Image.BICUBIC)
        let expected = [
            26, 39, 14, 121, 144, 38, 132, 167, 73, 148, 75, 86, 56, 61, 43, 131, 170, 138, 149, 111, 135, 127, 93,
            140, 86, 126, 83, 163, 154, 130, 113, 68, 123, 123, 159, 129, 118, 189, 94, 135, 90, 122, 98, 142, 112,
            100, 151, 109,
        ];
        let crop = square(4).cut(&pattern(), CropMode::Squash, BARS);
        assert_eq!(crop.image.as_raw()[..], expected);
        assert_eq!(crop.region, Region { x: 0.0, y: 0.0, width: 13.0, height: 9.0 });
    }

    #[test]
    fn a_region_is_pillows_crop_and_resize() {
        // Image.fromarray(pattern).crop((3, 2, 11, 8)).resize((4, 4), Image.BICUBIC)
        let expected = [
            132, 126, 94, 116, 199, 154, 142, 125, 157, 163, 39, 151, 150, 155, 162, 135, 203, 144, 154, 71, 92, 185,
            72, 121, 172, 201, 155, 168, 95, 81, 78, 50, 146, 132, 121, 140, 169, 148, 126, 110, 43, 135, 103, 113,
            103, 64, 172, 98,
        ];
        let crop = square(4).cut(&pattern(), part(3, 2, 8, 6), BARS);
        assert_eq!(crop.image.as_raw()[..], expected);
        assert_eq!(crop.region, Region { x: 3.0, y: 2.0, width: 8.0, height: 6.0 });
    }

    #[test]
    fn a_letterbox_is_pillows_pad() {
        // ImageOps.pad(Image.fromarray(pattern), (6, 6), Image.BICUBIC, (10, 20, 30)): rows 1 and 2.
        let expected = [
            13, 22, 10, 66, 86, 25, 145, 156, 43, 127, 214, 67, 134, 70, 87, 155, 93, 83, 41, 44, 25, 97, 109, 93, 145,
            191, 153, 127, 143, 136, 176, 49, 134, 97, 121, 140,
        ];
        let crop = square(6).cut(&pattern(), CropMode::Letterbox, BARS);
        assert_eq!(crop.image.as_raw()[18..54], expected);
        for bar in [0, 5] {
            assert!((0..6).all(|x| *crop.image.get_pixel(x, bar) == BARS), "row {bar}");
        }
        // Four of six rows show nine: 2.25 a row, and as much above and below.
        assert_eq!(crop.region.y, -2.25);
        assert!((crop.region.height - 13.5).abs() < 1e-6 && (crop.region.width - 13.0).abs() < 1e-6);
    }

    /// Four bands, each in another range, the same as those that Pillow was given for the numbers below.
    fn bands() -> Bands {
        let value = |band: usize, x: i32, y: i32| match band {
            0 => ((x * x * 7 + y * 13) % 256) as f32 / 255.0 - 0.25,
            1 => (f64::from(x) * 0.7).sin().mul_add(3.0, f64::from(y * y) * 0.1) as f32,
            2 => ((x * y * 11 + 5) % 17) as f32,
            _ => (x - y) as f32 * 1000.0,
        };
        let places = |band: usize| (0..9).flat_map(move |y| (0..13).map(move |x| value(band, x, y)));
        Bands::new(Size { width: 13, height: 9 }, (0..4).flat_map(places).collect(), false).unwrap()
    }

    #[test]
    fn bands_are_cut_as_pillow_cuts_floats() {
        let near = |found: &[f32], wanted: &[f32], what: &str| {
            let most = wanted.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
            let far = found.iter().zip(wanted).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(found.len() == wanted.len() && far <= 1e-6 * most, "{what}: {far} of {most}");
        };
        let bars = [0.0; 4];
        // Image.fromarray(band, "F").resize((4, 4), Image.BICUBIC)
        let crop = square(4).cut_bands(&bands(), CropMode::Squash, &bars);
        let squashed = crop.bands.unwrap();
        assert_eq!(crop.region, Region { x: 0.0, y: 0.0, width: 13.0, height: 9.0 });
        near(
            &squashed.values()[..16],
            &[
                -0.149_881_26,
                0.225_155_06,
                0.268_984_2,
                0.330_130_46,
                -0.031_393_47,
                0.261_425_3,
                0.332_386_85,
                0.250_526,
                0.088_084_85,
                0.391_634_1,
                0.192_307_8,
                0.233_326_4,
                0.214_866_76,
                0.280_436_7,
                0.132_543_55,
                0.141_849_74,
            ],
            "the first band",
        );
        near(
            &squashed.values()[48..],
            &[
                517.633_2,
                3_628.803_7,
                7_013.574,
                10_124.745,
                -1_631.649,
                1_479.521_4,
                4_864.292,
                7_975.462_4,
                -3_975.462_6,
                -864.292_3,
                2_520.478_8,
                5_631.649,
                -6_124.744_6,
                -3_013.574_5,
                371.196_4,
                3_482.366_7,
            ],
            "the last band",
        );
        // Image.fromarray(band, "F").crop((3, 2, 11, 8)).resize((5, 3), Image.LANCZOS)
        let rule = CropRule { crop: Size { width: 5, height: 3 }, resampling: Resampling::Lanczos, ..square(4) };
        let region = rule.cut_bands(&bands(), part(3, 2, 8, 6), &bars).bands.unwrap();
        near(
            &region.values()[15..30],
            &[
                2.785_748,
                -0.175_519_17,
                -2.410_407,
                -1.055_166_6,
                2.025_646_2,
                4.193_48,
                1.232_212_8,
                -1.002_675_2,
                0.352_565_4,
                3.433_378,
                6.413_583_3,
                3.452_316_3,
                1.217_428_2,
                2.572_668_8,
                5.653_481_5,
            ],
            "a part",
        );
        // Resized to 7 × 5 by Image.BILINEAR, and from there .crop((2, 0, 6, 4)).
        let rule = CropRule { resampling: Resampling::Bilinear, ..CropRule::new(5, 4) };
        let middle = rule.cut_bands(&bands(), CropMode::Center, &bars).bands.unwrap();
        near(
            &middle.values()[32..48],
            &[
                7.797_619,
                5.897_143,
                6.898_809_4,
                6.633_929,
                6.549_479_5,
                7.592_499_7,
                11.286_458,
                9.914_062_5,
                4.875,
                10.88,
                7.291_666_5,
                8.875,
                10.388_020_5,
                10.25,
                6.348_958_5,
                5.429_687_5,
            ],
            "the middle",
        );
    }

    #[test]
    fn bars_beside_bands_have_a_number_a_band() {
        let crop = square(6).cut_bands(&bands(), CropMode::Letterbox, &[1.0, 2.0, 3.0, 4.0]);
        let cut = crop.bands.unwrap();
        assert_eq!(crop.image, cut.picture());
        let inside = square(6).cut(&pattern(), CropMode::Letterbox, BARS);
        assert_eq!(crop.region, inside.region);
        for (plane, bar) in cut.planes().zip([1.0, 2.0, 3.0, 4.0]) {
            assert!(plane[..6].iter().chain(&plane[30..]).all(|value| *value == bar));
            assert!(plane[6..30].iter().all(|value| *value != bar));
        }
        let nothing = square(2).cut_bands(&bands(), part(13, 0, 4, 4), &[1.0, 2.0, 3.0, 4.0]);
        assert_eq!(nothing.bands.unwrap().values()[4..8], [2.0; 4]);
    }

    #[test]
    fn a_crop_that_is_no_square_is_pillows_and_torchvisions() {
        let rule = CropRule { crop: Size { width: 3, height: 5 }, ..CropRule::new(6, 3) };
        // resize((3, 5), BICUBIC); ImageOps.pad(…, (3, 5), BICUBIC, (10, 20, 30)); Resize(6) and CenterCrop((5, 3)).
        let squashed = [
            45, 58, 13, 135, 174, 36, 148, 97, 62, 67, 74, 49, 129, 161, 138, 133, 82, 147, 92, 114, 91, 148, 136, 131,
            143, 101, 128, 118, 157, 101, 133, 90, 122, 97, 152, 124, 129, 164, 101, 113, 110, 116, 101, 155, 107,
        ];
        let padded = [
            10, 20, 30, 10, 20, 30, 10, 20, 30, 10, 20, 30, 10, 20, 30, 10, 20, 30, 65, 78, 47, 137, 158, 102, 140, 91,
            114, 116, 150, 100, 130, 107, 125, 109, 140, 122, 10, 20, 30, 10, 20, 30, 10, 20, 30,
        ];
        let centred = [
            96, 111, 16, 172, 161, 21, 131, 225, 27, 122, 120, 71, 130, 172, 106, 89, 212, 142, 142, 143, 138, 153,
            205, 176, 114, 169, 145, 161, 190, 186, 181, 175, 90, 105, 33, 91, 176, 187, 123, 147, 41, 100, 114, 67,
            147,
        ];
        for (mode, expected) in
            [(CropMode::Squash, squashed), (CropMode::Letterbox, padded), (CropMode::Center, centred)]
        {
            let crop = rule.cut(&pattern(), mode, BARS);
            assert_eq!((crop.image.dimensions(), &crop.image.as_raw()[..]), ((3, 5), &expected[..]), "{mode}");
        }
        // A photo that is too narrow for the crop when its shorter side is resized is resized to more.
        let wide = CropRule { crop: Size { width: 40, height: 10 }, ..CropRule::new(12, 10) };
        assert_eq!(wide.region(20, 20), Region { x: 0.0, y: 7.5, width: 20.0, height: 5.0 });
    }

    #[test]
    fn a_letterbox_of_a_tall_photo_has_its_bars_beside_it() {
        let photo = RgbImage::from_pixel(20, 40, Rgb([9; 3]));
        let crop = square(8).cut(&photo, CropMode::Letterbox, BARS);
        for (x, _, pixel) in crop.image.enumerate_pixels() {
            assert_eq!(*pixel, if (2..6).contains(&x) { Rgb([9; 3]) } else { BARS }, "column {x}");
        }
        assert_eq!(crop.region, Region { x: -10.0, y: 0.0, width: 40.0, height: 40.0 });
    }

    #[test]
    fn a_place_is_found_in_crop_and_photo_alike_in_every_mode() {
        // One bright photo pixel is where the map says, to a pixel of the square.
        for mode in [CropMode::Center, CropMode::Squash, CropMode::Letterbox, part(20, 30, 60, 30)] {
            let mut photo = RgbImage::new(100, 80);
            photo.put_pixel(50, 45, Rgb([255; 3]));
            let crop = CropRule::new(44, 40).cut(&photo, mode, Rgb([0; 3]));
            let brightest = crop.image.enumerate_pixels().max_by_key(|(_, _, pixel)| pixel.0[0]).unwrap();
            let [x, y] = crop.region.crop_from_photo([50.5, 45.5]).map(|place| place * 40.0);
            let (found_x, found_y) = (brightest.0 as f32 + 0.5, brightest.1 as f32 + 0.5);
            assert!((x - found_x).abs() <= 1.0 && (y - found_y).abs() <= 1.0, "{mode}: {x} {y}, {brightest:?}");
            let [x, y] = crop.region.photo_from_crop([x / 40.0, y / 40.0]);
            assert!((x - 50.5).abs() < 1e-3 && (y - 45.5).abs() < 1e-3, "{mode}: {x} {y}");
        }
    }

    #[test]
    fn a_region_that_is_not_on_the_photo_is_refused_and_nothing_panics() {
        for mode in [part(10, 0, 4, 4), part(0, 6, 4, 4), part(0, 0, 0, 4), part(u32::MAX, 0, 2, 2)] {
            let error = mode.check(13, 9).unwrap_err().to_string();
            assert!(error.contains("13 × 9") && error.contains(&mode.to_string()), "{error}");
            assert_eq!(square(2).cut(&pattern(), mode, BARS).image, RgbImage::from_pixel(2, 2, BARS));
        }
        assert_eq!(part(9, 5, 4, 4).check(13, 9), Ok(()));
    }

    #[test]
    fn a_crop_is_written_as_it_is_read() {
        for mode in CropMode::NAMED.into_iter().chain([part(1, 2, 3, 4)]) {
            assert_eq!(mode.to_string().parse(), Ok(mode));
        }
        assert_eq!(" 1, 2,3 ,4".parse(), Ok(part(1, 2, 3, 4)));
        for text in ["", "middle", "1,2,3", "1,2,3,4,5", "1,2,0,4", "-1,2,3,4", "1.5,2,3,4"] {
            assert!(text.parse::<CropMode>().is_err(), "{text}");
        }
    }

    #[test]
    fn another_size_keeps_the_rules_proportion() {
        assert_eq!(VGG.with_size(Size::square(299)), CropRule::new(342, 299));
        assert_eq!(VGG.with_size(Size::square(224)), VGG);
    }

    proptest! {
        #[test]
        fn a_letterbox_holds_the_whole_photo(width in 1..3000_u32, height in 1..3000_u32, side in 1..400_u32) {
            let region = square(side).region_of(CropMode::Letterbox, width, height);
            let slack = 1e-3 * width.max(height) as f32;
            prop_assert!(region.x <= slack && region.y <= slack);
            prop_assert!(region.x + region.width >= width as f32 - slack);
            prop_assert!(region.y + region.height >= height as f32 - slack);
        }

        #[test]
        fn the_region_lies_inside_the_photo(
            width in 1..5000_u32, height in 1..5000_u32, resize in 1..600_u32, crop in 1..600_u32,
        ) {
            let region = CropRule::new(resize, crop).region(width, height);
            let slack = 1e-3;
            prop_assert!(region.x >= 0.0 && region.y >= 0.0);
            prop_assert!(region.x + region.width <= width as f32 + slack);
            prop_assert!(region.y + region.height <= height as f32 + slack);
            prop_assert!(region.width > 0.0 && region.height > 0.0);
        }

        #[test]
        fn the_square_has_the_side_the_rule_says(
            width in 1..60_u32, height in 1..60_u32, resize in 0..40_u32, crop in 0..40_u32,
        ) {
            let side = crop.max(1);
            let image = CropRule::new(resize, crop).apply(&RgbImage::new(width, height)).image;
            prop_assert_eq!(image.dimensions(), (side, side));
        }
    }
}
