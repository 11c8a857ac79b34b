//! Pictures that are no squares: every method on networks for them, against the same question with rows and columns changed
//! about.

use igoscope::{
    explain::{
        Control, CurveDescentParameters, ExtremalParameters, IgosParameters, IgosPpParameters,
        MeaningfulPerturbationParameters, Method, Parameters, Saliency, Subject, judge, methods,
    },
    imaging::{Photo, Size},
    model::{
        Batch, Classifier, Features, Input, ModelError, ModelSpec, Said, Samples, Score, Sizes, TakeGradient, Target,
    },
};

use crate::{
    common::{largest_difference, path, quick, sample},
    onnx::hosted,
};

/// As layers, as operations with windows of tokens, and as operations with tokens.
const NETWORKS: [&str; 3] = ["wide", "wide_windows", "portrait"];

fn network(name: &str) -> Box<dyn Classifier> {
    hosted(&path(&format!("tests/fixtures/onnx/{name}.onnx")), &Said::default(), None).unwrap()
}

fn subject<'a>(classifier: &'a dyn Classifier, input: &'a Input) -> Subject<'a> {
    let logits = classifier.logits(&Batch::new(&input.planar, input.planar.len())).unwrap().remove(0);
    let class = (0..logits.len()).max_by(|one, other| logits[*one].total_cmp(&logits[*other])).unwrap();
    Subject { classifier, input, target: Target { score: Score::Logit, class, against: None } }
}

/// Without what is drawn at random: of that the turned question has another part.
fn certain(size: Size) -> Parameters {
    let mut parameters = quick(4);
    parameters.edit(|igos: &mut IgosParameters| igos.noise = 0.0);
    parameters.edit(|own: &mut IgosPpParameters| (own.noise, own.iterations) = (0.0, 3));
    parameters.edit(|own: &mut MeaningfulPerturbationParameters| (own.jitter, own.iterations) = (0, 5));
    parameters.edit(|own: &mut ExtremalParameters| (own.mirror, own.iterations) = (false, 5));
    parameters.edit(|own: &mut CurveDescentParameters| (own.noise, own.baseline_jitter) = (0.0, 0.0));
    parameters.clamped(size.shorter())
}

#[test]
fn a_picture_is_seen_and_explained_in_the_shape_that_the_network_is_for() {
    for name in NETWORKS {
        let classifier = network(name);
        let size = classifier.spec().size();
        assert!(!size.is_square() && classifier.spec().input_len() == 3 * size.area(), "{name}: {size}");
        let input = classifier.spec().preprocess(&sample("coffee")).unwrap();
        let (width, height) = input.crop.image.dimensions();
        assert_eq!((width as usize, height as usize, input.size), (size.width, size.height, size), "{name}");
        let subject = subject(&*classifier, &input);
        let (parameters, control) = (certain(size), Control::default());
        for method in methods() {
            let found = method.explain(&subject, &parameters, &control, &mut |_| {});
            let explanation = found.unwrap_or_else(|error| panic!("{method} of {name}: {error}"));
            if explanation.nothing.is_some() {
                continue;
            }
            let Saliency { width, height, values, .. } = &explanation.saliency;
            assert_eq!(values.len(), width * height, "{method} of {name}");
            assert!(values.iter().all(|value| value.is_finite()), "{method} of {name}");
            // A value a pixel, a grid of cells of the picture's shape, or a network's own map of it.
            let is_grid = width == height;
            let is_map = width * size.height == height * size.width;
            assert!(is_grid || is_map, "{method} of {name}: {width} × {height}");
            let curves = judge(&subject, &explanation.saliency, &parameters.curves, &control, &mut |_| {}).unwrap();
            assert!(curves.insertion().is_finite() && curves.deletion().is_finite(), "{method} of {name}");
        }
    }
}

/// Rows and columns of planes changed about: `size` is that of the result.
fn turned(planar: &[f32], size: Size) -> Vec<f32> {
    let place = |pixel: usize| pixel % size.width * size.height + pixel / size.width;
    planar.chunks_exact(size.area()).flat_map(|plane| (0..size.area()).map(move |pixel| plane[place(pixel)])).collect()
}

fn turned_size(Size { width, height }: Size) -> Size {
    Size { width: height, height: width }
}

/// A network that sees every picture with its rows and columns changed about.
struct Turned<'a> {
    inner: &'a dyn Classifier,
    spec: ModelSpec,
}

impl<'a> Turned<'a> {
    fn new(inner: &'a dyn Classifier) -> Self {
        let mut spec = inner.spec().clone();
        spec.crop.crop = turned_size(spec.crop.crop);
        spec.sizes = Sizes::only(spec.crop.crop);
        Self { inner, spec }
    }

    /// All samples, as the network within sees them.
    fn seen(&self, samples: &dyn Samples) -> Vec<f32> {
        let mut planar = vec![0.0; self.spec.input_len()];
        let seen = |index: usize| {
            samples.write(index, &mut planar);
            turned(&planar, self.inner.spec().size())
        };
        (0..samples.len()).flat_map(seen).collect()
    }
}

impl Classifier for Turned<'_> {
    fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    fn device(&self) -> String {
        self.inner.device()
    }

    fn logits(&self, samples: &dyn Samples) -> Result<Vec<Vec<f32>>, ModelError> {
        self.inner.logits(&Batch::new(&self.seen(samples), self.spec.input_len()))
    }

    fn gradients(&self, samples: &dyn Samples, target: Target, take: TakeGradient<'_>) -> Result<Vec<f32>, ModelError> {
        self.inner.gradients(&Batch::new(&self.seen(samples), self.spec.input_len()), target, &|index, gradient| {
            take(index, &turned(gradient, self.spec.size()));
        })
    }

    fn features_at(&self, depth: usize, planar: &[f32], target: Target) -> Result<Features, ModelError> {
        let size = self.inner.spec().size();
        let features = self.inner.features_at(depth, &turned(planar, size), target)?;
        let turned = |values: &[f32]| {
            let pixels: Vec<&[f32]> = values.chunks_exact(features.channels).collect();
            let pixel = |pixel: usize| pixel % features.height * features.width + pixel / features.height;
            (0..pixels.len()).flat_map(|place| pixels[pixel(place)].to_vec()).collect()
        };
        Ok(Features {
            width: features.height,
            height: features.width,
            channels: features.channels,
            activations: turned(&features.activations),
            gradient: turned(&features.gradient),
        })
    }

    fn batch_size(&self) -> usize {
        self.inner.batch_size()
    }

    fn concurrency(&self) -> usize {
        self.inner.concurrency()
    }
}

/// Those whose map does not depend on the order of rows and columns, nor on anything drawn at random.
const CERTAIN: [&str; 13] = [
    "igos",
    "igos-pp",
    "meaningful-perturbation",
    "extremal",
    "gradient",
    "gradient-input",
    "integrated-gradients",
    "blur-ig",
    "grad-cam",
    "grad-cam-plus-plus",
    "layer-cam",
    "score-cam",
    "occlusion",
];

#[test]
fn with_rows_and_columns_changed_about_the_maps_and_their_curves_are_changed_about_too() {
    for name in ["wide", "portrait"] {
        let inner = network(name);
        let other = Turned::new(&*inner);
        let input = inner.spec().preprocess(&sample("coffee")).unwrap();
        let size = turned_size(input.size);
        let planar = turned(&input.planar, size);
        let mut seen = input.clone();
        (seen.planar, seen.size) = (planar, size);
        let (one, other) = (subject(&*inner, &input), subject(&other, &seen));
        assert_eq!(one.target, other.target);
        let (parameters, control) = (certain(size), Control::default());
        let mut compared = 0;
        for id in CERTAIN {
            let method: &'static Method =
                methods().iter().find(|method| method.id == id).unwrap_or_else(|| panic!("{id}"));
            let [own, other] = [&one, &other].map(|subject| {
                let explanation = method.explain(subject, &parameters, &control, &mut |_| {}).unwrap();
                let curves = judge(subject, &explanation.saliency, &parameters.curves, &control, &mut |_| {}).unwrap();
                (explanation, curves)
            });
            assert_eq!(own.0.nothing, other.0.nothing, "{id} of {name}");
            if own.0.nothing.is_some() {
                continue;
            }
            compared += 1;
            let (own_map, other_map) = (&own.0.saliency, &other.0.saliency);
            let map_size = Size { width: own_map.width, height: own_map.height };
            assert_eq!((other_map.height, other_map.width), map_size.pair(), "{id} of {name}");
            let scale = own_map.values.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
            let far = largest_difference(&own_map.values, &turned(&other_map.values, map_size));
            assert!(far <= 1e-2 * scale, "{id} of {name}: {far} of {scale}");
        }
        assert!(compared > 8, "{name}: {compared}");
    }
}

#[test]
fn an_image_of_another_shape_is_squashed_and_its_place_is_known() {
    let classifier = network("portrait");
    let spec = classifier.spec();
    assert!(spec.crop.squashes, "as the pictures of most such networks are");
    let photo: Photo = sample("coffee");
    let input = spec.preprocess(&photo).unwrap();
    let region = input.crop.region;
    assert_eq!((region.width, region.height), (photo.width() as f32, photo.height() as f32));
    assert_eq!((spec.size(), spec.sizes.others.is_none()), (Size { width: 32, height: 64 }, true));
}
