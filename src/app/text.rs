//! The window's words: the messages in `assets/text`, in the language that the system asks for if there is one, else in
//! English.

use std::sync::LazyLock;

use i18n_embed::{
    DesktopLanguageRequester, I18nAssets, I18nEmbedError, LanguageLoader as _,
    fluent::{FluentLanguageLoader, fluent_language_loader},
    unic_langid::{CharacterDirection, LanguageIdentifier},
};
use rust_embed::RustEmbed;

/// Every translation there is: a folder each, named by its language.
#[derive(RustEmbed)]
#[folder = "assets/text"]
struct Translations;

/// English until another language is spoken.
pub static LOADER: LazyLock<FluentLanguageLoader> = LazyLock::new(|| {
    let loader = fluent_language_loader!();
    let english = loader.fallback_language().clone();
    tell(load(&loader, &Translations, &[english]));
    loader
});

/// A message of `assets/text` with its arguments, `text!("id", name = value)`, or one of its attributes,
/// `text!("id", "attribute", name = value)`. What there is not does not compile.
macro_rules! text {
    ($id:literal $(, $attribute:literal)? $(, $name:ident = $value:expr)* $(,)?) => {
        ::i18n_embed_fl::fl!($crate::app::text::LOADER, $id $(, $attribute)? $(, $name = ($value))*)
    };
}

/// The message that an entry of a table has the name of.
pub fn get(id: &str) -> String {
    LOADER.get(id)
}

/// The message of this name, or other words where there is none.
pub fn get_or(id: &str, otherwise: impl FnOnce() -> String) -> String {
    if has(id) { get(id) } else { otherwise() }
}

/// An attribute of a message, or other words where there is none.
pub fn attribute_or(id: &str, name: &str, otherwise: impl FnOnce() -> String) -> String {
    if has_attribute(id, name) { attribute(id, name) } else { otherwise() }
}

/// Whether there is a message of this name.
pub fn has(id: &str) -> bool {
    LOADER.has(id)
}

/// Whether that message has this attribute.
pub fn has_attribute(id: &str, attribute: &str) -> bool {
    LOADER.has_attr(id, attribute)
}

/// An attribute of that message.
pub fn attribute(id: &str, attribute: &str) -> String {
    LOADER.get_attr(id, attribute)
}

/// Speaks the language that the system asks for, if there is a translation. Windows that are open keep what they said.
pub fn speak_as_the_system() {
    let asked = DesktopLanguageRequester::requested_languages();
    tell(i18n_embed::select(&*LOADER, &Translations, &asked).map(|_| isolate(&LOADER)));
}

/// Speaks the first of `languages`, and of what it lacks the next one, as `translations` have them.
///
/// # Errors
/// There is no English among them, or a file that is not UTF-8.
pub fn speak(translations: &dyn I18nAssets, languages: &[LanguageIdentifier]) -> Result<(), I18nEmbedError> {
    load(&LOADER, translations, languages)
}

fn load(
    loader: &FluentLanguageLoader,
    translations: &dyn I18nAssets,
    languages: &[LanguageIdentifier],
) -> Result<(), I18nEmbedError> {
    loader.load_languages(translations, languages)?;
    isolate(loader);
    Ok(())
}

/// Marks what is put into a message for text of both directions, only where a language is written from right to left.
fn isolate(loader: &FluentLanguageLoader) {
    let is_mixed = loader.current_language().character_direction() == CharacterDirection::RTL;
    loader.set_use_isolating(is_mixed);
}

/// A translation that cannot be read is a fault of the build: the program goes on with the words it has.
fn tell(result: Result<(), I18nEmbedError>) {
    if let Err(error) = result {
        tracing::error!("the window's words cannot be read: {error}");
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::imaging::SAMPLES;

    /// English, German and Arabic of one message.
    struct Few;

    impl I18nAssets for Few {
        fn get_files(&self, file_path: &str) -> Vec<Cow<'_, [u8]>> {
            let text = match file_path {
                "de/igoscope.ftl" => "run = Los\n",
                "ar/igoscope.ftl" => "run = \u{634}\nrun-title = \u{634} { $number }\n",
                "en/igoscope.ftl" => "run = Run\n    .help = Again\nrun-title = Run { $number }\n",
                _ => return Vec::new(),
            };
            vec![Cow::Borrowed(text.as_bytes())]
        }

        fn filenames_iter(&self) -> Box<dyn Iterator<Item = String> + '_> {
            Box::new(["de", "ar", "en"].into_iter().map(|language| format!("{language}/igoscope.ftl")))
        }
    }

    /// What is said in a language: a title, a help, and a number in a title.
    fn said(languages: &[&str]) -> [String; 3] {
        let loader = fluent_language_loader!();
        let languages: Vec<LanguageIdentifier> = languages.iter().filter_map(|name| name.parse().ok()).collect();
        assert!(i18n_embed::select(&loader, &Few, &languages).is_ok());
        isolate(&loader);
        let number = std::collections::HashMap::from([("number", 1234)]);
        [loader.get("run"), loader.get_attr("run", "help"), loader.get_args("run-title", number)]
    }

    #[test]
    fn the_language_asked_for_is_spoken_and_what_it_lacks_is_said_in_english() {
        assert_eq!(said(&["de-AT", "fr"]), ["Los", "Again", "Run 1234"]);
        assert_eq!(said(&["fr"]), ["Run", "Again", "Run 1234"], "there is no French");
        assert_eq!(said(&[]), ["Run", "Again", "Run 1234"], "the system may not tell");
    }

    #[test]
    fn what_is_put_in_is_isolated_only_where_text_goes_both_ways() {
        assert_eq!(said(&["ar"])[2], "\u{634} \u{2068}1234\u{2069}");
    }

    #[test]
    fn every_sample_has_its_message() {
        assert!(SAMPLES.iter().all(|sample| LOADER.has(&format!("sample-{}", sample.name))));
    }
}
