//! An axis of a chart: where a number is on it, and the round numbers that are written at it.

/// About how many numbers an axis has.
const TICKS: f64 = 5.0;
/// More numbers than this are never written, whatever the axis.
const MAX_TICKS: usize = 50;

/// An axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// What it measures.
    pub title: String,
    /// Where it begins and ends; one without a length shows nothing.
    pub range: [f64; 2],
    /// How its numbers are spread and written.
    pub scale: Scale,
}

/// How the numbers of an axis are spread and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Evenly, as they are.
    Linear,
    /// Evenly, 1 as 100 %.
    Percent,
    /// By their logarithm; numbers that are not above 0 are left out.
    Logarithmic,
}

impl Scale {
    /// Where on the axis a number is, before the axis is stretched to its length; nowhere if it cannot be shown.
    fn place(self, value: f64) -> Option<f64> {
        match self {
            Self::Linear | Self::Percent => value.is_finite().then_some(value),
            Self::Logarithmic => (value > 0.0 && value.is_finite()).then(|| value.log10()),
        }
    }
}

impl Axis {
    /// An axis from `low` to `high`.
    pub fn new(title: impl Into<String>, low: f64, high: f64, scale: Scale) -> Self {
        Self { title: title.into(), range: [low, high], scale }
    }

    /// Where on the axis a number is, from 0 at its beginning to 1 at its end.
    pub(super) fn share(&self, value: f64) -> Option<f64> {
        let [low, high] = self.range.map(|end| self.scale.place(end));
        let share = (self.scale.place(value)? - low?) / (high? - low?);
        share.is_finite().then_some(share)
    }

    /// The round numbers on it, with what is written at each.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        let [Some(low), Some(high)] = self.range.map(|end| self.scale.place(end)) else { return Vec::new() };
        let step = round_step(high - low, TICKS);
        let step = if self.scale == Scale::Logarithmic { step.max(1.0) } else { step };
        let value = |place: f64| match self.scale {
            Scale::Linear => (place, written(place, step)),
            Scale::Percent => (place, format!("{} %", written(place * 100.0, step * 100.0))),
            Scale::Logarithmic => (10_f64.powf(place), format!("1e{place:.0}")),
        };
        multiples(low, high, step).into_iter().map(value).collect()
    }
}

/// A round number that goes into `length` about `parts` times: 1, 2 or 5, times a power of ten.
pub fn round_step(length: f64, parts: f64) -> f64 {
    let rough = (length / parts).max(f64::MIN_POSITIVE);
    let power = 10_f64.powf(rough.log10().floor());
    let round = [1.0, 2.0, 5.0, 10.0].into_iter().find(|round| round * power >= rough * 0.999);
    round.unwrap_or(10.0) * power
}

/// The multiples of `step` from `low` to `high`, at most some 50 of them.
pub fn multiples(low: f64, high: f64, step: f64) -> Vec<f64> {
    // A thousandth of a step is rounding.
    let (first, last) = ((low / step - 1e-3).ceil(), high / step + 1e-3);
    (0..MAX_TICKS).map(|number| first + number as f64).take_while(|number| *number <= last).map(|n| n * step).collect()
}

/// A number with the decimals that `step` has.
fn written(value: f64, step: f64) -> String {
    let decimals = (-step.log10().floor()).clamp(0.0, 6.0) as usize;
    // No minus before a zero.
    format!("{:.decimals$}", if value.abs() < step * 1e-3 { 0.0 } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logarithmic_axis_has_powers_of_ten_and_leaves_out_what_has_no_logarithm() {
        let axis = Axis::new("step", 1e-2, 1e2, Scale::Logarithmic);
        let ticks: Vec<String> = axis.ticks().into_iter().map(|(_, text)| text).collect();
        assert_eq!(ticks, ["1e-2", "1e-1", "1e0", "1e1", "1e2"]);
        assert_eq!(axis.share(1.0), Some(0.5));
        assert_eq!(axis.share(0.0), None);
        assert_eq!(Axis::new("none", 1.0, 1.0, Scale::Linear).share(1.0), None);
    }

    #[test]
    fn numbers_on_an_axis_are_round() {
        assert_eq!(
            [0.93, 15.0, 3.0, 1000.0, 0.02].map(|length| round_step(length, 5.0)),
            [0.2, 5.0, 1.0, 200.0, 0.005]
        );
        assert_eq!(multiples(-0.03, 1.03, 0.25), [0.0, 0.25, 0.5, 0.75, 1.0]);
    }
}
