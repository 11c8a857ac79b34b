//! Whether the desktop is light or dark, where the window system does not tell.
//!
//! Neither X11 nor Wayland says it. The desktop's settings portal does (`org.freedesktop.appearance`, `color-scheme`),
//! on the session bus; it is asked by a job at the start and whenever the window is come back to.

use egui::{Context, Event, Theme};

use super::{Jobs, Outcome};

/// Asks again if the window was come back to since the last frame.
pub fn follow(ctx: &Context, jobs: &Jobs) {
    if ctx.input(|input| input.events.contains(&Event::WindowFocused(true))) {
        ask(jobs);
    }
}

/// Asks, where there is someone to ask.
pub fn ask(jobs: &Jobs) {
    if cfg!(target_os = "linux") {
        jobs.start("theme", || Outcome::SystemTheme(theme()));
    }
}

/// Draws as the desktop does, unless the window system tells, or the user chose.
pub fn take(ctx: &Context, theme: Option<Theme>) {
    ctx.options_mut(|options| options.fallback_theme = theme.unwrap_or(Theme::Dark));
}

#[cfg(target_os = "linux")]
fn theme() -> Option<Theme> {
    pollster::block_on(portal::color_scheme()).and_then(portal::theme_of)
}

#[cfg(not(target_os = "linux"))]
fn theme() -> Option<Theme> {
    None
}

#[cfg(target_os = "linux")]
mod portal {
    use egui::Theme;
    use zbus::zvariant::{OwnedValue, Value};

    /// The number that the portal gives; none where there is no bus or no portal on it.
    pub async fn color_scheme() -> Option<u32> {
        let bus = zbus::Connection::session().await.ok()?;
        let reply = bus
            .call_method(
                Some("org.freedesktop.portal.Desktop"),
                "/org/freedesktop/portal/desktop",
                Some("org.freedesktop.portal.Settings"),
                "Read",
                &("org.freedesktop.appearance", "color-scheme"),
            )
            .await
            .ok()?;
        let value: OwnedValue = reply.body().deserialize().ok()?;
        number(&value)
    }

    /// A number in however many wrappings: older portals wrap it twice.
    pub fn number(value: &Value<'_>) -> Option<u32> {
        match value {
            Value::U32(number) => Some(*number),
            Value::Value(inner) => number(inner),
            _ => None,
        }
    }

    /// What the portal's number means: 1 prefers dark, 2 light, and all else nothing.
    pub fn theme_of(number: u32) -> Option<Theme> {
        match number {
            1 => Some(Theme::Dark),
            2 => Some(Theme::Light),
            _ => None,
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use egui::Theme;
    use zbus::zvariant::Value;

    use crate::app::jobs::system_theme::portal::{number, theme_of};

    #[test]
    fn the_portals_number_is_read_in_any_wrapping_and_nothing_else_is() {
        let wrapped = Value::Value(Box::new(Value::Value(Box::new(Value::U32(2)))));
        assert_eq!(number(&wrapped).and_then(theme_of), Some(Theme::Light));
        assert_eq!(number(&Value::U32(1)).and_then(theme_of), Some(Theme::Dark));
        assert_eq!(number(&Value::U32(0)).and_then(theme_of), None);
        assert_eq!(number(&Value::from("light")), None);
    }
}
