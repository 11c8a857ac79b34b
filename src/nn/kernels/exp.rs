//! The exponential function, a vector register at a time.

use pulp::Simd;

use super::simd::clamp;

/// Arguments beyond which the result would not be a normal number; they are taken for the nearest one within.
const RANGE: (f32, f32) = (-87.3, 88.3);

/// Added to a number below 2²², leaves its nearest integer in the lowest bits: the spacing of numbers there is 1.
const ROUND: f32 = 1.5 * (1 << 23) as f32;

/// Where the exponent of a number begins.
const EXPONENT_BIT: u32 = 23;

/// ln 2 in two parts: the first has few bits, so that its multiples by an exponent are exact.
const LN_2: (f32, f32) = (0.693_359_4, -2.121_944_4e-4);

/// (eʳ − 1 − r) / r² for |r| ≤ ln 2 / 2, by powers of r: the polynomial of degree 4 that comes nearest to eʳ in relative
/// distance, 4e-9.
const SERIES: [f32; 5] = [0.499_999_94, 0.166_665_21, 0.041_668_39, 0.008_368_745, 0.001_381_454];

/// eˣ, within 2e-7 of it in relative distance for x in [`RANGE`]. A NaN stays one.
#[inline(always)]
pub(crate) fn exp<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let of = |value: f32| simd.splat_f32s(value);
    let x = clamp(simd, x, of(RANGE.0), of(RANGE.1));
    // x = n·ln 2 + r with a whole n.
    let rounded = simd.mul_add_e_f32s(x, of(std::f32::consts::LOG2_E), of(ROUND));
    let n = simd.sub_f32s(rounded, of(ROUND));
    let r = simd.mul_add_e_f32s(n, of(-LN_2.0), x);
    let r = simd.mul_add_e_f32s(n, of(-LN_2.1), r);
    let mut series = of(SERIES[4]);
    for coefficient in SERIES[..4].iter().rev() {
        series = simd.mul_add_e_f32s(series, r, of(*coefficient));
    }
    let power = simd.add_f32s(simd.mul_add_e_f32s(series, simd.mul_f32s(r, r), r), of(1.0));
    // Times 2ⁿ: n is added to the exponent.
    let n = simd.wrapping_dyn_shl_u32s(simd.transmute_u32s_f32s(rounded), simd.splat_u32s(EXPONENT_BIT));
    simd.transmute_f32s_u32s(simd.add_u32s(simd.transmute_u32s_f32s(power), n))
}

/// Every value ← eˣ of it.
#[inline(always)]
pub(crate) fn exp_all<S: Simd>(simd: S, values: &mut [f32]) {
    let (registers, last) = S::as_mut_simd_f32s(values);
    for register in registers {
        *register = exp(simd, *register);
    }
    if !last.is_empty() {
        let values = exp(simd, simd.partial_load_f32s(last));
        simd.partial_store_f32s(last, values);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{kernels::simd, without_simd};

    struct Exp<'a>(&'a mut [f32]);

    impl simd::Kernel for Exp<'_> {
        #[inline(always)]
        fn run<S: Simd>(self, simd: S) {
            exp_all(simd, self.0);
        }
    }

    #[test]
    fn it_is_within_two_ten_millionths_of_the_exponential_function() {
        let arguments: Vec<f32> = (0..=2_000_000_u32)
            .map(|step| RANGE.0 + (RANGE.1 - RANGE.0) * step as f32 / 2e6)
            .chain((0..120).flat_map(|power| [1.5_f32.powi(-power), -(1.5_f32.powi(-power))]))
            .collect();
        let run = || {
            let mut values = arguments.clone();
            simd::run(Exp(&mut values));
            values
        };
        for found in [run(), without_simd(run)] {
            for (x, found) in arguments.iter().zip(found) {
                let truth = f64::from(*x).exp();
                assert!((f64::from(found) / truth - 1.0).abs() < 2e-7, "exp({x}) is {found}");
            }
        }
    }

    #[test]
    fn beyond_its_range_it_is_next_to_nothing_or_very_large() {
        let mut values = [f32::NEG_INFINITY, -1e4, -88.0, 89.0, 1e4, f32::INFINITY];
        simd::run(Exp(&mut values));
        assert!(values[..3].iter().all(|value| (0.0..2e-38).contains(value)), "{values:?}");
        assert!(values[3..].iter().all(|value| value.is_finite() && *value > 1e38), "{values:?}");
    }

    #[test]
    fn a_nan_stays_one() {
        let run = || {
            let mut values = [f32::NAN; 19];
            simd::run(Exp(&mut values));
            values
        };
        assert!([run(), without_simd(run)].as_flattened().iter().all(|value| value.is_nan()));
    }
}
