//! What a method gives back.

use std::sync::Arc;

use super::{Iteration, Mask, Method, Nothing, ParameterSet, Saliency};
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
    /// The number, from 1, of the iteration whose mask is the map: the best by the method's own objective.
    pub kept: Option<usize>,
    /// Why there is no finding, if there is none: then the map must not be shown as one.
    pub nothing: Option<Nothing>,
    /// The parameters used.
    pub parameters: Arc<dyn ParameterSet>,
    /// What else `run.json` and captions say with the parameters, each with its name.
    pub notes: Vec<(&'static str, String)>,
    /// Compute time in seconds, pauses left out.
    pub seconds: f64,
}

impl Explanation {
    /// A map, by a method that does not iterate and has nothing else to say.
    pub fn of(
        method: &'static Method,
        target: Target,
        saliency: Saliency,
        parameters: Arc<dyn ParameterSet>,
        seconds: f64,
    ) -> Self {
        let (signed, iterations, kept, nothing, notes) = (None, Vec::new(), None, None, Vec::new());
        Self { method, target, saliency, signed, iterations, kept, nothing, parameters, notes, seconds }
    }

    /// What a method has to say where there is nothing to find: a map without places.
    pub fn of_nothing(
        method: &'static Method,
        target: Target,
        nothing: Nothing,
        parameters: Arc<dyn ParameterSet>,
    ) -> Self {
        Self { nothing: Some(nothing), ..Self::of(method, target, Mask::ones(1).saliency(), parameters, 0.0) }
    }

    /// The result of a method that iterates: the mask of the iteration with the lowest `objective`, the earliest of
    /// several.
    pub fn of_iterations(
        method: &'static Method,
        target: Target,
        iterations: Vec<Arc<Iteration>>,
        objective: &str,
        parameters: Arc<dyn ParameterSet>,
        seconds: f64,
    ) -> Self {
        let value = |iteration: &Arc<Iteration>| iteration.number(objective);
        let best = iterations.iter().min_by(|one, other| value(one).total_cmp(&value(other)));
        let kept = best.map(|best| best.number);
        let saliency = best.map(|best| best.mask.saliency()).unwrap_or_else(|| Mask::ones(1).saliency());
        Self { iterations, kept, ..Self::of(method, target, saliency, parameters, seconds) }
    }

    /// The mask that the map was made of, for the methods that iterate.
    pub fn mask(&self) -> Option<&Mask> {
        let kept = self.iterations.iter().find(|iteration| Some(iteration.number) == self.kept);
        kept.or(self.iterations.last()).map(|iteration| &iteration.mask)
    }

    /// Parameters and notes as they are written, by name.
    pub fn parameters_json(&self) -> serde_json::Map<String, serde_json::Value> {
        let mut json = self.method.to_json(&*self.parameters);
        json.extend(self.notes.iter().map(|(name, text)| ((*name).to_owned(), text.clone().into())));
        json
    }
}

impl PartialEq for Explanation {
    fn eq(&self, other: &Self) -> bool {
        let parts = |one: &Self| (one.method, one.target, one.kept, one.nothing, one.seconds);
        parts(self) == parts(other)
            && self.saliency == other.saliency
            && self.signed == other.signed
            && self.iterations == other.iterations
            && self.parameters.is_same(&*other.parameters)
            && self.notes == other.notes
    }
}
