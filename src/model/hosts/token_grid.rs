//! A transformer's tokens as the picture they are of.

use crate::model::Features;

/// Features whose map is one row of tokens as a square map of those that stand for patches: the last ones, row by row.
/// Others stay as they are: a map of a square input is one pixel high only if it is one pixel wide.
pub(crate) fn on_a_grid(mut features: Features) -> Features {
    let tokens = features.width;
    if features.height != 1 || tokens == 1 {
        return features;
    }
    let side = tokens.isqrt();
    let others = (tokens - side * side) * features.channels;
    features.activations.drain(..others);
    features.gradient.drain(..others);
    Features { width: side, height: side, ..features }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_are_a_square_without_the_tokens_before_them() {
        let values: Vec<f32> = (0..22).map(|value| value as f32).collect();
        let tokens =
            Features { width: 11, height: 1, channels: 2, activations: values.clone(), gradient: values.clone() };
        let grid = on_a_grid(tokens);
        assert_eq!((grid.width, grid.height, &grid.activations[..]), (3, 3, &values[4..]));
        assert_eq!(grid.gradient, grid.activations);
        let map = Features { width: 1, height: 1, channels: 22, activations: values.clone(), gradient: values };
        assert_eq!(on_a_grid(map.clone()), map);
    }
}
