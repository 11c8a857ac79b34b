//! Which of the model's classes a label means.

use super::Dataset;
use crate::model::Labels;

/// ImageNet's classes by the names of the folders that they come in (WordNet's numbers of nouns), in their order.
const WORDNET_IDS: &str = include_str!("../../assets/imagenet-wordnet-ids.txt");

/// How labels were matched with a model's classes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Truths {
    /// The class of each picture, in their order; none where there is no label, or none that means a class.
    pub classes: Vec<Option<usize>>,
    /// Whether it is a guess which number is which label.
    pub is_guess: bool,
    /// What could not be matched or is a guess, in words for the user.
    pub remarks: Vec<String>,
}

impl Truths {
    /// How many pictures have a class.
    pub fn count(&self) -> usize {
        self.classes.iter().flatten().count()
    }

    /// Matches a dataset's labels with a model's classes: by name, by number, by ImageNet's folder names; and, where a
    /// model has no names and as many classes as there are folders, by the folders' order, as torchvision's
    /// `ImageFolder` numbers them, which is a guess.
    pub fn of(dataset: &Dataset, labels: &Labels) -> Self {
        let given = dataset.labels();
        if given.is_empty() {
            return Self { classes: vec![None; dataset.items.len()], ..Self::default() };
        }
        let imagenet = is_imagenet(labels);
        let mut found: Vec<(&str, Result<usize, String>)> =
            given.iter().map(|label| (*label, class_of(label, labels, imagenet))).collect();
        let mut remarks = Vec::new();
        let mut is_guess = false;
        let is_nameless = *labels == Labels::numbered(labels.len());
        let none_fits = found.iter().all(|(_, class)| class.is_err());
        if none_fits && dataset.labels_are_folders && is_nameless && given.len() == labels.len() {
            for (number, (_, class)) in found.iter_mut().enumerate() {
                *class = Ok(number);
            }
            is_guess = true;
            let (first, last) = (given[0], given[given.len() - 1]);
            remarks.push(format!(
                "the model has no names for its classes: the folders are taken in the order of their names, {first} for \
                 class 0 to {last} for class {}, as torchvision's ImageFolder numbers them; that is a guess",
                given.len() - 1
            ));
        }
        let lost: Vec<&(&str, Result<usize, String>)> = found.iter().filter(|(_, class)| class.is_err()).collect();
        if let [(label, Err(why)), ..] = lost.as_slice() {
            let pictures = dataset
                .items
                .iter()
                .filter(|item| item.label.as_deref().is_some_and(|label| lost.iter().any(|(lost, _)| *lost == label)));
            let more = if lost.len() > 1 { format!(" and {} more", lost.len() - 1) } else { String::new() };
            remarks.push(format!(
                "{} of {} labels mean no class of the model (“{label}”: {why}{more}); their {} pictures count as \
                 unlabelled",
                lost.len(),
                given.len(),
                pictures.count()
            ));
        }
        let class = |label: &String| {
            let found = found.iter().find(|(given, _)| given == label);
            found.and_then(|(_, class)| class.as_ref().ok()).copied()
        };
        let classes = dataset.items.iter().map(|item| item.label.as_ref().and_then(class)).collect();
        Self { classes, is_guess, remarks }
    }
}

/// Whether a model has ImageNet's classes in their usual order, told by some names.
fn is_imagenet(labels: &Labels) -> bool {
    let is_called = |class: usize, word: &str| labels.name(class).to_lowercase().contains(word);
    labels.len() == 1000 && is_called(0, "tench") && is_called(281, "tabby") && is_called(967, "espresso")
}

fn class_of(label: &str, labels: &Labels, imagenet: bool) -> Result<usize, String> {
    if imagenet && let Some(number) = WORDNET_IDS.lines().position(|id| id == label) {
        return Ok(number);
    }
    // Folders and lists often have `_` where a name has a space.
    let spaced = label.replace('_', " ");
    let whole = labels.named(label).or_else(|| labels.named(&spaced));
    whole.map_or_else(
        || labels.find(label).or_else(|why| labels.find(&spaced).map_err(|_| why)).map(|found| found.class),
        Ok,
    )
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::dataset::Item;

    fn dataset(labels: &[&str]) -> Dataset {
        let item = |label: &&str| Item {
            path: PathBuf::from("a.jpg"),
            name: "a.jpg".to_owned(),
            label: Some((*label).to_owned()).filter(|label| !label.is_empty()),
            marked: None,
        };
        Dataset { items: labels.iter().map(item).collect(), labels_are_folders: true }
    }

    #[test]
    fn labels_are_names_or_numbers() {
        let labels = Labels::from_lines("tabby cat\ndog\nsea lion\n");
        let truths = Truths::of(&dataset(&["sea_lion", "Dog", "", "0", "tabby"]), &labels);
        assert_eq!(truths.classes, [Some(2), Some(1), None, Some(0), Some(0)]);
        assert_eq!((truths.count(), truths.is_guess, truths.remarks.len()), (4, false, 0));
    }

    #[test]
    fn what_means_no_class_is_told_and_counts_as_unlabelled() {
        let labels = Labels::from_lines("tabby cat\ntiger cat\ndog\n");
        let truths = Truths::of(&dataset(&["cat", "cow", "cow", "dog"]), &labels);
        assert_eq!(truths.classes, [None, None, None, Some(2)]);
        let [remark] = truths.remarks.as_slice() else { panic!("one remark: {:?}", truths.remarks) };
        assert!(remark.contains("2 of 3 labels") && remark.contains("3 pictures"), "{remark}");
    }

    #[test]
    fn folders_of_a_model_without_names_are_guessed_by_their_order_and_it_is_said() {
        let truths = Truths::of(&dataset(&["dog", "cat", "owl"]), &Labels::numbered(3));
        assert_eq!(truths.classes, [Some(1), Some(0), Some(2)]);
        assert!(truths.is_guess && truths.remarks[0].contains("guess"));
        let fewer = Truths::of(&dataset(&["dog", "cat"]), &Labels::numbered(3));
        assert!(!fewer.is_guess && fewer.count() == 0, "two of three: nobody knows which");
        let named = Truths::of(&dataset(&["dog", "cat", "owl"]), &Labels::from_lines("a1\nb1\nc1"));
        assert!(!named.is_guess && named.count() == 0);
    }

    #[test]
    fn imagenets_folders_mean_its_classes() {
        let mut names = vec!["other".to_owned(); 1000];
        names[0] = "tench".to_owned();
        names[281] = "tabby, tabby cat".to_owned();
        names[967] = "espresso".to_owned();
        let imagenet = Labels::from_names(&names);
        let given = dataset(&["n02123045", "n07920052", "n01440764"]);
        assert_eq!(Truths::of(&given, &imagenet).classes, [Some(281), Some(967), Some(0)]);
        assert_eq!(Truths::of(&given, &Labels::numbered(1000)).count(), 0, "they may be other classes");
    }
}
