//! Methods as rows: what every surface needs to know of a method, in one place. The worker, the command line, the window
//! and exported files read [`methods`]; none of them knows a method by name.
//!
//! A new method is a file with a type that implements [`Explain`], a row, and a line in `methods/mod.rs`.

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    sync::{Mutex, OnceLock, PoisonError},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{
    Control, CurveParameters, ExplainError, Explanation, IterationChart, Nothing, Parameter, ParameterSet, Parameters,
    Subject, Table, Term, Update,
    methods::BUILT_IN,
    nothing::{nothing_found, nothing_to_find},
};
use crate::model::Classifier;

/// What a method does, for parameters of its own type.
pub trait Explain {
    /// Its parameters; `()` for none.
    type Parameters: ParameterSet + Default;

    /// Explains.
    ///
    /// # Errors
    /// A parameter out of its range, a cancellation, or a model that fails or does not answer with numbers.
    fn explain(
        subject: &Subject<'_>,
        parameters: &Self::Parameters,
        control: &Control,
        report: &mut dyn FnMut(Update<'_>),
    ) -> Result<Explanation, ExplainError>;

    /// Forward-and-backward passes it is expected to take, for the progress bar.
    fn passes(parameters: &Self::Parameters) -> usize;

    /// The most iterations it makes, for a method that iterates.
    fn iterations(_: &Self::Parameters) -> usize {
        1
    }
}

/// What a method does, where a function does it: of the subject, of the parameters if the method has some, of the control,
/// and of the report if it `reports`; one that `iterates` has a parameter that says how often at most. The number or closure
/// before it says how many passes that takes.
macro_rules! explains {
    ($name:ident, $passes:expr, $explain:ident) => {
        explains!(@ $name, (), |()| $passes, |_| 1, (subject, parameters, control, report) => $explain(subject, control));
    };
    ($name:ident: $parameters:ty, |$own:pat_param| $passes:expr, $explain:ident) => {
        explains!(@ $name, $parameters, |$own| $passes, |_| 1, (subject, parameters, control, report) =>
            $explain(subject, parameters, control));
    };
    ($name:ident: $parameters:ty, |$own:pat_param| $passes:expr, $explain:ident reports) => {
        explains!(@ $name, $parameters, |$own| $passes, |_| 1, (subject, parameters, control, report) =>
            $explain(subject, parameters, control, report));
    };
    ($name:ident: $parameters:ty, |$own:pat_param| $passes:expr, $explain:ident iterates) => {
        explains!(@ $name, $parameters, |$own| $passes, |own| own.iterations, (subject, parameters, control, report) =>
            $explain(subject, parameters, control, report));
    };
    (@ $name:ident, $parameters:ty, |$own:pat_param| $passes:expr, |$its:pat_param| $iterations:expr,
     ($subject:ident, $given:ident, $control:ident, $report:ident) => $explained:expr) => {
        struct $name;

        impl $crate::Explain for $name {
            type Parameters = $parameters;

            fn explain(
                $subject: &$crate::Subject<'_>,
                $given: &$parameters,
                $control: &$crate::Control,
                $report: &mut dyn FnMut($crate::Update<'_>),
            ) -> Result<$crate::Explanation, $crate::ExplainError> {
                let _ = ($given, &$report);
                $explained
            }

            fn passes($own: &$parameters) -> usize {
                $passes
            }

            fn iterations($its: &$parameters) -> usize {
                $iterations
            }
        }
    };
}
pub(super) use explains;

type ExplainFn =
    fn(&Subject<'_>, &dyn ParameterSet, &Control, &mut dyn FnMut(Update<'_>)) -> Result<Explanation, ExplainError>;

/// A way to explain a prediction: a row.
pub struct Method {
    /// The name in flags, file names and JSON.
    pub id: &'static str,
    /// The name on screen.
    pub title: &'static str,
    /// Its colour, red, green and blue: apart from the other methods' for every kind of colour vision, and from dark
    /// and light.
    pub color: [u8; 3],
    /// What kind of method it is.
    pub family: Family,
    /// Whether it is on the wall, and run, if nobody has chosen methods.
    pub is_usual: bool,
    /// Its place in the order in which the window runs methods, the lowest first; [`u8::MAX`] for none of its own.
    pub run_order: u8,
    /// What a high value of its map means, in a sentence.
    pub meaning: &'static str,
    /// When its map misleads, in a sentence.
    pub misleads: &'static str,
    /// What it computes, in some sentences for people who have not read the paper.
    pub computes: &'static str,
    /// Where it is from: authors, title, place and year.
    pub source: &'static str,
    /// The table of its parameters; methods that share some have the same table, whose rows say whose they are.
    pub parameters: Table,
    /// Sets of its values that are known to be good for something.
    pub presets: &'static [Preset],
    /// The numbers that each of its iterations reports, in the order they are written; none for a method that does not
    /// iterate.
    pub terms: &'static [Term],
    /// The charts its terms are drawn in, the one to show first at the front.
    pub charts: &'static [IterationChart],
    /// The parameter that a mask's size costs, if there is one: a tenth of it may find what is not found.
    pub price: Option<&'static str>,
    /// Whether it explains logits whatever the score, so that no probability is too near to 1 for it.
    pub explains_logits: bool,
    /// Why it has nothing to say of a network, if it has not.
    pub refuses: fn(&dyn Classifier) -> Option<&'static str>,
    /// What it does.
    pub does: Does,
}

/// A kind of method: what it learns from. Methods of a kind stand together where one chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// A mask is searched that changes the score most.
    Masks,
    /// The gradient with respect to the input, or what is sent back in its place.
    Gradients,
    /// The network's features.
    Activations,
    /// Only what the network answers.
    Answers,
    /// Attention between the tokens of a transformer.
    Attention,
    /// Nothing: the map is someone else's.
    Loaded,
}

impl Family {
    /// Every family, in the order to offer them.
    pub const ALL: [Self; 6] =
        [Self::Masks, Self::Gradients, Self::Activations, Self::Answers, Self::Attention, Self::Loaded];

    /// Its name on screen.
    pub fn title(self) -> &'static str {
        match self {
            Self::Masks => "Masks",
            Self::Gradients => "Gradients",
            Self::Activations => "Features (CAM)",
            Self::Answers => "Answers only (black box)",
            Self::Attention => "Attention",
            Self::Loaded => "Of other programs",
        }
    }
}

/// What a method does, for parameters whose type only the method knows.
#[derive(Clone, Copy)]
pub struct Does {
    explain: ExplainFn,
    passes: fn(&dyn ParameterSet) -> Option<usize>,
    iterations: fn(&dyn ParameterSet) -> Option<usize>,
}

impl Does {
    /// What a type says that it does.
    pub const fn of<M: Explain>() -> Self {
        Self {
            explain: explain_as::<M>,
            passes: |parameters| parameters.as_any().downcast_ref().map(M::passes),
            iterations: |parameters| parameters.as_any().downcast_ref().map(M::iterations),
        }
    }
}

/// Values under a name.
#[derive(Clone, Copy)]
pub struct Preset {
    /// The name in flags.
    pub name: &'static str,
    /// What it is for, in a line.
    pub purpose: &'static str,
    /// The values.
    pub values: fn() -> Box<dyn ParameterSet>,
}

impl fmt::Debug for Preset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Preset").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Preset {
    /// Its values in the place of a method's, but for those that are the user's own: a seed is nobody's but theirs, and
    /// the baseline is the question they ask, so both stay.
    pub fn applied_to(&self, method: &Method, chosen: &Parameters) -> Parameters {
        let mut values = (self.values)();
        if let Some(own) = chosen.set(&method.parameters) {
            for row in method.rows().filter(|row| row.is_users) {
                if let Some(value) = row.get(own) {
                    row.put(&mut *values, value);
                }
            }
        }
        chosen.clone().with_set(method, values)
    }
}

/// A preset's name, with what it is in each method that has one of this name: they are asked for together.
#[derive(Debug, Clone)]
pub struct NamedPreset {
    /// The name in flags.
    pub name: &'static str,
    /// What it is for, in a line: that of the first method.
    pub purpose: &'static str,
    /// The methods that have one, each with its own.
    pub of: Vec<(&'static Method, &'static Preset)>,
}

impl NamedPreset {
    /// The values of all its methods, but for those that are the user's own.
    pub fn applied_to(&self, chosen: &Parameters) -> Parameters {
        self.of.iter().fold(chosen.clone(), |chosen, (method, preset)| preset.applied_to(method, &chosen))
    }

    /// Whether one of these methods has it.
    pub fn is_of(&self, methods: &[&'static Method]) -> bool {
        self.of.iter().any(|(method, _)| methods.contains(method))
    }

    /// Whether parameters are its values, and the default wherever it has none.
    pub fn is(&self, parameters: &Parameters) -> bool {
        let own = |defaults: Parameters, (method, _): &(&'static Method, &'static Preset)| match parameters
            .set(&method.parameters)
        {
            Some(set) => defaults.with_set(method, set.clone_boxed()),
            None => defaults,
        };
        self.of.iter().fold(Parameters::default(), own) == *parameters && self.applied_to(parameters) == *parameters
    }
}

/// Every preset by name, in the order to offer them.
pub fn presets() -> Vec<NamedPreset> {
    let mut all: Vec<NamedPreset> = Vec::new();
    for &method in methods() {
        for preset in method.presets {
            match all.iter_mut().find(|known| known.name == preset.name) {
                Some(known) => known.of.push((method, preset)),
                None => {
                    all.push(NamedPreset { name: preset.name, purpose: preset.purpose, of: vec![(method, preset)] });
                }
            }
        }
    }
    all
}

fn explain_as<M: Explain>(
    subject: &Subject<'_>,
    parameters: &dyn ParameterSet,
    control: &Control,
    report: &mut dyn FnMut(Update<'_>),
) -> Result<Explanation, ExplainError> {
    let own = parameters.as_any().downcast_ref();
    M::explain(subject, own.ok_or(ExplainError::OtherParameters { table: "a method" })?, control, report)
}

impl Method {
    /// A row that has nothing yet but what the method does.
    pub const fn of<M: Explain>() -> Self {
        Self {
            id: "",
            title: "",
            color: [0; 3],
            family: Family::Answers,
            is_usual: false,
            run_order: u8::MAX,
            meaning: "",
            misleads: "",
            computes: "",
            source: "",
            parameters: Table::of::<M::Parameters>("", &[]),
            presets: &[],
            terms: &[],
            charts: &[],
            price: None,
            explains_logits: false,
            refuses: |_| None,
            does: Does::of::<M>(),
        }
    }

    /// Its parameters: the rows of its table that are its own.
    pub fn rows(&self) -> impl Iterator<Item = &'static Parameter> + use<> {
        let id = self.id;
        self.parameters.rows.iter().filter(move |row| row.is_of(id))
    }

    /// Its parameter of this name.
    pub fn row(&self, name: &str) -> Option<&'static Parameter> {
        self.parameters.row(name).filter(|row| row.is_of(self.id))
    }

    /// Its parameters as they are written, from a set of its table: names and values, in the order of the rows.
    pub fn to_json(&self, set: &dyn ParameterSet) -> serde_json::Map<String, serde_json::Value> {
        let mut json = self.parameters.to_json(set);
        json.retain(|name, _| self.row(name).is_some());
        json
    }

    /// Whether it has iterations to be watched.
    pub fn iterates(&self) -> bool {
        !self.terms.is_empty()
    }

    /// Explains with this method, and says whether it found anything.
    ///
    /// # Errors
    /// A parameter out of its range, a cancellation, or a model that fails or does not answer with numbers.
    pub fn explain(
        &'static self,
        subject: &Subject<'_>,
        parameters: &Parameters,
        control: &Control,
        report: &mut dyn FnMut(Update<'_>),
    ) -> Result<Explanation, ExplainError> {
        let own = parameters.of(self);
        self.parameters.check(&*own, subject.input.size.shorter())?;
        if let Some(reason) = (self.refuses)(subject.classifier) {
            let refused = Explanation::of_nothing(self, subject.target, Nothing::Refused, own.into());
            return Ok(Explanation { notes: vec![("refused", reason.to_owned())], ..refused });
        }
        // Who only asks for answers to other pictures needs no gradient that a probability next to 1 has lost.
        let takes_saturated = self.explains_logits || self.family == Family::Answers;
        if let Some(nothing) = nothing_to_find(subject, takes_saturated, control)? {
            return Ok(Explanation::of_nothing(self, subject.target, nothing, own.into()));
        }
        let mut explanation = (self.does.explain)(subject, &*own, control, report)?;
        explanation.nothing = nothing_found(&explanation);
        Ok(explanation)
    }

    /// Forward-and-backward passes it is expected to take, at least one.
    pub fn passes(&self, parameters: &Parameters) -> usize {
        (self.does.passes)(&*parameters.of(self)).unwrap_or_default().max(1)
    }

    /// The most iterations it makes.
    pub fn iterations(&self, parameters: &Parameters) -> usize {
        (self.does.iterations)(&*parameters.of(self)).unwrap_or(1)
    }

    /// The preset of this name.
    pub fn preset(&self, name: &str) -> Option<&'static Preset> {
        self.presets.iter().find(|preset| preset.name == name)
    }

    /// The method of this id.
    pub fn named(id: &str) -> Option<&'static Self> {
        methods().iter().copied().find(|method| method.id == id)
    }

    fn place(&self) -> usize {
        methods().iter().position(|method| method.id == self.id).unwrap_or(usize::MAX)
    }
}

/// Methods of others, until the list is read for the first time.
static ADDED: Mutex<Vec<&'static Method>> = Mutex::new(Vec::new());

static METHODS: OnceLock<Vec<&'static Method>> = OnceLock::new();

/// Every method, in the order of the comparison wall: igoscope's own, then those that were [added](add_method).
pub fn methods() -> &'static [&'static Method] {
    METHODS.get_or_init(|| {
        let added = ADDED.lock().unwrap_or_else(PoisonError::into_inner);
        BUILT_IN.iter().copied().chain(added.iter().copied()).collect()
    })
}

/// A method of so few passes, in a second or two, does not wait for those that iterate.
const QUICK: usize = 100;

/// Every method in the order to run them: the quickest first, so that there is a map at once; then those that have a place
/// of their own, and the others by how long they take.
pub fn run_order() -> Vec<&'static Method> {
    let usual = Parameters::default();
    let mut methods = methods().to_vec();
    methods.sort_by_key(|method| {
        let passes = method.passes(&usual);
        let has_no_place = method.run_order == u8::MAX;
        (if has_no_place && passes <= QUICK { 0 } else { method.run_order }, passes)
    });
    methods
}

/// The methods that are run if nobody has chosen some, in the order of the wall.
pub fn usual_methods() -> Vec<&'static Method> {
    methods().iter().copied().filter(|method| method.is_usual).collect()
}

/// Adds a method to igoscope's own, before the list is read for the first time.
///
/// # Errors
/// Gives the method back if the list was read before, or if another method, or the curves, have its id, the name or the
/// type of its parameters, or a flag of another meaning.
pub fn add_method(method: &'static Method) -> Result<(), &'static Method> {
    let mut added = ADDED.lock().unwrap_or_else(PoisonError::into_inner);
    let known = || BUILT_IN.iter().chain(added.iter());
    let tables = || known().map(|known| &known.parameters).chain([&CurveParameters::TABLE]);
    let is_known =
        known().any(|known| known.id == method.id) || tables().any(|table| table.clashes(&method.parameters));
    if is_known || METHODS.get().is_some() {
        return Err(method);
    }
    added.push(method);
    Ok(())
}

// A method is its id.

impl fmt::Debug for Method {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id)
    }
}

impl PartialEq for Method {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Method {}

/// By their places on the wall.
impl Ord for Method {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.place(), self.id).cmp(&(other.place(), other.id))
    }
}

impl PartialOrd for Method {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for Method {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl Serialize for Method {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id)
    }
}

impl<'de> Deserialize<'de> for &'static Method {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        Method::named(&id).ok_or_else(|| D::Error::custom(format!("there is no method “{id}”")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Baseline, IGOS, IgosParameters, tables};

    #[test]
    fn ids_flags_and_colours_are_one_methods_alone() {
        for (number, method) in methods().iter().enumerate() {
            for other in &methods()[..number] {
                assert!(other.id != method.id && other.title != method.title && other.color != method.color);
            }
            let words = [method.meaning, method.misleads, method.computes, method.source];
            assert!(words.iter().all(|words| !words.is_empty()), "{method}");
        }
        // Only what is one thing for all methods has one flag for all.
        let rows: Vec<_> = tables().flat_map(|table| table.rows).collect();
        for (number, row) in rows.iter().enumerate() {
            let shared = rows[..number].iter().any(|other| other.flag == row.flag);
            assert!(!shared || ["seed", "baseline"].contains(&row.flag), "{}", row.flag);
        }
    }

    #[test]
    fn every_preset_is_in_range_and_no_two_are_the_same() {
        for method in methods() {
            for (number, preset) in method.presets.iter().enumerate() {
                method.parameters.check(&*(preset.values)(), 224).unwrap();
                for other in &method.presets[..number] {
                    assert!(other.name != preset.name);
                    assert!((other.values)() != (preset.values)(), "{} and {}", other.name, preset.name);
                }
            }
        }
    }

    #[test]
    fn a_preset_leaves_the_seed_and_the_question_alone() {
        let chosen = IgosParameters { seed: 7, baseline: Baseline::Grey, iterations: 3, ..IgosParameters::default() };
        let chosen = Parameters::default().with(chosen);
        for preset in IGOS.presets {
            let applied = preset.applied_to(&IGOS, &chosen);
            let own = applied.get::<IgosParameters>().unwrap();
            assert_eq!((own.seed, own.baseline), (7, Baseline::Grey));
            let values = (preset.values)();
            let values: &IgosParameters = values.as_any().downcast_ref().unwrap();
            assert_eq!(own.iterations, values.iterations);
        }
    }
}
