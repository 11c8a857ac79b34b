//! Finding names by some of their letters.

/// A letter that was typed and found.
const LETTER: i32 = 4;
/// It begins a word.
const BEGINS_WORD: i32 = 10;
/// It follows the letter that was found before.
const FOLLOWS: i32 = 8;
/// It is not at the beginning of the name, nor near it: each letter before it, as far as [`FAR`].
const LATE: i32 = 1;
/// From here on one place in a name is as late as another.
const FAR: usize = 4;
/// The most letters of a word that matter: nobody types more, and the time is bounded.
const MAX: usize = 32;

/// Where a query was found in a name, and how well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The higher, the better.
    pub score: i32,
    /// The letters found, counted from 0, rising.
    pub letters: Vec<usize>,
}

/// Finds every word of `query` in `name`, in any order and any case: the letters of a word in theirs, where they fit
/// best, at the beginnings of words and one after the other. An empty query is found in every name.
pub fn find(query: &str, name: &str) -> Option<Match> {
    let name: Vec<char> = name.chars().map(small).collect();
    let mut all = Match { score: 0, letters: Vec::new() };
    for word in query.split_whitespace() {
        let word: Vec<char> = word.chars().map(small).take(MAX).collect();
        let found = find_word(&word, &name)?;
        all.score += found.score;
        all.letters.extend(found.letters);
    }
    all.letters.sort_unstable();
    all.letters.dedup();
    Some(all)
}

/// How well `words` that are not shown are found, of which every word of `query` must begin one, in any case: a little
/// worse than in a name, as nobody sees why.
pub fn begins(query: &str, words: &str) -> Option<i32> {
    let begins = |word: &str, own: &str| {
        let mut own = own.chars().map(small);
        word.chars().map(small).all(|letter| own.next() == Some(letter))
    };
    let own = || words.split(|letter: char| !letter.is_alphanumeric());
    query.split_whitespace().try_fold(0, |score, word| {
        let length = word.chars().count().min(MAX) as i32;
        let worth = BEGINS_WORD + LETTER * length + FOLLOWS * (length - 1) - LATE * FAR as i32;
        own().any(|own| begins(word, own)).then_some(score + worth)
    })
}

fn small(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}

fn find_word(query: &[char], name: &[char]) -> Option<Match> {
    // For each letter of the query, the best score with it found at each letter of the name, and where the one before is.
    let mut found: Vec<Vec<Option<(i32, usize)>>> = Vec::with_capacity(query.len());
    for (number, wanted) in query.iter().enumerate() {
        let mut row = vec![None; name.len()];
        let mut best: Option<(i32, usize)> = None;
        for (at, letter) in name.iter().enumerate() {
            let before = at.checked_sub(1);
            if number > 0
                && let Some(here) =
                    before.and_then(|before| found[number - 1][before].map(|(score, _)| (score, before)))
                && best.is_none_or(|(score, _)| here.0 >= score)
            {
                best = Some(here);
            }
            if letter != wanted {
                continue;
            }
            let begins = letter.is_alphanumeric() && before.is_none_or(|before| !name[before].is_alphanumeric());
            let worth = LETTER + if begins { BEGINS_WORD } else { 0 };
            row[at] = if number == 0 {
                Some((worth - LATE * at.min(FAR) as i32, 0))
            } else {
                let next = before.and_then(|before| Some((found[number - 1][before]?.0 + FOLLOWS, before)));
                [best, next].into_iter().flatten().max().map(|(score, from)| (score + worth, from))
            };
        }
        found.push(row);
    }
    let Some(last) = found.last() else { return Some(Match { score: 0, letters: Vec::new() }) };
    // Of places that are as good the first.
    let (score, mut at) = last
        .iter()
        .enumerate()
        .rev()
        .filter_map(|(at, cell)| Some((cell.as_ref()?.0, at)))
        .max_by_key(|(score, _)| *score)?;
    let mut letters = Vec::with_capacity(query.len());
    for row in found.iter().rev() {
        letters.push(at);
        at = row[at].map_or(0, |(_, from)| from);
    }
    letters.reverse();
    Some(Match { score, letters })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn score(query: &str, name: &str) -> i32 {
        find(query, name).unwrap().score
    }

    #[test]
    fn the_beginnings_of_words_are_better_than_letters_inside() {
        assert!(score("cm", "Colour map: Turbo") > score("cm", "Compare"));
        assert!(score("save", "Save in a folder…") > score("save", "Show and serve"));
        assert!(score("op", "Open pictures…") > score("op", "Stop the run"));
    }

    #[test]
    fn letters_in_another_order_or_missing_are_not_found() {
        assert_eq!(find("po", "Open"), None);
        assert_eq!(find("map colours", "Colour map"), None);
        assert_eq!(find("opens", "Open"), None);
        assert_eq!(find("a", ""), None);
    }

    #[test]
    fn the_letters_found_are_those_that_fit_best() {
        assert_eq!(find("the da", "Theme: dark").unwrap().letters, [0, 1, 2, 7, 8]);
        assert_eq!(find("cm", "Colour map").unwrap().letters, [0, 7]);
        assert_eq!(find("ÜB", "über").unwrap().letters, [0, 1]);
        assert_eq!(find("map col", "Colour map").unwrap().letters, [0, 1, 2, 7, 8, 9], "words in any order");
        assert_eq!(find("  ", "Open").unwrap(), Match { score: 0, letters: Vec::new() });
    }

    #[test]
    fn other_words_are_found_by_their_beginnings() {
        assert_eq!(begins("", ""), Some(0));
        assert_eq!(begins("board", "clipboard"), None);
        assert_eq!(begins("clip x", "clipboard"), None);
        let best = score("clip im", "Clip image");
        assert!(begins("CLIP im", "image clipboard").is_some_and(|score| score < best && 4 * score > 3 * best));
    }

    proptest! {
        #[test]
        fn what_is_found_is_the_query(query in "\\PC{0,30}", name in "\\PC{0,60}") {
            let query: String = query.chars().filter(|letter| !letter.is_whitespace()).collect();
            if let Some(found) = find(&query, &name) {
                let name: Vec<char> = name.chars().map(small).collect();
                let letters: String = found.letters.iter().map(|at| name[*at]).collect();
                prop_assert_eq!(letters, query.chars().map(small).collect::<String>());
            }
        }

        #[test]
        fn a_piece_of_a_name_finds_it(name in "[a-zA-Z :]{1,40}", from in 0..40_usize, length in 0..40_usize) {
            let piece: String = name.chars().skip(from).take(length).collect();
            prop_assert!(find(&piece, &name).is_some());
        }
    }
}
