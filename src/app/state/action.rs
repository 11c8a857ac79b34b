//! What a user can ask for. Panels collect actions while they are drawn; they are done afterwards.

use std::path::PathBuf;

use super::{
    appearance::ThemeChoice,
    chart::Chart,
    class_search::ClassSearch,
    copyable::Copyable,
    model_list::ModelsAction,
    on_start::OnStart,
    panels::Tab,
    path_field::Asked,
    playback::Pace,
    table_view::TableView,
    tiles::{Split, Tile},
    view_options::ViewOptions,
};
use crate::{
    dataset::FigureOf,
    explain::{Change, Method, Parameters},
    export::{Outputs, chart::Format},
    imaging::{CropMode, DrawnBands, Profiles},
    model::{ModelChoice, Score},
    worker::{HostOptions, RunId, Source},
};

/// Something the user asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Choose pictures in a dialog.
    OpenDialog,
    /// A path was typed for what a dialog would have been for.
    TakePath(Asked, PathBuf),
    /// Take pictures from the clipboard.
    Paste,
    /// Open these pictures.
    Open(Vec<Source>),
    /// Put a picture on the wall, by its number.
    Select(usize),
    /// Open a picture of the collection, by its place in that, and put it on the wall.
    OpenRow(usize),
    /// Show the collection's rows like this.
    LookAtCollection(Box<TableView>),
    /// Explain the pictures that the table shows.
    ExplainAll,
    /// Begin no other picture of the queue, or go on.
    HoldQueue(bool),
    /// Explain no more of the queue.
    CancelQueue,
    /// Choose a picture of the collection for a figure, by its place in that, or not.
    ChooseRow(usize),
    /// Draw figures for print like this.
    ChooseFigure(Box<FigureOf>),
    /// Draw the chosen pictures with their maps as a figure for print.
    DrawFigure,
    /// Write tables and a report of the collection's results.
    ReportCollection,
    /// Close the collection; its results stay on the disk.
    CloseCollection,
    /// Explain the picture on the wall.
    Run,
    /// See how far the areas on the wall move by chance.
    MeasureChance,
    /// Show what says whether a method's map is to be trusted.
    ShowTrust(&'static Method),
    /// Measure a method's map on the wall by every metric.
    MeasureTrust(&'static Method),
    /// Mark the part of the picture that is in sight as the place where the thing is.
    MarkInSight,
    /// Mark no part any more.
    Unmark,
    /// Explain the picture on the wall for a class, by its number.
    ExplainClass(usize),
    /// Explain the picture on the wall for a class, by its number, beside the run on the wall.
    CompareWithClass(usize),
    /// Explain every picture on the wall by both models, and compare their maps; or end that.
    CompareModels(bool),
    /// Explain why not this class, by its number: the class explained rather than it; none for the class alone.
    ExplainAgainst(Option<usize>),
    /// Explain this score of the class.
    ExplainScore(Score),
    /// Cut the picture on the wall like this, and explain that.
    Cut(CropMode),
    /// Draw the picture on the wall by these of its bands.
    DrawBands(DrawnBands),
    /// Hold the run under way.
    Pause,
    /// Let it go on.
    Resume,
    /// Go on with a run that was stopped: what is finished is not computed again.
    GoOn,
    /// End it.
    Stop,
    /// Host another model.
    Host(ModelChoice),
    /// Something with the list of models.
    Models(ModelsAction),
    /// End the download under way.
    StopFetching,
    /// Host the model elsewhere, in other numbers, or with other threads.
    HostWith(Box<HostOptions>),
    /// Choose a folder and save the run on the wall in it.
    SaveDialog,
    /// Save these files from now on.
    ChooseOutputs(Outputs),
    /// End the saving under way.
    CancelSaving,
    /// Put a picture of the run on the wall on the clipboard.
    Copy(Copyable),
    /// Show an iteration, counted from 0; if none the newest, and once the method is finished its result.
    ShowStep(Option<usize>),
    /// Put a method's iterations on the timeline.
    SetTimeline(&'static Method),
    /// Go some I-GOS iterations on or back.
    MoveStep(isize),
    /// Put a tile in another's place.
    MoveTile(Tile, Tile),
    /// Hide a tile, or show it again.
    ToggleTile(Tile),
    /// Give a tile the whole wall, or take it back.
    EnlargeTile(Tile),
    /// Share the wall out between tiles and charts; as it leaves the tiles largest if none.
    Split(Option<Split>),
    /// Draw the wall as it is drawn at first.
    ResetView,
    /// Move the line between the picture and its map, in `[0, 1]` from the left.
    Wipe(f32),
    /// Hold a curve at a fraction, or let it go.
    Touch(Option<(Change, f32)>),
    /// Draw a method's curves, or do not.
    ToggleCurves(&'static Method),
    /// Draw the random orders' curves, or do not.
    ToggleRandom,
    /// Let the chart of a method's iterations be about something else.
    ShowIterationChart(&'static str),
    /// Choose a file and write a chart into it.
    SaveChart(Chart, Format),
    /// Choose a file and write the comparison of two runs into it.
    SaveComparison(Format),
    /// Take the error off the screen.
    DismissError,
    /// Open the log, or close it.
    ToggleLog,
    /// Close a picture, by its number.
    Close(usize),
    /// These are the parameters now; while a control is held they may change with every frame.
    Edit {
        /// The parameters of all methods.
        parameters: Box<Parameters>,
        /// Whether the control that changed them is still held.
        held: bool,
    },
    /// Take the last change of the parameters back.
    Undo,
    /// Make it again.
    Redo,
    /// Keep the parameters under this name.
    SavePreset(String),
    /// Give a preset of the user's another name.
    RenamePreset {
        /// Its name.
        from: String,
        /// Its name to be.
        to: String,
    },
    /// Forget the user's preset of this name.
    DeletePreset(String),
    /// Put an earlier run of this picture on the wall.
    ShowRun(RunId),
    /// Take a run's parameters and class.
    AdoptRun(RunId),
    /// Do a run again, with its parameters.
    Rerun(RunId),
    /// Forget a run.
    DeleteRun(RunId),
    /// Pin a run, or let it go.
    PinRun(RunId),
    /// Write a note on a run.
    NoteRun(RunId, String),
    /// Compare the maps of this method of the two pinned runs; no more if none.
    Compare(Option<&'static Method>),
    /// Play through the iterations, or stop.
    PlayOrStop,
    /// Play at this pace.
    SetPace(Pace),
    /// Look which of the files that were opened last are still there.
    LookForRecent,
    /// Forget the files that were opened last.
    ForgetRecent,
    /// Open this at the next start.
    SetOnStart(OnStart),
    /// Do this with the colour profiles of pictures that are opened from now on.
    SetProfiles(Profiles),
    /// Take the words that welcome off the screen.
    DismissWelcome,
    /// Open a group of parameters, or close it.
    ToggleGroup(String),
    /// Show every parameter, or only the sets of them with what each is for.
    ShowValues(bool),
    /// Show the parameters or the runs.
    ShowTab(Tab),
    /// Draw the wall like this.
    SetViewOptions(Box<ViewOptions>),
    /// Put the keyboard in the search for classes.
    FindClass,
    /// This is being looked for among the classes.
    SearchClasses(ClassSearch),
    /// Dark or light.
    SetTheme(ThemeChoice),
    /// Draw everything this many times as large as usual.
    SetZoom(f32),
    /// Show the side, or hide it.
    ShowSide(bool),
    /// Fill the screen with the window, or do not.
    ToggleFullScreen,
    /// Lay the window out for a projector, or as usual.
    Present(bool),
    /// Say on the wall what became of something.
    Say(String),
    /// Open the palette of commands.
    ShowPalette,
    /// Open the sheet of shortcuts.
    ShowSheet,
    /// Open the page of a method.
    ShowMethod(&'static Method),
    /// Close what lies over the window.
    Uncover,
    /// Show a folder in the system's program for files.
    ShowFolder(PathBuf),
    /// Take something that was done off the wall, by its number.
    DismissToast(u64),
    /// Close the window.
    Quit,
}

impl Action {
    /// The parameters were changed for good.
    pub fn edit(parameters: Parameters) -> Self {
        Self::Edit { parameters: Box::new(parameters), held: false }
    }
}
