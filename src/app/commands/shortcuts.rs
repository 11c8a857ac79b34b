//! The keyboard's shortcuts, each spelled here and nowhere else.

use egui::{Context, Key, KeyboardShortcut, Modifiers};

/// Where a shortcut is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Everywhere: it means nothing in a text.
    Anywhere,
    /// Everywhere but where text is typed, which takes it itself.
    OutsideText,
    /// Where no control has the keyboard: the control may take it itself.
    Unfocused,
    /// Not as a key: the system turns it into what is on the clipboard.
    Clipboard,
}

/// A shortcut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shortcut {
    /// Its keys.
    pub keys: KeyboardShortcut,
    /// Where it is heard.
    pub reach: Reach,
}

/// Shortcuts that ask for the same, the one to show first.
pub type Shortcuts = &'static [Shortcut];

const NONE: Modifiers = Modifiers::NONE;
const COMMAND: Modifiers = Modifiers::COMMAND;
const COMMAND_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

const fn anywhere(modifiers: Modifiers, key: Key) -> Shortcut {
    Shortcut { keys: KeyboardShortcut::new(modifiers, key), reach: Reach::Anywhere }
}

const fn outside_text(modifiers: Modifiers, key: Key) -> Shortcut {
    Shortcut { keys: KeyboardShortcut::new(modifiers, key), reach: Reach::OutsideText }
}

const fn plain(key: Key) -> Shortcut {
    Shortcut { keys: KeyboardShortcut::new(NONE, key), reach: Reach::Unfocused }
}

/// Choose pictures.
pub const OPEN: Shortcuts = &[anywhere(COMMAND, Key::O)];
/// Explain what is on the clipboard.
pub const PASTE: Shortcuts = &[Shortcut { keys: KeyboardShortcut::new(COMMAND, Key::V), reach: Reach::Clipboard }];
/// The picture before in the filmstrip.
pub const PREVIOUS_PICTURE: Shortcuts = &[plain(Key::PageUp)];
/// The next picture in the filmstrip.
pub const NEXT_PICTURE: Shortcuts = &[plain(Key::PageDown)];
/// Close the picture on the wall.
pub const CLOSE_PICTURE: Shortcuts = &[anywhere(COMMAND, Key::W)];
/// Explain again.
pub const RUN: Shortcuts = &[anywhere(COMMAND, Key::R)];
/// Hold the run, or let it go on.
pub const PAUSE: Shortcuts = &[plain(Key::Space)];
/// End the run, or leave what is in front: the comparison, an enlarged tile, the layout for a projector.
pub const STOP: Shortcuts = &[plain(Key::Escape)];
/// The list of models.
pub const MODELS: Shortcuts = &[anywhere(COMMAND, Key::M)];
/// Put the keyboard in the search for classes.
pub const FIND_CLASS: Shortcuts = &[anywhere(COMMAND, Key::F)];
/// What a tile shows, in the order of the styles.
pub const STYLES: [Shortcuts; 6] = [
    &[plain(Key::Num1)],
    &[plain(Key::Num2)],
    &[plain(Key::Num3)],
    &[plain(Key::Num4)],
    &[plain(Key::Num5)],
    &[plain(Key::Num6)],
];
/// Show the charts or not.
pub const CHARTS: Shortcuts = &[plain(Key::C)];
/// Play through the iterations, or stop.
pub const PLAY: Shortcuts = &[plain(Key::P)];
/// An iteration back.
pub const PREVIOUS_ITERATION: Shortcuts = &[plain(Key::ArrowLeft)];
/// An iteration on.
pub const NEXT_ITERATION: Shortcuts = &[plain(Key::ArrowRight)];
/// The first iteration.
pub const FIRST_ITERATION: Shortcuts = &[plain(Key::Home)];
/// The newest iteration.
pub const NEWEST_ITERATION: Shortcuts = &[plain(Key::End)];
/// Take the last change of a parameter back.
pub const UNDO: Shortcuts = &[outside_text(COMMAND, Key::Z)];
/// Make it again.
pub const REDO: Shortcuts = &[outside_text(COMMAND_SHIFT, Key::Z), outside_text(COMMAND, Key::Y)];
/// Save the run.
pub const SAVE: Shortcuts = &[anywhere(COMMAND, Key::S)];
/// Everything larger. With +, many keyboards need shift, so = does as well.
pub const LARGER: Shortcuts = &[anywhere(COMMAND, Key::Plus), anywhere(COMMAND, Key::Equals)];
/// Everything smaller.
pub const SMALLER: Shortcuts = &[anywhere(COMMAND, Key::Minus)];
/// Everything at its usual size.
pub const USUAL_SIZE: Shortcuts = &[anywhere(COMMAND, Key::Num0)];
/// Show the side, or hide it. B alone moves the caret in some texts.
pub const SIDE: Shortcuts = &[outside_text(COMMAND, Key::B)];
/// Fill the screen with the window, or do not.
pub const FULL_SCREEN: Shortcuts = &[anywhere(NONE, Key::F11)];
/// Lay the window out for a projector.
pub const PRESENT: Shortcuts = &[anywhere(NONE, Key::F5)];
/// Lay it out as usual again.
pub const LEAVE_PRESENTING: Shortcuts = &[anywhere(NONE, Key::F5), plain(Key::Escape)];
/// Open the log, or close it.
pub const LOG: Shortcuts = &[plain(Key::L)];
/// Find anything by its name. In a text, the first is the system's.
pub const PALETTE: Shortcuts = &[outside_text(COMMAND, Key::K), anywhere(COMMAND_SHIFT, Key::P)];
/// All shortcuts.
pub const SHEET: Shortcuts = &[plain(Key::Questionmark), anywhere(NONE, Key::F1)];
/// Close the window.
pub const QUIT: Shortcuts = &[anywhere(COMMAND, Key::Q)];

impl Shortcut {
    /// Its keys as they are written on this system, and on most keyboards.
    pub fn words(&self, ctx: &Context) -> String {
        let key = self.keys.logical_key;
        let name = match key {
            Key::Plus => "+".to_owned(),
            Key::Minus => "−".to_owned(),
            Key::Equals => "=".to_owned(),
            Key::Questionmark => "?".to_owned(),
            Key::Escape => text!("key-escape"),
            Key::Space => text!("key-space"),
            Key::Home => text!("key-home"),
            Key::End => text!("key-end"),
            Key::PageUp => text!("key-page-up"),
            Key::PageDown => text!("key-page-down"),
            Key::ArrowLeft => text!("key-left"),
            Key::ArrowRight => text!("key-right"),
            _ => key.name().to_owned(),
        };
        let whole = ctx.format_shortcut(&self.keys);
        let before = whole.strip_suffix(key.name()).or_else(|| whole.strip_suffix(key.symbol_or_name()));
        let Some(before) = before else { return whole };
        // As egui calls them where they have no symbols.
        let before = before.replace("Ctrl", &text!("key-control")).replace("Shift", &text!("key-shift"));
        format!("{before}{name}")
    }
}

/// The shortcuts as they are written on this system.
pub fn words(ctx: &Context, shortcuts: Shortcuts) -> String {
    let words = shortcuts.iter().map(|shortcut| shortcut.words(ctx));
    words.reduce(|one, other| text!("keys-or", one = one, other = other)).unwrap_or_default()
}

/// What a control does, with its first shortcut.
pub fn hint(ctx: &Context, help: &str, shortcuts: Shortcuts) -> String {
    match shortcuts.first() {
        Some(shortcut) => text!("keys-hint", help = help, keys = shortcut.words(ctx)),
        None => help.to_owned(),
    }
}
