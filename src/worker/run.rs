//! One run: what is computed of a picture, and in which order.
//!
//! Maps first: a map is there before the curves of the quick ones before it, and those grow between its iterations.
//! Then, when every method is judged, what every area is to be held against: random orders, and a second judge.

use std::{collections::VecDeque, sync::Arc};

use super::{
    Event, Request, RunId, Speaker,
    jobs::{prediction, top},
};
use crate::{
    explain::{
        self, BaselineSeen, Control, CurveParameters, Curves, ExplainError, Explanation, Judge, Judging, LOADED_MAP,
        Measuring, Method, Parameters, SecondOpinion, Spread, Subject, Update, judge_random_orders, loaded_map, rank,
    },
    imaging::{CropMode, PixelRect, Region},
    model::{Batch, Classifier, Input, ModelError, Target},
};

/// How many classes are told first.
const TOP: usize = 5;

/// A map of so few passes is there at once: its curves wait for the next map.
const QUICK: usize = 5;

/// Classifies the picture of a request, explains it with every method asked for, and judges each.
pub(super) fn explain(
    classifier: &dyn Classifier,
    judge: Option<&dyn Classifier>,
    request: &Request,
    control: &Control,
    speaker: &Speaker,
) -> Result<(), ExplainError> {
    control.checkpoint()?;
    let input = Arc::new(classifier.spec().preprocess_as(&request.photo, request.crop)?);
    let target = classify(classifier, request, &input, speaker)?;
    let subject = Subject { classifier, input: &input, target };
    let mut run = Run {
        request,
        speaker,
        control,
        subject: &subject,
        judge,
        progress: Progress::of(request, judge),
        waiting: VecDeque::new(),
    };
    let mut found = Vec::new();
    for (number, &method) in request.methods.iter().enumerate() {
        let explanation = run.map(method)?;
        let is_last = number + 1 == request.methods.len();
        let is_quick = known(request, method).is_some() || method.passes(&request.parameters) <= QUICK;
        if explanation.nothing.is_none() {
            found.push(Arc::clone(&explanation));
            run.wait(method, &explanation);
        } else {
            run.say_judged(method, Curves::default());
        }
        if is_last || !is_quick {
            run.judge_waiting()?;
        }
    }
    run.random_orders(!found.is_empty())?;
    run.second_judges(&found)?;
    run.spread(&found)?;
    run.measure(&found)?;
    run.progress.finish(request.run, speaker);
    Ok(())
}

/// Says what the model makes of the picture, and what is explained of it.
fn classify(
    classifier: &dyn Classifier,
    request: &Request,
    input: &Arc<Input>,
    speaker: &Speaker,
) -> Result<Target, ExplainError> {
    let spec = classifier.spec();
    let logits = logits(classifier, &input.planar)?;
    let answers = spec.head.answers(&logits);
    let top_classes = top(spec, &answers, TOP);
    let class = match request.class.or(top_classes.first().map(|first| first.id)) {
        Some(class) if class < answers.len() => class,
        class => {
            let class = class.unwrap_or_default();
            return Err(ModelError::NoSuchClass { class, classes: answers.len() }.into());
        }
    };
    let target = Target { score: request.score, class, against: request.against };
    spec.check_target(target)?;
    let curves = &request.parameters.curves;
    let subject = Subject { classifier, input, target };
    let baseline = spec.head.answers(&logits_of_baseline(&subject, curves)?);
    let best = top(spec, &baseline, 1).into_iter().next();
    let best = best.unwrap_or_else(|| prediction(spec, class, &baseline));
    speaker.say(Event::Predicted {
        run: request.run,
        input: Arc::clone(input),
        class: prediction(spec, class, &answers),
        value: subject.value_of(&logits),
        against: target.against.map(|against| prediction(spec, against, &answers)),
        top: top_classes,
        answers: answers.into(),
        baseline: BaselineSeen {
            answer: spec.head.answer(baseline[class]),
            is_still_the_class: spec.head.decides_for(class, &baseline),
            top: best,
        },
    });
    Ok(target)
}

fn logits_of_baseline(subject: &Subject<'_>, curves: &CurveParameters) -> Result<Vec<f32>, ExplainError> {
    logits(subject.classifier, &subject.baseline(curves.baseline, curves.seed))
}

fn logits(classifier: &dyn Classifier, planar: &[f32]) -> Result<Vec<f32>, ExplainError> {
    let logits = classifier.logits(&Batch::new(planar, planar.len()))?.pop().unwrap_or_default();
    if logits.iter().all(|logit| logit.is_finite()) {
        Ok(logits)
    } else {
        Err(ExplainError::NotANumber { what: "a logit" })
    }
}

/// The map of `method` that the request brings along.
fn known<'a>(request: &'a Request, method: &Method) -> Option<&'a Arc<Explanation>> {
    request.known.iter().find(|explanation| explanation.method == method)
}

struct Run<'a> {
    request: &'a Request,
    speaker: &'a Speaker,
    control: &'a Control,
    subject: &'a Subject<'a>,
    /// Another network that judges as well.
    judge: Option<&'a dyn Classifier>,
    progress: Progress,
    /// Maps whose curves are still to be drawn.
    waiting: VecDeque<(&'static Method, Judging<'a>)>,
}

impl<'a> Run<'a> {
    fn id(&self) -> RunId {
        self.request.run
    }

    /// A method's map: the one that was brought along, or a new one. Between its iterations the curves that wait grow.
    fn map(&mut self, method: &'static Method) -> Result<Arc<Explanation>, ExplainError> {
        let (run, request, speaker, control) = (self.id(), self.request, self.speaker, self.control);
        speaker.say(Event::Started { run, method });
        if let Some(explanation) = known(request, method) {
            return Ok(Arc::clone(explanation));
        }
        if let Some((name, grid)) = request.given.as_ref().filter(|_| method == &LOADED_MAP) {
            let (region, size) = (self.subject.input.crop.region, (request.photo.width(), request.photo.height()));
            let explanation = Arc::new(loaded_map(grid, name, region, size, self.subject.target));
            speaker.say(Event::Explained { run, explanation: Arc::clone(&explanation) });
            return Ok(explanation);
        }
        let mut failed = None;
        let (progress, waiting) = (&mut self.progress, &mut self.waiting);
        let explained = method.explain(self.subject, &request.parameters, control, &mut |update| match update {
            Update::Iteration(iteration) => {
                speaker.say(Event::Iteration { run, method, iteration: Arc::clone(iteration) });
                if let Err(error) = grow(waiting, run, control, speaker, progress) {
                    failed.get_or_insert(error);
                }
            }
            Update::Progress { iteration, done, total } => {
                progress.map = (iteration - 1) * total + done;
                progress.say(run, speaker);
            }
            Update::CurvePoint(_) => {}
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        self.progress.maps += method.passes(&request.parameters);
        self.progress.map = 0;
        self.progress.say(run, speaker);
        let explanation = Arc::new(explained);
        speaker.say(Event::Explained { run, explanation: Arc::clone(&explanation) });
        Ok(explanation)
    }

    /// Lets a map wait for its curves.
    fn wait(&mut self, method: &'static Method, explanation: &Explanation) {
        let parameters = &self.request.parameters.curves;
        let order = rank(&explanation.saliency.on_grid(parameters.grid), parameters.seed);
        self.waiting.push_back((method, Judging::new(self.subject, &order, parameters)));
    }

    /// Draws the curves of all maps that wait.
    fn judge_waiting(&mut self) -> Result<(), ExplainError> {
        let run = self.id();
        while !self.waiting.is_empty() {
            grow(&mut self.waiting, run, self.control, self.speaker, &mut self.progress)?;
        }
        Ok(())
    }

    fn say_judged(&self, method: &'static Method, curves: Curves) {
        self.speaker.say(Event::Judged { run: self.id(), method, curves: Arc::new(curves) });
    }

    /// Judges random orders, if there is an area to be held against them.
    fn random_orders(&mut self, is_wanted: bool) -> Result<(), ExplainError> {
        let parameters = &self.request.parameters.curves;
        if is_wanted && parameters.random_orders > 0 {
            let random = judge_random_orders(self.subject, parameters, self.control)?;
            self.progress.others += work_of_random_orders(parameters);
            self.progress.say(self.id(), self.speaker);
            self.speaker.say(Event::RandomJudged { run: self.id(), random: Arc::new(random) });
        }
        Ok(())
    }

    /// Judges every map on another baseline, and by another network.
    fn second_judges(&mut self, found: &[Arc<Explanation>]) -> Result<(), ExplainError> {
        let curves = &self.request.parameters.curves;
        for judge in curves.second_judges(self.judge.map(|judging| judging.spec().name.as_str())) {
            let parameters = CurveParameters { baseline: judge.baseline, ..curves.clone() };
            let Some(judging) = self.judge.filter(|_| judge.model.is_some()) else {
                self.second_judge(found, self.subject, &parameters, &judge)?;
                continue;
            };
            let spec = judging.spec();
            let input = spec.preprocess_as(&self.request.photo, same_part(self.request.crop, self.subject.input))?;
            // It only measures: any score that it has will do.
            let target = Target { score: spec.head.measure(), class: self.subject.target.class, against: None };
            spec.check_target(target)?;
            let subject = Subject { classifier: judging, input: &input, target };
            self.second_judge(found, &subject, &parameters, &judge)?;
        }
        Ok(())
    }

    fn second_judge(
        &mut self,
        found: &[Arc<Explanation>],
        subject: &Subject<'_>,
        parameters: &CurveParameters,
        judge: &Judge,
    ) -> Result<(), ExplainError> {
        for explanation in found {
            let (run, speaker, progress) = (self.id(), self.speaker, &mut self.progress);
            let curves = explain::judge(subject, &explanation.saliency, parameters, self.control, &mut |_| {
                progress.points += 1;
                progress.say(run, speaker);
            })?;
            let second = Arc::new(SecondOpinion { judge: judge.clone(), curves });
            self.speaker.say(Event::SecondJudged { run, method: explanation.method, second });
        }
        Ok(())
    }

    /// Measures every map by every metric that is asked for.
    fn measure(&mut self, found: &[Arc<Explanation>]) -> Result<(), ExplainError> {
        let place = self.request.marked.map(|marked| in_crop(marked, self.subject.input));
        for explanation in found {
            for metric in &self.request.metrics {
                let (subject, control, parameters) = (self.subject, self.control, &self.request.parameters);
                let measure = metric.measure(&Measuring { subject, explanation, parameters, place, control })?;
                self.progress.others += metric.passes_for(explanation.method, parameters);
                self.progress.say(self.id(), self.speaker);
                self.speaker.say(Event::Measured { run: self.id(), method: explanation.method, measure });
            }
        }
        Ok(())
    }

    /// Makes and judges every map again with other seeds.
    fn spread(&mut self, found: &[Arc<Explanation>]) -> Result<(), ExplainError> {
        if self.request.seeds < 2 {
            return Ok(());
        }
        let parameters: Vec<Parameters> =
            (0..self.request.seeds as u64).map(|by| self.request.parameters.drawn_again(by)).collect();
        for explanation in found {
            let method = explanation.method;
            let mut spread = Spread::default();
            for (number, parameters) in parameters.iter().enumerate() {
                // What no seed counts in is the same map.
                let is_same = number == 0 || parameters.is_same_map(&self.request.parameters, method);
                let again = match is_same {
                    true => Arc::clone(explanation),
                    false => Arc::new(method.explain(self.subject, parameters, self.control, &mut |_| {})?),
                };
                self.progress.others += if is_same { 0 } else { method.passes(parameters) };
                let curves =
                    explain::judge(self.subject, &again.saliency, &parameters.curves, self.control, &mut |_| {})?;
                self.progress.points += curves.points.len();
                self.progress.say(self.id(), self.speaker);
                spread.areas.push([curves.deletion(), curves.insertion()]);
            }
            self.speaker.say(Event::Spread { run: self.id(), method, spread: Arc::new(spread) });
        }
        Ok(())
    }
}

/// The crop that shows another network the same part of the picture.
fn same_part(crop: CropMode, input: &Input) -> CropMode {
    let Region { x, y, width, height } = input.crop.region;
    match crop {
        // Its bars are no part of the picture.
        CropMode::Letterbox => CropMode::Letterbox,
        CropMode::Center | CropMode::Squash | CropMode::Region(_) => CropMode::Region(PixelRect {
            x: x.max(0.0).round() as u32,
            y: y.max(0.0).round() as u32,
            // Rounded down, so that it ends on the picture.
            width: (width as u32).max(1),
            height: (height as u32).max(1),
        }),
    }
}

/// A part of the picture in pixels of what the model sees.
fn in_crop(marked: PixelRect, input: &Input) -> Region {
    let Region { x, y, width, height } = input.crop.region;
    let across = input.size.width as f32 / width.max(1.0);
    let down = input.size.height as f32 / height.max(1.0);
    Region {
        x: (marked.x as f32 - x) * across,
        y: (marked.y as f32 - y) * down,
        width: marked.width as f32 * across,
        height: marked.height as f32 * down,
    }
}

/// The next points of the first map that waits; says when its curves are whole.
fn grow(
    waiting: &mut VecDeque<(&'static Method, Judging<'_>)>,
    run: RunId,
    control: &Control,
    speaker: &Speaker,
    progress: &mut Progress,
) -> Result<(), ExplainError> {
    let Some((method, judging)) = waiting.front_mut() else { return Ok(()) };
    let method = *method;
    let has_more = judging.advance(control, &mut |update| {
        if let Update::CurvePoint(point) = update {
            speaker.say(Event::CurvePoint { run, method, point });
            progress.points += 1;
        }
    })?;
    progress.say(run, speaker);
    if !has_more && let Some((method, judging)) = waiting.pop_front() {
        speaker.say(Event::Judged { run, method, curves: Arc::new(judging.into_curves()) });
    }
    Ok(())
}

/// Forward-and-backward passes that points of curves take: two forward passes a point, each a third of one with its
/// backward.
fn work_of_points(points: usize) -> usize {
    (2 * points).div_ceil(3)
}

fn work_of_random_orders(parameters: &CurveParameters) -> usize {
    work_of_points(parameters.random_orders * (parameters.random_steps() + 1))
}

/// How far a run is, in forward-and-backward passes.
#[derive(Default)]
struct Progress {
    /// Of the maps that are finished.
    maps: usize,
    /// Of the map that is being made.
    map: usize,
    /// Points of all curves so far.
    points: usize,
    others: usize,
    total: usize,
}

impl Progress {
    fn of(request: &Request, judge: Option<&dyn Classifier>) -> Self {
        let parameters: &Parameters = &request.parameters;
        let again = request.seeds.saturating_sub(1);
        let judges = 1 + parameters.curves.second_judges(judge.map(|judge| judge.spec().name.as_str())).len();
        let judged = judges + if again > 0 { request.seeds } else { 0 };
        let points = judged * request.methods.len() * (parameters.curves.steps + 1);
        let new = request.methods.iter().filter(|method| known(request, method).is_none());
        let maps: usize = new.map(|method| method.passes(parameters)).sum();
        let drawn = parameters.drawn_again(1);
        let random = request.methods.iter().filter(|method| !drawn.is_same_map(parameters, method));
        let maps = maps + again * random.map(|method| method.passes(parameters)).sum::<usize>();
        let measured = |method: &&'static Method| -> usize {
            request.metrics.iter().map(|metric| metric.passes_for(method, parameters)).sum()
        };
        let maps = maps + request.methods.iter().map(measured).sum::<usize>();
        Self { total: maps + work_of_points(points) + work_of_random_orders(&parameters.curves), ..Self::default() }
    }

    /// What found nothing was not judged, and what converged ended early.
    fn finish(&self, run: RunId, speaker: &Speaker) {
        speaker.say(Event::Progress { run, done: self.total, total: self.total });
    }

    fn say(&self, run: RunId, speaker: &Speaker) {
        let done = self.maps + self.map + work_of_points(self.points) + self.others;
        speaker.say(Event::Progress { run, done: done.min(self.total), total: self.total });
    }
}
