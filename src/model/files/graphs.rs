//! From a file that has a whole network to a hosted model.
//!
//! What the graph does not say is looked for, in this order, in a manifest beside the file, in what transformers or timm
//! saved there, in the file's own metadata and in the graph's first and last operations; what is left is a guess, and
//! every surface says so.

use std::{
    fmt::{self, Write as _},
    iter,
    path::{Path, PathBuf},
    sync::Arc,
};

use candle_core::Device;
use rayon::ThreadPool;

use super::{
    graph_facts::{Fact, GraphFacts, Topic},
    graph_file::{GraphFile, GraphFileError},
    labels::Labels,
    load::{self, Said, compute_threads, labels},
    manifest::Manifest,
    onnx::{ClassesOutput, End, Imported, PictureInput, SaidInside, Understood},
    raised, sha256,
};
use crate::{
    Classifier, Head, HeadSource, ModelError, ModelSpec,
    architectures::{IMAGENET, Layers},
    device::{self, Place, Precision},
    hosts::{
        candle::OnDevice,
        graph::GraphNetwork,
        maps::{Map, maps},
        tensor_graph::TensorGraphNetwork,
    },
    imaging::{CropRule, Normalisation, Size},
    nn::graph::{Graph, TensorGraphError},
    spec::{Guesses, Sizes},
};

/// The size that is taken where nothing says one: that of most networks.
const USUAL_SIZE: Size = Size::square(224);

/// Sides that a network may be asked to see, in pixels.
const SIDES: std::ops::RangeInclusive<usize> = 16..=2048;

/// Sides that are offered of a network that takes any.
const OTHER_SIDES: std::ops::RangeInclusive<usize> = 32..=1024;

/// Pixels from 0 to 1 as they are.
pub const PIXELS: Normalisation = Normalisation::new([0.0; 3], [1.0; 3]);

/// Pixels from −1 to 1.
pub const SIGNED: Normalisation = Normalisation::new([0.5; 3], [0.5; 3]);

/// Bytes from 0 to 255 as they are.
pub const BYTES: Normalisation = Normalisation::new([0.0; 3], [1.0 / 255.0; 3]);

/// What is known of a network before it is computed.
struct Understanding {
    imported: Imported,
    /// What its CAM layers may be.
    maps: Vec<Map>,
    /// The same network as layers, if they can say it.
    layers: Option<Layers>,
    spec: ModelSpec,
}

/// Hosts such a file, of which a manifest and a user may say something, for pictures of a size or of the network's own if
/// none. `name` is what to call it.
///
/// # Errors
/// The file cannot be used, or not so; the network does not take that size; or the operating system gives no threads.
pub(crate) fn host(
    path: &Path,
    manifest: &Manifest,
    said: &Said,
    place: &Place,
    threads: usize,
    size: Option<Size>,
) -> Result<Box<dyn Classifier>, ModelError> {
    let file =
        GraphFile::open(path).map_err(|error| ModelError::Network { path: path.to_owned(), why: error.to_string() })?;
    let Understanding { imported, maps, layers, mut spec } = read(&file, path, manifest, said, size)?;
    drop(file);
    let unusable = |why: String| ModelError::Network { path: path.to_owned(), why };
    spec.sha256 = Some(sha256::of_file(path).map_err(|error| unusable(error.to_string()))?);
    if let Some(layers) = layers {
        spec.feature_layer = layers.blocks.names().first().map_or_else(String::new, |name| (*name).to_owned());
        drop(imported);
        return load::host(spec, layers, place.clone(), threads);
    }
    let mut remark = None;
    if !place.device.is_cpu() {
        match on_tensors(&spec, &imported.graph, &maps, place, None) {
            Ok(hosted) => return Ok(hosted),
            Err(TensorGraphError::Device(error)) => return Err(error.into()),
            Err(TensorGraphError::Graph(why)) => {
                remark = Some(format!("not on {}: {why}", device::describe(place, 0)));
            }
        }
    }
    let network = GraphNetwork::new(spec, imported.graph, maps, remark, compute_threads(threads)?);
    Ok(Box::new(network.map_err(|error| unusable(error.to_string()))?))
}

/// Hosts a graph on Candle's tensors, with `threads` if they are the CPU's.
fn on_tensors(
    spec: &ModelSpec,
    graph: &Graph,
    maps: &[Map],
    place: &Place,
    threads: Option<Arc<ThreadPool>>,
) -> Result<Box<dyn Classifier>, TensorGraphError> {
    let network = TensorGraphNetwork::new(graph.clone(), maps.to_vec(), place)?;
    let feature_layer = maps.first().map_or_else(String::new, |map| map.name.clone());
    let spec = ModelSpec { feature_layer, ..spec.clone() };
    Ok(Box::new(OnDevice::new(spec, network, place.clone(), threads)))
}

/// The network of a graph file as operations on Candle's tensors on the CPU, whatever else it could be computed as, in
/// numbers of some precision: the reference of plans and layers, and a way to see what a GPU would compute. For pictures
/// of a size or of its own if none.
///
/// # Errors
/// The file cannot be used, or an operation cannot be said on tensors; the network does not take that size; or the
/// operating system gives no threads.
pub fn load_graph_reference(
    path: &Path,
    precision: Precision,
    size: Option<Size>,
) -> Result<Box<dyn Classifier>, ModelError> {
    let unusable = |why: String| ModelError::Network { path: path.to_owned(), why };
    let file = GraphFile::open(path).map_err(|error| unusable(error.to_string()))?;
    let Understanding { imported, maps, spec, .. } = read(&file, path, &Manifest::default(), &Said::default(), size)?;
    let place = Place { device: Device::Cpu, precision };
    let hosted = on_tensors(&spec, &imported.graph, &maps, &place, Some(compute_threads(0)?));
    hosted.map_err(|error| unusable(error.to_string()))
}

fn read(
    file: &GraphFile,
    path: &Path,
    manifest: &Manifest,
    said: &Said,
    asked: Option<Size>,
) -> Result<Understanding, ModelError> {
    let unusable = |why: String| ModelError::Network { path: path.to_owned(), why };
    let refused = |error: GraphFileError| unusable(error.to_string());
    let in_manifest = |why: String| ModelError::Manifest { path: manifest.path().to_owned(), why };
    if said.architecture.is_some() || said.heads.is_some() || said.state_dict.is_some() {
        return Err(unusable(format!(
            "{} is a whole network: neither an architecture nor heads nor a state dict can be said of it",
            file.kind()
        )));
    }
    let savers = savers_manifest(path, manifest).map_err(|(path, why)| ModelError::Manifest { path, why })?;

    let output = match (&said.output, manifest.output()) {
        (None, Some(named)) => file.output(Some(named)).map_err(|error| in_manifest(error.to_string()))?,
        (said, _) => file.output(said.as_deref()).map_err(refused)?,
    };
    let (input, inside) = (file.input().map_err(refused)?, file.said());
    if let Some(task) = inside.task.as_deref().filter(|task| inside.is_ultralytics && *task != "classify") {
        return Err(unusable(format!(
            "Ultralytics made it for the task “{task}”, and igoscope explains classifiers: their task is “classify”"
        )));
    }
    let said_size = manifest.input_size().or(savers.input_size()).or(inside.size.map(sized));
    let name = manifest.name_of(path);
    let mut sizes = sizes(&input, said_size).map_err(unusable)?;
    let size = asked.unwrap_or(sizes.own);
    if let Some(why) = sizes.refusal(size) {
        return Err(ModelError::NoSuchSize { model: name, size, why });
    }
    let is_size_open = input.size.is_none() && said_size.is_none();
    if is_size_open {
        sizes.own = size;
    }
    let imported = file.import(size, &output).map_err(|error| match error {
        // A network that is made for a size often says so only where the size has been computed with.
        error if error.is_of_an_operation() && input.size.is_none() => unusable(format!(
            "{error}; its input has no fixed size, and {size} was tried: if it is made for another one, say \
             `input_size = …` in a manifest beside it ({}.toml)",
            path.file_stem().unwrap_or_default().to_string_lossy()
        )),
        error => refused(error),
    })?;

    let outputs = imported.outputs;
    let (head, head_source) = head(said, manifest, &savers, &output, outputs).map_err(unusable)?;
    let mut classes = labels(head, outputs);
    if let Some(names) = &inside.names {
        let named = Labels::from_names(names).for_head(head);
        if named.len() == classes.len() {
            classes = named;
        }
    }
    let channels = input.shown_channels();
    let said_normalisation = said.normalisation.map(|own| own.for_channels(channels)).transpose().map_err(unusable)?;
    let said = &Said { normalisation: said_normalisation, ..said.clone() };
    let (normalisation, normalisation_from) = normalisation(said, manifest, &savers, &inside, &input, imported.first);
    let is_output_said = said.output.is_some() || manifest.output().is_some();
    let own = sizes.own;
    let mut spec = ModelSpec {
        title: format!("{name} ({})", file.title()),
        name,
        crop: usual_crop(own, inside.is_ultralytics),
        sizes,
        normalisation: normalisation.unwrap_or(usual_normalisation(channels)),
        head,
        head_source,
        labels: Arc::new(classes),
        feature_layer: String::new(),
        architecture: file.architecture().to_owned(),
        origin: path.display().to_string(),
        sha256: None,
        heads: None,
        state_dicts: None,
        graph: None,
        guesses: Guesses {
            normalisation: normalisation.is_none(),
            size: is_size_open && asked.is_none(),
            output: (!output.others.is_empty() && !is_output_said).then(|| output.name.clone()),
            other_outputs: if is_output_said { Vec::new() } else { output.others.clone() },
            ..Guesses::default()
        },
    };
    savers.apply(&mut spec).map_err(in_manifest)?;
    manifest.apply(&mut spec).map_err(in_manifest)?;
    spec.normalisation = said.normalisation.unwrap_or(spec.normalisation);
    spec.crop.resize_for(size);
    let maps = maps(&imported.graph);
    let layers = raised::layers(&imported.graph, &maps).map_err(|error| unusable(error.to_string()))?;
    let mut facts = facts_of(file, path);
    facts.extend(understood(&input, &output, imported.outputs, &spec, normalisation_from));
    facts.extend(computed(layers.as_ref(), &maps));
    spec.graph = Some(Arc::new(GraphFacts {
        facts,
        outputs: iter::once(&output.name).chain(&output.others).cloned().collect(),
        output: output.name,
        said: said.clone(),
        asked_size: asked.filter(|_| is_size_open),
        manifest: if manifest.path().as_os_str().is_empty() {
            Manifest::own_beside(path)
        } else {
            manifest.path().to_owned()
        },
    }));
    Ok(Understanding { imported, maps, layers, spec })
}

/// What transformers or timm saved beside a file, unless that is the manifest already.
fn savers_manifest(path: &Path, manifest: &Manifest) -> Result<Manifest, (PathBuf, String)> {
    let Some(beside) = Manifest::of_savers_beside(path).filter(|_| !manifest.is_savers()) else {
        return Ok(Manifest::default());
    };
    Manifest::read_of_whole(&beside).map_err(|why| (beside, why))
}

fn sized([width, height]: [usize; 2]) -> Size {
    Size { width, height }
}

/// How a network's pictures are cut before anybody says otherwise: as most are measured, the middle of a picture with an
/// eighth around it; what is no square is mostly a whole picture, squashed.
fn usual_crop(size: Size, is_ultralytics: bool) -> CropRule {
    let side = size.shorter() as u32;
    let around = if is_ultralytics { 0 } else { side / 7 };
    CropRule { crop: size, squashes: !size.is_square(), ..CropRule::new(side + around, side) }
}

fn sizes(input: &PictureInput, said: Option<Size>) -> Result<Sizes, String> {
    let in_range = |size: Size| {
        let refusal = || {
            let (least, most) = (SIDES.start(), SIDES.end());
            format!("it takes pictures of {size} pixels, and igoscope shows ones with sides of {least} to {most}")
        };
        if SIDES.contains(&size.width) && SIDES.contains(&size.height) { Ok(size) } else { Err(refusal()) }
    };
    match (input.size.map(sized), said) {
        (Some(fixed), Some(said)) if fixed != said => Err(format!(
            "its input takes {fixed} pixels, and what stands beside it or in it says {said}: one of them is wrong"
        )),
        (Some(fixed), _) => Ok(Sizes::only(in_range(fixed)?)),
        (None, said) => Ok(Sizes { own: in_range(said.unwrap_or(USUAL_SIZE))?, others: Some(OTHER_SIDES) }),
    }
}

/// How pictures of so many channels become a network's numbers where nobody says it: by ImageNet's mean and deviation, or
/// as they are, if they have other channels than ImageNet's.
fn usual_normalisation(channels: usize) -> Normalisation {
    if channels == IMAGENET.channels() { IMAGENET } else { PIXELS.repeated(channels) }
}

fn head(
    said: &Said,
    manifest: &Manifest,
    savers: &Manifest,
    output: &ClassesOutput,
    outputs: usize,
) -> Result<(Head, HeadSource), String> {
    if let Some(head) = said.head {
        return Ok((head.for_outputs(outputs)?, HeadSource::User));
    }
    if let Some(head) = manifest.head().or(savers.head()) {
        return Ok((head.for_outputs(outputs)?, HeadSource::File));
    }
    let at_the_end = match output.end {
        End::Softmax | End::LogSoftmax => Some(Head::Softmax),
        End::Sigmoid => Some(Head::Sigmoid),
        End::Plain => None,
    };
    // A softmax of one output is 1 whatever the picture: then its end says nothing.
    let told = at_the_end.and_then(|head| head.for_outputs(outputs).ok());
    Ok(told.map_or_else(|| Head::unsaid(outputs), |head| (head, HeadSource::File)))
}

/// How pictures become a network's numbers, and who says so; none if nobody does.
fn normalisation(
    said: &Said,
    manifest: &Manifest,
    savers: &Manifest,
    inside: &SaidInside,
    input: &PictureInput,
    first: Option<Understood>,
) -> (Option<Normalisation>, &'static str) {
    let channels = input.shown_channels();
    if said.normalisation.is_some() {
        (said.normalisation, "from you")
    } else if manifest.is_about_colours() {
        (Some(usual_normalisation(channels)), "from the manifest beside the file")
    } else if savers.is_about_colours() {
        (Some(usual_normalisation(channels)), "from config.json beside the file")
    } else if inside.is_ultralytics {
        (Some(PIXELS.repeated(channels)), "from Ultralytics' note in the file: pixels from 0 to 1")
    } else if input.is_bytes {
        (Some(BYTES.repeated(channels)), "from its input, which takes bytes")
    } else {
        match first {
            Some(Understood::Bytes) => {
                (Some(BYTES), "from its first operations: it takes 0 to 255 and normalises itself")
            }
            Some(Understood::Pixels) => {
                (Some(PIXELS), "from its first operations: it takes 0 to 1 and normalises itself")
            }
            None if channels == IMAGENET.channels() => (None, "ImageNet's"),
            None => (None, "values as they are"),
        }
    }
}

/// What a file of a whole network, ONNX or `.pt2`, is, in lines: its operations, what was understood, and what is a guess.
///
/// # Errors
/// The file cannot be read, is damaged, or a manifest beside it is wrong. What cannot be computed is told in the lines.
pub fn inspect(path: &Path) -> Result<String, ModelError> {
    let refused = |error: GraphFileError| ModelError::Network { path: path.to_owned(), why: error.to_string() };
    let file = GraphFile::open(path).map_err(refused)?;
    let manifest_path = Manifest::beside(path);
    let in_manifest = |why| ModelError::Manifest { path: manifest_path.clone().unwrap_or_default(), why };
    let manifest = manifest_path.as_deref().map(Manifest::read).transpose().map_err(in_manifest)?.unwrap_or_default();
    let mut text = String::new();
    let mut line = |key: &str, value: &dyn fmt::Display| {
        let _ = writeln!(text, "{key:<14}  {value}");
    };
    let (facts, guesses) = match read(&file, path, &manifest, &Said::default(), None) {
        Ok(Understanding { spec, .. }) => {
            (spec.graph().map(|graph| graph.facts.clone()).unwrap_or_default(), spec.graph_guesses())
        }
        Err(ModelError::Network { why, .. }) => {
            let input = file.input().map(|input| Fact::new(Topic::Input, format!("“{}” {}", input.name, input.shape)));
            let output = file.output(manifest.output());
            let output = output.map(|output| Fact::new(Topic::Output, format!("“{}”", output.name)));
            let ends = [input.ok(), output.ok()].into_iter().flatten();
            (
                facts_of(&file, path).into_iter().chain(ends).chain([Fact::new(Topic::Refused, why)]).collect(),
                Vec::new(),
            )
        }
        Err(other) => return Err(other),
    };
    for fact in facts.iter().filter(|fact| fact.topic != Topic::Operation) {
        line(fact.topic.name(), fact);
    }
    for guess in &guesses {
        line("a guess", guess);
    }
    for (index, fact) in facts.iter().filter(|fact| fact.topic == Topic::Operation).enumerate() {
        line(if index == 0 { fact.topic.name() } else { "" }, fact);
    }
    Ok(text.trim_end().to_owned())
}

/// What every file says, and its operations.
fn facts_of(file: &GraphFile, path: &Path) -> Vec<Fact> {
    let known = [
        Fact::new(Topic::File, path.display().to_string()),
        Fact::new(Topic::WrittenBy, file.written_by()),
        Fact::new(Topic::Nodes, file.nodes().to_string()),
        Fact::new(Topic::Parameters, file.parameters().to_string()),
    ];
    let operations = file.operations().into_iter().map(|operation| {
        let is_known = if operation.is_known { "" } else { "  not known" };
        Fact::new(Topic::Operation, format!("{:>6} × {}{is_known}", operation.count, operation.name))
    });
    known.into_iter().chain(operations).collect()
}

/// What was understood.
fn understood(
    input: &PictureInput,
    output: &ClassesOutput,
    outputs: usize,
    spec: &ModelSpec,
    normalisation_from: &str,
) -> Vec<Fact> {
    let layout = if input.channels_last { "channels last" } else { "channels first" };
    let colours = match input.channels {
        1 => ", grey".to_owned(),
        3 => String::new(),
        bands => format!(", {bands} bands"),
    };
    let sizes = match (&spec.sizes.others, spec.guesses.size) {
        (None, _) => "",
        (Some(_), true) => "it takes any size",
        (Some(_), false) => "it takes other sizes too",
    };
    let others = (!output.others.is_empty())
        .then(|| Fact::new(Topic::OtherOutputs, format!("not taken: {}", output.others.join(", "))));
    let end = match output.end {
        End::Plain => "",
        End::Softmax => "softmax at its end is left out, so that its outputs are logits",
        End::LogSoftmax => "log-softmax at its end is left out, so that its outputs are logits",
        End::Sigmoid => "sigmoid at its end is left out, so that its outputs are logits",
    };
    let Normalisation { mean, std } = spec.normalisation;
    let (classes, labels) = (spec.labels.len(), &spec.labels);
    let facts = [
        Some(Fact::new(Topic::Input, format!("“{}” {}, {layout}{colours}", input.name, input.shape))),
        Some(Fact::new(Topic::InputSize, spec.size().to_string()).noted(sizes).guessed(spec.guesses.size)),
        Some(Fact::new(Topic::Output, format!("“{}”, {} numbers", output.name, outputs))),
        others,
        Some(Fact::new(Topic::Head, spec.head.name()).noted(end).guessed(spec.head_source == HeadSource::Guess)),
        Some(
            Fact::new(Topic::Normalisation, format!("mean {mean:?}, std {std:?}"))
                .noted(normalisation_from)
                .guessed(spec.guesses.normalisation),
        ),
        Some(Fact::new(Topic::Classes, format!("{classes}: {}, {}, …", labels.name(0), labels.name(1)))),
    ];
    facts.into_iter().flatten().collect()
}

/// What a graph is computed as, and which of its layers can be read.
fn computed(layers: Option<&Layers>, maps: &[Map]) -> [Fact; 2] {
    let computed = Fact::new(Topic::ComputedAs, if layers.is_some() { "layers" } else { "operations" });
    let computed = computed.noted(match layers {
        Some(_) => "on any device, by every method that has something to say of them",
        None => "on any device, without the methods that have rules of their own or read attention",
    });
    let is_read = |map: &&Map| layers.is_none_or(|layers| layers.blocks.names().contains(&map.name.as_str()));
    let read: Vec<String> =
        maps.iter().filter(is_read).map(|Map { name, size, .. }| format!("{name} ({size})")).collect();
    let more = match read.len().saturating_sub(3) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let named = read.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    [computed, Fact::new(Topic::CamLayers, format!("{named}{more}"))]
}
