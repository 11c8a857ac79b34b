//! A download: started or resumed, watched, checked, and put in its place.

use std::{
    collections::VecDeque,
    fs::{self, File, OpenOptions},
    io::{Seek, SeekFrom, Write},
    ops::ControlFlow,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, RecvTimeoutError};
use sha2::{Digest, Sha256};
use ureq::Agent;

use super::{
    Cached, Hub, HubError, HubFile, Progress, Watch,
    cache::{Slot, hash_so_far},
    net::{self, Answer, Head, Request},
};

/// How often whoever watches is told, whatever comes.
const TELL: Duration = Duration::from_millis(100);

/// How long nothing may come before the connection counts as lost.
const SILENCE: Duration = Duration::from_secs(30);

/// Tries in a row that bring nothing before it is given up.
const MAX_TRIES: u32 = 5;

/// Redirections in a row before the hub is thought to go round in circles.
const MAX_REDIRECTIONS: usize = 8;

/// The largest file that is fetched, 64 GiB: a larger one is no image classifier.
const MAX_BYTES: u64 = 64 << 30;

/// The time over which the speed is averaged: it follows the network, and does not flicker.
const SPEED_WINDOW: Duration = Duration::from_secs(3);

/// What the hub says of a file.
struct Announced {
    etag: String,
    commit: String,
    size: u64,
}

/// Why a try ended before its time.
enum Setback {
    /// Another try may do better.
    Lost(String),
    /// The server is ill, which may pass.
    Status(u16),
    /// It may not.
    Final(HubError),
}

impl From<HubError> for Setback {
    fn from(error: HubError) -> Self {
        Self::Final(error)
    }
}

impl Hub {
    /// Fetches a file into the cache, unless it is there. A download that broke off goes on where it was.
    ///
    /// # Errors
    /// The hub cannot be reached, has no such file, or does not give it; what came is damaged; the disk is full; or
    /// `watch` said to end.
    pub fn fetch(&self, file: &HubFile, watch: Watch<'_>) -> Result<Cached, HubError> {
        if let Some(cached) = self.cached(file) {
            return Ok(cached);
        }
        if self.offline {
            return Err(HubError::Offline { file: file.title() });
        }
        let mut fetching = Fetching { hub: self, file, agent: net::agent(), meter: Meter::default(), watch };
        let announced = fetching.announced()?;
        let slot = Slot::new(self, file, &announced.etag, &announced.commit)?;
        let _lock = slot.lock()?;
        if fs::metadata(slot.blob()).map(|metadata| metadata.len()).ok() != Some(announced.size) {
            fetching.complete(&slot, announced.size)?;
        }
        slot.publish(file)?;
        self.cached(file).ok_or_else(|| HubError::Answer { why: "the file is not where it was put".to_owned() })
    }
}

struct Fetching<'a> {
    hub: &'a Hub,
    file: &'a HubFile,
    agent: Agent,
    meter: Meter,
    watch: Watch<'a>,
}

impl Fetching<'_> {
    fn address(&self) -> String {
        let HubFile { repository, file, revision } = self.file;
        format!("{}/{repository}/resolve/{revision}/{file}", self.hub.endpoint)
    }

    /// Asks the hub for the file's size and checksum.
    fn announced(&mut self) -> Result<Announced, HubError> {
        self.persist(|fetching| {
            let mut address = fetching.address();
            for _ in 0..MAX_REDIRECTIONS {
                let (head, _) = fetching.ask(&address, true, 0)?;
                // The hub announces what it redirects to storage itself; a repository that was renamed is told by a path.
                match head.header("location").filter(|_| is_redirection(head.status)) {
                    Some(location) if location.starts_with('/') => {
                        address = format!("{}{location}", origin(&address));
                    }
                    _ => return announced(&head).map_err(Setback::Final),
                }
            }
            Err(HubError::Answer { why: "it redirects without end".to_owned() }.into())
        })
    }

    /// Lets the whole file come, checks it, and gives it its place.
    fn complete(&mut self, slot: &Slot, size: u64) -> Result<(), HubError> {
        let path = slot.incomplete();
        let disk = |why: &std::io::Error| HubError::disk(&path, why);
        let open = || OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut part = open().map_err(|why| disk(&why))?;
        let hash = hash_so_far(&mut part).map_err(|why| disk(&why))?;
        let done = part.stream_position().map_err(|why| disk(&why))?;
        let mut part = Part { file: part, hash, done };
        self.meter.total = size;
        if part.done > size {
            part.begin_again().map_err(|why| disk(&why))?;
        }
        self.persist(|fetching| {
            while part.done < size {
                fetching.receive(&mut part, size, &disk)?;
            }
            Ok(())
        })?;
        let found = format!("{:x}", part.hash.finalize());
        if let Some(expected) = slot.sha256().filter(|expected| *expected != found) {
            fs::remove_file(&path).map_err(|why| disk(&why))?;
            return Err(HubError::Checksum { found, expected: expected.to_owned() });
        }
        part.file.sync_all().map_err(|why| disk(&why))?;
        drop(part.file);
        fs::rename(&path, slot.blob()).map_err(|why| disk(&why))
    }

    /// One connection's worth of the file.
    fn receive(
        &mut self,
        part: &mut Part,
        size: u64,
        disk: &dyn Fn(&std::io::Error) -> HubError,
    ) -> Result<(), Setback> {
        let mut address = self.address();
        let mut redirections = 0;
        let (head, answers) = loop {
            let (head, answers) = self.ask(&address, false, part.done)?;
            let Some(location) = head.header("location").filter(|_| is_redirection(head.status)) else {
                break (head, answers);
            };
            address =
                if location.starts_with('/') { format!("{}{location}", origin(&address)) } else { location.to_owned() };
            redirections += 1;
            if redirections > MAX_REDIRECTIONS {
                return Err(HubError::Answer { why: "it redirects without end".to_owned() }.into());
            }
        };
        let continues = head.status == 206 && head.header("content-range").and_then(range_start) == Some(part.done);
        if !continues {
            // The server does not know parts, or has others.
            part.begin_again().map_err(|why| disk(&why))?;
            if head.status != 200 {
                return Err(Setback::Lost("the server gave another part than was asked for".to_owned()));
            }
        }
        loop {
            match self.wait(&answers, part.done)? {
                Answer::Piece(piece) => {
                    if part.done + piece.len() as u64 > size {
                        let why = format!("more than the {size} bytes that it announced came");
                        part.begin_again().map_err(|why| disk(&why))?;
                        return Err(HubError::Answer { why }.into());
                    }
                    part.add(&piece).map_err(|why| disk(&why))?;
                }
                Answer::End if part.done == size => return Ok(()),
                Answer::End => return Err(Setback::Lost("it was closed too early".to_owned())),
                Answer::Lost(why) => return Err(Setback::Lost(why)),
                Answer::Head(_) => {}
            }
        }
    }

    /// Sends a request and waits for the head of its answer, if that is one to go on with.
    fn ask(&mut self, address: &str, head: bool, from: u64) -> Result<(Head, Receiver<Answer>), Setback> {
        let token = self.hub.token.clone().filter(|_| origin(address) == origin(&self.hub.endpoint));
        let answers = net::send(&self.agent, Request { address: address.to_owned(), head, token, from });
        let head = match self.wait(&answers, from)? {
            Answer::Head(head) => *head,
            Answer::Lost(why) => return Err(Setback::Lost(why)),
            Answer::Piece(_) | Answer::End => return Err(Setback::Lost("there was no answer".to_owned())),
        };
        match head.status {
            200 | 206 | 416 => Ok((head, answers)),
            status if is_redirection(status) => Ok((head, answers)),
            401 | 403 => Err(HubError::Forbidden { file: self.file.title() }.into()),
            404 | 410 => Err(HubError::NotFound { file: self.file.title() }.into()),
            status @ (408 | 429 | 500..=599) => Err(Setback::Status(status)),
            status => Err(HubError::Status { status }.into()),
        }
    }

    /// The next that comes. Tells whoever watches while nothing does.
    fn wait(&mut self, answers: &Receiver<Answer>, done: u64) -> Result<Answer, Setback> {
        let since = Instant::now();
        loop {
            self.tell(done)?;
            match answers.recv_timeout(TELL) {
                Ok(answer) => return Ok(answer),
                Err(RecvTimeoutError::Timeout) if since.elapsed() < SILENCE => {}
                Err(RecvTimeoutError::Timeout) => return Err(Setback::Lost("nothing came any more".to_owned())),
                Err(RecvTimeoutError::Disconnected) => return Err(Setback::Lost("it was closed".to_owned())),
            }
        }
    }

    fn tell(&mut self, done: u64) -> Result<(), HubError> {
        let Some(progress) = self.meter.read(done, Instant::now()) else { return Ok(()) };
        match (self.watch)(progress) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(HubError::Stopped),
        }
    }

    /// Tries until it succeeds, or until too many tries in a row brought nothing.
    fn persist<T>(&mut self, mut attempt: impl FnMut(&mut Self) -> Result<T, Setback>) -> Result<T, HubError> {
        let mut tries = 0;
        loop {
            let before = self.meter.done;
            let setback = match attempt(self) {
                Ok(value) => return Ok(value),
                Err(Setback::Final(error)) => return Err(error),
                Err(setback) => setback,
            };
            tries = if self.meter.done > before { 1 } else { tries + 1 };
            if tries == MAX_TRIES {
                let Meter { done, total, .. } = self.meter;
                return Err(match setback {
                    Setback::Final(error) => error,
                    Setback::Status(status) => HubError::Status { status },
                    Setback::Lost(why) if done > 0 => HubError::Interrupted { done, total, why },
                    Setback::Lost(why) => HubError::Unreachable { endpoint: self.hub.endpoint.clone(), why },
                });
            }
            let until = Instant::now() + self.hub.retry_pause * 2_u32.pow(tries - 1);
            while let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
                self.tell(self.meter.done)?;
                std::thread::sleep(left.min(TELL));
            }
        }
    }
}

/// What has come of a file.
struct Part {
    file: File,
    hash: Sha256,
    done: u64,
}

impl Part {
    fn add(&mut self, piece: &[u8]) -> std::io::Result<()> {
        self.file.write_all(piece)?;
        self.hash.update(piece);
        self.done += piece.len() as u64;
        Ok(())
    }

    fn begin_again(&mut self) -> std::io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.hash = Sha256::new();
        self.done = 0;
        Ok(())
    }
}

/// Measures the speed, and sees to it that nobody is told too often.
#[derive(Default)]
struct Meter {
    done: u64,
    total: u64,
    lately: VecDeque<(Instant, u64)>,
    told: Option<Instant>,
}

impl Meter {
    /// What there is to tell, if it is time to.
    fn read(&mut self, done: u64, now: Instant) -> Option<Progress> {
        if done < self.done {
            self.lately.clear();
        }
        self.done = done;
        if self.told.is_some_and(|told| now.duration_since(told) < TELL) && done < self.total {
            return None;
        }
        self.told = Some(now);
        self.lately.push_back((now, done));
        while self.lately.front().is_some_and(|(then, _)| now.duration_since(*then) > SPEED_WINDOW) {
            self.lately.pop_front();
        }
        let bytes_per_sec = self.lately.front().map_or(0.0, |(then, before)| {
            let seconds = now.duration_since(*then).as_secs_f64();
            if seconds > 0.0 { (done - before) as f64 / seconds } else { 0.0 }
        });
        Some(Progress { done, total: self.total, bytes_per_sec })
    }
}

fn is_redirection(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// Scheme, host and port of an address.
fn origin(address: &str) -> &str {
    let host = address.find("://").map_or(0, |at| at + 3);
    address[host..].find('/').map_or(address, |end| &address[..host + end])
}

/// The first byte of `bytes 5-9/10`.
fn range_start(range: &str) -> Option<u64> {
    range.trim().strip_prefix("bytes")?.trim_start().split('-').next()?.parse().ok()
}

/// What the head of an answer announces.
fn announced(head: &Head) -> Result<Announced, HubError> {
    let missing = |what: &str| HubError::Answer { why: format!("it does not tell {what}") };
    let etag = head.header("x-linked-etag").or_else(|| head.header("etag")).ok_or_else(|| missing("an etag"))?;
    let size = head.header("x-linked-size").or_else(|| head.header("content-length"));
    let size: u64 = size.and_then(|size| size.parse().ok()).ok_or_else(|| missing("a size"))?;
    if size > MAX_BYTES {
        return Err(HubError::Answer { why: format!("the file is said to have {size} bytes") });
    }
    Ok(Announced {
        etag: etag.trim_start_matches("W/").trim_matches('"').to_owned(),
        commit: head.header("x-repo-commit").ok_or_else(|| missing("a commit"))?.to_owned(),
        size,
    })
}
