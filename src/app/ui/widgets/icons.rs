//! Icons, painted: the fonts that come with egui have none.

use egui::{Atom, Color32, Painter, Rect, Response, Shape, Stroke, StrokeKind, Vec2, vec2};

/// Width and height of an icon, in points.
const SIZE: f32 = 11.0;

/// An icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// A triangle to the right.
    Run,
    /// Two bars.
    Pause,
    /// A square.
    Stop,
    /// An arrow head to the left.
    Back,
    /// An arrow head to the right.
    On,
    /// An arrow head downwards.
    Menu,
    /// An arrow head upwards.
    Up,
    /// An arrow down onto a line.
    Save,
    /// An exclamation mark in a triangle.
    Warning,
    /// A bent arrow back.
    Undo,
    /// A bent arrow on.
    Redo,
    /// A circle with an arrow head, back to where it began.
    Reset,
    /// Two arrows that follow each other.
    Loop,
    /// A cross.
    Close,
    /// A pin.
    Pin,
}

/// `icon` beside a button's words, in their colour.
pub fn icon(icon: Icon) -> Atom<'static> {
    Atom::paint(Vec2::splat(SIZE), move |ui, args| {
        let rect = Rect::from_center_size(args.rect.center(), Vec2::splat(SIZE));
        paint(ui.painter(), rect, icon, args.fallback_text_color);
    })
}

/// What a control without words is called.
pub fn name(response: &Response, name: impl Into<String>) {
    let name = name.into();
    response.ctx.accesskit_node_builder(response.id, |node| node.set_label(name));
}

/// Paints `icon` in `rect`.
pub fn paint(painter: &Painter, rect: Rect, icon: Icon, color: Color32) {
    let at = |x: f32, y: f32| rect.min + vec2(x, y) * rect.size();
    let line = |points: [(f32, f32); 3]| {
        let points = points.map(|(x, y)| at(x, y)).to_vec();
        painter.add(Shape::line(points, Stroke::new(1.5, color)));
    };
    let stroke = Stroke::new(1.5, color);
    let path = |points: &[(f32, f32)]| {
        painter.add(Shape::line(points.iter().map(|(x, y)| at(*x, *y)).collect(), stroke));
    };
    // Part of a circle, in turns from the right clockwise.
    let arc = |from: f32, to: f32| {
        let point = |number: usize| {
            let angle = (from + (to - from) * number as f32 / 12.0) * std::f32::consts::TAU;
            at(0.5 + 0.4 * angle.cos(), 0.5 + 0.4 * angle.sin())
        };
        painter.add(Shape::line((0..=12).map(point).collect(), stroke));
    };
    match icon {
        Icon::Undo => {
            path(&[(0.35, 0.05), (0.05, 0.35), (0.35, 0.65)]);
            path(&[(0.05, 0.35), (0.65, 0.35), (0.9, 0.5), (0.95, 0.7), (0.85, 0.9), (0.6, 0.95)]);
        }
        Icon::Redo => {
            path(&[(0.65, 0.05), (0.95, 0.35), (0.65, 0.65)]);
            path(&[(0.95, 0.35), (0.35, 0.35), (0.1, 0.5), (0.05, 0.7), (0.15, 0.9), (0.4, 0.95)]);
        }
        Icon::Reset => {
            arc(-0.2, 0.6);
            path(&[(0.0, 0.28), (0.14, 0.62), (0.46, 0.42)]);
        }
        Icon::Loop => {
            path(&[(0.0, 0.55), (0.0, 0.3), (0.95, 0.3)]);
            path(&[(0.7, 0.05), (0.95, 0.3), (0.7, 0.55)]);
            path(&[(1.0, 0.45), (1.0, 0.75), (0.05, 0.75)]);
            path(&[(0.3, 0.5), (0.05, 0.75), (0.3, 1.0)]);
        }
        Icon::Close => {
            path(&[(0.15, 0.15), (0.85, 0.85)]);
            path(&[(0.85, 0.15), (0.15, 0.85)]);
        }
        Icon::Pin => {
            path(&[(0.3, 0.05), (0.7, 0.05), (0.65, 0.4), (0.85, 0.6), (0.15, 0.6), (0.35, 0.4), (0.3, 0.05)]);
            path(&[(0.5, 0.6), (0.5, 1.0)]);
        }
        Icon::Run => {
            let corners = vec![at(0.15, 0.05), at(0.95, 0.5), at(0.15, 0.95)];
            painter.add(Shape::convex_polygon(corners, color, Stroke::NONE));
        }
        Icon::Pause => {
            for x in [0.12, 0.6] {
                painter.rect_filled(Rect::from_min_max(at(x, 0.08), at(x + 0.28, 0.92)), 1.0, color);
            }
        }
        Icon::Stop => {
            painter.rect_filled(rect.shrink(1.0), 1.0, color);
        }
        Icon::Back => line([(0.7, 0.1), (0.3, 0.5), (0.7, 0.9)]),
        Icon::On => line([(0.3, 0.1), (0.7, 0.5), (0.3, 0.9)]),
        Icon::Menu => line([(0.1, 0.35), (0.5, 0.75), (0.9, 0.35)]),
        Icon::Up => line([(0.1, 0.65), (0.5, 0.25), (0.9, 0.65)]),
        Icon::Save => {
            line([(0.2, 0.4), (0.5, 0.7), (0.8, 0.4)]);
            let stroke = Stroke::new(1.5, color);
            painter.line_segment([at(0.5, 0.0), at(0.5, 0.65)], stroke);
            painter.line_segment([at(0.1, 0.97), at(0.9, 0.97)], stroke);
        }
        Icon::Warning => {
            let corners = vec![at(0.5, 0.0), at(1.05, 1.0), at(-0.05, 1.0)];
            painter.add(Shape::closed_line(corners, Stroke::new(1.5, color)));
            painter.line_segment([at(0.5, 0.35), at(0.5, 0.65)], Stroke::new(1.5, color));
            let dot = Rect::from_center_size(at(0.5, 0.82), Vec2::splat(1.5));
            painter.rect_stroke(dot, 0.0, Stroke::new(0.5, color), StrokeKind::Inside);
        }
    }
}
