//! Pictures: decode, turn upright, show in sRGB, crop to what a model sees, normalise, blur, colour and overlay.
//!
//! ```text
//! file / drop / paste ─▶ Photo ─▶ Crop ─▶ [c, h, w] in the model's numbers ─▶ blurred baseline
//!                                   └──▶ heatmap and overlay of a saliency in [0, 1]
//! ```
//!
//! The room knows pixels and grids of numbers only: no model, no window, no device.
//! It is the one place where bytes from outside become pictures, so every refusal is told in a [`PhotoError`]
//! a person can act on, and no file makes it panic or take memory without bound.

mod band_files;
mod bands;
mod blur;
mod channels;
mod colormap;
mod contour;
mod crop;
mod folder;
mod format;
mod heatmap;
mod jpeg;
mod jpeg_bits;
mod jpeg_scan;
mod map_file;
mod normalise;
mod npy;
mod photo;
mod photo_error;
mod profile;
mod resample;
mod resize;
mod samples;
mod scaled;
mod signed;
mod size;
mod tags;
mod values;

pub use band_files::bands_in;
pub use bands::{Bands, Drawing, DrawnBands, NoBands};
pub use blur::{blur_kernel_for, gaussian_blur};
pub use channels::{Channels, MAX_CHANNELS, NoChannels};
pub use colormap::Colormap;
pub use contour::{GridPoint, contours};
pub use crop::{Crop, CropError, CropMode, CropRule, PixelRect, Region};
pub use folder::{EXTENSIONS, Gathered, MAX_FROM_FOLDERS, gather, pictures_in};
pub use heatmap::{heatmap, overlay};
pub use map_file::{Grid, MAX_MAP_CHANNELS, is_array, read_grid};
pub use normalise::Normalisation;
pub use photo::{MAX_FILE_BYTES, MAX_PIXELS, Origin, Photo};
pub use photo_error::PhotoError;
pub use profile::{Colours, Profiles};
pub use resample::{Interpolation, area_average, resample};
pub use resize::Resampling;
pub use samples::{SAMPLES, Sample};
pub use scaled::{scaled, scaled_part, thumbnail};
pub use signed::{signed_overlay, signed_rgb};
pub use size::{NoSize, Size};
