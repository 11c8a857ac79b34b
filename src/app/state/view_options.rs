//! How the wall is drawn, as plain data.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    explain::{Change, Method},
    export::{DEFAULT_OPACITY, Shows},
    imaging::Colormap,
};

/// About what is needed to recognise most things.
const DEFAULT_SHARE: f32 = 0.15;

/// The chart of what a method makes small or large.
const DEFAULT_CHART: &str = "terms";

/// What a tile shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Style {
    /// The map over the picture.
    #[default]
    Overlay,
    /// The map alone.
    Heatmap,
    /// The picture on one side of a line that can be moved, the map over it on the other.
    Wipe,
    /// A line around the most important cells.
    Contour,
    /// The most important cells, everything else blurred.
    OnlyTop,
    /// Everything else, the most important cells blurred.
    AllButTop,
}

impl Style {
    /// Every style, in the order to offer them.
    pub const ALL: [Self; 6] =
        [Self::Overlay, Self::Heatmap, Self::Wipe, Self::Contour, Self::OnlyTop, Self::AllButTop];

    /// Its name on screen.
    pub fn title(self) -> String {
        match self {
            Self::Overlay => text!("view-overlay"),
            Self::Heatmap => text!("view-heatmap"),
            Self::Wipe => text!("view-wipe"),
            Self::Contour => text!("view-contour"),
            Self::OnlyTop => text!("view-only-top"),
            Self::AllButTop => text!("view-all-but-top"),
        }
    }

    /// What it shows, in a sentence.
    pub fn help(self) -> String {
        match self {
            Self::Overlay => text!("view-overlay", "help"),
            Self::Heatmap => text!("view-heatmap", "help"),
            Self::Wipe => text!("view-wipe", "help"),
            Self::Contour => text!("view-contour", "help"),
            Self::OnlyTop => text!("view-only-top", "help"),
            Self::AllButTop => text!("view-all-but-top", "help"),
        }
    }

    /// Whether it shows a map's colours.
    pub fn has_colors(self) -> bool {
        matches!(self, Self::Overlay | Self::Heatmap | Self::Wipe)
    }

    /// Whether it depends on how many cells count as the most important ones.
    pub fn has_share(self) -> bool {
        !self.has_colors()
    }

    /// The curves that say how many cells are enough for what it shows.
    pub fn judged_by(self) -> Change {
        self.change().unwrap_or(Change::Insertion)
    }

    /// What it does to the most important cells, if it changes the picture.
    pub fn change(self) -> Option<Change> {
        match self {
            Self::OnlyTop => Some(Change::Insertion),
            Self::AllButTop => Some(Change::Deletion),
            Self::Overlay | Self::Heatmap | Self::Wipe | Self::Contour => None,
        }
    }
}

impl ViewOptions {
    /// What files and the clipboard have of a map: what the tiles show.
    pub fn shows(&self) -> Shows {
        match (self.style, self.style.change()) {
            (_, Some(change)) => Shows::Changed(change, self.share),
            (Style::Heatmap, _) => Shows::Heatmap,
            (Style::Wipe, _) => Shows::Wipe(self.wipe),
            (Style::Contour, _) => Shows::Contour(self.share),
            _ => Shows::Overlay,
        }
    }
}

/// How the wall is drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ViewOptions {
    /// What a tile shows.
    pub style: Style,
    /// The colours of a map.
    pub colormap: Colormap,
    /// How strongly a map covers the picture, in `[0, 1]`.
    pub opacity: f32,
    /// The share of the cells that count as the most important ones, in `[0, 1]`.
    pub share: f32,
    /// Whether the maps of two runs are compared on one scale of colours.
    pub one_scale: bool,
    /// Where the line of [`Style::Wipe`] is in every tile, in `[0, 1]` from the left.
    pub wipe: f32,
    /// Whether the charts have a place beside the wall.
    pub charts: bool,
    /// The methods whose curves are not drawn.
    #[serde(deserialize_with = "known_methods")]
    pub hidden_curves: BTreeSet<&'static Method>,
    /// Whether the random orders' curves are not drawn.
    pub hides_random: bool,
    /// Id of the chart over iterations.
    #[serde(rename = "history")]
    pub iteration_chart: String,
}

/// The methods of a list that there are: one that another program had is no reason to forget the rest.
fn known_methods<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<&'static Method>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    Ok(names.iter().filter_map(|name| Method::named(name)).collect())
}

impl Default for ViewOptions {
    fn default() -> Self {
        Self {
            style: Style::Overlay,
            colormap: Colormap::default(),
            opacity: DEFAULT_OPACITY,
            share: DEFAULT_SHARE,
            one_scale: true,
            wipe: 0.5,
            charts: true,
            hidden_curves: BTreeSet::new(),
            hides_random: false,
            iteration_chart: DEFAULT_CHART.to_owned(),
        }
    }
}
