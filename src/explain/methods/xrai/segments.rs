//! Segments of a picture: pixels of alike colours that lie together.
//!
//! Source: Felzenszwalb, Huttenlocher, *Efficient Graph-Based Image Segmentation*, IJCV 2004. Neighbouring pixels, also
//! over corners, are joined in the order of how alike they are, unless they differ more than either of their segments does
//! within itself, plus what is allowed for its size; at last small segments are joined to what is most like them. Scale,
//! blur and range of the picture are those of scikit-image's program as XRAI's authors call it.

use std::cmp::Ordering;

use crate::imaging::Size;

/// The picture is blurred by a Gaussian of so many pixels first, cut off at four times as many.
const BLUR: f64 = 0.8;
const REACH: isize = 3;

/// The label of every pixel's segment, from 0, in the order of their first pixels: `[height, width]`, of
/// `[channels, height, width]` in any numbers. The larger the scale, the larger the segments, each of `least` pixels if
/// there are others.
pub fn segments(planar: &[f32], size: Size, scale: f64, least: usize) -> Vec<usize> {
    let planes = prepared(planar, size);
    let mut edges = edges(&planes, size);
    edges.sort_by(|one, other| one.cost.total_cmp(&other.cost));
    let allowed = scale / 255.0;
    let mut forest = Forest::of(size.area());
    for edge in &edges {
        let [one, other] = edge.pixels.map(|pixel| forest.root(pixel));
        if one != other && edge.cost < forest.within(one, allowed).min(forest.within(other, allowed)) {
            let joined = forest.join(one, other);
            forest.within[joined] = edge.cost;
        }
    }
    for edge in &edges {
        let [one, other] = edge.pixels.map(|pixel| forest.root(pixel));
        if one != other && forest.sizes[one].min(forest.sizes[other]) < least {
            forest.join(one, other);
        }
    }
    let mut labels = vec![usize::MAX; size.area()];
    let mut count = 0;
    (0..size.area())
        .map(|pixel| {
            let label = &mut labels[forest.root(pixel)];
            if *label == usize::MAX {
                *label = count;
                count += 1;
            }
            *label
        })
        .collect()
}

/// The pixels of every segment, each with those within a distance of it, in their order.
pub fn widened(labels: &[usize], Size { width, height }: Size, by: usize) -> Vec<Vec<usize>> {
    let count = labels.iter().max().map_or(0, |largest| largest + 1);
    let by = by as isize;
    let disc: Vec<[isize; 2]> =
        (-by..=by).flat_map(|y| (-by..=by).map(move |x| [y, x])).filter(|[y, x]| y * y + x * x <= by * by).collect();
    let mut all = vec![Vec::new(); count];
    for pixel in 0..labels.len() {
        let mut seen: Vec<usize> = Vec::new();
        for [y, x] in &disc {
            let (y, x) = ((pixel / width) as isize + y, (pixel % width) as isize + x);
            if (0..height as isize).contains(&y) && (0..width as isize).contains(&x) {
                let label = labels[y as usize * width + x as usize];
                if !seen.contains(&label) {
                    seen.push(label);
                }
            }
        }
        for label in seen {
            all[label].push(pixel);
        }
    }
    all
}

/// From −1 to 1, and blurred; the edges are mirrored.
fn prepared(planar: &[f32], size: Size) -> Vec<f64> {
    let ends = (f32::INFINITY, f32::NEG_INFINITY);
    let (low, high) = planar.iter().fold(ends, |(low, high), value| (low.min(*value), high.max(*value)));
    let range = f64::from(high - low).max(f64::MIN_POSITIVE);
    let scaled: Vec<f64> = planar.iter().map(|value| 2.0 * f64::from(value - low) / range - 1.0).collect();
    let weights: Vec<f64> = (-REACH..=REACH).map(|at| (-0.5 * (at as f64 / BLUR).powi(2)).exp()).collect();
    let sum: f64 = weights.iter().sum();
    let Size { width, height } = size;
    let mirror = |at: isize, side: usize| {
        let last = side as isize - 1;
        let at = if at < 0 { -1 - at } else { at };
        (if at > last { 2 * last + 1 - at } else { at }).clamp(0, last) as usize
    };
    let blurred = |values: &[f64], index: &dyn Fn(isize, isize, isize) -> usize| -> Vec<f64> {
        let one = |place: usize| {
            let (plane, pixel) = (place / size.area(), place % size.area());
            let (y, x) = ((pixel / width) as isize, (pixel % width) as isize);
            let taps = (-REACH..=REACH).zip(&weights);
            taps.map(|(at, weight)| weight * values[plane * size.area() + index(at, y, x)]).sum::<f64>() / sum
        };
        (0..values.len()).map(one).collect()
    };
    let down = blurred(&scaled, &|at, y, x| mirror(y + at, height) * width + x as usize);
    blurred(&down, &|at, y, x| y as usize * width + mirror(x + at, width))
}

/// Two neighbours, and how far their colours are apart.
struct Edge {
    pixels: [usize; 2],
    cost: f64,
}

/// All neighbours: beside, below, and over both corners, each kind row by row.
fn edges(planes: &[f64], size: Size) -> Vec<Edge> {
    let (pixels, Size { width, height }) = (size.area(), size);
    let cost = |one: usize, other: usize| {
        let square = |plane: &[f64]| (plane[one] - plane[other]).powi(2);
        planes.chunks_exact(pixels).map(square).sum::<f64>().sqrt()
    };
    let mut edges = Vec::with_capacity(4 * pixels);
    for [down, from, to] in [[0, 0, 1], [1, 0, 0], [1, 0, 1], [1, 1, 0]] {
        for y in 0..height - down {
            for x in 0..width - from.max(to) {
                let (one, other) = (y * width + x + from, (y + down) * width + x + to);
                edges.push(Edge { pixels: [one, other], cost: cost(one, other) });
            }
        }
    }
    edges
}

/// Segments as trees of pixels.
struct Forest {
    parents: Vec<usize>,
    sizes: Vec<usize>,
    /// The largest cost that a segment was joined at.
    within: Vec<f64>,
}

impl Forest {
    fn of(pixels: usize) -> Self {
        Self { parents: (0..pixels).collect(), sizes: vec![1; pixels], within: vec![0.0; pixels] }
    }

    fn root(&mut self, mut pixel: usize) -> usize {
        while self.parents[pixel] != pixel {
            self.parents[pixel] = self.parents[self.parents[pixel]];
            pixel = self.parents[pixel];
        }
        pixel
    }

    /// What a segment allows an edge to cost.
    fn within(&self, root: usize, allowed: f64) -> f64 {
        self.within[root] + allowed / self.sizes[root] as f64
    }

    /// Joins two roots, and gives the new one.
    fn join(&mut self, one: usize, other: usize) -> usize {
        let (root, child) = match one.cmp(&other) {
            Ordering::Less => (one, other),
            Ordering::Equal | Ordering::Greater => (other, one),
        };
        self.parents[child] = root;
        self.sizes[root] += self.sizes[child];
        root
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_of_one_colour_are_segments() {
        let side = 32;
        let plane = |colour: usize| {
            (0..side * side).map(move |pixel| {
                let right = pixel % side >= side / 2;
                let low = pixel / side >= side / 2;
                match colour {
                    0 => f32::from(u8::from(right)),
                    1 => f32::from(u8::from(low)),
                    _ => 0.0,
                }
            })
        };
        let planar: Vec<f32> = (0..3).flat_map(plane).collect();
        let labels = segments(&planar, Size::square(side), 50.0, 30);
        let corner = |y: usize, x: usize| labels[y * side + x];
        assert_eq!([corner(2, 2), corner(2, 29), corner(29, 2), corner(29, 29)], [0, 1, 2, 3]);
        assert_eq!(labels.iter().max(), Some(&3));
        let wide = widened(&labels, Size::square(side), 2);
        let narrow = widened(&labels, Size::square(side), 0);
        assert_eq!(narrow.iter().map(Vec::len).sum::<usize>(), side * side);
        assert!(wide.iter().zip(&narrow).all(|(wide, narrow)| wide.len() > narrow.len()));
    }
}
