//! What is read can be read, in dark and in light, by people with any kind of colour vision.

use egui::{Color32, Context, Rgba, Style, Theme, Visuals};

use super::*;

/// What the Web Content Accessibility Guidelines 2.1 ask of text (1.4.3).
const TEXT: f32 = 4.5;
/// What they ask of lines and controls (1.4.11).
const LINES: f32 = 3.0;
/// A distance in OKLab (Ottosson, 2020) at which two lines are told apart at a glance; 0.02 is just seen.
const APART: f32 = 0.04;

/// How people with each kind of colour vision see linear red, green and blue (Machado, Oliveira, Fernandes, 2009).
const VISIONS: [(&str, [[f32; 3]; 3]); 4] = [
    ("usual", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    ("protanopia", [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    ("deuteranopia", [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]),
    ("tritanopia", [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]]),
];

fn linear(color: Color32) -> [f32; 3] {
    let [red, green, blue, _] = Rgba::from(color).to_array();
    [red, green, blue]
}

fn dot(a: [f32; 3], b: [f32; 3]) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn luminance(color: Color32) -> f32 {
    dot(linear(color), [0.2126, 0.7152, 0.0722])
}

fn contrast(one: Color32, other: Color32) -> f32 {
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    one.max(other) / one.min(other)
}

/// What is seen of `color` over `ground`.
fn over(color: Color32, ground: Color32) -> Color32 {
    ground.blend(color)
}

fn oklab(color: [f32; 3]) -> [f32; 3] {
    let color = color.map(|part| part.max(0.0));
    let cones = [
        [0.412_221_46, 0.536_332_55, 0.051_445_995],
        [0.211_903_5, 0.680_699_5, 0.107_396_96],
        [0.088_302_46, 0.281_718_85, 0.629_978_7],
    ]
    .map(|row| dot(row, color).cbrt());
    [
        [0.210_454_26, 0.793_617_8, -0.004_072_047],
        [1.977_998_5, -2.428_592_2, 0.450_593_7],
        [0.025_904_037, 0.782_771_77, -0.808_675_77],
    ]
    .map(|row| dot(row, cones))
}

fn both(check: impl Fn(&str, &Visuals)) {
    let ctx = Context::default();
    apply(&ctx);
    for (name, theme) in [("dark", Theme::Dark), ("light", Theme::Light)] {
        let style: Style = (*ctx.style_of(theme)).clone();
        check(name, &style.visuals);
    }
}

#[test]
fn text_can_be_read_on_every_ground() {
    both(|name, visuals| {
        let grounds = [
            visuals.panel_fill,
            visuals.window_fill,
            wall_fill(visuals),
            over(visuals.faint_bg_color, visuals.panel_fill),
        ];
        for ground in grounds {
            let texts =
                [visuals.text_color(), visuals.weak_text_color(), visuals.strong_text_color(), error_color(visuals)];
            for text in texts {
                let found = contrast(over(text, ground), ground);
                assert!(found >= TEXT, "{name}: {text:?} on {ground:?} has {found:.2}");
            }
        }
        let button = visuals.widgets.inactive.weak_bg_fill;
        let pairs = [
            (error_color(visuals), error_fill(visuals)),
            (visuals.selection.stroke.color, visuals.selection.bg_fill),
            (visuals.text_color(), probability_fill(visuals, true)),
            (visuals.text_color(), probability_fill(visuals, false)),
            (visuals.widgets.inactive.text_color(), button),
            (visuals.widgets.hovered.text_color(), visuals.widgets.hovered.weak_bg_fill),
            (visuals.widgets.inactive.text_color(), visuals.text_edit_bg_color()),
        ];
        for (text, ground) in pairs {
            let found = contrast(text, ground);
            assert!(found >= TEXT, "{name}: {text:?} on {ground:?} has {found:.2}");
        }
    });
}

#[test]
fn words_on_pictures_can_be_read_on_black_and_on_white() {
    for picture in [Color32::BLACK, Color32::WHITE] {
        for scrim in [SCRIM, TAG_FILL, DROP_SCRIM] {
            let found = contrast(ON_SCRIM, over(scrim, picture));
            assert!(found >= TEXT, "{found:.2} on {scrim:?} over {picture:?}");
        }
        let seen = contrast(MARK, picture).max(contrast(MARK, over(MARK_EDGE, picture)));
        assert!(seen >= LINES, "{seen:.2}");
    }
}

#[test]
fn lines_are_seen_and_told_apart_whatever_the_ground_and_the_eye() {
    both(|name, visuals| {
        let methods = crate::explain::usual_methods()
            .iter()
            .map(|method| on_ground(method_color(method), visuals))
            .collect::<Vec<_>>();
        let terms = Shade::ALL.map(|line| shade(line, visuals));
        for line in methods.iter().chain(&terms).chain(&[accent(visuals), against(visuals)]) {
            for ground in [visuals.panel_fill, wall_fill(visuals)] {
                let found = contrast(*line, ground);
                assert!(found >= LINES, "{name}: {line:?} on {ground:?} has {found:.2}");
            }
        }
        for lines in [&methods[..], &terms[..]] {
            for (number, one) in lines.iter().enumerate() {
                for other in &lines[..number] {
                    for (vision, matrix) in VISIONS {
                        let [a, b] = [one, other].map(|color| oklab(matrix.map(|row| dot(row, linear(*color)))));
                        let apart = (0..3).map(|part| (a[part] - b[part]).powi(2)).sum::<f32>().sqrt();
                        assert!(apart >= APART, "{name}, {vision}: {one:?} and {other:?} are {apart:.3} apart");
                    }
                }
            }
        }
    });
}
