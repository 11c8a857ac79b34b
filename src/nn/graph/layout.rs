//! How a tensor lies in memory: its values are dense, but which axis is the innermost is free. A picture whose channels
//! lie together is `[1, c, h, w]` like any other, and to transpose a tensor is to name its axes anew.

use super::shape::{self, Shape};

/// The order of a tensor's axes in memory, the outermost first.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Layout(Vec<usize>);

impl Layout {
    /// Row after row.
    pub fn plain(rank: usize) -> Self {
        Self((0..rank).collect())
    }

    /// Axes in this order. Where an axis of one value stands makes no difference, so that it is always the same place.
    pub fn new(order: Vec<usize>, shape: &[usize]) -> Self {
        let (single, mut long): (Vec<usize>, Vec<usize>) = order.into_iter().partition(|axis| shape[*axis] == 1);
        if long.is_sorted() {
            return Self::plain(shape.len());
        }
        let mut order = single;
        order.sort_unstable();
        order.append(&mut long);
        Self(order)
    }

    /// The second axis within the others: for maps, `[n, h, w, c]`.
    pub fn channels_last(shape: &[usize]) -> Self {
        let rank = shape.len();
        Self::new((0..rank.min(1)).chain(2..rank).chain((rank > 1).then_some(1)).collect(), shape)
    }

    /// The axes from outermost to innermost.
    pub fn order(&self) -> &[usize] {
        &self.0
    }

    /// Lengths of the axes as they lie in memory.
    pub fn dims(&self, shape: &[usize]) -> Vec<usize> {
        self.0.iter().map(|axis| shape[*axis]).collect()
    }

    /// Values from one to the next along every axis of the tensor.
    pub fn strides(&self, shape: &[usize]) -> Vec<usize> {
        let mut strides = vec![0; shape.len()];
        for (axis, stride) in self.0.iter().zip(shape::strides(&self.dims(shape))) {
            strides[*axis] = stride;
        }
        strides
    }

    /// The same for a tensor that is broadcast: for every axis of `to`, 0 where the tensor has one value for all.
    pub fn strides_in(&self, shape: &[usize], to: &[usize]) -> Vec<usize> {
        let own = self.strides(shape);
        let missing = to.len() - shape.len();
        let stride = |axis: usize| match axis.checked_sub(missing) {
            Some(axis) if shape[axis] > 1 => own[axis],
            _ => 0,
        };
        (0..to.len()).map(stride).collect()
    }

    /// The layout nearest to this one that has some axes innermost, in the order given.
    pub fn with_last(&self, axes: &[usize], shape: &[usize]) -> Self {
        let before = self.0.iter().copied().filter(|axis| !axes.contains(axis));
        Self::new(before.chain(axes.iter().copied()).collect(), shape)
    }

    /// That of a tensor without some axes, or (`keep`) with one value along them.
    pub fn without(&self, axes: &[usize], keep: bool, reduced: &[usize]) -> Self {
        if keep {
            return Self::new(self.0.clone(), reduced);
        }
        let left = self.0.iter().filter(|axis| !axes.contains(axis));
        Self::new(left.map(|axis| axis - axes.iter().filter(|gone| *gone < axis).count()).collect(), reduced)
    }

    /// That of the tensor whose axis `i` is this one's axis `axes[i]`, with the same values in memory.
    pub fn transposed(&self, axes: &[usize], transposed: &[usize]) -> Self {
        let mut place = vec![0; axes.len()];
        for (new, old) in axes.iter().enumerate() {
            place[*old] = new;
        }
        Self::new(self.0.iter().map(|axis| place[*axis]).collect(), transposed)
    }

    /// That of the tensor of another shape with the same values row after row, and the same values in memory; `None`
    /// where there is no such layout.
    pub fn reshaped(&self, from: &[usize], to: &[usize]) -> Option<Self> {
        let long = |shape: &[usize]| (0..shape.len()).filter(|axis| shape[*axis] != 1).collect::<Vec<_>>();
        let (old, new) = (long(from), long(to));
        let order: Vec<usize> = self.0.iter().copied().filter(|axis| from[*axis] != 1).collect();
        // Groups of neighbouring axes that have as many values on both sides, each as small as can be, and where the first
        // axis of each lies in memory; the group's others must follow it there.
        let mut groups: Vec<(usize, &[usize])> = Vec::new();
        let (mut a, mut b) = (0, 0);
        while a < old.len() {
            let (first_old, first_new) = (a, b);
            let (mut left, mut right) = (from[old[a]], 1);
            a += 1;
            while left != right {
                if right < left {
                    right *= to[*new.get(b)?];
                    b += 1;
                } else {
                    left *= from[*old.get(a)?];
                    a += 1;
                }
            }
            let group = &old[first_old..a];
            let place = order.iter().position(|axis| *axis == group[0])?;
            if order.get(place..place + group.len())? != group {
                return None;
            }
            groups.push((place, &new[first_new..b]));
        }
        groups.sort_unstable();
        let single = (0..to.len()).filter(|axis| to[*axis] == 1);
        let order = single.chain(groups.into_iter().flat_map(|(_, axes)| axes.iter().copied()));
        Some(Self::new(order.collect(), to))
    }
}

/// A tensor's shape and layout together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Form {
    pub shape: Shape,
    pub layout: Layout,
}

impl Form {
    /// Row after row.
    pub fn plain(shape: &[usize]) -> Self {
        Self { shape: shape.to_vec(), layout: Layout::plain(shape.len()) }
    }

    pub fn new(shape: &[usize], layout: Layout) -> Self {
        Self { shape: shape.to_vec(), layout }
    }

    /// How many values there are.
    pub fn size(&self) -> usize {
        shape::size(&self.shape)
    }

    /// Lengths of the axes as they lie in memory.
    pub fn dims(&self) -> Vec<usize> {
        self.layout.dims(&self.shape)
    }

    /// Values from one to the next along each axis as they lie in another tensor's memory, to which this one is broadcast.
    pub fn strides_along(&self, other: &Self) -> Vec<usize> {
        let strides = self.layout.strides_in(&self.shape, &other.shape);
        other.layout.order().iter().map(|axis| strides[*axis]).collect()
    }

    /// Values along the innermost axis that is longer than 1.
    pub fn innermost(&self) -> usize {
        self.dims().into_iter().rev().find(|len| *len != 1).unwrap_or(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_the_innermost_axis() {
        let map = Form::new(&[1, 3, 4, 5], Layout::channels_last(&[1, 3, 4, 5]));
        assert_eq!(map.dims(), [1, 4, 5, 3]);
        assert_eq!(map.layout.strides(&map.shape)[1..], [1, 15, 3]);
        assert_eq!(Layout::channels_last(&[1, 7, 1, 1]), Layout::plain(4), "a single pixel lies in both ways");
    }

    #[test]
    fn to_transpose_is_to_name_the_axes_anew() {
        let shape = [1, 3, 4, 5];
        let transposed = Layout::channels_last(&shape).transposed(&[0, 2, 3, 1], &[1, 4, 5, 3]);
        assert_eq!(transposed, Layout::plain(4));
        let strides = Layout::plain(3).transposed(&[2, 0, 1], &[4, 2, 3]).strides(&[4, 2, 3]);
        assert_eq!(strides, [1, 12, 4]);
    }

    #[test]
    fn axes_that_follow_one_another_in_memory_are_one() {
        let shape = [1, 3, 4, 5];
        let tokens = Layout::channels_last(&shape).reshaped(&shape, &[1, 3, 20]).unwrap();
        assert_eq!(tokens.strides(&[1, 3, 20])[1..], [1, 3]);
        assert_eq!(Layout::channels_last(&shape).reshaped(&shape, &[1, 12, 5]), None);
        assert_eq!(Layout::plain(4).reshaped(&shape, &[60]), Some(Layout::plain(1)));
        assert_eq!(Layout::plain(2).reshaped(&[6, 1], &[2, 3, 1, 1]), Some(Layout::plain(4)));
        let heads = Layout::new(vec![1, 0], &[6, 4]);
        assert_eq!(heads.reshaped(&[6, 4], &[2, 3, 4]).unwrap().strides(&[2, 3, 4]), [3, 1, 6]);
        assert_eq!(heads.reshaped(&[6, 4], &[24]), None);
    }

    #[test]
    fn an_axis_that_is_reduced_leaves_the_others_as_they_lie() {
        let shape = [2, 3, 4, 5];
        let layout = Layout::channels_last(&shape);
        assert_eq!(layout.without(&[2], false, &[2, 3, 5]), Layout::channels_last(&[2, 3, 5]));
        assert_eq!(layout.without(&[1], true, &[2, 1, 4, 5]), Layout::plain(4));
    }
}
