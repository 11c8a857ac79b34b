//! What the owner of a selection of X11 has: its clipboard, or what is dropped.

use std::time::{Duration, Instant};

use x11rb::{
    CURRENT_TIME, NONE,
    connection::Connection as _,
    protocol::{
        Event,
        xproto::{
            Atom, AtomEnum, ConnectionExt as _, CreateWindowAux, EventMask, Property, Timestamp, Window, WindowClass,
        },
    },
    rust_connection::RustConnection,
};

use super::offered::Offers;
use crate::imaging::MAX_FILE_BYTES;

/// How long the owner may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// Between looks at whether it has.
const PAUSE: Duration = Duration::from_millis(5);
/// Values of four bytes that are asked for at once.
const PIECE: u32 = 1 << 18;

/// A selection: a window of our own asks its owner, who writes what it has into a property of the window.
pub struct Selection {
    /// The connection that has the window.
    pub connection: RustConnection,
    /// The window.
    pub window: Window,
    /// When what is asked for was offered.
    pub time: Timestamp,
    selection: Atom,
    targets: Atom,
    incr: Atom,
    property: Atom,
}

impl Selection {
    /// The selection called `name` of a display by its name, or else of the usual one.
    ///
    /// # Errors
    /// There is no such display.
    pub fn new(display: Option<&str>, name: &str) -> Result<Self, Box<dyn std::error::Error>> {
        let (connection, screen) = x11rb::connect(display)?;
        let root = connection.setup().roots.get(screen).ok_or("no screen")?.root;
        let window = connection.generate_id()?;
        let events = CreateWindowAux::new().event_mask(EventMask::PROPERTY_CHANGE);
        connection.create_window(0, window, root, 0, 0, 1, 1, 0, WindowClass::INPUT_ONLY, 0, &events)?;
        let atom = |name: &str| {
            Ok::<_, Box<dyn std::error::Error>>(connection.intern_atom(false, name.as_bytes())?.reply()?.atom)
        };
        let [selection, targets, incr, property] =
            [atom(name)?, atom("TARGETS")?, atom("INCR")?, atom("IGOSCOPE_OFFERED")?];
        Ok(Self { connection, window, time: CURRENT_TIME, selection, targets, incr, property })
    }

    /// What atoms are called; those that are none, or no words, are left out.
    pub fn names(&self, atoms: impl IntoIterator<Item = Atom>) -> Vec<String> {
        let name = |atom| String::from_utf8(self.connection.get_atom_name(atom).ok()?.reply().ok()?.name).ok();
        atoms.into_iter().filter_map(name).collect()
    }

    /// What the owner has, as `target`.
    fn converted(&self, target: Atom) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
        let Self { connection, window, property, .. } = self;
        connection.convert_selection(*window, self.selection, target, *property, self.time)?;
        connection.flush()?;
        let given = self.wait(|event| match event {
            Event::SelectionNotify(event) if event.requestor == *window => Some(event.property),
            _ => None,
        })?;
        if given == NONE {
            return Err("there is no such form".into());
        }
        let (kind, mut bytes) = self.taken()?;
        if kind != self.incr {
            return Ok(bytes);
        }
        // In pieces, the last of which is empty; each is put there when the one before was taken.
        bytes.clear();
        loop {
            self.wait(|event| match event {
                Event::PropertyNotify(event) if event.atom == *property && event.state == Property::NEW_VALUE => {
                    Some(())
                }
                _ => None,
            })?;
            let (_, piece) = self.taken()?;
            if piece.is_empty() {
                return Ok(bytes);
            }
            bytes.extend(piece);
            if bytes.len() as u64 > MAX_FILE_BYTES {
                return Err("it is too large".into());
            }
        }
    }

    /// What stands in the property, and what it is; it is removed.
    fn taken(&self) -> Result<(Atom, Vec<u8>), Box<dyn std::error::Error>> {
        let (mut bytes, mut at) = (Vec::new(), 0);
        loop {
            let get = self.connection.get_property(false, self.window, self.property, AtomEnum::ANY, at, PIECE)?;
            let reply = get.reply()?;
            bytes.extend_from_slice(&reply.value);
            if reply.bytes_after == 0 || reply.value.is_empty() {
                self.connection.delete_property(self.window, self.property)?;
                self.connection.flush()?;
                return Ok((reply.type_, bytes));
            }
            at += PIECE;
        }
    }

    fn wait<T>(&self, wanted: impl Fn(&Event) -> Option<T>) -> Result<T, Box<dyn std::error::Error>> {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            match self.connection.poll_for_event()? {
                Some(event) => {
                    if let Some(found) = wanted(&event) {
                        return Ok(found);
                    }
                }
                None => std::thread::sleep(PAUSE),
            }
        }
        Err("its owner does not answer".into())
    }
}

impl Offers for Selection {
    fn forms(&mut self) -> Option<Vec<String>> {
        let atoms = self.converted(self.targets).ok()?;
        Some(self.names(atoms.as_chunks().0.iter().map(|bytes| u32::from_ne_bytes(*bytes))))
    }

    fn bytes(&mut self, form: &str) -> Option<Vec<u8>> {
        let target = self.connection.intern_atom(false, form.as_bytes()).ok()?.reply().ok()?.atom;
        self.converted(target).ok()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead as _, BufReader},
        process::{Child, Command, Stdio},
        thread,
    };

    use x11rb::{
        protocol::xproto::{ChangeWindowAttributesAux, PropMode, SELECTION_NOTIFY_EVENT, SelectionNotifyEvent},
        wrapper::ConnectionExt as _,
    };

    use super::*;

    /// A virtual display, if there is a program for it, and its name.
    fn display() -> Option<(Child, String)> {
        let mut server = Command::new("Xvfb");
        server.args(["-displayfd", "1", "-screen", "0", "64x64x24", "-nolisten", "tcp"]);
        let mut server = server.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
        let mut number = String::new();
        BufReader::new(server.stdout.take()?).read_line(&mut number).ok()?;
        Some((server, format!(":{}", number.trim())))
    }

    /// Owns the clipboard with a JPEG, and gives it in pieces, as large pictures are given.
    fn own(display: &str, jpeg: &[u8]) {
        let (connection, screen) = x11rb::connect(Some(display)).unwrap();
        let (window, root) = (connection.generate_id().unwrap(), connection.setup().roots[screen].root);
        let aux = CreateWindowAux::new();
        connection.create_window(0, window, root, 0, 0, 1, 1, 0, WindowClass::INPUT_ONLY, 0, &aux).unwrap();
        let atom = |name: &str| connection.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom;
        let [clipboard, targets, incr, form] = ["CLIPBOARD", "TARGETS", "INCR", "image/jpeg"].map(atom);
        connection.set_selection_owner(window, clipboard, CURRENT_TIME).unwrap();
        connection.flush().unwrap();
        let mut pieces = jpeg.chunks(1000).chain([&[][..]]);
        loop {
            match connection.wait_for_event().unwrap() {
                Event::SelectionRequest(asked) => {
                    let (to, property) = (asked.requestor, asked.property);
                    if asked.target == targets {
                        connection
                            .change_property32(PropMode::REPLACE, to, property, AtomEnum::ATOM, &[targets, form])
                            .unwrap();
                    } else {
                        let events = ChangeWindowAttributesAux::new().event_mask(EventMask::PROPERTY_CHANGE);
                        connection.change_window_attributes(to, &events).unwrap();
                        connection
                            .change_property32(PropMode::REPLACE, to, property, incr, &[jpeg.len() as u32])
                            .unwrap();
                    }
                    let told = SelectionNotifyEvent {
                        response_type: SELECTION_NOTIFY_EVENT,
                        sequence: 0,
                        time: asked.time,
                        requestor: to,
                        selection: asked.selection,
                        target: asked.target,
                        property,
                    };
                    connection.send_event(false, to, EventMask::NO_EVENT, told).unwrap();
                }
                Event::PropertyNotify(taken) if taken.state == Property::DELETE => {
                    let Some(piece) = pieces.next() else { return };
                    connection.change_property8(PropMode::REPLACE, taken.window, taken.atom, form, piece).unwrap();
                }
                _ => {}
            }
            connection.flush().unwrap();
        }
    }

    #[test]
    fn a_jpeg_is_had_from_an_x11_clipboard_in_pieces() {
        // Where there is no virtual display nothing can be tried.
        let Some((mut server, display)) = display() else { return };
        let jpeg: Vec<u8> = (0..4500).map(|number| (number % 251) as u8).collect();
        let (owned, name) = (jpeg.clone(), display.clone());
        let owner = thread::spawn(move || own(&name, &owned));
        let mut offers = Selection::new(Some(&display), "CLIPBOARD").unwrap();
        let start = Instant::now();
        let mut forms = offers.forms();
        while forms.is_none() && start.elapsed() < PATIENCE {
            forms = offers.forms();
        }
        assert_eq!(forms.unwrap_or_default(), ["TARGETS", "image/jpeg"]);
        assert_eq!(offers.bytes("image/jpeg"), Some(jpeg));
        owner.join().unwrap();
        server.kill().unwrap();
        server.wait().unwrap();
    }
}
