//! Everything that can be asked for by name: the one table that the keyboard, the palette and the sheet of shortcuts
//! read.

pub mod fuzzy;
pub mod keys;
pub mod shortcuts;

use super::{
    state::{
        self, State,
        action::Action,
        appearance::{MAX_ZOOM, MIN_ZOOM, ThemeChoice},
        chart::{Chart, iteration_chart, random},
        copyable::Copyable,
        model_list::{ModelsAction, Purpose},
        panels::Tab,
        presets, requests,
        table_view::TableView,
        tiles::Tile,
        titles,
        view_options::{Style, ViewOptions},
    },
    words,
};
use crate::{
    explain::{self, Parameters, methods},
    export::chart::Format,
    imaging::{Colormap, CropMode, Profiles, SAMPLES},
    worker::Source,
};
use shortcuts::Shortcuts;

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
    pub fn title(self) -> String {
        match self {
            Self::Pictures => text!("commands-pictures"),
            Self::Run => text!("commands-run"),
            Self::Wall => text!("commands-wall"),
            Self::Time => text!("commands-time"),
            Self::Parameters => text!("parameters"),
            Self::Results => text!("commands-results"),
            Self::Window => text!("window"),
        }
    }
}

/// Something that can be asked for by name.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// What it is about.
    pub group: Group,
    /// Its name on screen.
    pub title: String,
    /// Other words that it is found by.
    pub words: String,
    /// Its shortcuts.
    pub shortcuts: Shortcuts,
    /// What it asks for; nothing if it is not possible now.
    pub action: Option<Action>,
}

impl Command {
    fn new(group: Group, title: String, action: impl Into<Option<Action>>) -> Self {
        Self { group, title, words: String::new(), shortcuts: &[], action: action.into() }
    }

    fn words(self, words: String) -> Self {
        Self { words, ..self }
    }

    fn keys(self, shortcuts: Shortcuts) -> Self {
        Self { shortcuts, ..self }
    }

    /// How well it is found by `query`, and the letters of its title to mark: none if its other words fit better.
    pub fn matched(&self, query: &str) -> Option<fuzzy::Match> {
        let by_words = fuzzy::begins(query, &self.words).map(|score| fuzzy::Match { score, letters: Vec::new() });
        let by_title = fuzzy::find(query, &self.title);
        // Where both are as good, the letters are shown.
        [by_words, by_title].into_iter().flatten().max_by_key(|found| found.score)
    }
}

/// What commands depend on.
#[derive(Debug, Clone, Copy)]
pub struct Desk<'a> {
    /// What the window knows.
    pub state: &'a State,
    /// Whether the run under way is being held.
    pub paused: bool,
    /// Whether the wall shows a part of what the model sees only.
    pub zoomed: bool,
    /// Whether the side is hidden.
    pub hides_side: bool,
    /// Whether the window is laid out for a projector.
    pub presents: bool,
}

/// What Escape leaves or ends: what is in front first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escape {
    Table,
    Comparison,
    Enlarged,
    Presenting,
    Stop,
}

impl Desk<'_> {
    /// Escape for what it would leave or end now, no keys for anything else.
    fn escape(self, what: Escape) -> Shortcuts {
        let table_is_open = self.state.collection.as_ref().is_some_and(|collection| collection.view.is_open);
        let now = if table_is_open {
            Escape::Table
        } else if self.state.comparing.is_some() {
            Escape::Comparison
        } else if self.state.tiles.alone().is_some() {
            Escape::Enlarged
        } else if self.presents {
            Escape::Presenting
        } else {
            Escape::Stop
        };
        if now == what { shortcuts::STOP } else { &[] }
    }
}

/// Every command, in the order to offer them.
pub fn commands(desk: Desk<'_>) -> Vec<Command> {
    let state = desk.state;
    let mut all = Vec::with_capacity(100);
    pictures(state, &mut all);
    collection(desk, &mut all);
    run(desk, &mut all);
    wall(desk, &mut all);
    time(desk, &mut all);
    parameters(state, &mut all);
    results(state, &mut all);
    window(desk, &mut all);
    all
}

fn pictures(state: &State, all: &mut Vec<Command>) {
    let command = |title, action: Option<Action>| Command::new(Group::Pictures, title, action);
    let at = state.selected;
    let some = !state.pictures.is_empty();
    let before = at.checked_sub(1).filter(|_| some);
    let next = Some(at + 1).filter(|next| *next < state.pictures.len());
    all.extend([
        command(text!("command-open"), Some(Action::OpenDialog))
            .words(text!("command-open", "words"))
            .keys(shortcuts::OPEN),
        command(text!("command-paste"), Some(Action::Paste))
            .words(text!("command-paste", "words"))
            .keys(shortcuts::PASTE),
        command(text!("command-previous-picture"), before.map(Action::Select)).keys(shortcuts::PREVIOUS_PICTURE),
        command(text!("command-next-picture"), next.map(Action::Select)).keys(shortcuts::NEXT_PICTURE),
        command(text!("command-close-picture"), some.then_some(Action::Close(at))).keys(shortcuts::CLOSE_PICTURE),
    ]);
    let sample = |(number, sample): (usize, &crate::imaging::Sample)| {
        let action = Action::Open(vec![Source::Sample(number)]);
        Command::new(Group::Pictures, text!("command-sample", title = titles::sample(sample)), action)
            .words(text!("command-sample", "words"))
    };
    all.extend(SAMPLES.iter().enumerate().map(sample));
    all.extend(state.recent.paths().iter().map(|path| {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        let action = Action::Open(vec![Source::File(path.clone())]);
        Command::new(Group::Pictures, text!("command-recent", file = name), action)
            .words(text!("command-recent", "words"))
    }));
    all.extend(Profiles::ALL.map(|profiles| {
        let action = (profiles != state.profiles).then_some(Action::SetProfiles(profiles));
        Command::new(Group::Pictures, text!("command-profiles", title = titles::profiles(profiles)), action)
            .words(text!("command-profiles", "words"))
    }));
}

/// What can be asked for where pictures come from a folder or a list.
fn collection(desk: Desk<'_>, all: &mut Vec<Command>) {
    let state = desk.state;
    let command = |title, action: Option<Action>| Command::new(Group::Pictures, title, action);
    let collection = state.collection.as_ref();
    let view = collection.map(|collection| &collection.view);
    let look = |view: TableView| Action::LookAtCollection(Box::new(view));
    let at = state.row_on_the_wall();
    let wrong = |back: bool| collection.and_then(|collection| collection.next_wrong(at, back)).map(Action::OpenRow);
    let has_wrong = collection.is_some_and(|collection| collection.facts().wrong > 0);
    let has_results = collection.is_some_and(|collection| collection.explained() > 0);
    let left = collection.map(|collection| collection.facts().left).unwrap_or_default();
    let can_explain = left > 0 && state.model.is_some() && state.results_folder.is_some() && !state.queue.is_busy();
    let is_open = view.is_some_and(|view| view.is_open);
    let (hold, held) = match state.queue.is_held {
        true => (text!("queue-go-on"), false),
        false => (text!("queue-hold"), true),
    };
    let busy = state.queue.is_busy();
    all.extend([
        command(text!("command-table"), view.map(|view| look(view.opened(!is_open))))
            .words(text!("command-table", "words"))
            .keys(shortcuts::TABLE),
        command(text!("command-table-close"), view.filter(|_| is_open).map(|view| look(view.opened(false))))
            .keys(desk.escape(Escape::Table)),
        // Before the next one, whose key is this one's without Shift.
        command(text!("command-previous-wrong"), wrong(true)).keys(shortcuts::PREVIOUS_WRONG),
        command(text!("command-next-wrong"), wrong(false))
            .words(text!("command-next-wrong", "words"))
            .keys(shortcuts::NEXT_WRONG),
        command(text!("command-most-wrong"), view.filter(|_| has_wrong).map(|view| look(view.most_wrong())))
            .words(text!("command-most-wrong", "words"))
            .keys(shortcuts::MOST_WRONG),
        command(text!("command-explain-all", pictures = left), can_explain.then_some(Action::ExplainAll))
            .words(text!("command-explain-all", "words")),
        command(hold, busy.then_some(Action::HoldQueue(held))),
        command(text!("queue-cancel"), busy.then_some(Action::CancelQueue)),
        command(text!("command-figure"), has_results.then_some(Action::DrawFigure))
            .words(text!("command-figure", "words")),
        command(text!("command-report"), has_results.then_some(Action::ReportCollection))
            .words(text!("command-report", "words")),
        command(text!("command-collection-close"), collection.map(|_| Action::CloseCollection)),
    ]);
}

fn run(desk: Desk<'_>, all: &mut Vec<Command>) {
    let Desk { state, paused, .. } = desk;
    let command = |title, action: Option<Action>| Command::new(Group::Run, title, action);
    let (active, some) = (state.active().is_some(), state.picture().is_some());
    let (hold, held) = match (state.can_go_on(), paused) {
        (true, _) => (text!("command-go-on"), Some(Action::GoOn)),
        (false, true) => (text!("command-resume"), active.then_some(Action::Resume)),
        (false, false) => (text!("command-pause"), active.then_some(Action::Pause)),
    };
    let stop_keys = desk.escape(Escape::Stop);
    let can_search = state.shown().is_some_and(|run| run.seen.is_some());
    all.extend([
        command(text!("command-run"), some.then_some(Action::Run))
            .words(text!("command-run", "words"))
            .keys(shortcuts::RUN),
        command(
            text!("command-chance", seeds = requests::SEEDS),
            state.can_measure_chance().then_some(Action::MeasureChance),
        )
        .words(text!("command-chance", "words")),
        command(hold, held).words(text!("command-pause", "words")).keys(shortcuts::PAUSE),
        command(text!("command-stop"), (active || state.queue.is_busy()).then_some(Action::Stop))
            .words(text!("command-stop", "words"))
            .keys(stop_keys),
        command(text!("command-models"), Some(Action::Models(ModelsAction::Open(Purpose::Host))))
            .words(text!("command-models", "words"))
            .keys(shortcuts::MODELS),
        command(text!("command-judge"), Some(Action::Models(ModelsAction::Open(Purpose::Judge))))
            .words(text!("command-judge", "words")),
        command(text!("command-beside"), Some(Action::Models(ModelsAction::Open(Purpose::Beside))))
            .words(text!("command-beside", "words")),
        command(
            text!("command-class-names"),
            state.model.is_some().then_some(Action::Models(ModelsAction::ChooseNames)),
        )
        .words(text!("command-class-names", "words")),
        command(text!("class-search"), can_search.then_some(Action::FindClass))
            .words(text!("command-find-class", "words"))
            .keys(shortcuts::FIND_CLASS),
    ]);
    if let (Some(picture), Some(seen)) = (state.picture(), state.shown().and_then(|run| run.seen.as_ref())) {
        let explained = state::explained(picture);
        all.extend(seen.top.iter().map(|class| {
            let action = (explained != Some(class.id)).then_some(Action::ExplainClass(class.id));
            Command::new(Group::Run, text!("command-explain-class", class = class.name.as_str()), action)
                .words(text!("command-explain-class", "words"))
        }));
        let alone = picture.against.map(|_| Action::ExplainAgainst(None));
        all.push(command(text!("class-alone"), alone).words(text!("command-class-alone", "words")));
    }
    let head = state.model.as_ref().map(|model| model.spec.head).unwrap_or_default();
    all.extend(head.scores().iter().map(|&score| {
        let action = (some && score != state.score).then_some(Action::ExplainScore(score));
        Command::new(Group::Run, text!("command-score", score = titles::score(score)), action)
            .words(text!("command-score", "words"))
    }));
    all.extend(CropMode::NAMED.into_iter().map(|mode| {
        let action = state.picture().filter(|picture| picture.crop != mode).map(|_| Action::Cut(mode));
        Command::new(Group::Run, text!("command-crop", crop = titles::crop(mode)), action)
            .words(text!("command-crop", "words"))
    }));
}

fn wall(desk: Desk<'_>, all: &mut Vec<Command>) {
    let Desk { state, zoomed, .. } = desk;
    let command = |title, action: Option<Action>| Command::new(Group::Wall, title, action);
    let view = &state.view;
    let with = |change: &dyn Fn(&mut ViewOptions)| {
        let mut changed = view.clone();
        change(&mut changed);
        (changed != *view).then(|| Action::SetViewOptions(Box::new(changed)))
    };
    for (style, keys) in Style::ALL.into_iter().zip(shortcuts::STYLES) {
        let action = with(&|view| view.style = style);
        all.push(command(text!("command-view", style = style.title()), action).words(style.help()).keys(keys));
    }
    for colormap in Colormap::ALL {
        let action = with(&|view| view.colormap = colormap);
        let title = text!("command-colormap", name = colormap.name());
        all.push(Command::new(Group::Wall, title, action).words(text!("command-colormap", "words")));
    }
    let charts = if view.charts { text!("command-hide-charts") } else { text!("command-show-charts") };
    let toggled = with(&|view| view.charts = !view.charts);
    all.push(command(charts, toggled).words(text!("command-show-charts", "words")).keys(shortcuts::CHARTS));
    let count = state.tiles.shown();
    for &tile in state.tiles.all() {
        let shown = state.tiles.has(tile);
        let title = match shown {
            true => text!("command-hide-tile", title = tile.title()),
            false => text!("command-show-tile", title = tile.title()),
        };
        // The last one stays.
        let action = (!shown || count > 1).then_some(Action::ToggleTile(tile));
        all.push(Command::new(Group::Wall, title, action).words(text!("command-show-tile", "words")));
        let is_alone = state.tiles.alone() == Some(tile);
        let title = match is_alone {
            true => text!("command-all-tiles", title = tile.title()),
            false => text!("command-enlarge-tile", title = tile.title()),
        };
        let action = shown.then_some(Action::EnlargeTile(tile));
        let keys = if is_alone { desk.escape(Escape::Enlarged) } else { &[] };
        let enlarge = Command::new(Group::Wall, title, action).words(text!("command-enlarge-tile", "words"));
        all.push(enlarge.keys(keys));
        if let Tile::Method(method) = tile {
            let what =
                Command::new(Group::Wall, text!("method-what", method = method.title), Action::ShowMethod(method));
            all.push(what.words(text!("method-what", "words")));
            let trust = state.shown().and_then(|run| run.method(method)).map(|_| Action::ShowTrust(method));
            let trust = Command::new(Group::Wall, text!("trust-title", method = method.title), trust);
            all.push(trust.words(text!("trust-title", "words")));
            let title = match view.hidden_curves.contains(&method) {
                true => text!("command-show-curves", method = method.title),
                false => text!("command-hide-curves", method = method.title),
            };
            let action = Action::ToggleCurves(method);
            all.push(Command::new(Group::Wall, title, action).words(text!("command-show-curves", "words")));
        }
    }
    if random(state).is_some() {
        let title = match view.hides_random {
            true => text!("command-show-curves", method = text!("random-order")),
            false => text!("command-hide-curves", method = text!("random-order")),
        };
        let action = Some(Action::ToggleRandom);
        all.push(Command::new(Group::Wall, title, action).words(text!("command-show-curves", "words")));
    }
    let shown = iteration_chart(state);
    for (method, chart) in shown.iter().flat_map(|(method, _)| method.charts.iter().map(move |chart| (method, chart))) {
        let is_shown = shown.is_some_and(|(_, shown)| shown.id == chart.id);
        let action = (!is_shown).then_some(Action::ShowIterationChart(chart.id));
        let title = text!("command-chart", title = words::chart_title(method, chart));
        all.push(Command::new(Group::Wall, title, action).words(text!("command-chart", "words")));
    }
    let largest = state.tiles.split.map(|_| Action::Split(None));
    let reset = (zoomed || *view != ViewOptions::default()).then_some(Action::ResetView);
    all.extend([
        command(text!("command-largest-tiles"), largest).words(text!("command-largest-tiles", "words")),
        command(text!("view-reset"), reset).words(text!("command-reset-view", "words")),
    ]);
}

fn time(desk: Desk<'_>, all: &mut Vec<Command>) {
    let state = desk.state;
    let command = |title, action: Option<Action>| Command::new(Group::Time, title, action);
    let number = state.step_number();
    let known = state.iterations().len();
    let is_later = number.is_some_and(|number| number > 0);
    let is_earlier = number.is_some_and(|number| number + 1 < known);
    let play = if state.playback.is_playing() { text!("timeline-stop") } else { text!("command-play") };
    for method in state.timeline_methods() {
        let action = (state.timeline_method() != Some(method)).then_some(Action::SetTimeline(method));
        if state.timeline_methods().count() > 1 {
            all.push(command(text!("command-timeline", method = method.title), action));
        }
    }
    let newest = (state.chosen_step.is_some() && known > 0).then_some(Action::ShowStep(None));
    all.extend([
        command(play, (known > 1).then_some(Action::PlayOrStop))
            .words(text!("command-play", "words"))
            .keys(shortcuts::PLAY),
        command(text!("timeline-back"), is_later.then_some(Action::MoveStep(-1)))
            .words(text!("command-back", "words"))
            .keys(shortcuts::PREVIOUS_ITERATION),
        command(text!("timeline-on"), is_earlier.then_some(Action::MoveStep(1)))
            .words(text!("command-on", "words"))
            .keys(shortcuts::NEXT_ITERATION),
        command(text!("command-first-iteration"), is_later.then_some(Action::ShowStep(Some(0))))
            .keys(shortcuts::FIRST_ITERATION),
        command(text!("command-newest-iteration"), newest)
            .words(text!("command-newest-iteration", "words"))
            .keys(shortcuts::NEWEST_ITERATION),
    ]);
    if let Some((run, history)) = state.shown().zip(state.history()) {
        let pin = if history.is_pinned(run.id) { text!("command-unpin") } else { text!("command-pin") };
        all.push(command(pin, Some(Action::PinRun(run.id))).words(text!("command-pin", "words")));
    }
    if state.comparing.is_some() {
        let leave = command(text!("command-leave-comparison"), Some(Action::Compare(None)));
        let leave = leave.words(text!("command-leave-comparison", "words"));
        all.push(leave.keys(desk.escape(Escape::Comparison)));
    } else {
        let pair = state.history().and_then(|history| history.pair());
        let compare = pair.map(|_| Action::Compare(state.first_compared()));
        all.push(command(text!("command-compare"), compare).words(text!("command-compare", "words")));
    }
    let marked = state.picture().is_some_and(|picture| picture.marked.is_some());
    all.push(
        command(text!("command-mark"), desk.zoomed.then_some(Action::MarkInSight))
            .words(text!("command-mark", "words")),
    );
    all.push(command(text!("command-unmark"), marked.then_some(Action::Unmark)).words(text!("command-mark", "words")));
    let models = state.beside().map(|_| Action::CompareModels(true)).filter(|_| !state.compares_models);
    all.push(command(text!("command-compare-models"), models).words(text!("command-compare-models", "words")));
    all.extend([
        command(text!("command-show-parameters"), Some(Action::ShowTab(Tab::Parameters)))
            .words(text!("command-show-parameters", "words")),
        command(text!("command-show-runs"), Some(Action::ShowTab(Tab::Runs)))
            .words(text!("command-show-runs", "words")),
    ]);
}

fn parameters(state: &State, all: &mut Vec<Command>) {
    let command = |title, action: Option<Action>| Command::new(Group::Parameters, title, action);
    let reset = (state.parameters != Parameters::default()).then(|| Action::edit(Parameters::default()));
    all.extend([
        command(text!("undo"), state.edits.can_undo().then_some(Action::Undo))
            .words(text!("undo", "words"))
            .keys(shortcuts::UNDO),
        command(text!("redo"), state.edits.can_redo().then_some(Action::Redo))
            .words(text!("redo", "words"))
            .keys(shortcuts::REDO),
        command(text!("command-by-value"), Some(Action::ShowValues(true))).words(text!("command-by-value", "words")),
        command(text!("command-by-purpose"), Some(Action::ShowValues(false)))
            .words(text!("command-by-purpose", "words")),
        command(text!("command-reset-parameters"), reset).words(text!("command-reset-parameters", "words")),
    ]);
    let given = explain::presets();
    let given = given.iter().map(|preset| (presets::title(preset), preset.applied_to(&state.parameters)));
    let own = state.presets.iter().map(|preset| (preset.name.clone(), preset.parameters.clamped(state.side())));
    all.extend(given.chain(own).map(|(name, parameters)| {
        let action = (parameters != state.parameters).then(|| Action::edit(parameters));
        Command::new(Group::Parameters, text!("command-preset", name = name), action)
            .words(text!("command-preset", "words"))
    }));
}

fn results(state: &State, all: &mut Vec<Command>) {
    let command = |title, action: Option<Action>| Command::new(Group::Results, title, action);
    let possible = state.can_save();
    let save = (possible && state.saving.is_none()).then_some(Action::SaveDialog);
    all.push(command(text!("command-save"), save).words(text!("command-save", "words")).keys(shortcuts::SAVE));
    all.push(command(text!("save-cancel"), state.saving.map(|_| Action::CancelSaving)));
    all.push(
        command(text!("command-copy-figure"), possible.then_some(Action::Copy(Copyable::Figure)))
            .words(text!("command-copy-figure", "words")),
    );
    let compared = state.can_copy_comparison();
    all.push(
        command(text!("command-copy-comparison"), compared.then_some(Action::Copy(Copyable::Comparison)))
            .words(text!("command-copy-comparison", "words")),
    );
    for format in [Format::Pdf, Format::Svg, Format::Png] {
        let action = compared.then_some(Action::SaveComparison(format));
        let title = text!("command-save-comparison", format = format.title());
        all.push(command(title, action).words(text!("command-copy-comparison", "words")));
    }
    all.extend(methods().iter().copied().map(|method| {
        let action = state.can_copy(method).then_some(Action::Copy(Copyable::Map(method)));
        let title = text!("command-copy-map", method = method.title);
        Command::new(Group::Results, title, action).words(text!("command-copy-map", "words"))
    }));
    for (chart, format) in Chart::ALL.into_iter().flat_map(|chart| Format::ALL.map(|format| (chart, format))) {
        let action = chart.has_lines(state).then_some(Action::SaveChart(chart, format));
        let title = text!("command-save-chart", chart = chart.name(), format = format.title());
        all.push(Command::new(Group::Results, title, action).words(text!("command-save-chart", "words")));
    }
}

fn window(desk: Desk<'_>, all: &mut Vec<Command>) {
    let state = desk.state;
    let command = |title, action: Option<Action>| Command::new(Group::Window, title, action);
    let appearance = state.appearance;
    let side = if desk.hides_side { text!("command-show-side") } else { text!("command-hide-side") };
    let (present, present_keys) = match desk.presents {
        true if desk.escape(Escape::Presenting).is_empty() => (text!("command-leave-presenting"), shortcuts::PRESENT),
        true => (text!("command-leave-presenting"), shortcuts::LEAVE_PRESENTING),
        false => (text!("command-present"), shortcuts::PRESENT),
    };
    let resized = |zoom: f32, is_other: bool| is_other.then_some(Action::SetZoom(zoom));
    all.extend(ThemeChoice::ALL.into_iter().map(|theme| {
        let action = (theme != appearance.theme).then_some(Action::SetTheme(theme));
        Command::new(Group::Window, text!("command-theme", title = theme.title()), action)
            .words(text!("command-theme", "words"))
    }));
    all.extend([
        command(text!("window-larger"), resized(appearance.stepped(1), appearance.zoom < MAX_ZOOM))
            .words(text!("window-larger", "words"))
            .keys(shortcuts::LARGER),
        command(text!("window-smaller"), resized(appearance.stepped(-1), appearance.zoom > MIN_ZOOM))
            .words(text!("window-smaller", "words"))
            .keys(shortcuts::SMALLER),
        command(text!("command-usual-size"), resized(1.0, (appearance.zoom - 1.0).abs() > f32::EPSILON))
            .words(text!("command-usual-size", "words"))
            .keys(shortcuts::USUAL_SIZE),
        command(side, Some(Action::ShowSide(desk.hides_side)))
            .words(text!("command-hide-side", "words"))
            .keys(shortcuts::SIDE),
        command(text!("window-full-screen"), Some(Action::ToggleFullScreen))
            .words(text!("window-full-screen", "words"))
            .keys(shortcuts::FULL_SCREEN),
        command(present, Some(Action::Present(!desk.presents)))
            .words(text!("command-present", "words"))
            .keys(present_keys),
        command(text!("log"), Some(Action::ToggleLog)).words(text!("log", "words")).keys(shortcuts::LOG),
        command(text!("command-commands"), Some(Action::ShowPalette))
            .words(text!("command-commands", "words"))
            .keys(shortcuts::PALETTE),
        command(text!("shortcuts"), Some(Action::ShowSheet)).words(text!("shortcuts", "words")).keys(shortcuts::SHEET),
        command(text!("quit"), Some(Action::Quit)).words(text!("quit", "words")).keys(shortcuts::QUIT),
    ]);
}

#[cfg(test)]
mod tests;
