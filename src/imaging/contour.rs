//! Contour lines: where a grid of values crosses a level.

/// A point on a grid, `x` to the right and `y` down, in cells from the centre of the top left one.
pub type GridPoint = [f32; 2];

/// The lines around everything in a grid `[height, width]` that is above `level`, each closed: its last point is its
/// first. What touches the edge of the grid is closed half a cell outside it.
///
/// Marching squares with straight lines between the values; where two opposite corners of a square are above the level
/// and two are not, the ones above stay apart.
pub fn contours(values: &[f32], width: usize, height: usize, level: f32) -> Vec<Vec<GridPoint>> {
    assert_eq!(values.len(), width * height, "values are [{height}, {width}]");
    let inside = |x: isize, y: isize| -> Option<f32> {
        let (column, row) = (usize::try_from(x).ok()?, usize::try_from(y).ok()?);
        if column < width { values.get(row * width + column).copied() } else { None }
    };
    // From where a line leaves a square to where it enters the next: edges are numbered, so that they meet exactly.
    let mut next = std::collections::BTreeMap::new();
    for y in -1..height as isize {
        for x in -1..width as isize {
            let corners = [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)];
            let above = corners.map(|(x, y)| inside(x, y).is_some_and(|value| value > level));
            // Clockwise along the square's sides: where they go from below the level to above, a line comes in. It goes
            // out at the next side that leads down again, so that what is above lies to its right.
            for side in 0..4 {
                if !above[side] && above[(side + 1) % 4] {
                    let out = (1..4).map(|step| (side + step) % 4).find(|&side| above[side] && !above[(side + 1) % 4]);
                    if let Some(out) = out {
                        next.insert(edge(corners, out), edge(corners, side));
                    }
                }
            }
        }
    }
    let place = |edge: &Edge| {
        let [(from_x, from_y), (to_x, to_y)] = [edge.0, edge.1];
        let share = match (inside(from_x, from_y), inside(to_x, to_y)) {
            (Some(from), Some(to)) => ((level - from) / (to - from)).clamp(0.0, 1.0),
            _ => 0.5,
        };
        [from_x as f32 + (to_x - from_x) as f32 * share, from_y as f32 + (to_y - from_y) as f32 * share]
    };
    let mut lines = Vec::new();
    while let Some((first, mut at)) = next.pop_first() {
        let mut line = vec![place(&first)];
        while at != first {
            line.push(place(&at));
            match next.remove(&at) {
                Some(following) => at = following,
                None => break,
            }
        }
        line.push(line[0]);
        lines.push(line);
    }
    lines
}

/// The side between two neighbouring cells, the upper or left one first.
type Edge = ((isize, isize), (isize, isize));

fn edge(corners: [(isize, isize); 4], side: usize) -> Edge {
    let (a, b) = (corners[side], corners[(side + 1) % 4]);
    if a <= b { (a, b) } else { (b, a) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Twice the area within a closed line, positive if it is on the right of the line's way.
    fn doubled_area(line: &[GridPoint]) -> f32 {
        line.windows(2).map(|pair| pair[0][0] * pair[1][1] - pair[1][0] * pair[0][1]).sum()
    }

    #[test]
    fn one_cell_is_surrounded_by_a_diamond() {
        let mut values = [0.0; 9];
        values[4] = 1.0;
        let lines = contours(&values, 3, 3, 0.5);
        assert_eq!(lines.len(), 1);
        let mut corners = lines[0][1..].to_vec();
        corners.sort_unstable_by(|a, b| a.partial_cmp(b).unwrap());
        assert_eq!(corners, [[0.5, 1.0], [1.0, 0.5], [1.0, 1.5], [1.5, 1.0]]);
        assert_eq!(lines[0].first(), lines[0].last());
    }

    #[test]
    fn the_line_crosses_where_the_values_do() {
        let lines = contours(&[0.0, 1.0, 0.0], 3, 1, 0.25);
        let left = lines[0].iter().map(|point| point[0]).fold(f32::INFINITY, f32::min);
        assert!((left - 0.25).abs() < 1e-6);
    }

    #[test]
    fn a_ring_has_two_lines_and_what_touches_the_edge_is_closed_outside_it() {
        let mut values = [1.0; 9];
        values[4] = 0.0;
        let lines = contours(&values, 3, 3, 0.5);
        assert_eq!(lines.len(), 2);
        let areas: Vec<f32> = lines.iter().map(|line| doubled_area(line)).collect();
        assert!(areas.iter().any(|area| *area > 0.0) && areas.iter().any(|area| *area < 0.0), "{areas:?}");
        let points = lines.iter().flatten();
        assert!(points.flatten().all(|coordinate| (-0.5..=2.5).contains(coordinate)));
    }

    #[test]
    fn nothing_above_the_level_has_no_line() {
        assert!(contours(&[0.0; 6], 3, 2, 0.5).is_empty());
        assert!(contours(&[], 0, 0, 0.5).is_empty());
    }

    proptest! {
        #[test]
        fn every_line_is_closed_and_together_they_surround_the_cells_above(
            cells in prop::collection::vec(any::<bool>(), 6 * 5),
        ) {
            let values: Vec<f32> = cells.iter().map(|cell| f32::from(u8::from(*cell))).collect();
            let lines = contours(&values, 6, 5, 0.5);
            let mut around = 0.0;
            for line in &lines {
                prop_assert_eq!(line.first(), line.last());
                around += doubled_area(line) / 2.0;
            }
            // A square with n corners above has n eighths of its area within the lines, and more where they are
            // neighbours: between half a cell and one and a half a cell above.
            let count = cells.iter().filter(|cell| **cell).count() as f32;
            prop_assert!(around >= count * 0.5 - 1e-3 && around <= count * 1.5 + 1e-3, "{} for {}", around, count);
        }
    }
}
