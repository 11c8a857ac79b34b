//! Colours as they are drawn on a light ground.

/// How much of its light a line's colour keeps on a light ground: bright ones would not be seen there.
const ON_LIGHT: f64 = 0.62;

/// A line's colour as it is drawn on a light ground, a figure's for example: the same hue with less light.
pub fn on_light(color: [u8; 3]) -> [u8; 3] {
    color.map(|part| encoded(linear(part) * ON_LIGHT))
}

/// The light of one part of an sRGB colour, in [0, 1].
fn linear(part: u8) -> f64 {
    let part = f64::from(part) / 255.0;
    if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
}

/// And back.
fn encoded(light: f64) -> u8 {
    let part = if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
    (part * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_light_ground_takes_light_from_lines_until_they_stand_out() {
        for method in crate::explain::methods() {
            let [red, green, blue] = on_light(method.color).map(linear);
            let luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
            // What the Web Content Accessibility Guidelines 2.1 ask of lines on white.
            assert!(1.05 / (luminance + 0.05) >= 3.0, "{method:?}");
        }
        assert_eq!([0, 1, 17, 200, 255].map(|part| encoded(linear(part))), [0, 1, 17, 200, 255]);
    }
}
