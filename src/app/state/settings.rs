//! What the window remembers from one start to the next.

use std::path::PathBuf;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    State,
    appearance::Appearance,
    on_start::OnStart,
    panels::{Panels, SIDE_WIDTHS, Tab},
    playback::Pace,
    presets::{self, UserPreset},
    recent::Recent,
    tiles::Tiles,
    view_options::ViewOptions,
};
use crate::{explain::Parameters, imaging::Profiles};

/// What the window calls its settings in the file that it shares with its size and place.
pub const KEY: &str = "settings";

/// Where the settings are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Keep {
    /// Where this system keeps a user's settings.
    InUsersFolder,
    /// In this folder.
    In(PathBuf),
    /// Nowhere: they are neither read nor written.
    #[default]
    Nowhere,
}

/// What the window remembers from one start to the next.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Settings {
    /// What the next run is asked for with.
    pub parameters: Parameters,
    /// The user's own sets of parameters.
    pub presets: Vec<UserPreset>,
    /// How maps are drawn.
    #[serde(rename = "look")]
    pub view: ViewOptions,
    /// Which tiles are on the wall, and how it is shared out.
    pub tiles: Tiles,
    /// Dark or light, and how large.
    pub appearance: Appearance,
    /// How iterations are played.
    pub pace: Pace,
    /// The files that were opened last, the newest first.
    pub recent: Vec<PathBuf>,
    /// What to do with the colour profiles of pictures.
    pub profiles: Profiles,
    /// What a window opens with if no picture is given.
    pub on_start: OnStart,
    /// What the middle of the side shows.
    pub tab: Tab,
    /// Whether the side is hidden.
    pub hides_side: bool,
    /// Width of the side, in points, if that was ever said.
    pub side_width: Option<f32>,
    /// Whether every parameter is shown.
    pub by_value: bool,
    /// The groups of parameters that are closed, if that was ever said.
    pub closed: Option<Vec<String>>,
}

impl Settings {
    /// What the window knows that it should remember.
    pub fn of(state: &State, panels: &Panels, on_start: OnStart) -> Self {
        // JSON has no path that is not text.
        let is_text = |path: &&PathBuf| path.to_str().is_some();
        Self {
            parameters: state.parameters.clone(),
            presets: state.presets.clone(),
            view: state.view.clone(),
            tiles: state.tiles.clone(),
            appearance: state.appearance,
            pace: state.playback.pace,
            recent: state.recent.paths().iter().filter(is_text).cloned().collect(),
            profiles: state.profiles,
            on_start,
            tab: panels.tab,
            hides_side: panels.hides_side,
            side_width: Some(panels.side_width),
            by_value: panels.by_value,
            closed: Some(panels.closed.clone()),
        }
    }

    /// Gives the window what it remembers.
    pub fn give_to(self, state: &mut State, panels: &mut Panels) {
        state.parameters = self.parameters.clamped(state.side());
        for preset in self.presets {
            presets::save(&mut state.presets, preset);
        }
        let usual = ViewOptions::default();
        let share = |value: f32, usual: f32| if value.is_finite() { value.clamp(0.0, 1.0) } else { usual };
        state.view = ViewOptions {
            opacity: share(self.view.opacity, usual.opacity),
            share: share(self.view.share, usual.share),
            wipe: share(self.view.wipe, usual.wipe),
            ..self.view
        };
        state.tiles = self.tiles;
        state.appearance = self.appearance.checked();
        state.playback.pace = self.pace.checked();
        state.recent = Recent::of(self.recent);
        state.profiles = self.profiles;
        panels.tab = self.tab;
        panels.by_value = self.by_value;
        panels.hides_side = self.hides_side;
        if let Some(width) = self.side_width.filter(|width| width.is_finite()) {
            panels.side_width = width.clamp(*SIDE_WIDTHS.start(), *SIDE_WIDTHS.end());
        }
        if let Some(closed) = self.closed {
            panels.closed = closed;
        }
    }

    /// Reads what [`Settings::to_json`] wrote, or an older or newer program, or nobody: what cannot be understood has
    /// its default value, and the rest is kept.
    pub fn from_json(text: &str) -> Self {
        let all: Value = serde_json::from_str(text).unwrap_or_default();
        let presets: Vec<Value> = part(&all, "presets");
        Self {
            parameters: part(&all, "parameters"),
            presets: presets.into_iter().filter_map(|preset| serde_json::from_value(preset).ok()).collect(),
            view: part(&all, "look"),
            tiles: part(&all, "tiles"),
            appearance: part(&all, "appearance"),
            pace: part(&all, "pace"),
            recent: part(&all, "recent"),
            profiles: part(&all, "profiles"),
            on_start: part(&all, "on_start"),
            tab: part(&all, "tab"),
            hides_side: part(&all, "hides_side"),
            side_width: part(&all, "side_width"),
            by_value: part(&all, "by_value"),
            closed: part(&all, "closed"),
        }
    }

    /// The settings as they are kept.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

fn part<T: DeserializeOwned + Default>(all: &Value, name: &str) -> T {
    all.get(name).cloned().and_then(|part| serde_json::from_value(part).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        app::state::{
            appearance::ThemeChoice,
            tiles::{ChartsAt, Split, Tile},
        },
        explain::{GRAD_CAM, IgosParameters},
        imaging::Colormap,
    };

    fn changed() -> Settings {
        let mut settings = Settings { on_start: OnStart::Nothing, tab: Tab::Runs, ..Settings::default() };
        settings.parameters.edit(|igos: &mut IgosParameters| igos.iterations = 7);
        settings.presets.push(UserPreset { name: "mine".to_owned(), parameters: Parameters::default() });
        settings.view.colormap = Colormap::Viridis;
        settings.tiles.toggle(Tile::Original);
        settings.tiles.move_to(Tile::Method(&GRAD_CAM), Tile::Original);
        settings.tiles.split = Some(Split { at: ChartsAt::Below, share: 0.25 });
        settings.appearance = Appearance { theme: ThemeChoice::Light, zoom: 1.5 };
        settings.pace = Pace { loops: true, speed: 4.0 };
        settings.recent.push("/home/me/heron.jpg".into());
        settings.profiles = Profiles::Ignore;
        (settings.by_value, settings.hides_side, settings.side_width) = (true, true, Some(300.0));
        settings.closed = Some(vec!["search".to_owned()]);
        settings
    }

    #[test]
    fn what_is_kept_is_read_again() {
        assert_eq!(Settings::from_json(&changed().to_json()), changed());
        let (mut state, mut panels) = (State::default(), Panels::default());
        changed().give_to(&mut state, &mut panels);
        assert_eq!(Settings::of(&state, &panels, OnStart::Nothing), changed());
    }

    #[test]
    fn what_cannot_be_understood_has_its_default_and_the_rest_is_kept() {
        let mut json: Value = serde_json::from_str(&changed().to_json()).unwrap_or_default();
        json["parameters"]["igos"]["weight_of_the_future"] = 7.into();
        json["look"] = "red".into();
        json["presets"].as_array_mut().into_iter().for_each(|presets| presets.push(5.into()));
        let read = Settings::from_json(&json.to_string());
        assert_eq!(read.parameters, Parameters::default());
        assert_eq!(read.view, ViewOptions::default());
        assert_eq!((read.presets, read.pace, read.recent), (changed().presets, changed().pace, changed().recent));
    }

    #[test]
    fn a_method_that_is_not_there_any_more_takes_nothing_else_along() {
        let json = r#"{"look":{"opacity":0.25,"hidden_curves":["grad-cam","of-tomorrow"]}}"#;
        let view = Settings::from_json(json).view;
        assert_eq!((view.opacity, view.hidden_curves.into_iter().collect::<Vec<_>>()), (0.25, vec![&GRAD_CAM]));
    }

    #[test]
    fn values_out_of_their_range_do_not_reach_the_window() {
        let json = r#"{"parameters":{"igos":{"iterations":0,"step_min":9,"step_max":1}},"look":{"opacity":7},
            "pace":{"loops":true,"speed":-3},"appearance":{"theme":"dark","zoom":-7}}"#;
        let (mut state, mut panels) = (State::default(), Panels::default());
        Settings::from_json(json).give_to(&mut state, &mut panels);
        assert_eq!(state.parameters.check(224).map_err(|error| error.to_string()), Ok(()));
        assert!((state.view.opacity - 1.0).abs() < f32::EPSILON);
        assert_eq!(state.playback.pace, Pace { loops: true, speed: 1.0 });
        assert_eq!(state.appearance, Appearance { theme: ThemeChoice::Dark, zoom: 0.5 });
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".*", at in 0..400_usize) {
            let _ = Settings::from_json(&text);
            // Cut short in the middle, as by a crash while it was written.
            let whole = changed().to_json();
            let cut: String = whole.chars().take(at).collect();
            let _ = Settings::from_json(&cut);
        }
    }
}
