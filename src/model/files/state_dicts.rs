//! The state dicts of a file that has several of one network: which is taken, and which others there are.

use std::collections::BTreeMap;

use super::{recognise::is_bookkeeping, weights::TensorFile};
use crate::spec::StateDicts;

/// What a state dict is called in a file that has several of one network, in the order in which they are taken: timm's,
/// which takes the moving average before the weights that it is of (`timm.models.load_state_dict`), with what others call
/// that average.
pub(super) const STATE_DICTS: [&str; 9] =
    ["state_dict_ema", "model_ema", "ema_model", "ema", "teacher", "state_dict", "model", "module", "student"];

/// Fewest tensors of another state dict: AlexNet, the shortest network, has 16.
const LEAST_TENSORS: usize = 8;

/// When the state dict whose names begin with `prefix` is taken, where there are several: those of a lower number first.
pub(super) fn turn(prefix: &str) -> usize {
    let known = prefix.split('.').filter_map(|part| STATE_DICTS.iter().position(|name| *name == part));
    known.min().unwrap_or(STATE_DICTS.len())
}

/// Which of a file's state dicts has the names that begin with `prefix`, and which others there are, if there are any.
pub(super) fn state_dicts(file: &TensorFile, prefix: &str) -> Option<StateDicts> {
    let beside = file.shapes().map(|(name, _)| name).filter(|name| !name.starts_with(prefix) && !is_bookkeeping(name));
    let mut others: BTreeMap<Vec<&str>, usize> = BTreeMap::new();
    for name in beside {
        if let Some((shared, _)) = parting(name, prefix).filter(|(_, part)| STATE_DICTS.contains(part)) {
            *others.entry(name.split('.').take(shared + 1).collect()).or_default() += 1;
        }
    }
    others.retain(|_, tensors| *tensors >= LEAST_TENSORS);
    let depth = others.keys().map(Vec::len).max()?;
    let taken = prefix.split('.').take(depth).collect::<Vec<_>>().join(".");
    Some(StateDicts { taken, others: others.keys().map(|path| path.join(".")).collect() })
}

/// How many parts a name has in common with what `prefix` wraps, and its first part that is another.
pub(super) fn parting<'a>(name: &'a str, prefix: &str) -> Option<(usize, &'a str)> {
    let mut parts = prefix.split('.');
    name.split('.').enumerate().find(|(_, part)| parts.next() != Some(*part))
}
