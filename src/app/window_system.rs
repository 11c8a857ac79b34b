//! Which window system the window is opened on, where Linux has two.
//!
//! In a Wayland session that is Wayland, unless nothing can be dropped there and XWayland is at hand.

use std::env;

use eframe::EventLoopBuilderHook;
use egui_winit::winit::platform::{wayland::EventLoopBuilderExtWayland as _, x11::EventLoopBuilderExtX11 as _};
use wayland_client::{
    ConnectError, Connection, Dispatch, Proxy as _, QueueHandle,
    globals::{GlobalListContents, registry_queue_init},
    protocol::{
        wl_data_device_manager::WlDataDeviceManager,
        wl_registry::{self, WlRegistry},
    },
};

/// The environment variable that says which it is to be: `wayland` or `x11`.
pub const VARIABLE: &str = "IGOSCOPE_WINDOW_SYSTEM";

/// A window system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WindowSystem {
    Wayland,
    X11,
}

/// What was chosen.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// The window system; none where there is nothing to choose.
    system: Option<WindowSystem>,
    /// What there is to say of it.
    pub remark: Option<String>,
}

impl Choice {
    /// What tells eframe of it.
    pub fn hook(&self) -> Option<EventLoopBuilderHook> {
        let system = self.system?;
        Some(Box::new(move |builder| {
            match system {
                WindowSystem::Wayland => builder.with_wayland(),
                WindowSystem::X11 => builder.with_x11(),
            };
        }))
    }
}

/// Chooses by the environment, and by what the session can do.
pub fn choose() -> Choice {
    let asked = env::var(VARIABLE).ok();
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    // A socket that is handed over can be used once only, and is the window's.
    let is_askable = is_set("WAYLAND_DISPLAY") && env::var_os("WAYLAND_SOCKET").is_none();
    let lack = || is_askable.then(|| lack(Connection::connect_to_env())).flatten();
    let choice = chosen(asked.as_deref(), lack, || x11rb::connect(None).is_ok());
    if let Some(remark) = &choice.remark {
        tracing::warn!("{remark}");
    }
    choice
}

/// What is chosen if `asked` is asked for, `lack` says why nothing can be dropped in the Wayland session, and `has_x11`
/// whether there is X11.
fn chosen(asked: Option<&str>, lack: impl FnOnce() -> Option<String>, has_x11: impl FnOnce() -> bool) -> Choice {
    match asked {
        Some("wayland") => return Choice { system: Some(WindowSystem::Wayland), remark: None },
        Some("x11") => return Choice { system: Some(WindowSystem::X11), remark: None },
        _ => {}
    }
    let unknown = asked.filter(|asked| !asked.is_empty());
    let unknown = unknown.map(|asked| text!("window-system-unknown", variable = VARIABLE, value = asked.to_owned()));
    let Some(why) = lack() else { return Choice { system: None, remark: unknown } };
    if has_x11() {
        let remark = text!("window-system-x11", why = why, variable = VARIABLE);
        Choice { system: Some(WindowSystem::X11), remark: Some(remark) }
    } else {
        Choice { system: None, remark: Some(text!("window-system-no-drops", why = why)) }
    }
}

/// Why nothing can be dropped on a window of the session that this is a connection to, if so.
fn lack(connection: Result<Connection, ConnectError>) -> Option<String> {
    let unanswered = |error: &dyn std::error::Error| Some(text!("window-system-silent", why = error.to_string()));
    let connection = match connection {
        Ok(connection) => connection,
        Err(error) => return unanswered(&error),
    };
    let globals = match registry_queue_init::<Asked>(&connection) {
        Ok((globals, _)) => globals,
        Err(error) => return unanswered(&error),
    };
    let drops = WlDataDeviceManager::interface().name;
    let has_drops = globals.contents().with_list(|globals| globals.iter().any(|global| global.interface == drops));
    (!has_drops).then(|| text!("window-system-no-drags", protocol = drops))
}

/// Asks what there is, once.
struct Asked;

impl Dispatch<WlRegistry, GlobalListContents> for Asked {
    fn event(
        _: &mut Self,
        _: &WlRegistry,
        _: wl_registry::Event,
        _: &GlobalListContents,
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        os::unix::net::UnixStream,
        thread,
    };

    use super::*;

    /// A message as Wayland's wire has it: of which object, which event, and its arguments.
    fn message(object: u32, event: u32, arguments: &[u8]) -> Vec<u8> {
        let size = 8 + arguments.len() as u32;
        [object, event | size << 16].into_iter().flat_map(u32::to_ne_bytes).chain(arguments.iter().copied()).collect()
    }

    /// A connection to a compositor that has these globals and nothing else.
    fn compositor(globals: &'static [&'static str]) -> Connection {
        let (own, mut other) = UnixStream::pair().unwrap();
        thread::spawn(move || {
            // wl_display.get_registry and wl_display.sync, each with the number of what it makes.
            let mut asked = [0; 24];
            other.read_exact(&mut asked).unwrap();
            let number = |at: usize| u32::from_ne_bytes(asked[at..at + 4].try_into().unwrap());
            let (registry, callback) = (number(8), number(20));
            for (name, interface) in (1_u32..).zip(globals) {
                let text = [interface.as_bytes(), &[0; 4][interface.len() % 4..]].concat();
                let length = interface.len() as u32 + 1;
                let arguments = [&name.to_ne_bytes()[..], &length.to_ne_bytes(), &text, &1_u32.to_ne_bytes()].concat();
                other.write_all(&message(registry, 0, &arguments)).unwrap();
            }
            other.write_all(&message(callback, 0, &0_u32.to_ne_bytes())).unwrap();
            // Open until the other end is closed.
            let _ = other.read(&mut asked);
        });
        Connection::from_socket(own).unwrap()
    }

    #[test]
    fn a_compositor_is_asked_whether_anything_can_be_dropped() {
        assert_eq!(lack(Ok(compositor(&["wl_compositor", "wl_data_device_manager", "wl_seat"]))), None);
        let why = lack(Ok(compositor(&["wl_compositor", "wl_seat"]))).unwrap();
        assert!(why.contains("wl_data_device_manager"), "{why}");
        let silent = lack(Err(ConnectError::NoCompositor)).unwrap();
        assert!(silent.contains(&ConnectError::NoCompositor.to_string()), "{silent}");
        let (own, other) = UnixStream::pair().unwrap();
        drop(other);
        assert!(Connection::from_socket(own).is_ok_and(|gone| lack(Ok(gone)).is_some()));
    }

    #[test]
    fn x11_is_chosen_only_where_it_is_there_and_wayland_cannot_drop_and_then_it_is_said_why() {
        let lacking = || Some("there is nothing to drop by".to_owned());
        assert_eq!(chosen(None, || None, || true), Choice::default());
        let Choice { system, remark } = chosen(None, lacking, || true);
        assert_eq!(system, Some(WindowSystem::X11));
        let remark = remark.unwrap();
        assert!(remark.contains("there is nothing to drop by") && remark.contains(VARIABLE), "{remark}");
        let Choice { system, remark } = chosen(None, lacking, || false);
        assert_eq!(system, None);
        assert!(remark.unwrap().contains("there is nothing to drop by"));
    }

    #[test]
    fn who_asks_for_a_window_system_has_it_and_what_is_none_is_told() {
        let lacking = || Some(String::new());
        for (asked, system) in [("wayland", WindowSystem::Wayland), ("x11", WindowSystem::X11)] {
            assert_eq!(chosen(Some(asked), lacking, || true), Choice { system: Some(system), remark: None });
        }
        assert_eq!(chosen(Some(""), || None, || true), Choice::default());
        let Choice { system, remark } = chosen(Some("mir"), || None, || true);
        assert_eq!(system, None);
        assert!(remark.unwrap().contains("mir"));
    }
}
