//! A server that speaks the hub's paths, with faults to order.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

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

/// A request as it came: method, path, and the headers that matter.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub range: Option<String>,
    pub has_token: bool,
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
}

impl Server {
    /// A hub with one file, under every name; `told` are faults of what is said of it, `sent` of its bytes.
    pub fn start(content: Content, told: &[Fault], sent: &[Fault]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (seen, closing) = (Arc::new(Mutex::default()), Arc::new(AtomicBool::new(false)));
        let faults = Mutex::new([told.iter().cloned().collect(), sent.iter().cloned().collect()]);
        let shared = Arc::new(Shared { content, faults, seen: Arc::clone(&seen), closing: Arc::clone(&closing), port });
        let thread = thread::spawn(move || {
            let mut connections = Vec::new();
            for stream in listener.incoming() {
                if shared.closing.load(Ordering::SeqCst) {
                    break;
                }
                let (shared, stream) = (Arc::clone(&shared), stream.unwrap());
                connections.push(thread::spawn(move || {
                    // A client may go away in the middle.
                    let _ = shared.answer(stream);
                }));
            }
            for connection in connections {
                connection.join().unwrap();
            }
        });
        Self { endpoint: format!("http://127.0.0.1:{port}"), port, seen, closing, thread: Some(thread) }
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The ranges that bytes were asked for with.
    pub fn ranges(&self) -> Vec<Option<String>> {
        self.seen().into_iter().filter(|seen| seen.path.starts_with("/storage")).map(|seen| seen.range).collect()
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
    fn answer(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut lines = BufReader::new(stream.try_clone()?).lines();
        let first = lines.next().unwrap_or(Ok(String::new()))?;
        let mut words = first.split(' ').map(str::to_owned);
        let mut seen = Seen {
            method: words.next().unwrap_or_default(),
            path: words.next().unwrap_or_default(),
            ..Seen::default()
        };
        for line in lines {
            let line = line?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').unwrap_or_default();
            match name.to_lowercase().as_str() {
                "range" => seen.range = Some(value.trim().to_owned()),
                "authorization" => seen.has_token = value.trim() == "Bearer secret",
                _ => {}
            }
        }
        self.seen.lock().unwrap().push(seen.clone());
        let kind = usize::from(seen.path.starts_with("/storage"));
        let fault = self.faults.lock().unwrap()[kind].pop_front();
        if let Some(Fault::Status(status)) = fault {
            return write!(stream, "HTTP/1.1 {status} Fault\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
        if kind == 1 { self.send(stream, &seen, fault) } else { self.tell(stream, &seen) }
    }

    /// What the hub says of a file: where it is stored, its size and its checksum.
    fn tell(&self, mut stream: TcpStream, seen: &Seen) -> std::io::Result<()> {
        let Content { bytes, etag, renamed_from } = &self.content;
        let location = match renamed_from.as_deref().filter(|name| seen.path.contains(*name)) {
            Some(name) => seen.path.replace(name, "new/name"),
            // Another host, which must not see the token.
            None => format!("http://localhost:{}/storage/{etag}?signed=yes", self.port),
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

    fn send(&self, mut stream: TcpStream, seen: &Seen, fault: Option<Fault>) -> std::io::Result<()> {
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
        write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {len}\r\n{range}connection: close\r\n\r\n")?;
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
