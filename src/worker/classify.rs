//! The thread that classifies pictures by the folder, in batches, beside the run under way.

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError},
};

use crossbeam_channel::Receiver;

use super::{
    Event, Hosted, Speaker, guarded,
    protocol::{Classified, ToClassify},
};
use crate::{
    imaging::Photo,
    model::{Batch, Classifier, ModelSpec},
    nn::lower_priority,
};

/// Pictures of a batch: enough to keep every core busy, and told soon.
const BATCH: usize = 8;

/// Classifies one list after the other until nobody can send one any more. A newer list takes the place of the one under
/// way.
pub(super) fn answer(lists: &Receiver<ToClassify>, hosted: &Hosted, gives_way: bool, speaker: &Speaker) {
    if gives_way {
        lower_priority();
    }
    let mut next = lists.recv().ok();
    while let Some(list) = next.take() {
        // Without a model there is nobody to ask: it is sent again when there is one.
        let classifier = hosted.lock().unwrap_or_else(PoisonError::into_inner).get(list.network).cloned();
        let mut chunks = list.pictures.chunks(BATCH);
        while let (Some(classifier), Some(chunk)) = (&classifier, chunks.next()) {
            let pictures = guarded(|| Ok(classify(classifier.as_ref(), chunk, &list)));
            let failed = |message: String| chunk.iter().map(|(index, _)| (*index, Err(message.clone()))).collect();
            let pictures = pictures.unwrap_or_else(failed);
            if !speaker.is_heard(Event::Classified { list: list.id, model: model_of(classifier), pictures }) {
                return;
            }
            next = lists.try_iter().last();
            if next.is_some() {
                break;
            }
        }
        if next.is_none() {
            next = lists.recv().ok();
        }
    }
}

fn model_of(classifier: &Arc<dyn Classifier>) -> Arc<ModelSpec> {
    Arc::new(classifier.spec().clone())
}

fn classify(classifier: &dyn Classifier, chunk: &[(usize, PathBuf)], list: &ToClassify) -> Vec<Classified> {
    let spec = classifier.spec();
    let planar = |path: &PathBuf| {
        let photo = Photo::open_with(path, list.profiles).map_err(|error| error.to_string())?;
        let input = spec.preprocess_as(&photo, list.crop).map_err(|error| error.to_string())?;
        Ok(input.planar)
    };
    let inputs: Vec<(usize, Result<Vec<f32>, String>)> =
        chunk.iter().map(|(index, path)| (*index, planar(path))).collect();
    let readable: Vec<&Vec<f32>> = inputs.iter().filter_map(|(_, input)| input.as_ref().ok()).collect();
    let Some(length) = readable.first().map(|input| input.len()) else {
        let unread = |(index, input): (usize, Result<Vec<f32>, String>)| (index, input.map(|_| Arc::default()));
        return inputs.into_iter().map(unread).collect();
    };
    let all: Vec<f32> = readable.iter().flat_map(|input| input.iter().copied()).collect();
    let answered = classifier.logits(&Batch::new(&all, length));
    let mut answers = match answered {
        Ok(logits) => logits.into_iter().map(|logits| {
            if logits.iter().all(|logit| logit.is_finite()) {
                Ok(spec.head.answers(&logits).into())
            } else {
                Err("the model answered with something that is no number".to_owned())
            }
        }),
        Err(error) => {
            let message = error.to_string();
            let failed =
                |(index, input): (usize, Result<Vec<f32>, String>)| (index, input.and_then(|_| Err(message.clone())));
            return inputs.into_iter().map(failed).collect();
        }
    };
    let answer = |(index, input): (usize, Result<Vec<f32>, String>)| {
        let none = || Err("the model did not answer".to_owned());
        (index, input.and_then(|_| answers.next().unwrap_or_else(none)))
    };
    inputs.into_iter().map(answer).collect()
}
