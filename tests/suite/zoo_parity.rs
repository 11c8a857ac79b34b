//! Every architecture against PyTorch's: logits, features and input gradients, with weights that a formula makes.

use std::{
    cell::Cell,
    collections::{HashMap, HashSet},
    env,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use candle_core::{DType, Device, Tensor};
use igoscope::{
    device::{DeviceChoice, Precision},
    imaging::Size,
    model::{Architecture, Assembled, Batch, Classifier, Hub, ModelChoice, Score, Target, load},
};
use igoscope_test_tools::{made, uniform};

use crate::common::{norm, path, relative_difference};

/// Classes of every network here.
const CLASSES: usize = 10;

/// Values that a fixture keeps of many.
const SAMPLES: usize = 256;

/// One of each family and of each kind of block: those that are computed on Candle's tensors too, as a GPU would.
const ON_TENSORS: [&str; 14] = [
    "alexnet",
    "convnext_tiny",
    "densenet121",
    "dinov2_vits14",
    "efficientnet-lite0",
    "efficientnet_b0",
    "mobilenet_v2",
    "mobilenet_v3_small",
    "resnet18",
    "resnet50",
    "resnext50_32x4d",
    "squeezenet1_1",
    "vgg11",
    "vit_tiny_patch16_224",
];

/// Where the networks are hosted: on the CPU, or on what `IGOSCOPE_TEST_DEVICE` names (`cuda`, `cuda:1`, `metal`).
fn tested_device() -> Device {
    let choice = env::var("IGOSCOPE_TEST_DEVICE").map_or(DeviceChoice::Cpu, |name| name.parse().unwrap());
    let picked = choice.pick(Precision::F32);
    assert_eq!(picked.fallback, None);
    picked.place.device
}

/// What `tests/fixtures/zoo.py` has found for one network.
struct Fixture(HashMap<String, Tensor>);

impl Fixture {
    fn path(name: &str) -> PathBuf {
        path(&format!("tests/fixtures/zoo/{name}.safetensors"))
    }

    fn open(name: &str) -> Self {
        let path = Self::path(name);
        let tensors = candle_core::safetensors::load(&path, &Device::Cpu);
        Self(tensors.unwrap_or_else(|why| panic!("{name}, which tests/fixtures/zoo.py makes: {why}")))
    }

    fn values(&self, name: &str) -> Vec<f32> {
        self.0[name].to_dtype(DType::F32).unwrap().flatten_all().unwrap().to_vec1().unwrap()
    }

    fn number(&self, name: &str) -> usize {
        self.values(name)[0] as usize
    }

    /// The shape of every weight, by the name that its network has for it.
    fn shapes(&self) -> HashMap<&str, Vec<usize>> {
        let shapes = self.0.iter().filter_map(|(name, shape)| Some((name.strip_prefix("shape of ")?, shape)));
        shapes.map(|(name, s)| (name, s.to_vec1::<i64>().unwrap().iter().map(|v| *v as usize).collect())).collect()
    }

    fn assemble(&self, architecture: Architecture, tensor: impl Fn(&str, &[usize]) -> Vec<f32>) -> Assembled {
        Assembled::new(architecture, CLASSES, self.number("side") as u32, tensor).unwrap()
    }

    fn input(&self) -> Vec<f32> {
        let side = self.number("side");
        uniform("input", 3 * side * side, self.number("input") as u32).into_iter().map(|value| 2.0 * value).collect()
    }

    /// Whether many values are those that the fixture keeps some of.
    fn check(&self, what: &str, name: &str, found: &[f32]) {
        let some: Vec<f32> = found.iter().copied().step_by((found.len() / SAMPLES) | 1).take(SAMPLES).collect();
        let difference = relative_difference(&some, &self.values(name));
        assert!(difference < 1e-3, "{what}: {name} differs by {difference}");
        let lengths = norm(found) / self.values(&format!("{name}_norm"))[0];
        assert!((lengths - 1.0).abs() < 1e-3, "{what}: the length of {name} is {lengths} of PyTorch's");
    }

    /// The logit whose gradients are held against PyTorch's.
    fn target(&self) -> Target {
        Target { score: Score::Logit, class: self.number("class"), against: None }
    }

    /// Whether logits and the gradient of one are PyTorch's.
    fn check_answers(&self, what: &str, classifier: &dyn Classifier) {
        let input = self.input();
        let batch = Batch::new(&input, input.len());
        let difference = relative_difference(&classifier.logits(&batch).unwrap()[0], &self.values("logits"));
        assert!(difference < 1e-3, "{what}: logits differ by {difference}");
        let gradient = Mutex::new(Vec::new());
        let take = |_, found: &[f32]| *gradient.lock().unwrap() = found.to_vec();
        classifier.gradients(&batch, self.target(), &take).unwrap();
        self.check(what, "gradient", &gradient.into_inner().unwrap());
    }

    /// Whether the features that Grad-CAM reads are PyTorch's.
    fn check_features(&self, what: &str, classifier: &dyn Classifier) {
        let features = classifier.features(&self.input(), self.target()).unwrap();
        let shape = [features.height, features.width, features.channels].map(|size| size as f32);
        assert_eq!(self.values("features_shape"), shape, "{what}");
        self.check(what, "features", &features.activations);
        self.check(what, "features_gradient", &features.gradient);
        let layers = classifier.feature_layers();
        assert_eq!(layers[0], classifier.spec().feature_layer, "{what}");
    }
}

#[test]
fn every_architecture_computes_what_pytorchs_does() {
    // The longest of all tests, and the last: two threads, so that no core waits for it.
    let (all, next) = (Architecture::ALL, AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(architecture) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    computes_what_pytorchs_does(*architecture);
                }
            });
        }
    });
}

fn computes_what_pytorchs_does(architecture: Architecture) {
    let name = architecture.name();
    let fixture = Fixture::open(name);
    let gain = fixture.values("gain")[0];
    let classes = Cell::new(0);
    let network = fixture.assemble(architecture, |tensor, shape| {
        assert_eq!(architecture.canonical_name(tensor), tensor, "{name}: its own name is another's");
        if tensor == architecture.classifier() {
            classes.set(shape[0]);
        }
        made(tensor, shape, gain)
    });
    assert_eq!(classes.get(), CLASSES, "{name}: rows of {}", architecture.classifier());
    if ON_TENSORS.contains(&name) {
        let (what, reference) = (format!("{name} on tensors"), network.reference().unwrap());
        fixture.check_answers(&what, reference.as_ref());
        fixture.check_features(&what, reference.as_ref());
    }
    let classifier = network.host(&tested_device(), 1).unwrap();
    fixture.check_answers(name, classifier.as_ref());
    fixture.check_features(name, classifier.as_ref());
}

/// Weights of another program, by its names, make the network that it makes of them.
#[test]
fn other_programs_names_mean_the_same_tensors() {
    let named = |program| {
        Architecture::ALL.into_iter().map(move |known| (known, program, format!("{}.{program}", known.name())))
    };
    let files = ["timm", "torchvision"].into_iter().flat_map(named).filter(|(.., file)| Fixture::path(file).exists());
    let mut programs = HashSet::new();
    for (architecture, program, file) in files {
        programs.insert(program);
        let fixture = Fixture::open(&file);
        let gain = fixture.values("gain")[0];
        let shapes = fixture.shapes();
        let theirs: HashMap<String, &str> =
            shapes.keys().map(|name| (architecture.canonical_name(name), *name)).collect();
        assert_eq!(theirs.len(), shapes.len(), "{}: two names became one", architecture.name());
        let network = fixture.assemble(architecture, |name, shape| {
            let their_name = theirs.get(name).unwrap_or_else(|| panic!("{program} has no {name}"));
            let their_shape = &shapes[their_name];
            assert_eq!(
                their_shape.iter().product::<usize>(),
                shape.iter().product::<usize>(),
                "{their_name} is not {name}"
            );
            made(their_name, their_shape, gain)
        });
        let classifier = network.host(&tested_device(), 1).unwrap();
        fixture.check_answers(&format!("{} by {program}'s names", architecture.name()), classifier.as_ref());
    }
    assert_eq!(programs.len(), 2);
}

/// What Hugging Face's transformers saves is recognised, and is the network that transformers makes of it.
#[test]
fn transformers_networks_are_recognised_and_mean_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::new("http://127.0.0.1:9", Path::new(""));
    let program = |known: &Architecture| format!("{}.transformers", known.name());
    let all: Vec<_> = Architecture::ALL.into_iter().filter(|known| Fixture::path(&program(known)).exists()).collect();
    assert_eq!(all.len(), 4);
    for architecture in all {
        let fixture = Fixture::open(&program(&architecture));
        let gain = fixture.values("gain")[0];
        let tensors: HashMap<String, Tensor> = fixture
            .shapes()
            .into_iter()
            .map(|(name, shape)| {
                (name.to_owned(), Tensor::new(made(name, &shape, gain), &Device::Cpu).unwrap().reshape(shape).unwrap())
            })
            .collect();
        let weights = folder.path().join("weights.safetensors");
        candle_core::safetensors::save(&tensors, &weights).unwrap();
        let side = Some(fixture.number("side"));
        let classifier = load(&ModelChoice::File(weights), &hub, &tested_device(), 1, side.map(Size::square)).unwrap();
        assert_eq!(classifier.spec().architecture, architecture.name());
        fixture.check_answers(&program(&architecture), classifier.as_ref());
        fixture.check_features(&program(&architecture), classifier.as_ref());
    }
}

/// Of a smaller input some layer would leave nothing.
#[test]
fn an_input_of_the_least_side_is_enough() {
    const ONE_OF_A_FAMILY: [&str; 9] = [
        "alexnet",
        "densenet121",
        "efficientnet_b0",
        "mobilenet_v2",
        "mobilenet_v3_small",
        "resnet18",
        "squeezenet1_0",
        "squeezenet1_1",
        "tf_efficientnet_b0",
    ];
    for name in ONE_OF_A_FAMILY {
        let architecture = Architecture::named(name).unwrap();
        let side = architecture.least_side();
        let network = Assembled::new(architecture, CLASSES, side, |name, shape| made(name, shape, 1.0)).unwrap();
        let reference = network.reference().unwrap();
        let input = uniform("input", 3 * (side * side) as usize, 0);
        let logits = |classifier: &dyn Classifier| {
            let batch = Batch::new(&input, input.len());
            classifier.gradients(&batch, Target::probability(0), &|_, _| ()).unwrap();
            classifier.logits(&batch).unwrap().remove(0)
        };
        let difference = relative_difference(
            &logits(network.host(&tested_device(), 1).unwrap().as_ref()),
            &logits(reference.as_ref()),
        );
        assert!(difference < 1e-3, "{name}: {difference}");
    }
}
