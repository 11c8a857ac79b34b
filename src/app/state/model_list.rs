//! The models that can be chosen, what is known of each on this computer, and which is looked for. Plain data.

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
};

use super::own_model::OwnModel;
use crate::{
    model::{Cached, Entry, ModelChoice, Progress, ToRemember, Verified, catalogue},
    worker::HostOptions,
};

/// Licence of the weights that are part of the program, as SPDX names it.
const EMBEDDED_LICENCE: &str = "Apache-2.0";

/// What a model is chosen for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Purpose {
    /// To be explained.
    #[default]
    Host,
    /// To judge the maps of the one that is explained.
    Judge,
    /// To be asked the same as the one that is explained.
    Beside,
}

/// What can be done with the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelsAction {
    /// Show it, to choose a model for this.
    Open(Purpose),
    /// Close it.
    Close,
    /// This is being looked for in it.
    Search(ModelSearch),
    /// Take a model for what the list was opened for.
    Take(ModelChoice),
    /// Let no other network judge any more.
    Unjudge,
    /// Let no other network stand beside the model any more.
    Unbeside,
    /// Choose a file in a dialog, and take the model in it.
    ChooseFile,
    /// Ask again for the model that could not be fetched.
    FetchAgain,
    /// Choose a file in its place.
    ChooseFileInstead,
    /// Choose a text file in a dialog, and call the hosted model's classes as it does.
    ChooseNames,
    /// Call the hosted model's classes as a text file does, or as they came with it if none.
    NameClasses(Option<PathBuf>),
    /// Compare a model's file with the checksum that it came with.
    Verify(&'static Entry),
    /// Ask whether a model's file is to be removed; about none any more if none.
    AskToRemove(Option<&'static Entry>),
    /// Remove it.
    Remove(&'static Entry),
    /// These numbers are being typed for the hosted network.
    TypeNumbers(TypedNumbers),
    /// Write what the user said of the hosted network into its manifest.
    Remember,
}

/// Numbers that are typed for a network from a file, before it is hosted with them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypedNumbers {
    /// Width and height of its pictures.
    pub size: String,
    /// Whether a mean and a standard deviation are typed.
    pub are_open: bool,
    /// Whether the keyboard is to go to them.
    pub wants_keyboard: bool,
    /// The mean.
    pub mean: String,
    /// The standard deviation.
    pub std: String,
}

/// A row of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// The model that is part of the program.
    Embedded,
    /// One of the catalogue.
    Entry(&'static Entry),
    /// The file of the user's own that was hosted last, if one was.
    Own,
    /// A file of the user's own, that is to be chosen.
    File,
}

/// What is known of a model of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// About how large it is, in bytes.
    pub about: u64,
    /// Its file, if it is in the cache.
    pub cached: Option<Cached>,
    /// Bytes of an unfinished download.
    pub unfinished: Option<u64>,
}

/// What came of looking at the files of models. What went wrong is told in one line.
#[derive(Debug)]
pub enum Told {
    /// What is on this computer.
    Looked(Vec<(&'static Entry, Kept)>),
    /// The file of the user's own weights has so many bytes.
    Weighed(PathBuf, u64),
    /// A file was read again.
    Verified(&'static Entry, Result<Verified, String>),
    /// A file was removed, of so many bytes.
    Removed(&'static Entry, Result<u64, String>),
    /// What the user said of a network was written into its manifest.
    Remembered(ToRemember, Result<(), String>),
}

/// A model that could not be fetched.
#[derive(Debug, Clone)]
pub struct Unfetched {
    /// What was asked for.
    pub options: Box<HostOptions>,
    /// The one of its models that could not be had.
    pub entry: &'static Entry,
    /// Why, and what to do.
    pub message: String,
}

/// Where a model is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Place {
    /// It is what the list was opened for; what came of checking its file, if it was.
    InUse(Option<Verified>),
    /// It is in use, but for the other purpose of the list.
    InOtherUse,
    /// It is here, and on its way to be asked.
    Loading,
    /// It is being fetched; how far it is, once that is known.
    Fetching(Option<Progress>),
    /// It is part of the program.
    Inside,
    /// Its file is here, of so many bytes; what came of checking it, if it was.
    Here(u64, Option<Verified>),
    /// Its file is being checked.
    Checking,
    /// So many bytes of it are here.
    Part(u64),
    /// It is not here.
    Elsewhere,
    /// Wherever the user says, or nobody has looked yet.
    Unknown,
}

/// What is being looked for in the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelSearch {
    /// What was typed.
    pub text: String,
    /// Number of the row that the keyboard is at, among those that fit.
    pub chosen: usize,
    /// Whether the keyboard is asked for.
    pub wants_keyboard: bool,
}

/// The list, and what is being done with it.
#[derive(Debug, Clone, Default)]
pub struct ModelList {
    /// Whether it is shown.
    pub is_open: bool,
    /// What a model is chosen for.
    pub purpose: Purpose,
    /// What is being looked for in it.
    pub search: ModelSearch,
    /// The model whose file the user is asked about.
    pub removing: Option<&'static Entry>,
    /// Names of the models whose files are being checked.
    pub checking: HashSet<&'static str>,
    /// What came of that.
    pub verified: HashMap<&'static str, Verified>,
    /// The model that was asked for last, if it could not be fetched.
    pub unfetched: Option<Unfetched>,
    /// What is known of each, by name.
    pub kept: HashMap<&'static str, Kept>,
    /// The file of the user's own that was hosted last.
    pub own: Option<OwnModel>,
    /// What is being typed for the hosted network.
    pub typed: TypedNumbers,
    /// What was written into a manifest last.
    pub remembered: Option<ToRemember>,
    /// Whether what is known may not be so any more.
    pub is_stale: bool,
    /// Whether somebody is looking.
    pub is_looking: bool,
}

impl Row {
    /// Every row, in their order.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::Embedded, Self::Own].into_iter().chain(catalogue().map(Self::Entry)).chain([Self::File])
    }

    /// The name on screen. `own` is the file that was hosted last.
    pub fn title(self, own: Option<&OwnModel>) -> String {
        match self {
            Self::Embedded => ModelChoice::Embedded.title(),
            Self::Entry(entry) => entry.title().to_owned(),
            Self::Own => own.map_or_else(String::new, |own| own.title.clone()),
            Self::File => text!("models-file"),
        }
    }

    /// Licence of the weights, as SPDX names it; none that is known of a file.
    pub fn licence(self) -> &'static str {
        match self {
            Self::Embedded => EMBEDDED_LICENCE,
            Self::Entry(entry) => entry.licence,
            Self::Own | Self::File => "",
        }
    }

    /// Share of ImageNet's validation pictures that it classifies rightly, in per cent, if that is known.
    pub fn top1(self) -> Option<f64> {
        match self {
            Self::Entry(entry) => Some(entry.top1()),
            Self::Embedded | Self::Own | Self::File => None,
        }
    }

    /// The one of the catalogue, if it is one.
    pub fn entry(self) -> Option<&'static Entry> {
        match self {
            Self::Entry(entry) => Some(entry),
            Self::Embedded | Self::Own | Self::File => None,
        }
    }

    /// Whether it is there, and name, title and licence together contain every word.
    fn fits(self, words: &[String], own: Option<&OwnModel>) -> bool {
        let name = match self {
            Self::Embedded => ModelChoice::Embedded.name().to_owned(),
            Self::Entry(entry) => entry.name.to_owned(),
            Self::Own => own.map_or_else(String::new, |own| own.weights.display().to_string()),
            Self::File => "onnx safetensors pth pt toml".to_owned(),
        };
        let text = format!("{name} {} {}", self.title(own), self.licence()).to_lowercase();
        (self != Self::Own || own.is_some()) && words.iter().all(|word| text.contains(word))
    }
}

impl Unfetched {
    /// What it was to be taken for.
    pub fn purpose(&self) -> Purpose {
        let own = ModelChoice::Catalogue(self.entry);
        match &self.options {
            options if options.model == own => Purpose::Host,
            options if options.judge.as_ref() == Some(&own) => Purpose::Judge,
            _ => Purpose::Beside,
        }
    }
}

impl Kept {
    /// Bytes that would be free if it were removed.
    pub fn bytes(&self) -> u64 {
        self.cached.as_ref().map_or(0, |cached| cached.bytes) + self.unfinished.unwrap_or_default()
    }
}

impl ModelSearch {
    /// The rows that fit what is looked for. `own` is the file that was hosted last.
    pub fn found(&self, own: Option<&OwnModel>) -> Vec<Row> {
        let words: Vec<String> = self.text.to_lowercase().split_whitespace().map(str::to_owned).collect();
        Row::all().filter(|row| row.fits(&words, own)).collect()
    }
}

impl ModelList {
    /// Shows the list, with nothing looked for.
    pub fn open(&mut self, purpose: Purpose) {
        (self.is_open, self.purpose) = (true, purpose);
        (self.is_stale, self.is_looking) = (true, false);
        self.search = ModelSearch { wants_keyboard: true, ..ModelSearch::default() };
        self.removing = None;
    }

    /// Closes it.
    pub fn close(&mut self) {
        self.is_open = false;
        self.removing = None;
    }

    /// Looks for something else. Nobody is asked about a row that may be gone.
    pub fn look_for(&mut self, search: ModelSearch) {
        if search.text != self.search.text {
            self.removing = None;
        }
        self.search = search;
    }

    /// Whether the disk is to be looked at now; whoever asks must do it.
    pub fn takes_look(&mut self) -> bool {
        let takes = self.is_open && self.is_stale && !self.is_looking;
        if takes {
            (self.is_stale, self.is_looking) = (false, true);
        }
        takes
    }

    /// Takes in what was seen on the disk.
    pub fn looked(&mut self, kept: Vec<(&'static Entry, Kept)>) {
        self.is_looking = false;
        self.kept = kept.into_iter().map(|(entry, kept)| (entry.name, kept)).collect();
        let kept = &self.kept;
        self.verified.retain(|name, _| kept.get(name).is_some_and(|kept| kept.cached.is_some()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(text: &str) -> Vec<String> {
        let search = ModelSearch { text: text.to_owned(), ..ModelSearch::default() };
        search.found(None).into_iter().map(|row| row.title(None)).collect()
    }

    #[test]
    fn models_are_found_by_name_title_and_licence() {
        assert_eq!(titles("").len(), catalogue().count() + 2);
        assert_eq!(titles("")[0], "EfficientNet-Lite0");
        assert_eq!(titles("resnet50 ").len(), 2, "it is a part of wide_resnet50_2");
        assert_eq!(titles("resnet50 wide").len(), 1);
        assert_eq!(titles("VGG 19 bsd").len(), 2);
        let apache = titles("apache");
        assert!(apache.contains(&"EfficientNet-Lite0".to_owned()) && !apache.contains(&"ResNet-50".to_owned()));
        assert_eq!((titles("pth"), titles("own file")), (vec![Row::File.title(None)], vec![Row::File.title(None)]));
        assert!(titles("no such model").is_empty());
    }

    #[test]
    fn titles_tell_models_apart() {
        let all: HashSet<String> = Row::all().map(|row| row.title(None)).collect();
        assert_eq!(all.len(), Row::all().count());
    }

    #[test]
    fn the_disk_is_looked_at_once_at_a_time_and_only_for_a_list_that_is_shown() {
        let mut list = ModelList { is_stale: true, ..ModelList::default() };
        assert!(!list.takes_look());
        list.open(Purpose::Host);
        assert!(list.takes_look() && !list.takes_look());
        list.is_stale = true;
        assert!(!list.takes_look(), "somebody is looking");
        list.looked(Vec::new());
        assert!(list.takes_look());
    }
}
