//! Dense convolution as matrix products over strips of output pixels.

use super::{
    activation::{Activation, apply_mask},
    map::Map,
    matmul::{Matrix, matmul},
    padding::Padding,
    pass::Pass,
};

/// Values of a strip's patches and outputs together: 512 KiB, so that a strip stays in a core's second-level cache.
const STRIP_VALUES: usize = 128 * 1024;

/// A convolution, its bias and the activation after it.
#[derive(Debug, Clone)]
pub struct Conv2d {
    /// `[kernel, kernel, in, out]`.
    pub(crate) weight: Vec<f32>,
    /// `[out]`.
    pub(crate) bias: Vec<f32>,
    /// Input channels.
    pub(crate) inputs: usize,
    /// Width and height of the window in pixels.
    pub(crate) kernel: usize,
    /// Pixels from one window to the next.
    pub(crate) stride: usize,
    /// Zeros around the input.
    pub(crate) padding: Padding,
    /// What follows.
    pub(crate) activation: Activation,
}

impl Conv2d {
    /// From filters as PyTorch keeps them: `filters` is `[out, inputs, kernel, kernel]`, `bias` is `[out]`.
    pub fn new(
        filters: &[f32],
        bias: Vec<f32>,
        inputs: usize,
        kernel: usize,
        stride: usize,
        padding: Padding,
        activation: Activation,
    ) -> Self {
        let outputs = bias.len();
        let taps = kernel * kernel;
        assert_eq!(filters.len(), outputs * inputs * taps, "filters are [out, in, kernel, kernel]");
        let mut weight = vec![0.0; filters.len()];
        for out in 0..outputs {
            for input in 0..inputs {
                for tap in 0..taps {
                    weight[(tap * inputs + input) * outputs + out] = filters[(out * inputs + input) * taps + tap];
                }
            }
        }
        Self { weight, bias, inputs, kernel, stride, padding, activation }
    }

    fn outputs(&self) -> usize {
        self.bias.len()
    }

    /// Whether a pixel's patch is the pixel itself.
    fn is_pointwise(&self) -> bool {
        self.kernel == 1 && self.stride == 1 && self.padding.along(1, 1, 1) == (0, 1)
    }

    fn patch_len(&self) -> usize {
        self.kernel * self.kernel * self.inputs
    }

    fn strip_pixels(&self, pixels: usize) -> usize {
        (STRIP_VALUES / (self.patch_len() + self.outputs())).clamp(64, pixels.max(64))
    }

    pub(crate) fn forward(&self, input: Map, pass: &mut Pass) -> Map {
        let (top, height) = self.padding.along(input.height, self.kernel, self.stride);
        let (left, width) = self.padding.along(input.width, self.kernel, self.stride);
        let (pixels, outputs, patch_len) = (height * width, self.outputs(), self.patch_len());
        let mut values = pass.buffer(pixels * outputs);
        let mut mask = self.activation.mask(values.len(), pass);
        let weight = Matrix::new(&self.weight, patch_len, outputs);
        let strip = self.strip_pixels(pixels);
        let mut patches = if self.is_pointwise() { Vec::new() } else { pass.buffer(strip * patch_len) };
        for (index, product) in values.chunks_mut(strip * outputs).enumerate() {
            let first = index * strip;
            let rows = product.len() / outputs;
            let left_matrix = if self.is_pointwise() {
                &input.values[first * patch_len..(first + rows) * patch_len]
            } else {
                let geometry =
                    Geometry { conv: self, height: input.height, width: input.width, top, left, out_width: width };
                geometry.gather(&input.values, first, &mut patches[..rows * patch_len]);
                &patches[..rows * patch_len]
            };
            matmul(product, Matrix::new(left_matrix, rows, patch_len), weight);
            let marks = mask.as_mut().map(|mask| &mut mask[first * outputs..(first + rows) * outputs]);
            self.activation.apply(product, &self.bias, marks);
        }
        pass.give(patches);
        if !self.is_pointwise() {
            pass.save(super::pass::Saved::Shape([input.height, input.width, input.channels]));
        }
        Activation::save(mask, pass);
        pass.give(input.values);
        Map { height, width, channels: outputs, values }
    }

    pub(crate) fn backward(&self, mut gradient: Map, pass: &mut Pass) -> Map {
        let mask = self.activation.saved(pass);
        let (outputs, patch_len) = (self.outputs(), self.patch_len());
        let pointwise = self.is_pointwise();
        let [height, width, channels] = if pointwise {
            [gradient.height, gradient.width, self.inputs]
        } else {
            pass.take_shape().unwrap_or([gradient.height * self.stride, gradient.width * self.stride, self.inputs])
        };
        let mut values = pass.buffer(height * width * channels);
        let weight = Matrix::new(&self.weight, patch_len, outputs).transposed();
        let strip = self.strip_pixels(gradient.pixels());
        let mut patches = if pointwise { Vec::new() } else { pass.buffer(strip * patch_len) };
        if !pointwise {
            values.fill(0.0);
        }
        let (top, _) = self.padding.along(height, self.kernel, self.stride);
        let (left, _) = self.padding.along(width, self.kernel, self.stride);
        let out_width = gradient.width;
        for (index, strip_gradient) in gradient.values.chunks_mut(strip * outputs).enumerate() {
            let first = index * strip;
            let rows = strip_gradient.len() / outputs;
            if let Some(mask) = &mask {
                apply_mask(strip_gradient, &mask[first * outputs..(first + rows) * outputs]);
            }
            let left_matrix = Matrix::new(strip_gradient, rows, outputs);
            if pointwise {
                matmul(&mut values[first * patch_len..(first + rows) * patch_len], left_matrix, weight);
            } else {
                matmul(&mut patches[..rows * patch_len], left_matrix, weight);
                let geometry = Geometry { conv: self, height, width, top, left, out_width };
                geometry.scatter(&patches[..rows * patch_len], first, &mut values);
            }
        }
        pass.give(patches);
        pass.give(gradient.values);
        if let Some(mask) = mask {
            pass.give_mask(mask);
        }
        Map { height, width, channels, values }
    }
}

/// Where the windows of a convolution lie on its input.
struct Geometry<'a> {
    conv: &'a Conv2d,
    height: usize,
    width: usize,
    top: usize,
    left: usize,
    out_width: usize,
}

impl Geometry<'_> {
    /// Calls `visit(patch offset, input offset, len)` for every run of values that lies on the input, and
    /// `outside(patch offset, len)` for every other, over the patches of output pixels from `first`.
    fn walk(
        &self,
        first: usize,
        count: usize,
        mut inside: impl FnMut(usize, usize, usize),
        mut outside: impl FnMut(usize, usize),
    ) {
        let Conv2d { kernel, stride, inputs, .. } = *self.conv;
        let row_len = kernel * inputs;
        for index in 0..count {
            let pixel = first + index;
            let y0 = (pixel / self.out_width * stride) as isize - self.top as isize;
            let x0 = (pixel % self.out_width * stride) as isize - self.left as isize;
            let first_x = x0.max(0).min(self.width as isize);
            let last_x = (x0 + kernel as isize).clamp(first_x, self.width as isize);
            for ky in 0..kernel {
                let patch = index * kernel * row_len + ky * row_len;
                let y = y0 + ky as isize;
                if y < 0 || y >= self.height as isize || first_x == last_x {
                    outside(patch, row_len);
                    continue;
                }
                let before = (first_x - x0) as usize * inputs;
                let len = (last_x - first_x) as usize * inputs;
                if before > 0 {
                    outside(patch, before);
                }
                inside(patch + before, (y as usize * self.width + first_x as usize) * inputs, len);
                if before + len < row_len {
                    outside(patch + before + len, row_len - before - len);
                }
            }
        }
    }

    /// Input → patches.
    fn gather(&self, input: &[f32], first: usize, patches: &mut [f32]) {
        let count = patches.len() / self.conv.patch_len();
        let patches = std::cell::RefCell::new(patches);
        self.walk(
            first,
            count,
            |patch, from, len| patches.borrow_mut()[patch..patch + len].copy_from_slice(&input[from..from + len]),
            |patch, len| patches.borrow_mut()[patch..patch + len].fill(0.0),
        );
    }

    /// Patches → input, added up: the transpose of [`Geometry::gather`].
    fn scatter(&self, patches: &[f32], first: usize, input: &mut [f32]) {
        let count = patches.len() / self.conv.patch_len();
        self.walk(
            first,
            count,
            |patch, to, len| {
                for (sum, value) in input[to..to + len].iter_mut().zip(&patches[patch..patch + len]) {
                    *sum += value;
                }
            },
            |_, _| {},
        );
    }
}
