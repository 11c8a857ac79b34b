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
