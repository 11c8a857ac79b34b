//! Pictures by the folder: what is known of each without having it in memory, and which of them the table shows in which
//! order.

use std::{
    cmp::Ordering,
    collections::{BTreeSet, HashMap},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    beside::class_in,
    table_facts::Facts,
    table_view::{Column, TableView},
};
use crate::{
    dataset::{Dataset, Head, Line, Outcome, Quantity, Seen, Truths},
    model::ModelSpec,
};

/// More rows than these are not arranged anew with every picture that is classified.
const MANY: usize = 2000;
/// How long such rows rest before they are arranged again: reading goes on meanwhile.
const REST: Duration = Duration::from_millis(400);

/// Pictures of a figure if none were chosen for it.
const FIRST_OF_FIGURE: usize = 3;

/// What is known of a picture of a collection.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    /// What the model makes of it, once it was asked.
    pub seen: Option<Seen>,
    /// Why it could not be asked, or not explained.
    pub error: Option<String>,
    /// What came of each method, by its id; and of the random orders.
    pub outcomes: Vec<(String, Outcome)>,
}

impl Row {
    /// What came of a method.
    pub fn outcome(&self, method: &str) -> Option<&Outcome> {
        self.outcomes.iter().find(|(own, _)| own == method).map(|(_, outcome)| outcome)
    }

    /// Whether it was explained.
    pub fn is_explained(&self) -> bool {
        !self.outcomes.is_empty()
    }

    /// Whether a method found nothing in it.
    pub fn found_nothing(&self) -> bool {
        self.outcomes.iter().any(|(_, outcome)| !outcome.found)
    }
}

/// What the network that stands beside the model makes of the pictures.
#[derive(Debug, Clone)]
pub struct BesideRows {
    /// Its name on screen.
    pub title: String,
    /// What it makes of each, once it was asked.
    pub rows: Vec<Option<SeenBeside>>,
    /// The list that was sent to it.
    pub list: u64,
    /// How many of its pictures were classified.
    pub classified: usize,
}

/// What the network that stands beside the model makes of a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct SeenBeside {
    /// Name of the class with the highest answer.
    pub predicted: String,
    /// That answer.
    pub answer: f32,
    /// Whether that is another class than the model's.
    pub differs: bool,
    /// The model's answer for its class less this network's for the class of that name, if it has one.
    pub fall: Option<f32>,
}

/// A collection of pictures.
#[derive(Debug, Clone)]
pub struct Collection {
    /// Its name on screen.
    pub name: String,
    /// The folder or list, as it is named in results; of pictures that were opened together the name of a list.
    pub source: String,
    /// The folder that all of them are in, if they were opened together and are no folder or list of their own.
    common: Option<String>,
    /// The pictures.
    pub dataset: Arc<Dataset>,
    /// Their classes, for the hosted model.
    pub truths: Truths,
    /// What is known of each, in their order.
    pub rows: Vec<Row>,
    /// What the results in `rows` are of, and where they are kept.
    pub results: Option<(Head, PathBuf)>,
    /// What the network beside the model makes of them, if there is one.
    pub beside: Option<BesideRows>,
    /// What the table shows.
    pub view: TableView,
    /// The list that was sent to be classified last.
    pub list: u64,
    /// How many of its pictures were classified.
    pub classified: usize,
    /// The pictures that were chosen for a figure.
    pub chosen: BTreeSet<usize>,
    shown: Vec<usize>,
    facts: Facts,
    /// The place of each picture, by its path.
    places: Arc<HashMap<PathBuf, usize>>,
    /// Whether rows have changed since they were arranged, and when that was.
    is_stale: bool,
    arranged: Option<Instant>,
}

impl Collection {
    /// A collection that nothing is known of yet.
    pub fn new(name: String, source: String, dataset: Dataset) -> Self {
        let rows = vec![Row::default(); dataset.items.len()];
        let truths = Truths { classes: vec![None; rows.len()], ..Truths::default() };
        let shown = (0..rows.len()).collect();
        let places = dataset.items.iter().enumerate().map(|(index, item)| (item.path.clone(), index)).collect();
        let (results, view, chosen) = (None, TableView::default(), BTreeSet::new());
        Self {
            name,
            source,
            common: None,
            dataset: Arc::new(dataset),
            truths,
            rows,
            results,
            beside: None,
            view,
            list: 0,
            classified: 0,
            chosen,
            shown,
            facts: Facts::default(),
            places: Arc::new(places),
            is_stale: false,
            arranged: None,
        }
    }

    /// The same of pictures that were opened together: they are called by their paths within the folder that all are in,
    /// `common`.
    pub fn of_chosen(name: String, source: String, common: &Path, dataset: Dataset) -> Self {
        Self { common: Some(common.display().to_string()), ..Self::new(name, source, dataset) }
    }

    /// Whether they were opened together and are no folder or list of their own.
    pub fn is_chosen(&self) -> bool {
        self.common.is_some()
    }

    /// What a picture is called on screen.
    pub fn name_of(&self, index: usize) -> &str {
        let name = self.dataset.items[index].name.as_str();
        let within = self.common.as_deref().and_then(|common| name.strip_prefix(common));
        within.map_or(name, |within| within.trim_start_matches(['/', '\\']))
    }

    /// What the rows come to.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Arranges the rows if some have changed, many of them a few times a second at most; how long until that is due, if
    /// it is not yet.
    pub fn settle(&mut self, now: Instant) -> Option<Duration> {
        if !self.is_stale {
            return None;
        }
        let rests = if self.rows.len() > MANY { REST } else { Duration::ZERO };
        let left = self.arranged.map(|before| rests.saturating_sub(now.saturating_duration_since(before)));
        if let Some(left) = left.filter(|left| !left.is_zero()) {
            return Some(left);
        }
        self.arranged = Some(now);
        self.arrange();
        None
    }

    /// Forgets what another model answered, and matches the labels with this one's classes.
    pub fn begin(&mut self, model: &ModelSpec, list: u64) {
        self.truths = Truths::of(&self.dataset, &model.labels);
        self.rows = vec![Row::default(); self.dataset.items.len()];
        self.results = None;
        (self.list, self.classified, self.view.among) = (list, 0, None);
        self.beside = None;
        self.arrange();
    }

    /// Takes in what the model answers for a picture.
    pub fn classify(&mut self, model: &ModelSpec, index: usize, answers: Result<Arc<[f32]>, String>) {
        let label = self.truths.classes.get(index).copied().flatten();
        let Some(row) = self.rows.get_mut(index) else { return };
        self.classified += 1;
        self.is_stale = true;
        match answers {
            // Its results say it already, and of the class that they explain.
            Ok(_) if row.is_explained() && row.seen.is_some() => {}
            Ok(answers) => {
                let best = (0..answers.len()).max_by(|&a, &b| answers[a].total_cmp(&answers[b]).then(b.cmp(&a)));
                let name = |class| model.labels.name(class);
                row.seen = best.and_then(|best| Seen::of(model.head, &answers, label, best, name));
            }
            Err(message) => row.error = Some(message),
        }
    }

    /// Forgets what another network beside the model answered, and waits for this one.
    pub fn begin_beside(&mut self, spec: &ModelSpec, list: u64) {
        let rows = vec![None; self.rows.len()];
        self.beside = Some(BesideRows { title: spec.title.clone(), rows, list, classified: 0 });
        self.arrange();
    }

    /// No network stands beside the model any more.
    pub fn leave_beside(&mut self) {
        self.beside = None;
        self.view.differing_only = false;
        if matches!(self.view.sort.0, Column::Beside | Column::Fall) {
            self.view.sort = TableView::default().sort;
        }
        self.arrange();
    }

    /// Takes in what the network beside the model answers for a picture; none where it could not be asked.
    pub fn classify_beside(&mut self, own: &ModelSpec, beside: &ModelSpec, index: usize, answers: Option<&[f32]>) {
        let seen = self.rows.get(index).and_then(|row| row.seen.as_ref());
        let Some(BesideRows { rows, classified, .. }) = &mut self.beside else { return };
        let Some(row) = rows.get_mut(index) else { return };
        *classified += 1;
        self.is_stale = true;
        *row = answers.zip(seen).and_then(|(answers, seen)| {
            let best = (0..answers.len()).max_by(|&a, &b| answers[a].total_cmp(&answers[b]).then(b.cmp(&a)))?;
            let same = class_in(own, beside, seen.predicted_class);
            // Numbers of two kinds have no difference.
            let are_alike = own.head.measure() == beside.head.measure();
            Some(SeenBeside {
                predicted: beside.labels.name(best),
                answer: answers[best],
                differs: same != Some(best),
                fall: same.filter(|_| are_alike).and_then(|same| answers.get(same)).map(|other| seen.answer - other),
            })
        });
    }

    /// What the network beside the model makes of a picture.
    pub fn seen_beside(&self, index: usize) -> Option<&SeenBeside> {
        self.beside.as_ref()?.rows.get(index)?.as_ref()
    }

    /// Takes in the lines of results.
    pub fn take_lines(&mut self, lines: Vec<Line>) {
        for Line { index, label_class, error, seen, method, result, .. } in lines {
            let Some(row) = self.rows.get_mut(index) else { continue };
            if seen.is_some() {
                // What the label means is of the model that saw it.
                self.truths.classes[index] = label_class;
            }
            row.seen = seen.or(row.seen.take());
            row.error = error.or(row.error.take());
            if let (Some(method), Some(result)) = (method, result) {
                row.outcomes.retain(|(own, _)| *own != method);
                row.outcomes.push((method, result));
            }
        }
        // Every picture of a queue comes by itself.
        self.is_stale = true;
    }

    /// Puts the results aside: others are asked for.
    pub fn forget_results(&mut self) {
        for row in &mut self.rows {
            row.outcomes.clear();
        }
        self.results = None;
        self.arrange();
    }

    /// Whether a picture was taken for another class than it is labelled with; none without a label.
    pub fn is_wrong(&self, index: usize) -> Option<bool> {
        let seen = self.rows.get(index)?.seen.as_ref()?;
        Some(seen.predicted_class != self.truths.classes.get(index).copied().flatten()?)
    }

    /// The pictures that the table shows, in its order.
    pub fn shown(&self) -> &[usize] {
        &self.shown
    }

    /// Shows the rows in another way.
    pub fn look(&mut self, view: TableView) {
        self.view = view;
        self.arrange();
    }

    /// Sorts and filters anew: after something in the rows has changed.
    pub fn arrange(&mut self) {
        let text = self.view.text.trim().to_lowercase();
        let mut shown: Vec<usize> = (0..self.rows.len()).filter(|index| self.is_shown(*index, &text)).collect();
        let (column, from_high) = self.view.sort;
        let direction = |order: Ordering| if from_high { order.reverse() } else { order };
        if column.is_number() {
            let mut keyed: Vec<(Option<f64>, usize)> =
                shown.iter().map(|&index| (self.number(index, column), index)).collect();
            // What is not known is last, whatever the direction.
            keyed.sort_by(|(a, _), (b, _)| match (a, b) {
                (Some(a), Some(b)) => direction(a.total_cmp(b)),
                (a, b) => b.is_some().cmp(&a.is_some()),
            });
            shown = keyed.into_iter().map(|(_, index)| index).collect();
        } else {
            shown.sort_by(|&a, &b| {
                let (a, b) = (self.text(a, column), self.text(b, column));
                a.is_empty().cmp(&b.is_empty()).then_with(|| direction(a.cmp(b)))
            });
        }
        self.shown = shown;
        self.facts = Facts::of(self);
        self.is_stale = false;
    }

    fn is_shown(&self, index: usize, text: &str) -> bool {
        let TableView { wrong_only, nothing_only, differing_only, among, .. } = self.view;
        let (item, row) = (&self.dataset.items[index], &self.rows[index]);
        let class = self.truths.classes[index];
        let predicted = row.seen.as_ref().map(|seen| seen.predicted_class);
        let has_text = |part: &str| part.to_lowercase().contains(text);
        (!wrong_only || self.is_wrong(index) == Some(true))
            && (!nothing_only || row.found_nothing())
            && (!differing_only || self.seen_beside(index).is_some_and(|seen| seen.differs))
            && among.is_none_or(|among| among.has(class, predicted))
            && (text.is_empty()
                || has_text(self.name_of(index))
                || item.label.as_deref().is_some_and(has_text)
                || row.seen.as_ref().is_some_and(|seen| has_text(&seen.predicted))
                || self.seen_beside(index).is_some_and(|seen| has_text(&seen.predicted)))
    }

    /// A row's number in a column, if it is known.
    pub fn number(&self, index: usize, column: Column) -> Option<f64> {
        let row = &self.rows[index];
        let seen = row.seen.as_ref();
        match column {
            Column::Answer => seen.map(|seen| f64::from(seen.answer)),
            Column::Margin => seen.and_then(|seen| seen.margin).map(f64::from),
            Column::Loss => seen.and_then(|seen| seen.loss).map(f64::from),
            Column::Fall => self.seen_beside(index).and_then(|seen| seen.fall).map(f64::from),
            Column::Difference(method) => Quantity::Difference.of(row.outcome(method.id)?),
            Column::Deletion(method) => Quantity::Deletion.of(row.outcome(method.id)?),
            Column::Insertion(method) => Quantity::Insertion.of(row.outcome(method.id)?),
            Column::Picture | Column::State | Column::Label | Column::Predicted | Column::Beside => None,
        }
    }

    /// A row's text in a column; empty where there is none.
    pub fn text(&self, index: usize, column: Column) -> &str {
        match column {
            Column::Picture => self.name_of(index),
            // To sort by: what is said of it is the table's.
            Column::State if self.rows[index].error.is_some() => "failed",
            Column::State if self.rows[index].is_explained() => "done",
            Column::Label => self.dataset.items[index].label.as_deref().unwrap_or_default(),
            Column::Predicted => self.rows[index].seen.as_ref().map_or("", |seen| &seen.predicted),
            Column::Beside => self.seen_beside(index).map_or("", |seen| &seen.predicted),
            _ => "",
        }
    }

    /// The next picture that was taken for another class, from one on in the table's order, or the one before.
    pub fn next_wrong(&self, from: Option<usize>, back: bool) -> Option<usize> {
        let at = from.and_then(|from| self.shown.iter().position(|index| *index == from));
        let is_wrong = |index: &&usize| self.is_wrong(**index) == Some(true);
        let (before, after) = self.shown.split_at(at.unwrap_or(0));
        let after = if at.is_some() { after.get(1..).unwrap_or_default() } else { after };
        match back {
            false => after.iter().chain(before).find(is_wrong).copied(),
            true => before.iter().rev().chain(after.iter().rev()).find(is_wrong).copied(),
        }
    }

    /// The name of a class that there are pictures of.
    pub fn class_name(&self, class: usize) -> String {
        let found = self.facts.classes.binary_search_by_key(&class, |own| own.class);
        found.map_or_else(|_| class.to_string(), |place| self.facts.classes[place].name.clone())
    }

    /// The pictures that the table shows and that have no results yet, in its order.
    pub fn to_explain(&self) -> Vec<usize> {
        let needs = |index: &&usize| !self.rows[**index].is_explained() && self.rows[**index].error.is_none();
        self.shown.iter().filter(needs).copied().collect()
    }

    /// The pictures for a figure: those that were chosen and have results, in the table's order; the first few that are
    /// shown if none were chosen.
    pub fn for_figure(&self) -> Vec<usize> {
        let explained = self.shown.iter().copied().filter(|index| self.rows[*index].is_explained());
        if self.chosen.is_empty() {
            return explained.take(FIRST_OF_FIGURE).collect();
        }
        explained.filter(|index| self.chosen.contains(index)).collect()
    }

    /// How many have results.
    pub fn explained(&self) -> usize {
        self.facts.explained
    }

    /// The number of the picture at this path.
    pub fn index_of(&self, path: &Path) -> Option<usize> {
        self.places.get(path).copied()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::app::state::{
        table_facts::{Confusion, MOST_CLASSES},
        table_view::Among,
    };
    use crate::{
        dataset::{Areas, Item},
        explain::GRAD_CAM,
        model::{Head as ModelHead, Labels},
    };

    /// A line of results of a picture: of Grad-CAM, or why it failed.
    fn line(index: usize, result: Result<Outcome, &str>) -> Line {
        Line {
            index,
            picture: String::new(),
            label: None,
            label_class: None,
            error: result.as_ref().err().map(|why| (*why).to_owned()),
            seen: None,
            method: result.is_ok().then(|| GRAD_CAM.id.to_owned()),
            result: result.ok(),
        }
    }

    fn outcome(json: &str) -> Outcome {
        serde_json::from_str(json).unwrap()
    }

    /// Pictures of (label, answers of three classes).
    fn collection(pictures: &[(&str, [f32; 3])]) -> Collection {
        let item = |(number, (label, _)): (usize, &(&str, [f32; 3]))| Item {
            path: PathBuf::from(format!("/p/{number}.png")),
            name: format!("{number}.png"),
            label: Some((*label).to_owned()).filter(|label| !label.is_empty()),
            marked: None,
        };
        let items = pictures.iter().enumerate().map(item).collect();
        let mut collection =
            Collection::new("p".to_owned(), "/p".to_owned(), Dataset { items, labels_are_folders: true });
        let labels = Labels::from_lines("cat\ndog\nowl");
        collection.truths = Truths::of(&collection.dataset, &labels);
        for (index, (_, answers)) in pictures.iter().enumerate() {
            let best = (0..3).max_by(|&a, &b| answers[a].total_cmp(&answers[b])).unwrap();
            let label = collection.truths.classes[index];
            let name = |class| labels.name(class);
            collection.rows[index].seen = Seen::of(ModelHead::Softmax, answers, label, best, name);
        }
        collection.arrange();
        collection
    }

    fn animals() -> Collection {
        collection(&[
            ("cat", [0.9, 0.1, 0.0]),
            ("cat", [0.2, 0.7, 0.1]),
            ("dog", [0.1, 0.8, 0.1]),
            ("", [0.3, 0.3, 0.4]),
            ("owl", [0.6, 0.2, 0.2]),
        ])
    }

    #[test]
    fn the_most_wrong_come_first_and_what_is_not_known_last() {
        let mut animals = animals();
        animals.look(TableView { sort: (Column::Loss, true), ..TableView::default() });
        let losses = [-(0.2_f64).ln(), -(0.2_f64).ln()];
        assert!((animals.number(1, Column::Loss).unwrap() - losses[0]).abs() < 1e-5);
        assert_eq!(animals.shown(), [1, 4, 2, 0, 3], "the one without a label has no loss");
        animals.look(TableView { sort: (Column::Loss, false), ..TableView::default() });
        assert_eq!(animals.shown(), [0, 2, 1, 4, 3]);
        animals.look(TableView { sort: (Column::Label, false), ..TableView::default() });
        assert_eq!(animals.shown(), [0, 1, 2, 4, 3]);
    }

    #[test]
    fn rows_are_filtered_by_mistake_class_cell_and_text() {
        let mut animals = animals();
        animals.look(TableView { wrong_only: true, ..TableView::default() });
        assert_eq!(animals.shown(), [1, 4]);
        assert_eq!((animals.facts().wrong, animals.facts().labelled), (2, 4));
        animals.look(TableView { among: Some(Among::Cell(0, 1)), ..TableView::default() });
        assert_eq!(animals.shown(), [1], "cats that were taken for dogs");
        for (among, shown) in [
            (Among::Labelled(0), &[0, 1][..]),
            (Among::Predicted(0), &[0, 4]),
            (Among::Either(0), &[0, 1, 4]),
            (Among::Predicted(2), &[3]),
        ] {
            animals.look(TableView { among: Some(among), ..TableView::default() });
            assert_eq!(animals.shown(), shown, "{among:?}");
        }
        animals.look(TableView { text: " OWL".to_owned(), ..TableView::default() });
        assert_eq!(animals.shown(), [3, 4], "one is called so and one is taken for one");
    }

    #[test]
    fn the_next_wrong_one_is_a_step_away_and_round_the_end() {
        let animals = animals();
        assert_eq!(animals.next_wrong(None, false), Some(1));
        assert_eq!(animals.next_wrong(Some(1), false), Some(4));
        assert_eq!(animals.next_wrong(Some(4), false), Some(1));
        assert_eq!(animals.next_wrong(Some(2), true), Some(1));
        assert_eq!(animals.next_wrong(Some(1), true), Some(4));
        assert_eq!(collection(&[("cat", [1.0, 0.0, 0.0])]).next_wrong(Some(0), false), None);
    }

    #[test]
    fn confusion_counts_what_was_taken_for_what() {
        let Confusion { classes, left_out, counts } = animals().facts.confusion.clone().unwrap();
        assert_eq!((classes, left_out), (vec![0, 1, 2], (0, 0)));
        let expected = BTreeMap::from([((0, 0), 1), ((0, 1), 1), ((1, 1), 1), ((2, 0), 1)]);
        assert_eq!(counts, expected);
        assert!(collection(&[("", [1.0, 0.0, 0.0])]).facts.confusion.is_none());
    }

    #[test]
    fn what_has_results_is_not_explained_again_and_can_be_sorted_by_them() {
        let mut animals = animals();
        assert_eq!(animals.to_explain(), [0, 1, 2, 3, 4]);
        let found = |index: usize, insertion: f32| {
            let areas = Some(Areas { deletion: 0.25, insertion });
            line(index, Ok(Outcome { areas, ..outcome(r#"{"found": true}"#) }))
        };
        animals.take_lines(vec![found(1, 0.5), found(3, 0.75), found(99, 1.0)]);
        assert_eq!(animals.explained(), 0, "a queue's lines wait for the next frame");
        let now = Instant::now();
        assert_eq!(animals.settle(now), None);
        assert_eq!((animals.to_explain(), animals.explained()), (vec![0, 2, 4], 2));
        assert!(animals.rows[1].seen.is_some(), "what was known stays");
        animals.look(TableView { sort: (Column::Difference(&GRAD_CAM), true), ..TableView::default() });
        assert_eq!(animals.shown()[..2], [3, 1]);
    }

    #[test]
    fn areas_have_columns_and_what_found_nothing_can_be_shown_only() {
        let mut animals = animals();
        let areas = r#"{"found": true, "areas": {"deletion": 0.25, "insertion": 0.75}}"#;
        animals
            .take_lines(vec![line(0, Ok(outcome(areas))), line(2, Ok(outcome(r#"{"found": false, "why": "ties"}"#)))]);
        animals.settle(Instant::now());
        let number = |column| animals.number(0, column);
        assert_eq!(
            [Column::Deletion, Column::Insertion, Column::Difference].map(|column| number(column(&GRAD_CAM))),
            [Some(0.25), Some(0.75), Some(0.5)]
        );
        assert_eq!(animals.number(2, Column::Deletion(&GRAD_CAM)), None);
        assert!(animals.facts().has_nothing);
        animals.look(TableView { nothing_only: true, ..TableView::default() });
        assert_eq!(animals.shown(), [2]);
    }

    #[test]
    fn what_is_filtered_is_what_is_explained() {
        let mut animals = animals();
        animals.look(TableView { wrong_only: true, sort: (Column::Picture, true), ..TableView::default() });
        assert_eq!((animals.to_explain(), animals.facts().left), (vec![4, 1], 2));
    }

    #[test]
    fn many_rows_rest_between_the_pictures_of_a_queue() {
        let mut many = collection(&vec![("cat", [0.9, 0.1, 0.0]); MANY + 1]);
        let now = Instant::now();
        many.take_lines(vec![line(0, Err("broken"))]);
        assert_eq!((many.settle(now), many.facts().left), (None, MANY));
        many.take_lines(vec![line(1, Err("broken"))]);
        assert_eq!((many.settle(now), many.facts().left), (Some(REST), MANY), "not so soon again");
        assert_eq!((many.settle(now + REST), many.facts().left), (None, MANY - 1));
    }

    #[test]
    fn what_has_no_row_in_the_confusion_matrix_is_counted() {
        let mut own = animals();
        // A class a picture, and one picture more of the first.
        let classes = MOST_CLASSES + 3;
        own.rows = vec![own.rows[0].clone(); classes + 1];
        own.truths.classes = (0..=classes).map(|class| Some(class % classes)).collect();
        for (row, class) in own.rows.iter_mut().zip(0..) {
            row.seen.as_mut().unwrap().predicted_class = class % classes;
        }
        let Confusion { classes, left_out, .. } = Facts::of(&own).confusion.unwrap();
        assert_eq!((classes.len(), left_out), (MOST_CLASSES, (3, 3)));
    }
}
