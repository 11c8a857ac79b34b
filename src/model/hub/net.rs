//! Requests, each on a thread of its own, so that whoever waits for one can stop waiting.

use std::{env, io::Read, thread, time::Duration};

use crossbeam_channel::{Receiver, Sender, bounded};
use ureq::{
    Agent, Proxy,
    http::HeaderMap,
    tls::{Certificate, RootCerts, TlsConfig},
};

use super::HubError;

/// The variables that may name a proxy, in the order in which `ureq` looks at them.
const PROXIES: [&str; 6] = ["ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];

/// The variables that name certificate authorities, as OpenSSL reads them.
const AUTHORITIES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// Bytes of a piece.
const PIECE: usize = 64 * 1024;

/// Pieces that wait to be written: more would only lie in memory.
const WAITING: usize = 16;

/// How long a connection, and then an answer, is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a piece is waited for, also by a thread that nobody waits for any more.
const SILENCE: Duration = Duration::from_secs(60);

/// What a request wants.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// Where to.
    pub address: String,
    /// Whether only the head of the answer is wanted.
    pub head: bool,
    /// The user's token.
    pub token: Option<String>,
    /// The first byte that is wanted.
    pub from: u64,
}

/// The head of an answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Head {
    /// HTTP status.
    pub status: u16,
    headers: HeaderMap,
}

impl Head {
    /// A header, if it is there.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// What comes of a request: its head, then pieces of its body until it ends. An error is the last.
#[derive(Debug)]
pub(crate) enum Answer {
    Head(Box<Head>),
    Piece(Vec<u8>),
    End,
    /// The certificate of who answered is not trusted.
    Untrusted(String),
    Lost(String),
}

/// An agent that follows no redirection by itself: the token is for the hub alone. It takes the proxy and the certificate
/// authorities that the environment names.
///
/// # Errors
/// It names some that cannot be used: to do without them would go behind the user's back.
pub(crate) fn agent() -> Result<Agent, HubError> {
    check_proxy()?;
    Ok(Agent::config_builder()
        .max_redirects(0)
        .http_status_as_error(false)
        .user_agent(concat!("igoscope/", env!("CARGO_PKG_VERSION")))
        .timeout_connect(Some(PATIENCE))
        .timeout_recv_response(Some(PATIENCE))
        .timeout_per_read(Some(SILENCE))
        .tls_config(TlsConfig::builder().root_certs(authorities()?).build())
        .build()
        .into())
}

/// That the first proxy which the environment names is one: `ureq` would pass over it.
fn check_proxy() -> Result<(), HubError> {
    let named = PROXIES.iter().find_map(|name| Some((*name, env::var_os(name).filter(|value| !value.is_empty())?)));
    match named {
        Some((variable, value)) if value.to_str().is_none_or(|value| Proxy::new(value).is_err()) => {
            Err(HubError::Proxy { variable })
        }
        _ => Ok(()),
    }
}

/// The authorities that the environment names, or the system's; Mozilla's where there are none.
fn authorities() -> Result<RootCerts, HubError> {
    let found = rustls_native_certs::load_native_certs();
    let named = AUTHORITIES.into_iter().find(|name| env::var_os(name).is_some_and(|value| !value.is_empty()));
    for why in &found.errors {
        tracing::warn!("certificate authorities: {why}");
    }
    match named {
        Some(variable) if found.certs.is_empty() => {
            let why = found.errors.first().map_or_else(|| "there is no certificate".to_owned(), ToString::to_string);
            Err(HubError::Authorities { variable, why })
        }
        None if found.certs.is_empty() => Ok(RootCerts::WebPki),
        _ => Ok(found.certs.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).into()),
    }
}

/// Sends a request. The thread ends with the answer, or when the receiver is gone.
pub(crate) fn send(agent: &Agent, request: Request) -> Receiver<Answer> {
    let (said, answers) = bounded(WAITING);
    let agent = agent.clone();
    let own = said.clone();
    let started = thread::Builder::new().name("hub".to_owned()).spawn(move || {
        let last = match talk(&agent, &request, &own) {
            Ok(()) => Answer::End,
            Err(error) if is_untrusted(&error) => Answer::Untrusted(error.to_string()),
            Err(error) => Answer::Lost(error.to_string()),
        };
        // Nobody may wait for it any more.
        let _ = own.send(last);
    });
    if let Err(error) = started {
        let _ = said.send(Answer::Lost(format!("no thread can be started: {error}")));
    }
    answers
}

fn talk(agent: &Agent, request: &Request, said: &Sender<Answer>) -> Result<(), ureq::Error> {
    let address = &request.address;
    let mut prepared = if request.head { agent.head(address) } else { agent.get(address) };
    prepared = prepared.header("accept-encoding", "identity");
    if let Some(token) = &request.token {
        prepared = prepared.header("authorization", format!("Bearer {token}"));
    }
    if request.from > 0 {
        prepared = prepared.header("range", format!("bytes={}-", request.from));
    }
    let response = prepared.call()?;
    let (parts, body) = response.into_parts();
    let head = Head { status: parts.status.as_u16(), headers: parts.headers };
    if said.send(Answer::Head(Box::new(head))).is_err() || request.head {
        return Ok(());
    }
    let mut reader = body.into_reader();
    loop {
        let mut piece = vec![0; PIECE];
        let len = reader.read(&mut piece)?;
        piece.truncate(len);
        if len == 0 || said.send(Answer::Piece(piece)).is_err() {
            return Ok(());
        }
    }
}

/// Whether a certificate was the reason.
fn is_untrusted(error: &ureq::Error) -> bool {
    let inner = match error {
        ureq::Error::Io(error) => error.get_ref().and_then(|inner| inner.downcast_ref()),
        ureq::Error::Rustls(error) => Some(error),
        _ => None,
    };
    matches!(inner, Some(rustls::Error::InvalidCertificate(_)))
}
