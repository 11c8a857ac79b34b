//! A server that speaks the hub's paths, with faults to order.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};

pub const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// What the server does wrong, once.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// Closes the connection after so many bytes of content.
    Cut(usize),
    /// Answers with a status and nothing else.
    Status(u16),
    /// Sends the whole content, whatever part was asked for.
    NoRanges,
    /// Sends other bytes.
    Garbled,
    /// Sends so many bytes, and then nothing until the server is dropped.
    Stall(usize),
    /// Sends some more bytes than it announced.
    TooLong,
}

/// What the hub holds.
#[derive(Debug, Clone)]
pub struct Content {
    pub bytes: Arc<Vec<u8>>,
    pub etag: String,
    /// A name that the repository had before.
    pub renamed_from: Option<String>,
}

/// How the server differs from the hub.
#[derive(Debug, Clone, Default)]
pub struct Manner {
    /// It has the files itself, and tells what it is said to.
    pub mirror: Option<Mirror>,
    /// It sends everybody to this hub.
    pub redirects_to: Option<String>,
    /// It knows no token, and refuses whoever has one.
    pub refuses_tokens: bool,
    /// It speaks TLS, with the certificate in `tests/fixtures/tls`.
    pub tls: bool,
}

/// What a mirror tells of a file.
#[derive(Debug, Clone, Copy, Default)]
pub struct Mirror {
    pub etag: bool,
    pub length: bool,
    /// It sends pieces, each with its length, and the end.
    pub chunked: bool,
}

/// A request as it came: method, path, and the headers that matter.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub range: Option<String>,
    pub has_token: bool,
    /// Whether there is any.
    pub has_some_token: bool,
}

pub struct Server {
    pub endpoint: String,
    port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
    closing: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    content: Content,
    /// For answers about the file, and for its bytes.
    faults: Mutex<[VecDeque<Fault>; 2]>,
    seen: Arc<Mutex<Vec<Seen>>>,
    closing: Arc<AtomicBool>,
    port: u16,
    manner: Manner,
}

impl Server {
    /// A hub with one file, under every name; `told` are faults of what is said of it, `sent` of its bytes.
    pub fn start(content: Content, told: &[Fault], sent: &[Fault]) -> Self {
        Self::start_as(Manner::default(), content, told, sent)
    }

    /// One that differs from the hub.
    pub fn start_as(manner: Manner, content: Content, told: &[Fault], sent: &[Fault]) -> Self {
        let scheme = if manner.tls { "https" } else { "http" };
        let tls = manner.tls.then(tls_config);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (seen, closing) = (Arc::new(Mutex::default()), Arc::new(AtomicBool::new(false)));
        let faults = Mutex::new([told.iter().cloned().collect(), sent.iter().cloned().collect()]);
        let (own_seen, own_closing) = (Arc::clone(&seen), Arc::clone(&closing));
        let shared = Arc::new(Shared { content, faults, seen: own_seen, closing: own_closing, port, manner });
        let thread = thread::spawn(move || {
            let mut connections = Vec::new();
            for stream in listener.incoming() {
                if shared.closing.load(Ordering::SeqCst) {
                    break;
                }
                let (shared, stream, tls) = (Arc::clone(&shared), stream.unwrap(), tls.clone());
                connections.push(thread::spawn(move || {
                    // A client may go away in the middle.
                    let _ = match tls {
                        Some(tls) => {
                            let connection = rustls::ServerConnection::new(tls).unwrap();
                            shared.answer(rustls::StreamOwned::new(connection, stream))
                        }
                        None => shared.answer(stream),
                    };
                }));
            }
            for connection in connections {
                connection.join().unwrap();
            }
        });
        Self { endpoint: format!("{scheme}://127.0.0.1:{port}"), port, seen, closing, thread: Some(thread) }
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The ranges that bytes were asked for with.
    pub fn ranges(&self) -> Vec<Option<String>> {
        let is_for_bytes = |seen: &Seen| seen.path.starts_with("/storage") && seen.method == "GET";
        self.seen().into_iter().filter(is_for_bytes).map(|seen| seen.range).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        self.thread.take().unwrap().join().unwrap();
    }
}

impl Shared {
    fn answer<S: Read + Write>(&self, mut stream: S) -> std::io::Result<()> {
        let mut lines = BufReader::new(&mut stream).lines();
        let first = lines.next().unwrap_or(Ok(String::new()))?;
        let mut words = first.split(' ').map(str::to_owned);
        let mut seen = Seen {
            method: words.next().unwrap_or_default(),
            path: words.next().unwrap_or_default(),
            ..Seen::default()
        };
        for line in &mut lines {
            let line = line?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').unwrap_or_default();
            match name.to_lowercase().as_str() {
                "range" => seen.range = Some(value.trim().to_owned()),
                "authorization" => {
                    (seen.has_some_token, seen.has_token) = (true, value.trim() == "Bearer secret");
                }
                _ => {}
            }
        }
        self.seen.lock().unwrap().push(seen.clone());
        drop(lines);
        let Manner { mirror, redirects_to, refuses_tokens, .. } = &self.manner;
        // What a mirror sends and says is of the file itself.
        let kind = usize::from(seen.path.starts_with("/storage") || mirror.is_some() && seen.method == "GET");
        let fault = self.faults.lock().unwrap()[kind].pop_front();
        if let Some(Fault::Status(status)) = fault {
            return write!(stream, "HTTP/1.1 {status} Fault\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
        if *refuses_tokens && seen.has_some_token {
            return write!(stream, "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
        if let Some(hub) = redirects_to {
            let (path, empty) = (&seen.path, "content-length: 0\r\nconnection: close");
            return write!(stream, "HTTP/1.1 308 Elsewhere\r\nlocation: {hub}{path}\r\n{empty}\r\n\r\n");
        }
        match mirror {
            _ if kind == 1 => self.send(stream, &seen, fault),
            Some(mirror) => write!(stream, "HTTP/1.1 200 OK\r\n{}connection: close\r\n\r\n", self.told(*mirror)),
            None => self.tell(stream, &seen),
        }
    }

    /// What the hub says of a file: where it is stored, its size and its checksum.
    fn tell(&self, mut stream: impl Write, seen: &Seen) -> std::io::Result<()> {
        let Content { bytes, etag, renamed_from } = &self.content;
        let location = match renamed_from.as_deref().filter(|name| seen.path.contains(*name)) {
            Some(name) => seen.path.replace(name, "new/name"),
            // Another host, which must not see the token.
            None => {
                let scheme = if self.manner.tls { "https" } else { "http" };
                format!("{scheme}://localhost:{}/storage/{etag}?signed=yes", self.port)
            }
        };
        let told = if location.starts_with('/') {
            String::new()
        } else {
            let size = bytes.len();
            format!("x-repo-commit: {COMMIT}\r\nx-linked-size: {size}\r\nx-linked-etag: \"{etag}\"\r\n")
        };
        write!(
            stream,
            "HTTP/1.1 302 Found\r\nlocation: {location}\r\n{told}content-length: 0\r\nconnection: close\r\n\r\n"
        )
    }

    /// The headers that a mirror tells of a file.
    fn told(&self, Mirror { etag, length, .. }: Mirror) -> String {
        let etag = if etag { format!("etag: W/\"{}\"\r\n", self.content.etag) } else { String::new() };
        let length = if length { format!("content-length: {}\r\n", self.content.bytes.len()) } else { String::new() };
        etag + &length
    }

    fn send(&self, mut stream: impl Write, seen: &Seen, fault: Option<Fault>) -> std::io::Result<()> {
        let mut bytes = self.content.bytes.to_vec();
        let all = bytes.len();
        let asked = seen.range.as_deref().and_then(|range| range.strip_prefix("bytes="));
        let from = asked.and_then(|range| range.trim_end_matches('-').parse::<usize>().ok()).unwrap_or(0);
        let from = if fault == Some(Fault::NoRanges) { 0 } else { from };
        if fault == Some(Fault::Garbled) {
            bytes[all / 2] ^= 1;
        }
        let mut body = bytes.split_off(from.min(all));
        if fault == Some(Fault::TooLong) {
            body.extend([0; 100]);
        }
        let status = if from > 0 { "206 Partial Content" } else { "200 OK" };
        let range = format!("content-range: bytes {from}-{}/{all}\r\n", all.saturating_sub(1));
        let range = if from > 0 { range } else { String::new() };
        let len = body.len();
        let length = match self.manner.mirror {
            Some(Mirror { chunked: true, .. }) => "transfer-encoding: chunked\r\n".to_owned(),
            Some(Mirror { length: false, .. }) => String::new(),
            _ => format!("content-length: {len}\r\n"),
        };
        // Of a part, too, only the place is told.
        let range = if length.contains("length") { range } else { range.replace(&format!("/{all}"), "/*") };
        write!(stream, "HTTP/1.1 {status}\r\n{length}{range}connection: close\r\n\r\n")?;
        if self.manner.mirror.is_some_and(|mirror| mirror.chunked) {
            let most = if let Some(Fault::Cut(at)) = fault { at.min(len) } else { len };
            for piece in body[..most].chunks(10_000) {
                write!(stream, "{:x}\r\n", piece.len())?;
                stream.write_all(piece)?;
                write!(stream, "\r\n")?;
            }
            return if most == len { write!(stream, "0\r\n\r\n") } else { Ok(()) };
        }
        match fault {
            Some(Fault::Cut(at)) => stream.write_all(&body[..at.min(len)]),
            Some(Fault::Stall(at)) => {
                stream.write_all(&body[..at.min(len)])?;
                stream.flush()?;
                while !self.closing.load(Ordering::SeqCst) {
                    thread::sleep(Duration::from_millis(5));
                }
                Ok(())
            }
            _ => stream.write_all(&body),
        }
    }
}

/// How a server speaks that an authority of the tests' own vouches for.
fn tls_config() -> Arc<rustls::ServerConfig> {
    let folder = super::path("tests/fixtures/tls");
    let certificate = CertificateDer::from_pem_file(folder.join("server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(folder.join("server.key")).unwrap();
    let provider = rustls::crypto::ring::default_provider().into();
    let versions = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    versions.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap().into()
}
