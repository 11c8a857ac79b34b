//! What a user says of a network, written into its manifest: other keys that are there stay as they are, with comments.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::Path,
};

use toml::de::DeTable;

use super::{Manifest, text};

/// Says `keys` with their values in the manifest at `path`, which is made if it is not there.
///
/// # Errors
/// What is there is no manifest, or it cannot be read or written.
pub(crate) fn say(path: &Path, keys: &[(&'static str, String)]) -> Result<(), String> {
    let before = if path.try_exists().map_err(|error| error.to_string())? { Some(text(path)?) } else { None };
    let after = with_keys(before.as_deref().unwrap_or_default(), keys)?;
    // What is written is read at the next start.
    let manifest: Manifest = toml::from_str(&after).map_err(|error| error.message().to_owned())?;
    manifest.checked()?;
    let written = match before {
        None => OpenOptions::new().write(true).create_new(true).open(path).and_then(|mut file| {
            file.write_all(after.as_bytes())?;
            file.sync_all()
        }),
        // Never half of it, whatever happens meanwhile.
        Some(_) => fs::canonicalize(path).and_then(|path| {
            let part = path.with_added_extension("part");
            fs::write(&part, &after)?;
            fs::rename(&part, &path).inspect_err(|_| {
                let _ = fs::remove_file(&part);
            })
        }),
    };
    written.map_err(|error| error.to_string())
}

/// A manifest in which these keys have these values: in the place of those before, or at its end.
fn with_keys(before: &str, keys: &[(&'static str, String)]) -> Result<String, String> {
    let table = DeTable::parse(before).map_err(|error| error.message().to_owned())?;
    let mut after = before.to_owned();
    let mut replaced: Vec<_> = Vec::new();
    let mut added = String::new();
    for (key, value) in keys {
        match table.get_ref().get(*key) {
            Some(own) => replaced.push((own.span(), value)),
            None => added.extend([key, " = ", value.as_str(), "\n"]),
        }
    }
    // From the end, so that places before stay where they are.
    replaced.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    for (span, value) in replaced {
        after.replace_range(span, value);
    }
    if !added.is_empty() && !after.is_empty() && !after.ends_with('\n') {
        after.push('\n');
    }
    Ok(after + &added)
}

/// A text as TOML has it.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            letter if letter.is_control() => quoted += &format!("\\u{:04X}", u32::from(letter)),
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_take_the_place_of_those_before_and_the_rest_stays_with_its_comments() {
        let keys = [("mean", "[0.5, 0.5, 0.5]".to_owned()), ("output", quoted("a \"b\\\n"))];
        let before = "# Mine.\ntitle = \"Birds\"\nmean = [\n  0.1, # red\n  0.2, 0.3\n] # of pixels\nhead = 'sigmoid'";
        let after = with_keys(before, &keys).unwrap();
        let expected = "# Mine.\ntitle = \"Birds\"\nmean = [0.5, 0.5, 0.5] # of pixels\nhead = 'sigmoid'\noutput = \"a \
                        \\\"b\\\\\\u000A\"\n";
        assert_eq!(after, expected);
        let read: Manifest = toml::from_str(&after).unwrap();
        assert_eq!((read.mean, read.output.as_deref()), (Some([0.5; 3].into()), Some("a \"b\\\n")));
        assert_eq!(with_keys(&after, &keys).unwrap(), after, "said again, nothing changes");
        assert_eq!(with_keys("", &keys[..1]).unwrap(), "mean = [0.5, 0.5, 0.5]\n");
    }

    #[test]
    fn what_is_no_manifest_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("birds.toml");
        let keys = [("head", quoted("sigmoid"))];
        for before in ["mean = [", "[package]\nname = \"birds\"\n", "input_size = 3\n"] {
            fs::write(&path, before).unwrap();
            assert!(!say(&path, &keys).unwrap_err().is_empty());
            assert_eq!(fs::read_to_string(&path).unwrap(), before);
        }
        fs::remove_file(&path).unwrap();
        say(&path, &keys).unwrap();
        say(&path, &keys).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "head = \"sigmoid\"\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
        say(&folder.path().join("no such folder/birds.toml"), &keys).unwrap_err();
    }
}
