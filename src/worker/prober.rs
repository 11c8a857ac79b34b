//! The thread that looks at pictures between the ends of the curves, beside the run under way.

use std::sync::PoisonError;

use crossbeam_channel::Receiver;

use super::{
    Event, Hosted, Networks, Probe, Speaker, guarded,
    jobs::{prediction, top},
};
use crate::{
    explain::{Method, Prediction},
    model::{ModelSpec, Samples},
};

/// How many classes are told for each picture: as many as can be read on it.
const TOP: usize = 3;

/// Answers one probe after the other until nobody can send one any more. Of those that are waiting only the newest is
/// answered: a curve is dragged faster than a large model can look.
pub(super) fn answer(probes: &Receiver<Probe>, hosted: &Hosted, speaker: &Speaker) {
    for probe in probes {
        let probe = probes.try_iter().last().unwrap_or(probe);
        let networks = hosted.lock().unwrap_or_else(PoisonError::into_inner).clone();
        speaker.say(match guarded(|| look(&probe, &networks)) {
            Ok(top) => Event::Probed { probe: probe.id, top },
            Err(message) => Event::Failed { run: None, message },
        });
    }
}

fn look(probe: &Probe, networks: &Networks) -> Result<Vec<(&'static Method, Vec<Prediction>)>, String> {
    let asked = networks.all().find(|classifier| *classifier.spec() == *probe.model);
    let Some(classifier) = asked else { return Ok(Vec::new()) };
    let spec = classifier.spec();
    let logits = classifier.logits(&Pictures(probe)).map_err(|error| error.to_string())?;
    let methods = probe.rankings.iter().map(|(method, _)| *method);
    Ok(methods
        .zip(logits)
        .map(|(method, logits)| (method, told(spec, &spec.head.answers(&logits), probe.class)))
        .collect())
}

/// The most probable classes, the last of them in favour of the explained one where that is not among them.
fn told(spec: &ModelSpec, answers: &[f32], class: Option<usize>) -> Vec<Prediction> {
    let mut told = top(spec, answers, TOP);
    if let Some(class) = class.filter(|class| *class < answers.len() && told.iter().all(|known| known.id != *class)) {
        told.truncate(TOP - 1);
        told.push(prediction(spec, class, answers));
    }
    told
}

/// The pictures of a probe, one a method.
struct Pictures<'a>(&'a Probe);

impl Samples for Pictures<'_> {
    fn len(&self) -> usize {
        self.0.rankings.len()
    }

    fn write(&self, index: usize, planar: &mut [f32]) {
        let Probe { canvas, change, fraction, rankings, .. } = self.0;
        planar.copy_from_slice(&canvas.planar(&rankings[index].1, *change, *fraction));
    }
}
