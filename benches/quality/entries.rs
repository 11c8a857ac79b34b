//! What is compared: igoscope's methods under some of their parameters, and peers that are not part of it.

use igoscope::{
    explain::{Control, LOADED_MAP, Mask, Method, Parameters, Saliency, Subject, Update, methods},
    imaging::Interpolation,
};

use crate::{greedy::greedy, rise::rise};

/// What is compared unless something else is asked for.
pub const DEFAULT: [&str; 10] = [
    "random",
    "grad-cam",
    "integrated-gradients",
    "rise",
    "greedy",
    "igos:paper",
    "igos:paper-path",
    "igos",
    "curve-descent:fast",
    "curve-descent",
];

/// Cells along a side of maps that are not igoscope's.
pub const GRID: usize = 28;

/// One line of the table.
pub struct Entry {
    pub name: String,
    what: What,
}

enum What {
    Method(&'static Method, Box<Parameters>),
    Rise,
    Greedy,
    Random,
}

/// A map, and what is known of it.
pub struct Made {
    pub map: Saliency,
    /// The mask that it was made of, if it was.
    pub mask: Option<Mask>,
    /// Why it found nothing, if so.
    pub nothing: Option<String>,
}

impl Made {
    fn of(map: Saliency) -> Self {
        Self { map, mask: None, nothing: None }
    }
}

/// The same entries with every method in the place of `all`.
pub fn expanded(entries: &[String]) -> Vec<String> {
    let all = || methods().iter().filter(|method| **method != &LOADED_MAP).map(|method| method.id.to_owned()).collect();
    entries.iter().flat_map(|entry| if entry == "all" { all() } else { vec![entry.clone()] }).collect()
}

impl Entry {
    /// `method`, `method:preset`, `method:flag=value,flag=value` or `method:preset,flag=value`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let name = text.to_owned();
        let (id, rest) = text.split_once(':').unwrap_or((text, ""));
        let what = match id {
            "rise" => What::Rise,
            "greedy" => What::Greedy,
            "random" => What::Random,
            id => {
                let method = Method::named(id).ok_or_else(|| format!("there is no method “{id}”"))?;
                What::Method(method, Box::new(parameters(method, rest)?))
            }
        };
        Ok(Self { name, what })
    }

    /// The map; `shown` is called when some map could be seen.
    pub fn map(&self, subject: &Subject<'_>, shown: &mut dyn FnMut()) -> Made {
        match &self.what {
            What::Method(method, parameters) => {
                let mut watch = |update: Update<'_>| {
                    if let Update::Iteration(_) = update {
                        shown();
                    }
                };
                let explanation = method.explain(subject, parameters, &Control::default(), &mut watch);
                let explanation = explanation.unwrap_or_else(|error| panic!("{}: {error}", self.name));
                let mask = explanation.mask().cloned();
                Made { mask, nothing: explanation.why_nothing().map(str::to_owned), map: explanation.saliency }
            }
            What::Rise => Made::of(rise(subject)),
            What::Greedy => Made::of(greedy(subject)),
            // The curves break ties at random.
            What::Random => Made::of(on_grid(GRID, vec![0.0; GRID * GRID])),
        }
    }
}

fn parameters(method: &'static Method, text: &str) -> Result<Parameters, String> {
    let mut parameters = Parameters::default();
    for word in text.split(',').filter(|word| !word.is_empty()) {
        let Some((flag, value)) = word.split_once('=') else {
            let preset = method.preset(word).ok_or_else(|| format!("{method} has no preset “{word}”"))?;
            parameters = parameters.with_set(method, (preset.values)());
            continue;
        };
        let table = &method.parameters;
        let row = table.rows.iter().find(|row| row.flag == flag);
        let row = row.ok_or_else(|| format!("{method} has no parameter “{flag}”"))?;
        let set = parameters.set_mut(table).ok_or_else(|| format!("{method} has no parameters"))?;
        table.set(row, set, row.parse(value)?);
    }
    Ok(parameters)
}

/// A map of `side` × `side` cells, spread as masks are.
pub fn on_grid(side: usize, values: Vec<f32>) -> Saliency {
    let interpolation = Interpolation::AlignCorners;
    Saliency { width: side, height: side, values, interpolation, clipped_fraction: 0.0, full: None }
}
