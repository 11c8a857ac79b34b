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
    Cached, Hub, HubError, HubFile, Progress, Verified, Watch,
    announced::{Announced, MAX_BYTES, checked_size, is_redirection, origin, range, redirection},
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

/// The time over which the speed is averaged: it follows the network, and does not flicker.
const SPEED_WINDOW: Duration = Duration::from_secs(3);

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
        self.download(file, false, watch)
    }

    /// Fetches a file into the cache as [`Self::fetch`] does, but does not take what is there at its word: it is read
    /// again, or, where its checksum is not known, its length is compared with the hub's, and one that is not what the hub
    /// has is fetched again. Gives whether it was. What is there stays until the new one has come.
    ///
    /// # Errors
    /// Those of [`Self::fetch`], or the file in the cache cannot be read.
    pub fn fetch_checked(&self, file: &HubFile, watch: Watch<'_>) -> Result<(Cached, bool), HubError> {
        let Some(known) = self.cached(file) else { return Ok((self.fetch(file, watch)?, false)) };
        match self.verify(&known)? {
            Verified::Intact => Ok((known, false)),
            Verified::Damaged => Ok((self.download(file, true, watch)?, true)),
            Verified::Unknown if self.offline => Ok((known, false)),
            Verified::Unknown => match self.download(file, false, watch) {
                Err(HubError::Unreachable { .. }) => Ok((known, false)),
                Err(error) => Err(error),
                Ok(now) => {
                    let is_other = now.bytes != known.bytes;
                    Ok((now, is_other))
                }
            },
        }
    }

    /// Fetches a file whose name is not in the cache, or also if it is; its content is only taken from there if it is as
    /// long as the hub says, and may be (`anew`: it may not).
    fn download(&self, file: &HubFile, anew: bool, watch: Watch<'_>) -> Result<Cached, HubError> {
        if self.offline {
            return Err(HubError::Offline { file: file.title() });
        }
        let agent = net::agent()?;
        let mut fetching =
            Fetching { hub: self, file, agent, token: None, is_refused: false, meter: Meter::default(), watch };
        match &self.token {
            Some(token) if !token.bytes().all(|byte| byte.is_ascii_graphic()) => fetching.refuse_token(),
            token => fetching.token.clone_from(token),
        }
        let Announced { etag, commit, size } = fetching.announced()?;
        // A mirror that tells no commit is taken to keep the files by the revision's name.
        let commit = commit.as_deref().unwrap_or(file.revision);
        let mut slot = Slot::new(self, file, etag.as_deref(), commit)?;
        let _lock = slot.lock()?;
        let here = fs::metadata(slot.blob()).map(|metadata| metadata.len()).ok();
        if anew || here.is_none() || here != size {
            fetching.complete(&mut slot, size)?;
        }
        slot.publish(file)?;
        self.cached(file).ok_or_else(|| HubError::Answer { why: "the file is not where it was put".to_owned() })
    }
}

struct Fetching<'a> {
    hub: &'a Hub,
    file: &'a HubFile,
    agent: Agent,
    /// The user's, until it is refused.
    token: Option<String>,
    is_refused: bool,
    meter: Meter,
    watch: Watch<'a>,
}

impl Fetching<'_> {
    fn address(&self) -> String {
        let HubFile { repository, file, revision } = self.file;
        format!("{}/{repository}/resolve/{revision}/{file}", self.hub.endpoint)
    }

    /// Asks the hub for the file's size and checksum, and where it redirects to for what it does not tell itself.
    fn announced(&mut self) -> Result<Announced, HubError> {
        self.persist(|fetching| {
            let mut address = fetching.address();
            let mut told = Announced::default();
            for _ in 0..MAX_REDIRECTIONS {
                let (head, _) = fetching.ask(&address, true, 0)?;
                match fetching.check(&head) {
                    // Whoever only stores the file need not answer to HEAD, and some mirrors do not.
                    Err(_) if !fetching.is_hub(&address) || matches!(head.status, 405 | 501) => return Ok(told),
                    checked => checked?,
                }
                told.add(&head);
                checked_size(told.size)?;
                match redirection(&head, &address) {
                    Some(next) if !told.is_complete() => address = next,
                    _ => return Ok(told),
                }
            }
            Err(HubError::Answer { why: "it redirects without end".to_owned() }.into())
        })
    }

    /// Lets the whole file come, checks it, and gives it its place.
    fn complete(&mut self, slot: &mut Slot, size: Option<u64>) -> Result<(), HubError> {
        let path = slot.incomplete();
        let disk = |why: &std::io::Error| HubError::disk(&path, why);
        let open = || OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut part = open().map_err(|why| disk(&why))?;
        let hash = hash_so_far(&mut part).map_err(|why| disk(&why))?;
        let done = part.stream_position().map_err(|why| disk(&why))?;
        let mut part = Part { file: part, hash, done, size };
        self.meter.total = size.unwrap_or_default();
        // What came of a content without a name may be of another one.
        if !slot.is_named() || size.is_some_and(|size| part.done > size) {
            part.begin_again().map_err(|why| disk(&why))?;
        }
        let has_checksum = slot.sha256().is_some();
        if part.size != Some(part.done) {
            self.persist(|fetching| fetching.receive(&mut part, has_checksum, &disk))?;
        }
        self.meter.total = part.done;
        self.tell(part.done)?;
        let found = format!("{:x}", part.hash.finalize());
        if let Some(expected) = slot.sha256().filter(|expected| *expected != found) {
            fs::remove_file(&path).map_err(|why| disk(&why))?;
            return Err(HubError::Checksum { found, expected: expected.to_owned() });
        }
        part.file.sync_all().map_err(|why| disk(&why))?;
        drop(part.file);
        slot.name(found);
        fs::rename(&path, slot.blob()).map_err(|why| disk(&why))
    }

    /// One connection's worth of the file. Ends well when all of it is here.
    fn receive(
        &mut self,
        part: &mut Part,
        has_checksum: bool,
        disk: &dyn Fn(&std::io::Error) -> HubError,
    ) -> Result<(), Setback> {
        let mut address = self.address();
        let mut redirections = 0;
        let (head, answers) = loop {
            let (head, answers) = self.ask(&address, false, part.done)?;
            self.check(&head)?;
            let Some(next) = redirection(&head, &address) else { break (head, answers) };
            address = next;
            redirections += 1;
            if redirections > MAX_REDIRECTIONS {
                return Err(HubError::Answer { why: "it redirects without end".to_owned() }.into());
            }
        };
        let told = head.header("content-range").and_then(range).filter(|(from, _)| *from == part.done);
        let told = told.filter(|_| head.status == 206);
        if told.is_none() {
            // The server does not know parts, or has others.
            part.begin_again().map_err(|why| disk(&why))?;
            if head.status != 200 {
                return Err(Setback::Lost("the server gave another part than was asked for".to_owned()));
            }
        }
        let length = || head.header("content-length").and_then(|length| length.parse().ok());
        part.size = part.size.or(checked_size(told.map_or_else(length, |(_, all)| all))?);
        self.meter.total = part.size.unwrap_or_default();
        let is_chunked = head.header("transfer-encoding").is_some_and(|how| how.to_lowercase().contains("chunked"));
        if part.size.is_none() && !has_checksum && !is_chunked {
            let why = "it tells neither the file's length nor its checksum, so a file cut short would pass for whole";
            return Err(HubError::Answer { why: why.to_owned() }.into());
        }
        let most = part.size.unwrap_or(MAX_BYTES);
        loop {
            match self.wait(&answers, part.done)? {
                Answer::Piece(piece) => {
                    if part.done + piece.len() as u64 > most {
                        let why = format!("more than the {most} bytes that it announced came");
                        part.begin_again().map_err(|why| disk(&why))?;
                        return Err(HubError::Answer { why }.into());
                    }
                    part.add(&piece).map_err(|why| disk(&why))?;
                }
                Answer::End if part.size.is_none_or(|size| size == part.done) => return Ok(()),
                Answer::End => return Err(Setback::Lost("it was closed too early".to_owned())),
                Answer::Lost(why) => return Err(Setback::Lost(why)),
                Answer::Head(_) | Answer::Untrusted(_) => {}
            }
        }
    }

    /// Sends a request and waits for the head of its answer. A token that the hub refuses is not sent again: a public
    /// file can be had without one.
    fn ask(&mut self, address: &str, head: bool, from: u64) -> Result<(Head, Receiver<Answer>), Setback> {
        loop {
            let token = self.token.clone().filter(|_| self.is_hub(address));
            let has_token = token.is_some();
            let answers = net::send(&self.agent, Request { address: address.to_owned(), head, token, from });
            let head = match self.wait(&answers, from)? {
                Answer::Head(head) => *head,
                Answer::Untrusted(why) => {
                    return Err(HubError::Untrusted { host: origin(address).to_owned(), why }.into());
                }
                Answer::Lost(why) => return Err(Setback::Lost(why)),
                Answer::Piece(_) | Answer::End => return Err(Setback::Lost("there was no answer".to_owned())),
            };
            if head.status == 401 && has_token {
                self.refuse_token();
            } else {
                return Ok((head, answers));
            }
        }
    }

    /// Whether an answer is one to go on with.
    fn check(&self, head: &Head) -> Result<(), Setback> {
        let file = || self.file.title();
        match head.status {
            200 | 206 | 416 => Ok(()),
            status if is_redirection(status) => Ok(()),
            401 if self.is_refused => Err(HubError::Token { file: file() }.into()),
            401 | 403 => Err(HubError::Forbidden { file: file() }.into()),
            404 | 410 => Err(HubError::NotFound { file: file() }.into()),
            status @ (408 | 429 | 500..=599) => Err(Setback::Status(status)),
            status => Err(HubError::Status { status }.into()),
        }
    }

    /// Whether an address is the hub's own, where the token may go.
    fn is_hub(&self, address: &str) -> bool {
        origin(address) == origin(&self.hub.endpoint)
    }

    /// Goes on without the token, and says so.
    fn refuse_token(&mut self) {
        self.token = None;
        self.is_refused = true;
        self.meter.told = None;
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
        match (self.watch)(Progress { is_without_token: self.is_refused, ..progress }) {
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
    /// Bytes of the whole file, once they are told.
    size: Option<u64>,
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
        if self.told.is_some_and(|told| now.duration_since(told) < TELL) && (done < self.total || self.total == 0) {
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
        Some(Progress { done, total: self.total, bytes_per_sec, is_without_token: false })
    }
}
