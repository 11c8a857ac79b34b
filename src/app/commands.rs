//! Everything that can be asked for by name: the one table that the keyboard, the palette and the sheet of shortcuts
//! read.

use std::borrow::Cow;

use super::{
    action::Action,
    appearance::{LEAST_ZOOM, MOST_ZOOM, ThemeChoice},
    charts::Chart,
    crop, fuzzy,
    look::{Look, Style},
    model_list::ModelsAction,
    objective::History,
    panels::Tab,
    presets,
    save::{self, Copyable},
    shortcuts::{self, Shortcuts},
    state::{self, State},
    target,
    tiles::Tile,
};
use crate::{
    explain::{MethodKind, PRESETS, Parameters},
    export::chart::Format,
    imaging::{Colormap, CropMode, SAMPLES},
    model::Score,
    worker::Source,
};

/// What commands are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Pictures in.
    Pictures,
    /// What is explained, and the run.
    Run,
    /// How the wall is drawn.
    Wall,
    /// The iterations and the runs before.
    Time,
    /// The parameters.
    Parameters,
    /// Results out.
    Results,
    /// The window itself.
    Window,
}

impl Group {
    /// Its name on screen.
    pub fn title(self) -> &'static str {
        match self {
            Self::Pictures => "Pictures",
            Self::Run => "Explaining",
            Self::Wall => "Wall",
            Self::Time => "Iterations and runs",
            Self::Parameters => "Parameters",
            Self::Results => "Results",
            Self::Window => "Window",
        }
    }
}

/// Something that can be asked for by name.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// What it is about.
    pub group: Group,
    /// Its name on screen.
    pub title: Cow<'static, str>,
    /// Other words that it is found by.
    pub words: &'static str,
    /// Its shortcuts.
    pub shortcuts: Shortcuts,
    /// What it asks for; nothing if it is not possible now.
    pub action: Option<Action>,
}

impl Command {
    fn new(group: Group, title: impl Into<Cow<'static, str>>, action: impl Into<Option<Action>>) -> Self {
        Self { group, title: title.into(), words: "", shortcuts: &[], action: action.into() }
    }

    fn words(self, words: &'static str) -> Self {
        Self { words, ..self }
    }

    fn keys(self, shortcuts: Shortcuts) -> Self {
        Self { shortcuts, ..self }
    }

    /// How well it is found by `query`, and the letters of its title to mark; other words than the title count least.
    pub fn matched(&self, query: &str) -> Option<fuzzy::Match> {
        let by_words = || fuzzy::begins(query, self.words).then(|| fuzzy::Match { score: 0, letters: Vec::new() });
        fuzzy::find(query, &self.title).or_else(by_words)
    }
}

/// What commands depend on.
#[derive(Debug, Clone, Copy)]
pub struct Desk<'a> {
    /// What the window knows.
    pub state: &'a State,
    /// Whether the run under way is being held.
    pub paused: bool,
    /// Whether the wall shows a part of the model's square only.
    pub zoomed: bool,
}

/// Every command, in the order to offer them.
pub fn commands(desk: Desk<'_>) -> Vec<Command> {
    let state = desk.state;
    let mut all = Vec::with_capacity(100);
    pictures(state, &mut all);
    run(state, desk.paused, &mut all);
    wall(state, desk.zoomed, &mut all);
    time(state, &mut all);
    parameters(state, &mut all);
    results(state, &mut all);
    window(state, &mut all);
    all
}

fn pictures(state: &State, all: &mut Vec<Command>) {
    let command = |title, action: Option<Action>| Command::new(Group::Pictures, title, action);
    let at = state.selected;
    let some = !state.pictures.is_empty();
    let before = at.checked_sub(1).filter(|_| some);
    let next = Some(at + 1).filter(|next| *next < state.pictures.len());
    all.extend([
        command("Open pictures…", Some(Action::OpenDialog)).words("file folder image load").keys(shortcuts::OPEN),
        command("Paste a picture", Some(Action::Paste)).words("clipboard image").keys(shortcuts::PASTE),
        command("Previous picture", before.map(Action::Select)).keys(shortcuts::PREVIOUS_PICTURE),
        command("Next picture", next.map(Action::Select)).keys(shortcuts::NEXT_PICTURE),
        command("Close this picture", some.then_some(Action::Close(at))).keys(shortcuts::CLOSE_PICTURE),
    ]);
    let sample = |(number, sample): (usize, &crate::imaging::Sample)| {
        let action = Action::Open(vec![Source::Sample(number)]);
        Command::new(Group::Pictures, format!("Open sample: {}", sample.title), action).words("example picture")
    };
    all.extend(SAMPLES.iter().enumerate().map(sample));
    all.extend(state.recent.paths().iter().map(|path| {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        let action = Action::Open(vec![Source::File(path.clone())]);
        Command::new(Group::Pictures, format!("Open recent: {name}"), action).words("again last file")
    }));
}

fn run(state: &State, paused: bool, all: &mut Vec<Command>) {
    let command = |title, action: Option<Action>| Command::new(Group::Run, title, action);
    let (active, some) = (state.active().is_some(), state.picture().is_some());
    let (hold, held) = if paused { ("Resume the run", Action::Resume) } else { ("Pause the run", Action::Pause) };
    // Escape leaves what is in front first.
    let stop_keys: Shortcuts = if state.comparing.is_some() { &[] } else { shortcuts::STOP };
    let can_search = state.shown().is_some_and(|run| run.seen.is_some());
    all.extend([
        command("Explain again", some.then_some(Action::Run)).words("run start rerun compute").keys(shortcuts::RUN),
        command(hold, active.then_some(held)).words("hold go on").keys(shortcuts::PAUSE),
        command("Stop the run", active.then_some(Action::Stop)).words("end cancel abort").keys(stop_keys),
        command("Choose a model…", Some(Action::Models(ModelsAction::Open)))
            .words("network catalogue fetch download weights")
            .keys(shortcuts::MODELS),
        command("Search classes", can_search.then_some(Action::FindClass))
            .words("find label name number explain target")
            .keys(shortcuts::FIND_CLASS),
    ]);
    if let (Some(picture), Some(seen)) = (state.picture(), state.shown().and_then(|run| run.seen.as_ref())) {
        let explained = state::explained(picture);
        all.extend(seen.top.iter().map(|class| {
            let action = (explained != Some(class.id)).then_some(Action::ExplainClass(class.id));
            Command::new(Group::Run, format!("Explain class: {}", class.name), action).words("prediction label top")
        }));
        let alone = picture.against.map(|_| Action::ExplainAgainst(None));
        all.push(command("Explain the class alone", alone).words("rather than why not contrast"));
    }
    all.extend(Score::ALL.into_iter().map(|score| {
        let action = (some && score != state.score).then_some(Action::ExplainScore(score));
        Command::new(Group::Run, format!("Score: {}", target::title(score)), action).words("explain objective softmax")
    }));
    all.extend(CropMode::NAMED.into_iter().map(|mode| {
        let action = state.picture().filter(|picture| picture.crop != mode).map(|_| Action::Cut(mode));
        Command::new(Group::Run, format!("Crop: {}", crop::title(mode)), action).words("part square whole bars cut")
    }));
}

fn wall(state: &State, zoomed: bool, all: &mut Vec<Command>) {
    let command = |title, action: Option<Action>| Command::new(Group::Wall, title, action);
    let look = &state.look;
    let with = |change: &dyn Fn(&mut Look)| {
        let mut changed = look.clone();
        change(&mut changed);
        (changed != *look).then(|| Action::SetLook(Box::new(changed)))
    };
    for (style, keys) in Style::ALL.into_iter().zip(shortcuts::STYLES) {
        let action = with(&|look| look.style = style);
        all.push(command(style.command(), action).words(style.help()).keys(keys));
    }
    for colormap in Colormap::ALL {
        let action = with(&|look| look.colormap = colormap);
        let title = format!("Colour map: {}", colormap.name());
        all.push(Command::new(Group::Wall, title, action).words("color palette heatmap"));
    }
    let charts = if look.charts { "Hide the charts" } else { "Show the charts" };
    let toggled = with(&|look| look.charts = !look.charts);
    all.push(command(charts, toggled).words("curves deletion insertion toggle").keys(shortcuts::CHARTS));
    let count = state.tiles.all().iter().filter(|&&tile| state.tiles.has(tile)).count();
    for &tile in state.tiles.all() {
        let shown = state.tiles.has(tile);
        let title = format!("{} tile: {}", if shown { "Hide" } else { "Show" }, tile.title());
        // The last one stays.
        let action = (!shown || count > 1).then_some(Action::ToggleTile(tile));
        all.push(Command::new(Group::Wall, title, action).words("method map toggle"));
        let is_alone = state.tiles.alone() == Some(tile);
        let title = format!("{}: {}", if is_alone { "Back to all tiles" } else { "Enlarge tile" }, tile.title());
        let action = shown.then_some(Action::EnlargeTile(tile));
        all.push(Command::new(Group::Wall, title, action).words("alone whole maximise large"));
        if let Tile::Method(method) = tile {
            let verb = if look.hidden_curves.contains(&method) { "Show" } else { "Hide" };
            let title = format!("{verb} curves: {}", method.title());
            let action = Action::ToggleCurves(method);
            all.push(Command::new(Group::Wall, title, action).words("deletion insertion legend toggle"));
        }
    }
    for history in History::ALL {
        let action = (look.history != history).then_some(Action::ShowHistory(history));
        let title = format!("Chart: {}", history.title());
        all.push(Command::new(Group::Wall, title, action).words("iterations terms line search"));
    }
    let largest = state.tiles.split.map(|_| Action::Split(None));
    let reset = (zoomed || *look != Look::default()).then_some(Action::ResetView);
    all.extend([
        command("Largest tiles", largest).words("split layout charts room"),
        command("Reset view", reset).words("zoom default overlay opacity"),
    ]);
}

fn time(state: &State, all: &mut Vec<Command>) {
    let command = |title, action: Option<Action>| Command::new(Group::Time, title, action);
    let number = state.step_number();
    let known = state.shown().map_or(0, |run| run.steps().len());
    let is_later = number.is_some_and(|number| number > 0);
    let is_earlier = number.is_some_and(|number| number + 1 < known);
    let play = if state.playback.is_playing() { "Stop playing" } else { "Play the iterations" };
    let newest = (state.chosen_step.is_some() && known > 0).then_some(Action::ShowStep(None));
    all.extend([
        command(play, (known > 1).then_some(Action::PlayOrStop)).words("animate video").keys(shortcuts::PLAY),
        command("Previous iteration", is_later.then_some(Action::MoveStep(-1)))
            .words("step back")
            .keys(shortcuts::PREVIOUS_ITERATION),
        command("Next iteration", is_earlier.then_some(Action::MoveStep(1)))
            .words("step on")
            .keys(shortcuts::NEXT_ITERATION),
        command("First iteration", is_later.then_some(Action::ShowStep(Some(0)))).keys(shortcuts::FIRST_ITERATION),
        command("Newest iteration", newest).words("last live follow").keys(shortcuts::NEWEST_ITERATION),
    ]);
    if let Some((run, history)) = state.shown().zip(state.history()) {
        let pin = if history.is_pinned(run.id) { "Unpin this run" } else { "Pin this run" };
        all.push(command(pin, Some(Action::PinRun(run.id))).words("compare keep"));
    }
    if state.comparing.is_some() {
        let leave = command("Leave the comparison", Some(Action::Compare(None)));
        all.push(leave.words("back wall close").keys(shortcuts::STOP));
    } else {
        let pair = state.history().and_then(|history| history.pair());
        let compare = pair.map(|_| Action::Compare(Some(MethodKind::Igos)));
        all.push(command("Compare the two pinned runs", compare).words("difference side by side"));
    }
    all.extend([
        command("Show the parameters", Some(Action::ShowTab(Tab::Parameters))).words("tab side values sliders"),
        command("Show the runs", Some(Action::ShowTab(Tab::Runs))).words("tab side history notes"),
    ]);
}

fn parameters(state: &State, all: &mut Vec<Command>) {
    let command = |title, action: Option<Action>| Command::new(Group::Parameters, title, action);
    let reset = (state.parameters != Parameters::default()).then(|| Action::edit(Parameters::default()));
    all.extend([
        command("Undo", state.edits.can_undo().then_some(Action::Undo)).words("back change").keys(shortcuts::UNDO),
        command("Redo", state.edits.can_redo().then_some(Action::Redo)).words("again change").keys(shortcuts::REDO),
        command("Reset all parameters", reset).words("default values"),
    ]);
    let given = PRESETS.iter().map(|preset| (preset.title, presets::with(preset, state)));
    let own = state.presets.iter().map(|preset| (preset.name.as_str(), preset.parameters.clamped(state.side())));
    all.extend(given.chain(own).map(|(name, parameters)| {
        let action = (parameters != state.parameters).then(|| Action::edit(parameters));
        Command::new(Group::Parameters, format!("Preset: {name}"), action).words("parameters values set")
    }));
}

fn results(state: &State, all: &mut Vec<Command>) {
    let command = |title, action: Option<Action>| Command::new(Group::Results, title, action);
    let possible = save::is_possible(state);
    let save = (possible && state.saving.is_none()).then_some(Action::SaveDialog);
    all.push(command("Save in a folder…", save).words("export write report maps png").keys(shortcuts::SAVE));
    all.push(command("Cancel saving", state.saving.map(|_| Action::CancelSaving)));
    all.push(
        command("Copy the figure", possible.then_some(Action::Copy(Copyable::Figure))).words("picture clipboard png"),
    );
    all.extend(MethodKind::ALL.into_iter().map(|method| {
        let action = save::can_copy(state, method).then_some(Action::Copy(Copyable::Map(method)));
        let title = format!("Copy the map of {}", method.title());
        Command::new(Group::Results, title, action).words("picture clipboard png")
    }));
    for (chart, format) in Chart::ALL.into_iter().flat_map(|chart| Format::ALL.map(|format| (chart, format))) {
        let action = chart.has_lines(state).then_some(Action::SaveChart(chart, format));
        let title = format!("Save the {} chart as {}…", chart.name(), format.title());
        all.push(Command::new(Group::Results, title, action).words("export curves table"));
    }
}

fn window(state: &State, all: &mut Vec<Command>) {
    let command = |title, action: Option<Action>| Command::new(Group::Window, title, action);
    let look = state.appearance;
    let resized = |zoom: f32, is_other: bool| is_other.then_some(Action::SetZoom(zoom));
    all.extend(ThemeChoice::ALL.into_iter().map(|theme| {
        let action = (theme != look.theme).then_some(Action::SetTheme(theme));
        Command::new(Group::Window, format!("Theme: {}", theme.title()), action).words("dark light mode colours")
    }));
    all.extend([
        command("Larger", resized(look.stepped(1), look.zoom < MOST_ZOOM))
            .words("zoom in size text")
            .keys(shortcuts::LARGER),
        command("Smaller", resized(look.stepped(-1), look.zoom > LEAST_ZOOM))
            .words("zoom out size text")
            .keys(shortcuts::SMALLER),
        command("Usual size", resized(1.0, (look.zoom - 1.0).abs() > f32::EPSILON))
            .words("zoom reset 100 %")
            .keys(shortcuts::USUAL_SIZE),
        command("Log", Some(Action::ToggleLog)).words("messages errors show hide").keys(shortcuts::LOG),
        command("Commands", Some(Action::ShowPalette)).words("palette find search").keys(shortcuts::PALETTE),
        command("Keyboard shortcuts", Some(Action::ShowSheet)).words("help keys cheat sheet").keys(shortcuts::SHEET),
        command("Quit", Some(Action::Quit)).words("exit close window").keys(shortcuts::QUIT),
    ]);
}

#[cfg(test)]
mod tests;
