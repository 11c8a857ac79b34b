//! What programs write into an ONNX file beside its graph: names of classes, and what pictures it takes.

use std::collections::BTreeMap;

use serde_json::Value;

/// Keys under which programs put the names of classes, in this order.
const NAMES: [&str; 6] = ["names", "id2label", "labels", "classes", "class_names", "label_names"];

/// What is said of a network.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Said {
    /// The names of classes, in the order of their numbers.
    pub names: Option<Vec<String>>,
    /// Width and height of pictures.
    pub size: Option<[usize; 2]>,
    /// Whether Ultralytics has written it: pixels from 0 to 1 as they are, in a square cut from the middle.
    pub is_ultralytics: bool,
    /// What Ultralytics made it for, such as `classify` or `detect`.
    pub task: Option<String>,
}

/// Reads a file's metadata.
pub(super) fn said(metadata: &BTreeMap<&str, &str>) -> Said {
    let value = |key: &str| metadata.get(key).copied().map(str::trim);
    let is_ultralytics = value("author") == Some("Ultralytics") || value("task").is_some() && value("stride").is_some();
    Said {
        names: NAMES.iter().find_map(|key| names(value(key)?)),
        size: value("imgsz").and_then(size),
        is_ultralytics,
        task: value("task").map(str::to_owned),
    }
}

/// Width and height of `[224, 128]`, rows first, or of the square `224`.
fn size(text: &str) -> Option<[usize; 2]> {
    let numbers = text.trim_matches(['[', ']', '(', ')']).split(',').map(|number| number.trim().parse().ok());
    let numbers: Option<Vec<usize>> = numbers.collect();
    match numbers?[..] {
        [side] => Some([side; 2]),
        [rows, columns] => Some([columns, rows]),
        _ => None,
    }
}

/// Names as JSON (a list, or an object by numbers), as Python writes either, or one after the other with commas or a line each.
fn names(text: &str) -> Option<Vec<String>> {
    let parsed = serde_json::from_str(text).ok().or_else(|| python(text));
    let found = match parsed {
        Some(Value::Array(all)) => all.into_iter().map(as_text).collect::<Option<Vec<String>>>()?,
        Some(Value::Object(all)) => {
            let numbered: Option<BTreeMap<usize, String>> =
                all.into_iter().map(|(key, name)| Some((key.trim().parse().ok()?, as_text(name)?))).collect();
            let numbered = numbered?;
            if !numbered.keys().copied().eq(0..numbered.len()) {
                return None;
            }
            numbered.into_values().collect()
        }
        Some(_) => return None,
        None if text.starts_with(['{', '[']) => return None,
        None => {
            let separator = if text.contains('\n') { '\n' } else { ',' };
            text.split(separator).map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
        }
    };
    (!found.is_empty()).then_some(found)
}

fn as_text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A dict or list of texts and numbers as Python writes it (`{0: 'tench', 1: "crow's nest"}`), as JSON.
fn python(text: &str) -> Option<Value> {
    let mut json = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    let mut before_key = false;
    while let Some(letter) = letters.next() {
        match letter {
            '\'' | '"' => {
                let mut inner = String::new();
                loop {
                    match letters.next()? {
                        '\\' => match letters.next()? {
                            'n' => inner.push('\n'),
                            't' => inner.push('\t'),
                            other => inner.push(other),
                        },
                        end if end == letter => break,
                        other => inner.push(other),
                    }
                }
                json += &Value::String(inner).to_string();
                before_key = false;
            }
            '{' | ',' => {
                json.push(letter);
                before_key = true;
            }
            '0'..='9' | '-' if before_key => {
                // A number that may be a key, which JSON has as text.
                let mut number = String::from(letter);
                while let Some(digit) = letters.next_if(|next| next.is_ascii_digit() || *next == '.') {
                    number.push(digit);
                }
                json += &Value::String(number).to_string();
                before_key = false;
            }
            '(' => json.push('['),
            ')' => json.push(']'),
            other => json.push(other),
        }
    }
    serde_json::from_str(&json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_python_and_json_write_them() {
        let expected = vec!["tench".to_owned(), "crow's nest".to_owned()];
        for text in [
            r#"{0: 'tench', 1: "crow's nest"}"#,
            r#"{0: 'tench', 1: 'crow\'s nest'}"#,
            r#"{"0": "tench", "1": "crow's nest"}"#,
            r#"["tench", "crow's nest"]"#,
            r#"['tench', "crow's nest"]"#,
            "tench, crow's nest",
            "tench\ncrow's nest\n",
        ] {
            assert_eq!(names(text), Some(expected.clone()), "{text}");
        }
        for text in ["{0: 'tench', 2: 'gap'}", "{0: 'cut", "[1, [2]]", ""] {
            assert_eq!(names(text), None, "{text}");
        }
    }

    #[test]
    fn ultralytics_says_its_size() {
        let metadata = [("author", "Ultralytics"), ("task", "classify"), ("imgsz", "[64, 64]")].into();
        let said = said(&metadata);
        assert!(said.is_ultralytics && said.size == Some([64; 2]) && said.names.is_none());
        assert_eq!((size("224"), size("[224, 320]"), size("x")), (Some([224; 2]), Some([320, 224]), None));
    }
}
