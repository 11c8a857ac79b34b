//! Colour maps: what colour a value between 0 and 1 is drawn in, or between −1 and 1.

use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// How a value between 0 and 1 is shown as a colour.
///
/// [`Colormap::Turbo`] is the default: over a photo it reads as people of this field expect from jet, blue for what
/// does not matter and red for what does, without jet's false edges at cyan and yellow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Colormap {
    /// Google's improved rainbow (Mikhailov, 2019): blue, green, red, evenly bright in between.
    #[default]
    Turbo,
    /// Matplotlib's default (van der Walt and Smith, 2015): violet, green, yellow; even steps, also in grey and to
    /// the colour-blind.
    Viridis,
    /// Black, red, yellow, white; even steps. Good beside, less over, a photo.
    Inferno,
    /// Black, violet, rose, cream; even steps, softer than inferno.
    Magma,
    /// Blue, purple, orange, yellow; even steps, and no black that could be read as shadow.
    Plasma,
    /// The rainbow of most published saliency maps, for comparison with them. Its steps are uneven.
    Jet,
    /// Black to white.
    Grey,
    /// For maps that tell for from against (Moreland, 2009): blue below 0, grey at 0, red above.
    BlueRed,
}

/// Colours in a map's table; a value is rounded to the nearest.
const ENTRIES: usize = 256;

impl Colormap {
    /// All maps, in the order to offer them.
    pub const ALL: [Self; 8] =
        [Self::Turbo, Self::Viridis, Self::Inferno, Self::Magma, Self::Plasma, Self::Jet, Self::Grey, Self::BlueRed];

    /// The name to show.
    pub fn name(self) -> &'static str {
        match self {
            Self::Turbo => "Turbo",
            Self::Viridis => "Viridis",
            Self::Inferno => "Inferno",
            Self::Magma => "Magma",
            Self::Plasma => "Plasma",
            Self::Jet => "Jet",
            Self::Grey => "Grey",
            Self::BlueRed => "Blue-red",
        }
    }

    /// Whether it has colours for values below 0: they are then from −1 to 1, else from 0 to 1.
    pub fn is_signed(self) -> bool {
        self == Self::BlueRed
    }

    /// The colour (red, green, blue) of `value`, which is clamped to [0, 1], or to [−1, 1] where those below 0 have
    /// colours of their own; NaN counts as 0.
    pub fn rgb(self, value: f32) -> [u8; 3] {
        let value = if value.is_nan() { 0.0 } else { value };
        let value = if self.is_signed() { (value + 1.0) / 2.0 } else { value };
        let entry = (value.clamp(0.0, 1.0) * (ENTRIES - 1) as f32).round() as u8;
        self.table()[usize::from(entry)]
    }

    fn table(self) -> &'static [[u8; 3]; ENTRIES] {
        static TURBO_TABLE: LazyLock<[[u8; 3]; ENTRIES]> = LazyLock::new(|| from_stops(&TURBO));
        static VIRIDIS_TABLE: LazyLock<[[u8; 3]; ENTRIES]> = LazyLock::new(|| from_stops(&VIRIDIS));
        static INFERNO_TABLE: LazyLock<[[u8; 3]; ENTRIES]> = LazyLock::new(|| from_stops(&INFERNO));
        static MAGMA_TABLE: LazyLock<[[u8; 3]; ENTRIES]> = LazyLock::new(|| from_stops(&MAGMA));
        static PLASMA_TABLE: LazyLock<[[u8; 3]; ENTRIES]> = LazyLock::new(|| from_stops(&PLASMA));
        static JET_TABLE: LazyLock<[[u8; 3]; ENTRIES]> = LazyLock::new(jet);
        static GREY_TABLE: LazyLock<[[u8; 3]; ENTRIES]> =
            LazyLock::new(|| std::array::from_fn(|entry| [entry as u8; 3]));
        static BLUE_RED_TABLE: LazyLock<[[u8; 3]; ENTRIES]> = LazyLock::new(|| from_stops(&BLUE_RED));
        match self {
            Self::Turbo => &TURBO_TABLE,
            Self::Viridis => &VIRIDIS_TABLE,
            Self::Inferno => &INFERNO_TABLE,
            Self::Magma => &MAGMA_TABLE,
            Self::Plasma => &PLASMA_TABLE,
            Self::Jet => &JET_TABLE,
            Self::Grey => &GREY_TABLE,
            Self::BlueRed => &BLUE_RED_TABLE,
        }
    }
}

impl fmt::Display for Colormap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Jet by its definition: each channel rises, stays and falls in quarters of the range, blue first.
fn jet() -> [[u8; 3]; ENTRIES] {
    let channel = |value: f32, centre: f32| (1.5 - (4.0 * value - centre).abs()).clamp(0.0, 1.0);
    std::array::from_fn(|entry| {
        let value = entry as f32 / (ENTRIES - 1) as f32;
        [3.0, 2.0, 1.0].map(|centre| (255.0 * channel(value, centre)).round() as u8)
    })
}

/// The whole table from every fifth colour of it, by straight lines.
fn from_stops(stops: &[u32; STOPS]) -> [[u8; 3]; ENTRIES] {
    std::array::from_fn(|entry| {
        let (below, part) = (entry / STOP_EVERY, entry % STOP_EVERY);
        let above = (below + 1).min(STOPS - 1);
        let [_, from @ ..] = stops[below].to_be_bytes().map(usize::from);
        let [_, to @ ..] = stops[above].to_be_bytes().map(usize::from);
        std::array::from_fn(|channel| {
            let mixed = from[channel] * (STOP_EVERY - part) + to[channel] * part;
            ((mixed + STOP_EVERY / 2) / STOP_EVERY) as u8
        })
    })
}

/// Distance of the stops below in a table of [`ENTRIES`]. Straight lines between them stay within 1 level of the
/// published tables (2 for plasma, 3 for blue-red); a polynomial through them does not (up to 32 levels for turbo).
const STOP_EVERY: usize = 5;
const STOPS: usize = (ENTRIES - 1) / STOP_EVERY + 1;

// Every fifth of the 256 colours, as 0xRRGGBB, of the tables in matplotlib 3
// (viridis, inferno, magma and plasma: CC0; turbo: Anton Mikhailov, Google, Apache-2.0; blue-red: Kenneth Moreland's cool-warm).

const TURBO: [u32; STOPS] = [
    0x30123b, 0x36215f, 0x3b2f80, 0x3f3e9c, 0x424bb5, 0x4559cb, 0x4666dd, 0x4773eb, 0x4680f6, 0x458cfd, 0x4099ff,
    0x38a5fb, 0x2fb2f4, 0x27bee9, 0x1fc9dd, 0x1ad4d0, 0x18ddc2, 0x1ae4b6, 0x22ebaa, 0x2ff19b, 0x3ff68a, 0x52fa7a,
    0x65fd69, 0x79fe59, 0x8bff4b, 0x9cfe40, 0xa9fb39, 0xb7f735, 0xc3f134, 0xd0ea34, 0xdbe236, 0xe5d938, 0xeecf3a,
    0xf5c53a, 0xfaba39, 0xfdae35, 0xfea130, 0xfe932a, 0xfc8423, 0xf9751d, 0xf46617, 0xef5811, 0xe84b0c, 0xe14109,
    0xd83706, 0xce2d04, 0xc32503, 0xb71d02, 0xa91601, 0x9b0f01, 0x8b0902, 0x7a0403,
];

const VIRIDIS: [u32; STOPS] = [
    0x440154, 0x46085c, 0x471063, 0x481769, 0x481d6f, 0x482475, 0x472a7a, 0x46307e, 0x453781, 0x433d84, 0x414287,
    0x3f4889, 0x3d4e8a, 0x3a538b, 0x38598c, 0x355e8d, 0x33638d, 0x31688e, 0x2e6d8e, 0x2c718e, 0x2a768e, 0x297b8e,
    0x27808e, 0x25848e, 0x23898e, 0x218e8d, 0x20928c, 0x1f978b, 0x1e9c89, 0x1fa188, 0x21a585, 0x24aa83, 0x28ae80,
    0x2eb37c, 0x35b779, 0x3dbc74, 0x46c06f, 0x50c46a, 0x5ac864, 0x65cb5e, 0x70cf57, 0x7cd250, 0x89d548, 0x95d840,
    0xa2da37, 0xb0dd2f, 0xbddf26, 0xcae11f, 0xd8e219, 0xe5e419, 0xf1e51d, 0xfde725,
];

const INFERNO: [u32; STOPS] = [
    0x000004, 0x02020c, 0x050417, 0x0a0722, 0x10092d, 0x160b39, 0x1e0c45, 0x260c51, 0x2f0a5b, 0x380962, 0x400a67,
    0x490b6a, 0x510e6c, 0x59106e, 0x61136e, 0x69166e, 0x71196e, 0x781c6d, 0x801f6c, 0x88226a, 0x902568, 0x982766,
    0xa02a63, 0xa82e5f, 0xb0315b, 0xb73557, 0xbf3952, 0xc63d4d, 0xcc4248, 0xd34743, 0xd94d3d, 0xdf5337, 0xe45a31,
    0xe9612b, 0xed6925, 0xf1711f, 0xf47918, 0xf78212, 0xf98b0b, 0xfa9407, 0xfb9d07, 0xfca60c, 0xfcb014, 0xfbba1f,
    0xfac42a, 0xf8cd37, 0xf6d746, 0xf4e156, 0xf2ea69, 0xf2f27d, 0xf5f992, 0xfcffa4,
];

const MAGMA: [u32; STOPS] = [
    0x000003, 0x01010b, 0x040415, 0x09071f, 0x0e0a2a, 0x140d35, 0x1a1041, 0x20114d, 0x281159, 0x301065, 0x390f6e,
    0x420f74, 0x4a1079, 0x52127c, 0x5a157e, 0x61187f, 0x691c80, 0x711f81, 0x792281, 0x812581, 0x892881, 0x912a80,
    0x992d7f, 0xa12f7e, 0xa9327c, 0xb1357a, 0xb93778, 0xc23a75, 0xca3e72, 0xd1426e, 0xd9466a, 0xe04b66, 0xe65162,
    0xec585f, 0xf0605d, 0xf4685b, 0xf7715b, 0xf97b5d, 0xfb8460, 0xfc8e63, 0xfd9768, 0xfda16e, 0xfeaa74, 0xfeb37b,
    0xfebc82, 0xfec689, 0xfdcf92, 0xfdd89a, 0xfde1a3, 0xfceaac, 0xfcf3b5, 0xfbfcbf,
];

const PLASMA: [u32; STOPS] = [
    0x0c0786, 0x1b068c, 0x250591, 0x2f0495, 0x380499, 0x40039c, 0x49029f, 0x5101a2, 0x5901a4, 0x6100a6, 0x6800a7,
    0x7000a8, 0x7801a8, 0x7f03a7, 0x8607a6, 0x8e0ca4, 0x9511a1, 0x9b179e, 0xa21c9a, 0xa82296, 0xae2791, 0xb42d8d,
    0xb93388, 0xbe3883, 0xc33e7f, 0xc8447a, 0xcd4975, 0xd14f71, 0xd6556d, 0xda5a68, 0xde6064, 0xe26660, 0xe56c5b,
    0xe97257, 0xec7853, 0xef7e4e, 0xf2854a, 0xf58b46, 0xf79241, 0xf9993d, 0xfaa039, 0xfca735, 0xfdaf31, 0xfdb62d,
    0xfdbe29, 0xfdc626, 0xfcce25, 0xfad624, 0xf8df24, 0xf5e726, 0xf2f026, 0xeff821,
];

const BLUE_RED: [u32; STOPS] = [
    0x3a4cc0, 0x4054c7, 0x465dcf, 0x4c66d6, 0x526edc, 0x5876e2, 0x5f7ee7, 0x6586ec, 0x6c8ef1, 0x7395f4, 0x7a9df8,
    0x80a4fa, 0x87aafc, 0x8eb1fd, 0x95b7fe, 0x9cbcfe, 0xa3c1fe, 0xaac6fd, 0xb0cbfb, 0xb7cff9, 0xbdd2f6, 0xc3d5f2,
    0xc9d7ee, 0xcfd9ea, 0xd5dbe5, 0xdadcdf, 0xdfdbd9, 0xe4d8d1, 0xe8d5ca, 0xecd1c3, 0xefcdbb, 0xf2c8b3, 0xf4c3ab,
    0xf6bda4, 0xf6b79c, 0xf7b194, 0xf6aa8c, 0xf6a384, 0xf49b7c, 0xf29375, 0xf08b6d, 0xec8266, 0xe9795e, 0xe57057,
    0xe06650, 0xdb5c4a, 0xd65243, 0xcf463d, 0xc93b37, 0xc22d31, 0xbb1a2b, 0xb30326,
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn maps_agree_with_matplotlib_at_entries_that_are_not_stored() {
        // matplotlib.colormaps[…](entry, bytes=True)
        let close = |map: Colormap, entry: u8, expected: [u8; 3]| {
            let colour = map.rgb(f32::from(entry) / 255.0);
            let off = colour.iter().zip(expected).map(|(a, b)| a.abs_diff(b)).max();
            let allowed = if map == Colormap::Plasma { 2 } else { 1 };
            assert!(off <= Some(allowed), "{map} {entry}: {colour:?} is not {expected:?}");
        };
        close(Colormap::Turbo, 2, [51, 24, 74]);
        close(Colormap::Turbo, 63, [42, 185, 238]);
        close(Colormap::Turbo, 128, [164, 252, 60]);
        close(Colormap::Turbo, 202, [242, 96, 20]);
        close(Colormap::Turbo, 253, [129, 6, 2]);
        close(Colormap::Viridis, 2, [69, 4, 87]);
        close(Colormap::Viridis, 63, [59, 81, 139]);
        close(Colormap::Viridis, 128, [33, 145, 140]);
        close(Colormap::Viridis, 202, [117, 208, 84]);
        close(Colormap::Viridis, 253, [248, 230, 33]);
        close(Colormap::Inferno, 2, [1, 1, 6]);
        close(Colormap::Inferno, 63, [85, 15, 109]);
        close(Colormap::Inferno, 128, [188, 55, 84]);
        close(Colormap::Inferno, 202, [252, 161, 8]);
        close(Colormap::Inferno, 253, [249, 252, 157]);
        close(Colormap::Magma, 2, [0, 0, 6]);
        close(Colormap::Magma, 63, [79, 17, 123]);
        close(Colormap::Magma, 128, [182, 54, 121]);
        close(Colormap::Magma, 202, [253, 155, 106]);
        close(Colormap::Magma, 253, [251, 249, 187]);
        close(Colormap::Plasma, 2, [19, 6, 137]);
        close(Colormap::Plasma, 63, [124, 2, 167]);
        close(Colormap::Plasma, 128, [203, 71, 119]);
        close(Colormap::Plasma, 202, [251, 163, 55]);
        close(Colormap::Plasma, 253, [240, 245, 37]);
    }

    #[test]
    fn jet_runs_from_dark_blue_over_green_to_dark_red() {
        let jet = [0.0, 0.25, 0.5, 0.75, 1.0].map(|value| Colormap::Jet.rgb(value));
        assert_eq!(jet[0], [0, 0, 128]);
        assert!(jet[2][1] == 255 && jet[2][0].abs_diff(jet[2][2]) <= 5, "{:?}", jet[2]);
        assert_eq!(jet[4], [128, 0, 0]);
        assert!(jet[1][2] > 250 && jet[1][0] == 0 && jet[3][0] > 250 && jet[3][2] == 0);
    }

    #[test]
    fn a_signed_map_is_grey_at_nothing_blue_below_and_red_above() {
        let [against, nothing, for_it] = [-1.0, 0.0, 1.0].map(|value| Colormap::BlueRed.rgb(value));
        assert!(against[2] > 2 * against[0] && for_it[0] > 2 * for_it[2], "{against:?} {for_it:?}");
        assert!(nothing.iter().all(|level| level.abs_diff(220) <= 3), "{nothing:?}");
    }

    #[test]
    fn values_out_of_range_take_the_end_colours_and_nan_the_first() {
        for map in Colormap::ALL {
            assert_eq!(map.rgb(-7.0), map.rgb(if map.is_signed() { -1.0 } else { 0.0 }));
            assert_eq!(map.rgb(7.0), map.rgb(1.0));
            assert_eq!(map.rgb(f32::INFINITY), map.rgb(1.0));
            assert_eq!(map.rgb(f32::NAN), map.rgb(0.0));
        }
    }

    #[test]
    fn every_map_has_its_own_name() {
        let mut names = Colormap::ALL.map(Colormap::name);
        names.sort_unstable();
        assert_eq!(names, ["Blue-red", "Grey", "Inferno", "Jet", "Magma", "Plasma", "Turbo", "Viridis"]);
    }

    proptest! {
        #[test]
        fn even_maps_get_brighter_with_the_value(value in 0.0..0.97_f32) {
            let brightness = |[red, green, blue]: [u8; 3]| {
                0.2126 * f32::from(red) + 0.7152 * f32::from(green) + 0.0722 * f32::from(blue)
            };
            for map in [Colormap::Viridis, Colormap::Inferno, Colormap::Magma, Colormap::Plasma, Colormap::Grey] {
                prop_assert!(brightness(map.rgb(value + 0.03)) > brightness(map.rgb(value)));
            }
        }
    }
}
