//! Which rows of a collection the table shows, with which columns and in which order.

use crate::explain::{Method, methods};

/// A column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// The picture's name.
    Picture,
    /// Where it stands: done, failed, or neither.
    State,
    /// What it is labelled with.
    Label,
    /// The class with the highest answer.
    Predicted,
    /// That answer.
    Answer,
    /// How far it is above the next.
    Margin,
    /// −ln p of the label's class.
    Loss,
    /// The class with the highest answer of the network that stands beside the model.
    Beside,
    /// How much less that network answers for the model's class than the model.
    Fall,
    /// Insertion − deletion of a method.
    Difference(&'static Method),
    /// The area under its deletion curve.
    Deletion(&'static Method),
    /// The area under its insertion curve.
    Insertion(&'static Method),
}

impl Column {
    /// The columns, from the left.
    pub fn all() -> Vec<Self> {
        let own = [
            Self::Picture,
            Self::State,
            Self::Label,
            Self::Predicted,
            Self::Answer,
            Self::Beside,
            Self::Fall,
            Self::Margin,
            Self::Loss,
        ];
        let of_method = |method: &&'static Method| {
            let method = *method;
            [Self::Difference(method), Self::Deletion(method), Self::Insertion(method)]
        };
        own.into_iter().chain(methods().iter().flat_map(of_method)).collect()
    }

    /// Whether it has numbers: the highest are looked for first.
    pub fn is_number(self) -> bool {
        !matches!(self, Self::Picture | Self::State | Self::Label | Self::Predicted | Self::Beside)
    }
}

/// Pictures of which classes the table shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Among {
    /// Those that are labelled with the first and were taken for the second.
    Cell(usize, usize),
    /// Those that are labelled with it.
    Labelled(usize),
    /// Those that were taken for it.
    Predicted(usize),
    /// Those that are labelled with it or were taken for it.
    Either(usize),
}

impl Among {
    pub(super) fn has(self, label: Option<usize>, predicted: Option<usize>) -> bool {
        match self {
            Self::Cell(own, taken) => label == Some(own) && predicted == Some(taken),
            Self::Labelled(class) => label == Some(class),
            Self::Predicted(class) => predicted == Some(class),
            Self::Either(class) => label == Some(class) || predicted == Some(class),
        }
    }
}

/// Which rows the table shows, and in which order.
#[derive(Debug, Clone, PartialEq)]
pub struct TableView {
    /// Whether the table is on the wall.
    pub is_open: bool,
    /// The column it is sorted by, and whether from high to low.
    pub sort: (Column, bool),
    /// Only those that the model took for another class than they are labelled with.
    pub wrong_only: bool,
    /// Only those in which a method found nothing.
    pub nothing_only: bool,
    /// Only those that the network beside the model takes for another class than the model.
    pub differing_only: bool,
    /// Only those of a class, or of a cell of the confusion matrix.
    pub among: Option<Among>,
    /// Whether the areas that a difference is of have columns too.
    pub areas: bool,
    /// Only those with this text in their name, label or class.
    pub text: String,
}

impl Default for TableView {
    fn default() -> Self {
        let sort = (Column::Picture, false);
        Self {
            is_open: false,
            sort,
            wrong_only: false,
            nothing_only: false,
            differing_only: false,
            among: None,
            areas: false,
            text: String::new(),
        }
    }
}

impl TableView {
    /// The same, with the wrong ones only, those first of which the model was surest.
    pub fn most_wrong(&self) -> Self {
        Self { is_open: true, wrong_only: true, sort: (Column::Loss, true), ..self.clone() }
    }

    /// The same, with those only that two models take for other classes, those first of which the first was surest and
    /// the second least.
    pub fn most_differing(&self) -> Self {
        Self { is_open: true, differing_only: true, sort: (Column::Fall, true), ..self.clone() }
    }

    /// The same, open or closed.
    pub fn opened(&self, is_open: bool) -> Self {
        Self { is_open, ..self.clone() }
    }
}
