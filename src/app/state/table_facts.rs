//! What the rows of a collection come to: counts, the classes that there are pictures of, and what was taken for what.

use std::collections::BTreeMap;

use super::collection::{Collection, Row};
use crate::explain::{Method, methods};

/// The most classes that a confusion matrix is drawn of: those with most pictures.
pub const MOST_CLASSES: usize = 14;

/// A class that there are pictures of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassOf {
    /// Its number.
    pub class: usize,
    /// Its name, as the model has it or else as its pictures are labelled.
    pub name: String,
    /// How many pictures are labelled with it or were taken for it.
    pub pictures: usize,
}

/// What was taken for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confusion {
    /// The classes to draw: those with most pictures.
    pub classes: Vec<usize>,
    /// How many classes are left out, and how many pictures are labelled with one of these or were taken for one.
    pub left_out: (usize, usize),
    /// How often pictures of a class, the first, were taken for a class, the second.
    pub counts: BTreeMap<(usize, usize), usize>,
}

/// What the rows come to: counted when they are arranged, and read in every frame.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// Pictures that were taken for another class than they are labelled with.
    pub wrong: usize,
    /// Pictures that are labelled and classified.
    pub labelled: usize,
    /// Pictures that have results.
    pub explained: usize,
    /// Pictures that the table shows and that have none yet.
    pub left: usize,
    /// Whether a method found nothing in some picture.
    pub has_nothing: bool,
    /// Pictures that both models were asked about, and of these, those that they take for other classes.
    pub by_both: usize,
    /// Of these, those that they take for other classes.
    pub differing: usize,
    /// Whether some picture has a loss.
    pub has_loss: bool,
    /// The methods that there are results of.
    pub methods: Vec<&'static Method>,
    /// The classes that there are pictures of, by their numbers.
    pub classes: Vec<ClassOf>,
    /// What was taken for what; none without labels.
    pub confusion: Option<Confusion>,
}

impl Facts {
    /// What the rows of a collection come to.
    pub(super) fn of(collection: &Collection) -> Self {
        let judged = || (0..collection.rows.len()).filter_map(|index| collection.is_wrong(index));
        let has_results = |method: &&'static Method| collection.rows.iter().any(|row| row.outcome(method.id).is_some());
        let by_both = || (0..collection.rows.len()).filter_map(|index| collection.seen_beside(index));
        Self {
            wrong: judged().filter(|wrong| *wrong).count(),
            labelled: judged().count(),
            explained: collection.rows.iter().filter(|row| row.is_explained()).count(),
            left: collection.to_explain().len(),
            has_nothing: collection.rows.iter().any(Row::found_nothing),
            by_both: by_both().count(),
            differing: by_both().filter(|seen| seen.differs).count(),
            has_loss: collection.rows.iter().any(|row| row.seen.as_ref().is_some_and(|seen| seen.loss.is_some())),
            methods: methods().iter().copied().filter(has_results).collect(),
            classes: classes(collection),
            confusion: confusion(collection),
        }
    }
}

/// What was taken for what; none without labels.
fn confusion(collection: &Collection) -> Option<Confusion> {
    let mut counts: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for (row, class) in collection.rows.iter().zip(&collection.truths.classes) {
        if let (Some(seen), Some(class)) = (&row.seen, class) {
            *counts.entry((*class, seen.predicted_class)).or_default() += 1;
        }
    }
    let mut totals: BTreeMap<usize, usize> = BTreeMap::new();
    for ((label, predicted), count) in &counts {
        *totals.entry(*label).or_default() += count;
        *totals.entry(*predicted).or_default() += count;
    }
    let mut classes: Vec<usize> = totals.keys().copied().collect();
    classes.sort_by_key(|class| (std::cmp::Reverse(totals[class]), *class));
    let others = classes.split_off(classes.len().min(MOST_CLASSES)).len();
    classes.sort_unstable();
    let is_drawn = |class: &usize| classes.binary_search(class).is_ok();
    let not_drawn = counts.iter().filter(|((label, taken), _)| !is_drawn(label) || !is_drawn(taken));
    let left_out = (others, not_drawn.map(|(_, count)| count).sum());
    (!classes.is_empty()).then_some(Confusion { classes, left_out, counts })
}

/// The classes that there are pictures of.
fn classes(collection: &Collection) -> Vec<ClassOf> {
    let mut classes: BTreeMap<usize, (Option<&str>, Option<&str>, usize)> = BTreeMap::new();
    for ((row, label), item) in collection.rows.iter().zip(&collection.truths.classes).zip(&collection.dataset.items) {
        let seen = row.seen.as_ref();
        if let Some(seen) = seen {
            let (own, _, pictures) = classes.entry(seen.predicted_class).or_default();
            (*own, *pictures) = (Some(seen.predicted.as_str()), *pictures + 1);
        }
        if let Some(class) = label {
            let (_, own, pictures) = classes.entry(*class).or_default();
            *own = item.label.as_deref();
            // Of its own class it is counted already.
            *pictures += usize::from(seen.is_none_or(|seen| seen.predicted_class != *class));
        }
    }
    let named = |(class, (predicted, labelled, pictures)): (usize, (Option<&str>, Option<&str>, usize))| {
        let name = predicted.or(labelled).map_or_else(|| class.to_string(), str::to_owned);
        ClassOf { class, name, pictures }
    };
    classes.into_iter().map(named).collect()
}
