//! What can be said of a file of weights that no tensor tells, below the list of models: a row of buttons for each. What
//! can be said of a graph stands beside what was understood of it (`graph_facts.rs`).

use egui::{Button, Ui};

use crate::{
    app::state::{State, action::Action, titles},
    model::{Architecture, Head, HeadSource, ModelSpec, Said},
    worker::HostOptions,
};

/// Several things of which one is true.
pub struct Choice {
    /// What is chosen.
    words: String,
    help: String,
    /// What can be said, whether it is what is taken now, and how the model is hosted then.
    answers: Vec<(String, bool, HostOptions)>,
}

/// What there is to be said of the model that is asked.
pub fn choices(state: &State) -> Vec<Choice> {
    let Some(model) = state.model.as_ref().filter(|model| model.spec.graph().is_none()) else { return Vec::new() };
    [architectures(state, &model.spec), heads(state, &model.spec), state_dicts(state, &model.spec)]
        .into_iter()
        .flatten()
        .collect()
}

/// Draws choices.
pub fn choices_ui(ui: &mut Ui, choices: Vec<Choice>, actions: &mut Vec<Action>) {
    for choice in choices {
        ui.horizontal_wrapped(|ui| {
            ui.label(choice.words.as_str()).on_hover_text(choice.help.as_str());
            choice.answers_ui(ui, actions);
        });
    }
}

impl Choice {
    /// What can be said: each a title, whether it is what is taken now, and how the model is hosted then.
    pub fn new(words: String, help: String, answers: Vec<(String, bool, HostOptions)>) -> Self {
        Self { words, help, answers }
    }

    /// Draws a button for each answer. To choose what is taken already says that it is right.
    pub fn answers_ui(self, ui: &mut Ui, actions: &mut Vec<Action>) {
        for (title, is_taken, options) in self.answers {
            let button = ui.add(Button::selectable(is_taken, title));
            if button.on_hover_text(self.help.as_str()).clicked() {
                actions.push(Action::HostWith(Box::new(options)));
            }
        }
    }
}

/// The architectures that the tensors of a file fit, if there are several.
fn architectures(state: &State, spec: &ModelSpec) -> Option<Choice> {
    let guesses = Some(&spec.guesses).filter(|guesses| guesses.is_of_architecture())?;
    let own = Architecture::named(&spec.architecture);
    let answer = |architecture: Architecture| {
        let said = Said { architecture: Some(architecture), ..state.host.said.clone() };
        (architecture.title().to_owned(), Some(architecture) == own, HostOptions { said, ..state.host.clone() })
    };
    let answers = own.into_iter().chain(guesses.twins.iter().copied()).map(answer).collect();
    Some(Choice { words: text!("models-twins"), help: text!("models-twins", "help"), answers })
}

/// What the outputs of a file's network can mean; whether what is taken is a guess is said.
pub fn heads(state: &State, spec: &ModelSpec) -> Option<Choice> {
    state.host.model.is_own().then(|| {
        let outputs = spec.head.outputs(spec.labels.len());
        let answer = |head: Head| {
            let said = Said { head: Some(head), ..state.host.said.clone() };
            // Names of classes are of as many as there were.
            let are_as_many = head.classes(outputs) == spec.head.classes(outputs);
            let labels = state.host.labels.clone().filter(|_| are_as_many);
            (titles::head(head), head == spec.head, HostOptions { said, labels, ..state.host.clone() })
        };
        let possible = Head::ALL.into_iter().filter(|head| head.for_outputs(outputs) == Ok(*head));
        let is_guess = spec.head_source == HeadSource::Guess;
        let words = if is_guess { text!("models-head-guess") } else { text!("models-head") };
        Choice { words, help: text!("models-head", "help"), answers: possible.map(answer).collect() }
    })
}

/// The state dicts of a file, if there are several.
fn state_dicts(state: &State, spec: &ModelSpec) -> Option<Choice> {
    let dicts = spec.state_dicts.as_ref()?;
    let mut names = dicts.names();
    names.sort_unstable();
    let answer = |name: &str| {
        let said = Said { state_dict: Some(name.to_owned()), ..state.host.said.clone() };
        (name.to_owned(), name == dicts.taken, HostOptions { said, ..state.host.clone() })
    };
    let answers = names.into_iter().map(answer).collect();
    Some(Choice { words: text!("models-state-dicts"), help: text!("models-state-dicts", "help"), answers })
}
