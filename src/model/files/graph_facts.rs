//! What was understood of a graph from a file, fact by fact: `igoscope models inspect` prints it, and the window lists it.

use std::{fmt, path::PathBuf};

use super::{load::Said, manifest};
use crate::{
    HeadSource, ModelSpec,
    imaging::{Normalisation, Size},
};

/// What a fact is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// The file itself.
    File,
    /// The program that wrote it.
    WrittenBy,
    /// How many nodes it has.
    Nodes,
    /// How many values are stored in it and beside it.
    Parameters,
    /// The input that is the picture.
    Input,
    /// Width and height of the pictures.
    InputSize,
    /// The output that is taken for the classes.
    Output,
    /// The outputs that are not.
    OtherOutputs,
    /// What its outputs mean.
    Head,
    /// How pixels become the network's numbers.
    Normalisation,
    /// The names of the classes.
    Classes,
    /// Whether it is layers, as an architecture that is built in, or operations.
    ComputedAs,
    /// The layers whose features class activation maps read.
    CamLayers,
    /// Why it is refused.
    Refused,
    /// An operation.
    Operation,
}

impl Topic {
    /// Its name where facts are printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::WrittenBy => "written by",
            Self::Nodes => "nodes",
            Self::Parameters => "parameters",
            Self::Input => "input",
            Self::InputSize => "input size",
            Self::Output => "output",
            Self::OtherOutputs => "",
            Self::Head => "head",
            Self::Normalisation => "normalisation",
            Self::Classes => "classes",
            Self::ComputedAs => "computed as",
            Self::CamLayers => "CAM layers",
            Self::Refused => "refused",
            Self::Operation => "operations",
        }
    }
}

/// A fact about a graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is about.
    pub topic: Topic,
    /// What is so.
    pub value: String,
    /// Whether nobody said it.
    pub is_guess: bool,
    /// Where it is from, or what follows from it; empty if there is nothing to say.
    pub note: String,
}

impl Fact {
    /// What a file says.
    pub(crate) fn new(topic: Topic, value: impl Into<String>) -> Self {
        Self { topic, value: value.into(), is_guess: false, note: String::new() }
    }

    /// The same with a note.
    pub(crate) fn noted(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }

    /// The same as a guess, if it is one.
    pub(crate) fn guessed(self, is_guess: bool) -> Self {
        Self { is_guess, ..self }
    }
}

/// In words.
impl fmt::Display for Fact {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { topic, value, is_guess, note } = self;
        let guess = match (is_guess, topic) {
            (false, _) => "",
            (true, Topic::Normalisation) => ", from a guess",
            (true, _) => ", a guess",
        };
        let link = match (is_guess, topic) {
            (_, Topic::Head) | (false, Topic::InputSize) => "; ",
            (true, _) => ": ",
            (false, _) => ", ",
        };
        let link = if note.is_empty() { "" } else { link };
        write!(formatter, "{value}{guess}{link}{note}")
    }
}

/// What was understood of a graph that is hosted.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphFacts {
    /// Fact by fact, in the order to tell them.
    pub facts: Vec<Fact>,
    /// The output that is taken for the classes.
    pub output: String,
    /// All outputs.
    pub outputs: Vec<String>,
    /// What the user said of it.
    pub said: Said,
    /// Width and height of pictures that the user asked for where nothing else says one, in pixels.
    pub asked_size: Option<Size>,
    /// The manifest that is read with it, if it is there.
    pub manifest: PathBuf,
}

impl GraphFacts {
    /// The fact about something, if it is known.
    pub fn about(&self, topic: Topic) -> Option<&Fact> {
        self.facts.iter().find(|fact| fact.topic == topic)
    }

    /// Whether nothing but the user says which size of pictures it was made for.
    pub fn is_of_open_size(&self) -> bool {
        self.asked_size.is_some() || self.about(Topic::InputSize).is_some_and(|fact| fact.is_guess)
    }
}

/// What a user said of a network, as keys of a manifest with their values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToRemember {
    /// The manifest that is read with the network.
    pub manifest: PathBuf,
    keys: Vec<(&'static str, String)>,
}

impl ToRemember {
    /// What there is to remember of a hosted graph; none if the user said nothing of it.
    ///
    /// # Errors
    /// A path cannot be written as text.
    pub fn of(spec: &ModelSpec) -> Result<Option<Self>, String> {
        let Some(graph) = spec.graph() else { return Ok(None) };
        let mut keys = Vec::new();
        if let Some(Normalisation { mean, std }) = graph.said.normalisation {
            keys.extend([("mean", format!("{mean:?}")), ("std", format!("{std:?}"))]);
        }
        if let Some(size) = graph.asked_size {
            keys.push(("input_size", size.written_as_toml()));
        }
        if let Some(output) = &graph.said.output {
            keys.push(("output", manifest::quoted(output)));
        }
        if spec.head_source == HeadSource::User {
            keys.push(("head", manifest::quoted(spec.head.name())));
        }
        if let Some(file) = spec.labels.file() {
            let is_beside = graph.manifest.parent().is_some_and(|folder| file.parent() == Some(folder));
            let name = file.file_name().filter(|_| is_beside);
            let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
            let path = name.map_or(absolute, PathBuf::from);
            let path = path.to_str().ok_or_else(|| format!("{} is no name in Unicode", path.display()))?;
            keys.push(("labels", manifest::quoted(path)));
        }
        Ok((!keys.is_empty()).then(|| Self { manifest: graph.manifest.clone(), keys }))
    }

    /// Writes it into the manifest: other keys of one that is there stay, with its comments.
    ///
    /// # Errors
    /// The manifest cannot be read, is wrong, or cannot be written.
    pub fn write(&self) -> Result<(), String> {
        manifest::say(&self.manifest, &self.keys)
    }
}
