//! Second judges: the same maps on what they were not made with.

use serde::Serialize;

use super::{CurveParameters, Curves};
use crate::{Baseline, Named as _};

/// What draws curves: a baseline, and a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judge {
    /// What a deleted cell is replaced with.
    #[serde(serialize_with = "by_name")]
    pub baseline: Baseline,
    /// The network, if it is another one than the one that is explained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

fn by_name<S: serde::Serializer>(baseline: &Baseline, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(baseline.name())
}

impl Judge {
    /// In words.
    pub fn words(&self) -> String {
        match &self.model {
            Some(model) => format!("{model} on {}", self.baseline.name()),
            None => format!("on {}", self.baseline.name()),
        }
    }
}

/// Curves by a second judge.
#[derive(Debug, Clone, PartialEq)]
pub struct SecondOpinion {
    /// Who drew them.
    pub judge: Judge,
    /// Deletion and insertion.
    pub curves: Curves,
}

impl CurveParameters {
    /// The same on the baseline of the second judge, if there is to be one.
    pub fn second(&self) -> Option<Self> {
        let is_another = self.second_judge && self.second_baseline != self.baseline;
        is_another.then(|| Self { baseline: self.second_baseline, ..self.clone() })
    }

    /// Who judges a map beside the first judge, in this order: the same network on another baseline, and `network`, if
    /// there is another one, on the first baseline.
    pub fn second_judges(&self, network: Option<&str>) -> Vec<Judge> {
        let on_another = self.second().map(|second| Judge { baseline: second.baseline, model: None });
        let by_another = network.map(|name| Judge { baseline: self.baseline, model: Some(name.to_owned()) });
        on_another.into_iter().chain(by_another).collect()
    }
}
