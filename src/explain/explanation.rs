//! What a method gives back.

use std::sync::Arc;

use super::{Iteration, Mask, Method, ParameterSet, Saliency};
use crate::model::Target;

/// A method's result on one input and one target.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The method.
    pub method: &'static Method,
    /// What was explained. Grad-CAM explains logits whatever the score.
    pub target: Target,
    /// The map.
    pub saliency: Saliency,
    /// The same on the same grid with what speaks against the class below 0, for the methods that tell it.
    pub signed: Option<Saliency>,
    /// The iterations, for the methods that iterate.
    pub iterations: Vec<Arc<Iteration>>,
    /// The parameters used.
    pub parameters: Arc<dyn ParameterSet>,
    /// What else `run.json` and captions say with the parameters, each with its name.
    pub notes: Vec<(&'static str, String)>,
    /// Compute time in seconds, pauses left out.
    pub seconds: f64,
}

impl Explanation {
    /// The mask of the last iteration, for the methods that iterate.
    pub fn mask(&self) -> Option<&Mask> {
        self.iterations.last().map(|iteration| &iteration.mask)
    }

    /// Parameters and notes as they are written, by name.
    pub fn parameters_json(&self) -> serde_json::Map<String, serde_json::Value> {
        let mut json = self.method.parameters.to_json(&*self.parameters);
        json.extend(self.notes.iter().map(|(name, text)| ((*name).to_owned(), text.clone().into())));
        json
    }
}

impl PartialEq for Explanation {
    fn eq(&self, other: &Self) -> bool {
        let parts = |one: &Self| (one.method, one.target, one.seconds);
        parts(self) == parts(other)
            && self.saliency == other.saliency
            && self.signed == other.signed
            && self.iterations == other.iterations
            && self.parameters.is_same(&*other.parameters)
            && self.notes == other.notes
    }
}
