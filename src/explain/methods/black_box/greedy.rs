//! Greedy regions: an order of regions, each next one the one that helps most to show the class and to hide it.
//!
//! Source: Chen, Zhang, Liang, Li, Cao, *Less is More: Fewer Interpretable Region via Submodular Subset Selection*, ICLR
//! 2024 (arXiv 2402.09164), of whose terms those of both ends are kept, and the windows of Gu, Chen, Zhang, Hu, Zhang, Cao,
//! *PhaseWin Search Framework Enable Efficient Object-Level Interpretation*, 2025 (arXiv 2511.10914), without its pruning
//! and its annealing.

use std::sync::Arc;

use super::{RegionKind, Regions, masked::Shown, passes_of, rounding};
use crate::{
    Baseline, Control, ExplainError, Explanation, Family, Kind, Method, Parameter, Scale, Subject, Table, Update,
    field, method::explains, names, stopwatch::Stopwatch,
};

/// The greedy search's row.
pub static GREEDY_REGIONS: Method = Method {
    id: "greedy-regions",
    title: "Greedy regions",
    color: [90, 90, 200],
    family: Family::Answers,
    meaning: "How early the region comes in an order that soonest shows the class alone and, taken away, soonest hides it.",
    misleads: "It makes small and large what the curves measure, on one baseline and one network: there its areas prove little. Only the order is a finding.",
    computes: "The picture is divided into regions, and they are put in an order one by one. The next one is always that with which the regions chosen so far have the highest score when they alone are in sight, less the score of the picture without them. To save passes, after each look at all regions only the best few are looked at again until their gain falls.",
    source: "Ruoyu Chen, Hua Zhang, Siyuan Liang, Jingzhi Li, Xiaochun Cao: Less is More: Fewer Interpretable Region via Submodular Subset Selection, ICLR 2024 (arXiv 2402.09164); Zihan Gu, Ruoyu Chen, Junchi Zhang, Yue Hu, Hua Zhang, Xiaochun Cao: PhaseWin Search Framework Enable Efficient Object-Level Interpretation, 2025 (arXiv 2511.10914)",
    parameters: Table::of::<GreedyRegionsParameters>("greedy_regions", ROWS),
    ..Method::of::<GreedyRegions>()
};

/// The parameters of the greedy search.
#[derive(Debug, Clone, PartialEq)]
pub struct GreedyRegionsParameters {
    /// What regions are.
    pub regions: RegionKind,
    /// Regions along a side, from 2 to 16: there are as many as its square, or about as many.
    pub per_side: usize,
    /// Regions that are looked at again after all were, from 1 to 64; with 1 all are looked at for every choice.
    pub window: usize,
    /// What is not in sight.
    pub baseline: Baseline,
    /// Seed of the noise baseline.
    pub seed: u64,
}

impl Default for GreedyRegionsParameters {
    fn default() -> Self {
        Self { regions: RegionKind::Superpixels, per_side: 7, window: 8, baseline: Baseline::Grey, seed: 0 }
    }
}

/// A region of the window is chosen as long as it gains this share of what the best of all gained (PhaseWin's threshold
/// of selection).
const SELECTED: f64 = 0.8;

static ROWS: &[Parameter] = &[
    Parameter::new(
        "regions",
        "greedy-regions-kind",
        Kind::Choice(names::<RegionKind>),
        field!(GreedyRegionsParameters, regions),
        "What the regions of the greedy search are",
    )
    .value_name("REGIONS")
    .in_captions(),
    Parameter::new(
        "per_side",
        "greedy-regions-per-side",
        Kind::Whole(|side| 2..=(side as u64).clamp(2, 16), Scale::Linear),
        field!(GreedyRegionsParameters, per_side),
        "Regions of the greedy search along a side of the picture",
    )
    .unit("regions")
    .in_captions(),
    Parameter::new(
        "window",
        "greedy-regions-window",
        Kind::Whole(|_| 1..=64, Scale::Log),
        field!(GreedyRegionsParameters, window),
        "Regions that the greedy search looks at again after it looked at all",
    )
    .unit("regions")
    .in_captions(),
    Parameter::new(
        "baseline",
        "baseline",
        Kind::Choice(names::<Baseline>),
        field!(GreedyRegionsParameters, baseline),
        "What the greedy search hides regions behind",
    )
    .value_name("BASELINE")
    .in_captions(),
    Parameter::new("seed", "seed", Kind::Seed, field!(GreedyRegionsParameters, seed), "Seed of the noise baseline")
        .value_name("SEED")
        .in_captions()
        .counts_if("baseline", "noise"),
];

explains!(
    GreedyRegions: GreedyRegionsParameters,
    |parameters| passes_of(pictures(parameters.per_side.pow(2), parameters.window)),
    greedy_regions reports
);

/// Pictures that a search takes at most; with windows it takes about a third of them.
fn pictures(regions: usize, window: usize) -> usize {
    let all = regions * (regions + 1);
    if window > 1 { all.div_ceil(3) } else { all }
}

/// The greedy search over the parameters' regions: see [`greedy_regions_of`].
///
/// # Errors
/// A parameter out of its range, a cancellation, or a model that fails or does not answer with numbers.
pub fn greedy_regions(
    subject: &Subject<'_>,
    parameters: &GreedyRegionsParameters,
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<Explanation, ExplainError> {
    GREEDY_REGIONS.parameters.check(parameters, subject.input.size.shorter())?;
    let regions = Regions::of(subject.input, parameters.regions, parameters.per_side);
    greedy_regions_of(subject, parameters, &regions, control, report)
}

/// The order of regions in which G(S) = f(S alone) − f(all but S) grows soonest, region by region, at input size: of n
/// regions the first has 1, the next 1 − 1/n, and so on.
///
/// # Errors
/// A parameter out of its range, a cancellation, or a model that fails or does not answer with numbers.
pub fn greedy_regions_of(
    subject: &Subject<'_>,
    parameters: &GreedyRegionsParameters,
    regions: &Regions,
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<Explanation, ExplainError> {
    GREEDY_REGIONS.parameters.check(parameters, subject.input.size.shorter())?;
    let clock = Stopwatch::start(control);
    let count = regions.len();
    let baseline = (parameters.baseline, parameters.seed);
    let shown = Shown::new(subject, baseline, control, pictures(count, parameters.window));
    let mut search = Search { regions, shown, chosen: vec![false; count], scores: Vec::new() };
    let order = search.order(parameters.window, report)?;
    let nothing = rounding(&search.scores);
    let mut values = vec![0.0; count];
    for (place, region) in order.iter().enumerate() {
        values[*region] = 1.0 - place as f64 / count as f64;
    }
    let saliency = regions.map(&values, subject.input.size);
    let own = Arc::new(parameters.clone());
    let notes = vec![("region_count", count.to_string()), ("pictures", search.scores.len().to_string())];
    let explanation = Explanation::of(&GREEDY_REGIONS, subject.target, saliency, own, clock.seconds());
    Ok(Explanation { nothing, notes, ..explanation })
}

struct Search<'a> {
    regions: &'a Regions,
    shown: Shown<'a>,
    chosen: Vec<bool>,
    /// Every score so far.
    scores: Vec<f32>,
}

impl Search<'_> {
    /// All regions, in the order in which they are chosen.
    fn order(&mut self, window: usize, report: &mut dyn FnMut(Update<'_>)) -> Result<Vec<usize>, ExplainError> {
        let mut order = Vec::with_capacity(self.chosen.len());
        let mut worth = self.worth_with(&[None], report)?[0];
        loop {
            let left: Vec<usize> = (0..self.chosen.len()).filter(|region| !self.chosen[*region]).collect();
            if left.is_empty() {
                return Ok(order);
            }
            let mut best = self.ranked(&left, report)?;
            best.truncate(window);
            let (first, with_first) = best[0];
            let least = SELECTED * (with_first - worth);
            self.choose(first, &mut order);
            worth = with_first;
            let mut candidates: Vec<usize> = best[1..].iter().map(|(region, _)| *region).collect();
            while least > 0.0 && !candidates.is_empty() {
                let (next, with_next) = self.ranked(&candidates, report)?[0];
                if with_next - worth < least {
                    break;
                }
                self.choose(next, &mut order);
                worth = with_next;
                candidates.retain(|region| *region != next);
            }
        }
    }

    fn choose(&mut self, region: usize, order: &mut Vec<usize>) {
        self.chosen[region] = true;
        order.push(region);
    }

    /// Some regions with what the chosen ones are worth together with each, the best first.
    fn ranked(
        &mut self,
        some: &[usize],
        report: &mut dyn FnMut(Update<'_>),
    ) -> Result<Vec<(usize, f64)>, ExplainError> {
        let with: Vec<Option<usize>> = some.iter().copied().map(Some).collect();
        let worth = self.worth_with(&with, report)?;
        let mut ranked: Vec<(usize, f64)> = some.iter().copied().zip(worth).collect();
        ranked.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
        Ok(ranked)
    }

    /// G of the chosen regions with each of some others.
    fn worth_with(
        &mut self,
        with: &[Option<usize>],
        report: &mut dyn FnMut(Update<'_>),
    ) -> Result<Vec<f64>, ExplainError> {
        let (regions, chosen) = (self.regions, &self.chosen);
        // First each choice alone, then the picture without it.
        let write = |index: usize, mask: &mut [f32]| {
            let (is_alone, added) = (index < with.len(), with[index % with.len()]);
            let is_in = |region: usize| chosen[region] || added == Some(region);
            regions.write_mask(|region| is_in(region) == is_alone, mask);
        };
        let scores = self.shown.scores(2 * with.len(), write, report)?;
        self.scores.extend(&scores);
        let (alone, without) = scores.split_at(with.len());
        Ok(alone.iter().zip(without).map(|(alone, without)| f64::from(*alone) - f64::from(*without)).collect())
    }
}
