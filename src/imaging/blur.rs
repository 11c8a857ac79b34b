//! The Gaussian blur that makes I-GOS's baseline: the picture with its evidence washed out.

use super::Size;

/// Kernels of the baseline, from the smallest side of the picture it is for, both in pixels.
/// 51 is the I-GOS authors' choice at 224 px, 151 and 201 those of their second program at its larger sizes.
const KERNELS: [(usize, usize); 3] = [(800, 201), (500, 151), (0, 51)];

/// The baseline's kernel, in pixels, for a picture whose shorter side has `side` pixels: 51 below 500, 151 from 500, 201 from 800.
/// The σ that goes with it is `kernel − 1`.
pub fn blur_kernel_for(side: usize) -> usize {
    KERNELS.iter().find(|(from, _)| side >= *from).map_or(1, |&(_, kernel)| kernel)
}

/// Blurs planes `[n, height, width]`, any number of them, by a Gaussian of standard deviation `sigma` pixels, cut off
/// at `kernel` pixels and normalised to a sum of 1.
///
/// Beyond its edge a plane is mirrored without repeating the edge pixel (OpenCV's `BORDER_REFLECT_101`), as often as
/// needed, so a plane may be smaller than the kernel. An even `kernel` counts as the next odd one. A `kernel` below 2
/// or a `sigma` that is not above 0 changes nothing; an infinite `sigma` gives the box filter.
pub fn gaussian_blur(planes: &[f32], size: Size, kernel: usize, sigma: f32) -> Vec<f32> {
    let mut blurred = planes.to_vec();
    let (area, Size { width, height }) = (size.area(), size);
    let weights = gaussian_weights(kernel, sigma);
    if area == 0 || weights.len() < 2 {
        return blurred;
    }
    assert_eq!(planes.len() % area, 0, "planes are [n, {height}, {width}]");
    let columns = mirrored(width, weights.len() / 2);
    let rows = mirrored(height, weights.len() / 2);
    let mut padded = vec![0.0; columns.len()];
    let mut plane = vec![0.0; area];
    for (from, to) in planes.chunks_exact(area).zip(blurred.chunks_exact_mut(area)) {
        for (from, to) in from.chunks_exact(width).zip(plane.chunks_exact_mut(width)) {
            for (value, &column) in padded.iter_mut().zip(&columns) {
                *value = from[column];
            }
            to.fill(0.0);
            for (offset, &weight) in weights.iter().enumerate() {
                add_scaled(to, weight, &padded[offset..]);
            }
        }
        for (y, to) in to.chunks_exact_mut(width).enumerate() {
            to.fill(0.0);
            for (&row, &weight) in rows[y..].iter().zip(&weights) {
                add_scaled(to, weight, &plane[row * width..]);
            }
        }
    }
    blurred
}

/// `to += weight · from` over the length of `to`: contiguous, so that it becomes vector instructions.
fn add_scaled(to: &mut [f32], weight: f32, from: &[f32]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += weight * from;
    }
}

/// A Gaussian at whole pixels around its centre, of odd length and sum 1; a single 1 where there is nothing to blur.
fn gaussian_weights(kernel: usize, sigma: f32) -> Vec<f32> {
    let sigma = f64::from(sigma);
    if sigma.is_nan() || sigma <= 0.0 {
        return vec![1.0];
    }
    let radius = kernel / 2;
    let weights: Vec<f64> = (0..=2 * radius)
        .map(|x| {
            let distance = x.abs_diff(radius) as f64 / sigma;
            (-0.5 * distance * distance).exp()
        })
        .collect();
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| (weight / sum) as f32).collect()
}

/// The pixel each position from `−radius` to `length + radius − 1` shows when a line of `length` is mirrored at its
/// end pixels.
fn mirrored(length: usize, radius: usize) -> Vec<usize> {
    let last = length - 1;
    let period = 2 * last.max(1);
    // Starts a whole number of periods to the right, where positions are not negative.
    let start = radius.next_multiple_of(period) - radius;
    (start..start + length + 2 * radius)
        .map(|position| {
            let phase = position % period;
            phase.min(period - phase).min(last)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition, in two dimensions at once and in double precision.
    fn plain_blur(plane: &[f32], width: usize, height: usize, kernel: usize, sigma: f32) -> Vec<f32> {
        let radius = (kernel / 2) as isize;
        let mirror = |mut at: isize, length: usize| {
            let last = length as isize - 1;
            while last > 0 && !(0..=last).contains(&at) {
                at = if at < 0 { -at } else { 2 * last - at };
            }
            if last == 0 { 0 } else { at as usize }
        };
        let weight =
            |dx: isize, dy: isize| (-((dx * dx + dy * dy) as f64) / (2.0 * f64::from(sigma) * f64::from(sigma))).exp();
        let mut result = Vec::new();
        for y in 0..height as isize {
            for x in 0..width as isize {
                let (mut sum, mut total) = (0.0, 0.0);
                for dy in -radius..=radius {
                    for dx in -radius..=radius {
                        let value = plane[mirror(y + dy, height) * width + mirror(x + dx, width)];
                        sum += weight(dx, dy) * f64::from(value);
                        total += weight(dx, dy);
                    }
                }
                result.push((sum / total) as f32);
            }
        }
        result
    }

    #[test]
    fn blur_keeps_the_mean_of_a_constant() {
        let blurred = gaussian_blur(&[0.75; 3 * 40 * 30], Size { width: 40, height: 30 }, 51, 50.0);
        assert!(blurred.iter().all(|value| (value - 0.75).abs() < 1e-5));
    }

    #[test]
    fn planes_do_not_mix() {
        let mut planes = vec![0.0; 50];
        planes[25..].fill(1.0);
        let blurred = gaussian_blur(&planes, Size::square(5), 9, 8.0);
        assert!(blurred[..25].iter().all(|value| *value == 0.0));
        assert!(blurred[25..].iter().all(|value| (value - 1.0).abs() < 1e-6));
    }

    #[test]
    fn a_single_pixel_stays_itself_under_any_kernel() {
        assert!((gaussian_blur(&[0.3], Size::square(1), 51, 50.0)[0] - 0.3).abs() < 1e-6);
    }

    #[test]
    fn nothing_to_blur_changes_nothing() {
        let plane = [1.0, 2.0, 3.0, 4.0];
        for (kernel, sigma) in [(0, 1.0), (1, 1.0), (5, 0.0), (5, -1.0), (5, f32::NAN)] {
            assert_eq!(gaussian_blur(&plane, Size::square(2), kernel, sigma), plane);
        }
        assert!(gaussian_blur(&[], Size { width: 0, height: 3 }, 5, 1.0).is_empty());
    }

    #[test]
    fn an_infinite_sigma_gives_the_mean_under_the_box() {
        let blurred = gaussian_blur(&[0.0, 3.0, 6.0], Size { width: 3, height: 1 }, 3, f32::INFINITY);
        for (value, expected) in blurred.iter().zip([2.0, 3.0, 4.0]) {
            assert!((value - expected).abs() < 1e-6, "{value} is not {expected}");
        }
    }

    #[test]
    fn a_line_is_mirrored_at_its_end_pixels_as_often_as_needed() {
        assert_eq!(mirrored(3, 5), [1, 0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2, 1]);
    }

    #[test]
    fn the_kernel_grows_with_the_picture() {
        assert_eq!([224, 499, 500, 799, 800].map(blur_kernel_for), [51, 51, 151, 151, 201]);
    }

    proptest! {
        #[test]
        fn the_separable_blur_is_the_plain_one(
            width in 1..9_usize, height in 1..9_usize, radius in 0..7_usize, sigma in 0.3..20.0_f32, seed: u32,
        ) {
            let plane: Vec<f32> = (0..width * height)
                .map(|i| ((i as u32).wrapping_mul(2_654_435_761) ^ seed) as f32 / u32::MAX as f32)
                .collect();
            let kernel = 2 * radius + 1;
            let fast = gaussian_blur(&plane, Size { width, height }, kernel, sigma);
            let plain = plain_blur(&plane, width, height, kernel, sigma);
            for (fast, plain) in fast.iter().zip(plain) {
                prop_assert!((fast - plain).abs() < 1e-5, "{} is not {}", fast, plain);
            }
        }
    }
}
