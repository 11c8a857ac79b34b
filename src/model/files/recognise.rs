//! Which architecture a file's weights belong to, from the names and shapes of its tensors.
//!
//! Nothing is listed for it: every architecture is built of shapes, and the tensors it asks for are held against the
//! file's. Built for two numbers of classes, it also tells where the number of classes stands.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap},
    fmt::Write as _,
    sync::OnceLock,
};

use super::{
    state_dicts::{STATE_DICTS, parting, state_dicts, turn},
    weights::{Request, TensorFile, Weights},
};
use crate::{
    Architecture,
    imaging::{CropRule, Normalisation},
    spec::StateDicts,
};

/// Numbers of classes to build for: prime, so that no other size is a multiple of both.
const CLASSES: [usize; 2] = [1009, 1013];

/// How many tensors a message names.
const NAMED: usize = 3;

/// Share of an architecture's tensors that fit, below which it is not worth being named as the closest one.
const CLOSE: f64 = 0.2;

/// Share of a file's tensors whose names begin alike from which the beginning may be a wrapper's.
const WRAPPED: f64 = 0.2;

/// Parts that a wrapper's beginning has at most, such as the three of `state_dict.model.module.`.
const MAX_PARTS: usize = 4;

/// Last parts of the names of tensors that may be left over, as no network of their kind needs them to classify: what
/// training counts, what only masked training reads, places by their number, and what profilers count.
const BOOKKEEPING: [&str; 7] = [
    "num_batches_tracked",
    "n_averaged",
    "mask_token",
    "position_ids",
    "relative_position_index",
    "total_ops",
    "total_params",
];

/// What transformers calls the first layers of its networks, and nobody else does.
const OF_TRANSFORMERS: [&str; 2] = ["embeddings", "embedder"];

/// Where a network of transformers has a layer that its classifier does not read.
const POOLER: &str = "pooler.dense.";

/// What training keeps in a file beside a network.
const OF_TRAINING: [&str; 18] = [
    "optimizer",
    "optimizers",
    "optimizer_state",
    "optimizer_states",
    "optimizer_state_dict",
    "optim",
    "lr_scheduler",
    "lr_schedulers",
    "scheduler",
    "scaler",
    "grad_scaler",
    "amp_scaler",
    "amp",
    "loss",
    "loss_fn",
    "criterion",
    "loops",
    "callbacks",
];

/// What a file's weights are.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Recognised {
    pub architecture: Architecture,
    /// Outputs of its last layer: one a class, where its head is not binary.
    pub outputs: usize,
    /// What stands before every name.
    pub prefix: String,
    /// What weights by these names were trained to see.
    pub crop: CropRule,
    pub normalisation: Normalisation,
    /// Other architectures whose tensors these are just as well: they compute otherwise with the same ones.
    pub twins: Vec<Architecture>,
    /// Names of networks that are not hosted, of which the same is true.
    pub lookalikes: Vec<&'static str>,
    /// Which state dict of the file they are, if it has several.
    pub state_dicts: Option<StateDicts>,
    /// Whether their names are transformers', which keeps what a network computes with them in another file.
    pub are_transformers: bool,
}

impl Architecture {
    /// Names and shapes of the tensors that weights for so many classes have, as far as they are needed.
    pub fn tensors(self, classes: usize) -> Vec<(String, Vec<usize>)> {
        requests(self, classes).into_iter().map(|Request { name, shape }| (name, shape)).collect()
    }
}

/// What an architecture asks for, for so many classes.
fn requests(architecture: Architecture, classes: usize) -> Vec<Request> {
    let weights = Weights::shapes_only();
    // Every tensor is there, so it cannot fail; if it did, nothing more would be asked for. Layers only describe a network:
    // nothing is packed or computed before it is compiled.
    let _ = architecture.build(&weights, classes);
    weights.into_requests()
}

/// What an architecture asks for, for each of [`CLASSES`]: found out when it is first needed.
fn wants(architecture: Architecture) -> &'static [Vec<Request>; 2] {
    static ALL: [OnceLock<[Vec<Request>; 2]>; Architecture::ALL.len()] =
        [const { OnceLock::new() }; Architecture::ALL.len()];
    let number = Architecture::ALL.iter().position(|known| *known == architecture).unwrap_or_default();
    ALL[number].get_or_init(|| CLASSES.map(|classes| requests(architecture, classes)))
}

/// The architecture whose tensors are all in `file`, and the most of them; only `wanted` if it is given, and only in the
/// state dict called `state_dict` if that is.
///
/// # Errors
/// None of them fits: what is missing or misshapen for the closest one, in words. There is no such state dict: which
/// there are.
pub(crate) fn recognise(
    file: &TensorFile,
    wanted: Option<Architecture>,
    state_dict: Option<&str>,
) -> Result<Recognised, String> {
    let among = wanted.map_or_else(|| Architecture::ALL.to_vec(), |wanted| vec![wanted]);
    let within = state_dict.map_or_else(String::new, |name| format!("{name}."));
    if !file.shapes().any(|(name, _)| name.starts_with(&within)) {
        let found = recognise(file, wanted, None).ok().and_then(|found| found.state_dicts);
        let there = found.map_or("only one, whose name need not be said".to_owned(), |dicts| dicts.names().join(", "));
        return Err(format!("it has no state dict “{}”: there is {there}", state_dict.unwrap_or_default()));
    }
    let prefixes = prefixes(file, &within);
    let mut best: Option<Fit> = None;
    let mut twins = Vec::new();
    for architecture in among {
        let [wanted, others] = wants(architecture);
        for prefix in &prefixes {
            let fit = Fit::of(architecture, prefix, file, wanted, others);
            if best.as_ref().is_none_or(|best| fit.is_better_than(best)) {
                best = Some(fit);
                twins.clear();
            } else if best.as_ref().is_some_and(|best| best.is_twin_of(&fit)) {
                twins.push(architecture);
            }
        }
    }
    let best = best.ok_or("there is no architecture to compare with")?;
    if best.fits() {
        if let Some(refusal) = best.left_over() {
            return Err(refusal);
        }
        match best.classes {
            Some(outputs @ 1..) => {
                let Fit { architecture, prefix, .. } = best;
                let has = |name: &str| file.shape(&format!("{prefix}{name}")).is_some();
                let lookalikes = architecture.lookalikes(has);
                let (crop, normalisation) = architecture.preprocessing(has);
                let state_dicts = state_dicts(file, &prefix);
                let are_transformers = file.shapes().any(|(name, _)| {
                    let mut parts = name.strip_prefix(prefix.as_str()).unwrap_or_default().split('.');
                    parts.any(|part| OF_TRANSFORMERS.contains(&part))
                });
                return Ok(Recognised {
                    architecture,
                    outputs,
                    prefix,
                    crop,
                    normalisation,
                    twins,
                    lookalikes,
                    state_dicts,
                    are_transformers,
                });
            }
            _ => return Err(format!("{} without an output explains nothing", best.architecture.title())),
        }
    }
    Err(best.objection(wanted.is_some()))
}

/// What may stand before every name of a network's tensors, all of which begin with `within`: no more than that, or what
/// wraps it; of several state dicts the one first that is to be taken, else the shortest.
fn prefixes(file: &TensorFile, within: &str) -> Vec<String> {
    let names = || file.shapes().map(|(name, _)| name).filter(|name| name.starts_with(within));
    let least = (WRAPPED * names().count() as f64).max(1.0);
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for name in names() {
        for (at, _) in name.match_indices('.').filter(|(at, _)| *at >= within.len()).take(MAX_PARTS) {
            *counts.entry(&name[..=at]).or_default() += 1;
        }
    }
    let mut found: Vec<String> =
        counts.into_iter().filter(|(_, count)| *count as f64 >= least).map(|(prefix, _)| prefix.to_owned()).collect();
    found.sort_by_key(|prefix| (turn(prefix), prefix.len(), prefix.clone()));
    found.insert(0, within.to_owned());
    found
}

/// Whether a tensor may be left over.
pub(super) fn is_bookkeeping(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    BOOKKEEPING.contains(&last) || name.starts_with(POOLER) || name.contains(&format!(".{POOLER}"))
}

/// Whether a tensor is beside what `prefix` wraps, and no reason is known why.
fn is_stranger(name: &str, prefix: &str) -> bool {
    if name.starts_with(prefix) || is_bookkeeping(name) {
        return false;
    }
    let parted = parting(name, prefix).map(|(_, part)| part);
    !parted.is_some_and(|part| OF_TRAINING.contains(&part) || STATE_DICTS.contains(&part))
}

/// How an architecture and a file fit.
#[derive(Debug)]
struct Fit {
    architecture: Architecture,
    prefix: String,
    /// Tensors asked for, and how many of them fit.
    asked: usize,
    matched: usize,
    /// Tensors of the file that were not asked for, and for which there is no reason to be there.
    unused: Vec<String>,
    /// What is wrong with those that do not fit, in words.
    problems: Vec<String>,
    classes: Option<usize>,
}

impl Fit {
    fn of(
        architecture: Architecture,
        prefix: &str,
        file: &TensorFile,
        requests: &[Request],
        for_others: &[Request],
    ) -> Self {
        let weights = Weights::new(architecture, file, prefix);
        let mut fit = Self {
            architecture,
            prefix: prefix.to_owned(),
            asked: requests.len(),
            matched: 0,
            unused: Vec::new(),
            problems: Vec::new(),
            classes: None,
        };
        for (request, other) in requests.iter().zip(for_others) {
            let Some(found) = weights.shape(&request.name) else {
                fit.problems.push(format!("“{}” is missing", request.name));
                continue;
            };
            let expected = fit.expected(request, other, &found);
            if Weights::is_same(&found, &expected) {
                fit.matched += 1;
            } else {
                fit.problems.push(format!("“{}” is {found:?} and should be {expected:?}", request.name));
            }
        }
        let asked: BTreeSet<&str> = requests.iter().map(|request| request.name.as_str()).collect();
        let mut unused: Vec<String> = weights.names().filter(|name| !asked.contains(name)).map(str::to_owned).collect();
        unused.retain(|name| !is_bookkeeping(name));
        unused.extend(weights.twins().iter().cloned());
        unused.extend(file.shapes().map(|(name, _)| name).filter(|name| is_stranger(name, prefix)).map(str::to_owned));
        unused.sort();
        fit.unused = unused;
        fit
    }

    /// The shape that a tensor should have: where it differs between numbers of classes, the file's own number stands.
    fn expected(&mut self, request: &Request, other: &Request, found: &[usize]) -> Vec<usize> {
        let mut expected = request.shape.clone();
        for (dimension, size) in expected.iter_mut().enumerate() {
            if other.shape.get(dimension) != Some(size)
                && let Some(&size_found) = found.get(dimension)
            {
                *size = *self.classes.get_or_insert(size_found);
            }
        }
        expected
    }

    fn fits(&self) -> bool {
        self.matched == self.asked && self.asked > 0
    }

    /// Share of both's tensors that they have in common, in `[0, 1]`.
    fn share(&self) -> f64 {
        2.0 * self.matched as f64 / (self.asked + self.matched + self.unused.len()).max(1) as f64
    }

    /// One that fits wins over one that does not; then the one with more in common; then the state dict that is taken
    /// before others.
    fn is_better_than(&self, other: &Self) -> bool {
        let rank = |fit: &Self| (fit.fits(), fit.share(), Reverse(turn(&fit.prefix)));
        rank(self) > rank(other)
    }

    /// That the file has more than this network: another network, which would answer otherwise.
    fn left_over(&self) -> Option<String> {
        let count = self.unused.len();
        let shown: Vec<String> = self.unused.iter().take(NAMED).map(|name| format!("“{name}”")).collect();
        let (title, shown) = (self.architecture.title(), shown.join(", "));
        let more = if count > NAMED { format!(" and {} more", count - NAMED) } else { String::new() };
        (count > 0).then(|| {
            format!(
                "all of {title}'s tensors are there, but it has no place for {count} more ({shown}{more}), so it is \
                 another network"
            )
        })
    }

    /// Whether another architecture has all of the same tensors, and no others.
    fn is_twin_of(&self, other: &Self) -> bool {
        let whole = |fit: &Self| fit.fits() && fit.unused.is_empty();
        whole(self) && whole(other) && self.architecture != other.architecture && self.prefix == other.prefix
    }

    /// Why it is not this one.
    fn objection(&self, was_named: bool) -> String {
        let title = self.architecture.title();
        if !was_named && (self.matched as f64) < CLOSE * self.asked as f64 {
            let all: Vec<&str> = Architecture::ALL.iter().map(|architecture| architecture.name()).collect();
            let some: Vec<String> = self.unused.iter().take(NAMED).map(|name| format!("“{name}”")).collect();
            return format!(
                "its tensors ({}, …) belong to none of the architectures that igoscope knows: {}",
                some.join(", "),
                all.join(", ")
            );
        }
        let (fit, all) = (self.matched, self.asked);
        let mut text = if was_named {
            format!("only {fit} of {title}'s {all} tensors fit")
        } else {
            format!("they are most like {title}'s, but only {fit} of its {all} tensors fit")
        };
        let shown = self.problems.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        // Writing to a string cannot fail.
        let _ = write!(text, ": {shown}");
        let more = self.problems.len().saturating_sub(NAMED);
        if more > 0 {
            let _ = write!(text, ", and {more} more");
        }
        if let [first, ..] = self.unused.as_slice() {
            let _ = write!(text, "; in their place it has “{first}”");
            let more = self.unused.len() - 1;
            if more > 0 {
                let _ = write!(text, " and {more} more");
            }
        }
        text
    }
}
