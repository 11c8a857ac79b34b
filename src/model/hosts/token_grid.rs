//! A transformer's tokens as the picture they are of.

use crate::{Features, imaging::Size};

/// Features whose map is one row of tokens as a map of those that stand for patches of a `picture`: the last ones, row by
/// row. Others stay as they are: a map is one pixel high only if it is one pixel wide, or if the picture is a line.
pub(crate) fn on_a_grid(mut features: Features, picture: Size) -> Features {
    let tokens = features.width;
    if features.height != 1 || tokens == 1 {
        return features;
    }
    let grid = picture.patches(tokens);
    let others = (tokens - grid.area()) * features.channels;
    features.activations.drain(..others);
    features.gradient.drain(..others);
    Features { width: grid.width, height: grid.height, ..features }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(tokens: usize) -> Features {
        let values: Vec<f32> = (0..2 * tokens).map(|value| value as f32).collect();
        Features { width: tokens, height: 1, channels: 2, activations: values.clone(), gradient: values }
    }

    #[test]
    fn patches_have_the_pictures_shape_without_the_tokens_before_them() {
        for (tokens, picture, expected) in [
            (11, Size::square(48), Size::square(3)),
            (9, Size { width: 128, height: 256 }, Size { width: 2, height: 4 }),
            (8, Size { width: 96, height: 64 }, Size { width: 3, height: 2 }),
        ] {
            let grid = on_a_grid(row(tokens), picture);
            assert_eq!((grid.width, grid.height), expected.pair());
            assert_eq!(grid.activations, row(tokens).activations[2 * (tokens - expected.area())..]);
            assert_eq!(grid.gradient, grid.activations);
        }
        let map = Features { width: 1, channels: 22, ..row(11) };
        assert_eq!(on_a_grid(map.clone(), Size::square(48)), map);
    }
}
