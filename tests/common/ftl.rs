//! Files of messages taken apart: what is in them, and a language made of English for the eye of a test.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Message, Pattern, PatternElement, Resource},
    parser, serializer,
};

/// Begins what is a message's own.
pub const BEGIN: char = '«';
/// Ends it.
pub const END: char = '»';

/// A message, or one of its attributes.
pub type Part = (String, Option<String>);

/// A file's messages.
///
/// # Panics
/// It is no such file.
pub fn parsed(text: &str) -> Resource<String> {
    parser::parse(text.to_owned()).unwrap_or_else(|(_, errors)| panic!("{errors:?}"))
}

fn messages(resource: &Resource<String>) -> impl Iterator<Item = &Message<String>> {
    resource.body.iter().filter_map(|entry| if let Entry::Message(message) = entry { Some(message) } else { None })
}

/// Every message and attribute with the names of its arguments.
pub fn arguments(text: &str) -> BTreeMap<Part, BTreeSet<String>> {
    let mut all = BTreeMap::new();
    for message in messages(&parsed(text)) {
        let value = message.value.iter().map(|pattern| (None, pattern));
        let attributes = message.attributes.iter().map(|own| (Some(own.id.name.clone()), &own.value));
        for (attribute, pattern) in value.chain(attributes) {
            let mut names = BTreeSet::new();
            gather(pattern, &mut names);
            let is_comment = |element: &PatternElement<String>| matches!(element, PatternElement::TextElement { value } if value.starts_with('#'));
            assert!(!pattern.elements.iter().any(is_comment), "{}: a comment is part of the text", message.id.name);
            let known = all.insert((message.id.name.clone(), attribute.clone()), names);
            assert!(known.is_none(), "{} {attribute:?} is there twice", message.id.name);
        }
    }
    all
}

fn gather(pattern: &Pattern<String>, names: &mut BTreeSet<String>) {
    let mut name = |inline: &InlineExpression<String>| {
        if let InlineExpression::VariableReference { id } = inline {
            names.insert(id.name.clone());
        }
    };
    let mut variants = Vec::new();
    for element in &pattern.elements {
        match element {
            PatternElement::Placeable { expression: Expression::Inline(inline) } => name(inline),
            PatternElement::Placeable { expression: Expression::Select { selector, variants: own } } => {
                name(selector);
                variants.extend(own);
            }
            PatternElement::TextElement { .. } => {}
        }
    }
    for variant in variants {
        gather(&variant.value, names);
    }
}

/// What another language's file says that English has not: a message, an attribute or an argument.
pub fn faults(english: &str, other: &str) -> Vec<String> {
    let known = arguments(english);
    let mut faults = Vec::new();
    for (part, names) in arguments(other) {
        match known.get(&part) {
            Some(own) => faults.extend(names.difference(own).map(|name| format!("{part:?} has no ${name}"))),
            None => faults.push(format!("{part:?} is not in English")),
        }
    }
    faults
}

/// The same file with marks around every piece of text that has letters; what is put in stays outside of them.
pub fn marked(text: &str) -> String {
    let mut resource = parsed(text);
    for entry in &mut resource.body {
        if let Entry::Message(message) = entry {
            let values = message.attributes.iter_mut().map(|own| &mut own.value);
            message.value.iter_mut().chain(values).for_each(mark);
        }
    }
    serializer::serialize(&resource)
}

fn mark(pattern: &mut Pattern<String>) {
    for element in &mut pattern.elements {
        match element {
            PatternElement::TextElement { value } if value.contains(char::is_alphabetic) => {
                let line = value.trim_end_matches('\n');
                *value = format!("{BEGIN}{line}{END}{}", &value[line.len()..]);
            }
            PatternElement::Placeable { expression: Expression::Select { variants, .. } } => {
                variants.iter_mut().for_each(|variant| mark(&mut variant.value));
            }
            _ => {}
        }
    }
}

/// What of a text is outside of the marks, in pieces.
pub fn unmarked(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(begin) = rest.find(BEGIN) {
        pieces.push(&rest[..begin]);
        // What was cut by a lack of room has no end.
        let end = rest[begin..].find(END).map_or(rest.len(), |end| begin + end + END.len_utf8());
        rest = &rest[end..];
    }
    pieces.push(rest);
    pieces
}
