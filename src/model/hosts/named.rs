//! A hosted model whose classes have other names than those that came with it.

use std::path::Path;

use crate::{
    AttentionOfBlock, Classifier, Features, Labels, ModelError, ModelSpec, Rule, Samples, TakeGradient, Target,
    Winning, files::manifest,
};

/// The model with the names of its classes from a text file, one a line, in the order of their numbers.
///
/// # Errors
/// The file cannot be read, or has another number of names than the model has classes; one name is enough for a class
/// and its opposite.
pub fn with_class_names(model: Box<dyn Classifier>, file: &Path) -> Result<Box<dyn Classifier>, ModelError> {
    let refuse = |why| ModelError::Labels { path: file.to_owned(), why };
    let labels = Labels::from_lines(&manifest::text(file).map_err(refuse)?).for_head(model.spec().head).said_by(file);
    let (names, classes) = (labels.len(), model.spec().labels.len());
    if names != classes {
        let title = &model.spec().title;
        return Err(refuse(format!("it has {names} lines with a name, and {title} has {classes} classes")));
    }
    let spec = ModelSpec { labels: labels.into(), ..model.spec().clone() };
    Ok(Box::new(Named { model, spec }))
}

/// A model that is what `spec` says, and answers as it did.
struct Named {
    model: Box<dyn Classifier>,
    spec: ModelSpec,
}

impl Classifier for Named {
    fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    fn device(&self) -> String {
        self.model.device()
    }

    fn logits(&self, samples: &dyn Samples) -> Result<Vec<Vec<f32>>, ModelError> {
        self.model.logits(samples)
    }

    fn gradients(&self, samples: &dyn Samples, target: Target, take: TakeGradient<'_>) -> Result<Vec<f32>, ModelError> {
        self.model.gradients(samples, target, take)
    }

    fn features_at(&self, depth: usize, planar: &[f32], target: Target) -> Result<Features, ModelError> {
        self.model.features_at(depth, planar, target)
    }

    fn feature_layers(&self) -> Vec<&str> {
        self.model.feature_layers()
    }

    fn has_attention(&self) -> bool {
        self.model.has_attention()
    }

    fn attention(&self, planar: &[f32], target: Target) -> Result<Vec<AttentionOfBlock>, ModelError> {
        self.model.attention(planar, target)
    }

    fn refuses(&self, rule: Rule) -> Option<&'static str> {
        self.model.refuses(rule)
    }

    fn sent_back(
        &self,
        samples: &dyn Samples,
        target: Target,
        rule: Rule,
        take: TakeGradient<'_>,
    ) -> Result<Vec<f32>, ModelError> {
        self.model.sent_back(samples, target, rule, take)
    }

    fn winning(&self, planar: &[f32], target: Target, cells: usize, contrasts: bool) -> Result<Winning, ModelError> {
        self.model.winning(planar, target, cells, contrasts)
    }

    fn randomised(&self, depth: usize, seed: u64) -> Result<Option<Box<dyn Classifier>>, ModelError> {
        self.model.randomised(depth, seed)
    }

    fn batch_size(&self) -> usize {
        self.model.batch_size()
    }

    fn concurrency(&self) -> usize {
        self.model.concurrency()
    }
}
