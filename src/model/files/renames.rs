//! One program's names of tensors in another's, by patterns.
//!
//! What one program keeps as several tensors, another may keep as one: `attn.qkv[1].weight` is the second part of
//! `attn.qkv.weight`, along the first dimension, parts being counted from 0.

/// The new name of `name`, by the first of some patterns that its beginning fits: an old beginning and a new one, in
/// which `#` stands for a number; numbers keep their order. A beginning ends where a name's part does.
pub(crate) fn rename(patterns: &[(&str, &str)], name: &str) -> Option<String> {
    patterns.iter().find_map(|(old, new)| {
        let (numbers, rest) = fit(old, name)?;
        let mut numbers = numbers.into_iter();
        let mut renamed = String::new();
        for (index, part) in new.split('#').enumerate() {
            if index > 0 {
                renamed.push_str(numbers.next()?);
            }
            renamed.push_str(part);
        }
        renamed.push_str(rest);
        Some(renamed)
    })
}

/// The name of the whole tensor that a name is a part of, and which part: of most, the first and only one.
pub(crate) fn whole(name: String) -> (String, usize) {
    let part = name.split_once('[').and_then(|(before, rest)| {
        let (number, after) = rest.split_once(']')?;
        Some((format!("{before}{after}"), number.parse().ok()?))
    });
    part.unwrap_or((name, 0))
}

/// The numbers in a name that begins with a pattern, and what follows.
fn fit<'a>(pattern: &str, name: &'a str) -> Option<(Vec<&'a str>, &'a str)> {
    let mut numbers = Vec::new();
    let mut rest = name;
    for (index, part) in pattern.split('#').enumerate() {
        if index > 0 {
            let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
            numbers.push(&rest[..end]);
            rest = &rest[end..];
        }
        rest = rest.strip_prefix(part)?;
    }
    let ends = rest.is_empty() || rest.starts_with('.');
    (ends && numbers.iter().all(|number| !number.is_empty())).then_some((numbers, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_places_what_follows_stays_and_parts_know_their_whole() {
        let patterns = [("encoder.layer_#.ln", "blocks.#.norm"), ("a.#.b.#", "x.#.#")];
        assert_eq!(rename(&patterns, "encoder.layer_11.ln.weight").as_deref(), Some("blocks.11.norm.weight"));
        assert_eq!(rename(&patterns, "a.3.b.14.bias").as_deref(), Some("x.3.14.bias"));
        assert_eq!(whole("blocks.3.attn.qkv[2].bias".to_owned()), ("blocks.3.attn.qkv.bias".to_owned(), 2));
        for name in ["blocks.3.attn.qkv.bias", "odd[", "odd[x].weight", "]odd["] {
            assert_eq!(whole(name.to_owned()), (name.to_owned(), 0));
        }
        for stranger in ["encoder.layer_11.ln_2.weight", "encoder.layer_.ln", "blocks.1.norm", ""] {
            assert_eq!(rename(&patterns, stranger), None, "{stranger}");
        }
    }
}
