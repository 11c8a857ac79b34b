//! The Hugging Face hub: files of weights, fetched once and kept in the cache that other programs share.
//!
//! Source: the layout and the headers that `huggingface_hub` documents (*Understand caching*, *HTTP API*). The client
//! is our own, and small, because a download must say how far it is, end at once when it is told to, resume where it
//! was, and be checked. `hf-hub` (0.5) tells how far it is but cannot be stopped, and compares no checksum; the cache
//! has the layout that it and `huggingface_hub` share.

mod announced;
mod cache;
mod download;
mod net;

use std::{
    env,
    ops::ControlFlow,
    path::{Path, PathBuf},
    time::Duration,
};

pub use cache::{Cached, Verified};

/// The hub itself.
const ENDPOINT: &str = "https://huggingface.co";

/// How long the first pause before another try is; each is twice the one before.
const RETRY_PAUSE: Duration = Duration::from_millis(500);

/// A file in a repository of the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HubFile {
    /// `owner/name`.
    pub repository: &'static str,
    /// Path in the repository.
    pub file: &'static str,
    /// Branch, tag or commit.
    pub revision: &'static str,
}

/// How far a download is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Bytes that are here, those of an earlier try included.
    pub done: u64,
    /// Bytes of the whole file; 0 until the hub has told.
    pub total: u64,
    /// Bytes a second, lately.
    pub bytes_per_sec: f64,
    /// Whether the hub refused the user's token, and the file comes without it.
    pub is_without_token: bool,
}

/// Is told how far a download is, several times a second, and says whether it goes on.
pub type Watch<'a> = &'a mut dyn FnMut(Progress) -> ControlFlow<()>;

/// Where files come from and are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hub {
    /// Address of the hub, without a slash at its end.
    pub endpoint: String,
    /// The folder of the cache.
    pub cache: PathBuf,
    /// Whether the network must not be asked.
    pub offline: bool,
    /// The user's token, sent to the hub and nobody else.
    pub token: Option<String>,
    /// The pause before the first of the further tries; each is twice the one before.
    pub retry_pause: Duration,
}

/// Why a file could not be had from the hub.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// The network must not be asked.
    #[error("HF_HUB_OFFLINE forbids to fetch {file}: unset it, and start igoscope again")]
    Offline {
        /// Repository and file.
        file: String,
    },
    /// Nothing answered.
    #[error("the Hugging Face hub cannot be reached at {endpoint} ({why}): check the network")]
    Unreachable {
        /// The address.
        endpoint: String,
        /// What the network said.
        why: String,
    },
    /// The hub wants to know who asks.
    #[error("{file} asks for permission: accept its terms on the hub's page of the model, and set HF_TOKEN to a token")]
    Forbidden {
        /// Repository and file.
        file: String,
    },
    /// The hub does not take the token, and gives nothing without one.
    #[error(
        "the hub refuses HF_TOKEN, which is expired, revoked or mistyped, and {file} cannot be had without one: set it to \
         a new token"
    )]
    Token {
        /// Repository and file.
        file: String,
    },
    /// The environment names a proxy that is none. Its value may have a password in it, and is not told.
    #[error(
        "{variable} names no proxy that can be used, and none is gone around: give it as http://HOST:PORT or \
         socks5h://HOST:PORT, or unset it"
    )]
    Proxy {
        /// The variable.
        variable: &'static str,
    },
    /// The environment names certificate authorities that are not there.
    #[error("the certificate authorities that {variable} names cannot be read ({why}): correct it, or unset it")]
    Authorities {
        /// The variable.
        variable: &'static str,
        /// What was wrong.
        why: String,
    },
    /// Nobody vouches for who answered.
    #[error(
        "the certificate of {host} is not trusted ({why}): if a proxy or mirror has a certificate authority of its own, \
         name its file in SSL_CERT_FILE; a wrong clock can be the reason too"
    )]
    Untrusted {
        /// Scheme, host and port.
        host: String,
        /// What was wrong with it.
        why: String,
    },
    /// There is no such file.
    #[error("the hub has no {file}: it was moved or removed")]
    NotFound {
        /// Repository and file.
        file: String,
    },
    /// The hub is ill.
    #[error("the hub answers with status {status}: try again later; what has come is kept")]
    Status {
        /// The HTTP status.
        status: u16,
    },
    /// The hub's answer makes no sense.
    #[error("the hub's answer cannot be used: {why}")]
    Answer {
        /// What is wrong with it.
        why: String,
    },
    /// The connection was lost too often.
    #[error(
        "the connection was lost after {done} of {} bytes ({why}): they are kept, and the next try goes on from there",
        or_unknown(*total)
    )]
    Interrupted {
        /// Bytes that are here.
        done: u64,
        /// Bytes of the whole file; 0 if the hub did not tell.
        total: u64,
        /// What the network said.
        why: String,
    },
    /// What came is not what was announced.
    #[error(
        "what came is not what the hub announced: its checksum is {found}, not {expected}; it was thrown away, try again"
    )]
    Checksum {
        /// SHA-256 of what came.
        found: String,
        /// The announced one.
        expected: String,
    },
    /// Somebody else is at it.
    #[error("another program is fetching this file: wait for it")]
    Busy,
    /// The download was told to end.
    #[error("the download was stopped; what has come is kept, and the next try goes on from there")]
    Stopped,
    /// The cache cannot be used.
    #[error("the cache cannot be used ({why}): check the free space and the permissions, or set HF_HUB_CACHE: {}", path.display())]
    Disk {
        /// File or folder.
        path: PathBuf,
        /// What the operating system said.
        why: String,
    },
}

impl HubError {
    fn disk(path: &Path, why: &std::io::Error) -> Self {
        Self::Disk { path: path.to_owned(), why: why.to_string() }
    }
}

impl Hub {
    /// The hub that the environment names: `HF_ENDPOINT`, `HF_HUB_CACHE`, `HF_HOME`, `HF_HUB_OFFLINE` and `HF_TOKEN`,
    /// as for every program that uses it. A folder may begin with `~`; line feeds around a token or in it, as files
    /// leave them, do not count.
    pub fn from_env() -> Self {
        let text = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let path = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(|value| at_home(value.into()));
        let home = || env::home_dir().unwrap_or_default();
        let cache_home = || path("XDG_CACHE_HOME").unwrap_or_else(|| home().join(".cache")).join("huggingface");
        let cache = path("HF_HUB_CACHE").unwrap_or_else(|| path("HF_HOME").unwrap_or_else(cache_home).join("hub"));
        let offline = text("HF_HUB_OFFLINE")
            .is_some_and(|value| matches!(value.to_ascii_uppercase().as_str(), "1" | "ON" | "YES" | "TRUE"));
        let endpoint = text("HF_ENDPOINT").unwrap_or_else(|| ENDPOINT.to_owned());
        let token = text("HF_TOKEN").map(|token| token.replace(['\r', '\n'], "").trim().to_owned());
        Self { offline, token: token.filter(|token| !token.is_empty()), ..Self::new(&endpoint, &cache) }
    }

    /// The hub at `endpoint`, with a cache in the folder `cache`.
    pub fn new(endpoint: &str, cache: &Path) -> Self {
        Self {
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            cache: cache.to_owned(),
            offline: false,
            token: None,
            retry_pause: RETRY_PAUSE,
        }
    }
}

impl Default for Hub {
    fn default() -> Self {
        Self::from_env()
    }
}

impl HubFile {
    /// For a message.
    fn title(&self) -> String {
        format!("{} of {}", self.file, self.repository)
    }
}

/// A path with the user's folder in place of a `~` at its beginning, as a shell would have put it there.
fn at_home(path: PathBuf) -> PathBuf {
    match (path.strip_prefix("~"), env::home_dir()) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path,
    }
}

/// Bytes for a message, where 0 is not known.
fn or_unknown(bytes: u64) -> String {
    if bytes == 0 { "nobody knows how many".to_owned() } else { bytes.to_string() }
}
