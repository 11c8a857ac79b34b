//! One program's names of tensors in another's, by patterns.

/// The new name of `name`, by the first of some patterns that its beginning fits: an old beginning and a new one, in
/// which `#` stands for a number; numbers keep their order. A beginning ends where a name's part does.
pub(super) fn rename(patterns: &[(&str, &str)], name: &str) -> Option<String> {
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
    fn numbers_keep_their_places_and_what_follows_stays() {
        let patterns = [("encoder.layer_#.ln", "blocks.#.norm"), ("a.#.b.#", "x.#.#")];
        assert_eq!(rename(&patterns, "encoder.layer_11.ln.weight").as_deref(), Some("blocks.11.norm.weight"));
        assert_eq!(rename(&patterns, "a.3.b.14.bias").as_deref(), Some("x.3.14.bias"));
        for stranger in ["encoder.layer_11.ln_2.weight", "encoder.layer_.ln", "blocks.1.norm", ""] {
            assert_eq!(rename(&patterns, stranger), None, "{stranger}");
        }
    }
}
