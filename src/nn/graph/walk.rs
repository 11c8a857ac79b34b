//! Loops over several tensors of one shape that lie in memory in their own ways.

/// All places of a tensor, and where they are in `K` others: as few loops as it takes.
#[derive(Debug, Clone)]
pub(super) struct Walk<const K: usize> {
    /// Lengths, the outermost first; at least one.
    dims: Vec<usize>,
    /// Values from one to the next along each.
    strides: Vec<[usize; K]>,
}

impl<const K: usize> Walk<K> {
    /// Over axes of these lengths, with strides along the same axes.
    pub fn new(dims: &[usize], strides: [&[usize]; K]) -> Self {
        let mut all: Vec<(usize, [usize; K])> = Vec::new();
        for (axis, len) in dims.iter().enumerate() {
            let own = strides.map(|strides| strides[axis]);
            match all.last_mut() {
                _ if *len == 1 => {}
                Some((outer, step)) if step.iter().zip(own).all(|(step, own)| *step == own * len) => {
                    (*outer, *step) = (*outer * len, own);
                }
                _ => all.push((*len, own)),
            }
        }
        if all.is_empty() {
            all.push((1, [0; K]));
        }
        let (dims, strides) = all.into_iter().unzip();
        Self { dims, strides }
    }

    /// Calls `row(places, len, steps)` for every run of places along the innermost axis.
    #[inline(always)]
    pub fn each(&self, mut row: impl FnMut([usize; K], usize, [usize; K])) {
        let last = self.dims.len() - 1;
        let (len, steps) = (self.dims[last], self.strides[last]);
        if self.dims.contains(&0) {
            return;
        }
        let mut index = vec![0; last];
        let mut places = [0; K];
        loop {
            row(places, len, steps);
            let mut axis = last;
            loop {
                if axis == 0 {
                    return;
                }
                axis -= 1;
                index[axis] += 1;
                for (place, stride) in places.iter_mut().zip(self.strides[axis]) {
                    *place += stride;
                }
                if index[axis] < self.dims[axis] {
                    break;
                }
                for (place, stride) in places.iter_mut().zip(self.strides[axis]) {
                    *place -= stride * self.dims[axis];
                }
                index[axis] = 0;
            }
        }
    }

    /// Whether all of it is one run in which all tensors go on by one.
    pub fn is_one_run(&self) -> bool {
        self.dims.len() == 1 && (self.strides[0].iter().all(|stride| *stride == 1) || self.dims[0] <= 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places<const K: usize>(walk: &Walk<K>) -> Vec<[usize; K]> {
        let mut all = Vec::new();
        walk.each(|places, len, steps| {
            all.extend((0..len).map(|along| std::array::from_fn(|k| places[k] + along * steps[k])));
        });
        all
    }

    #[test]
    fn every_place_is_visited_once_and_in_order() {
        let walk = Walk::new(&[2, 1, 3, 2], [&[6, 9, 2, 1], &[1, 9, 2, 6]]);
        let firsts: Vec<usize> = places(&walk).iter().map(|place| place[0]).collect();
        assert_eq!(firsts, (0..12).collect::<Vec<_>>());
        let seconds: Vec<usize> = places(&walk).iter().map(|place| place[1]).collect();
        assert_eq!(seconds, [0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11]);
    }

    #[test]
    fn axes_that_lie_together_are_one_loop() {
        assert!(Walk::new(&[2, 3, 4], [&[12, 4, 1], &[12, 4, 1]]).is_one_run());
        assert!(!Walk::new(&[2, 3, 4], [&[12, 4, 1], &[0, 4, 1]]).is_one_run());
        assert!(Walk::<1>::new(&[], [&[]]).is_one_run());
    }

    #[test]
    fn nothing_is_visited_where_an_axis_is_empty() {
        assert!(places(&Walk::new(&[2, 0, 3], [&[0, 3, 1]])).is_empty());
        assert!(places(&Walk::new(&[2, 0], [&[0, 1]])).is_empty());
    }
}
