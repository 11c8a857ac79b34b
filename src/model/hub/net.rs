//! Requests, each on a thread of its own, so that whoever waits for one can stop waiting.

use std::{io::Read, thread, time::Duration};

use crossbeam_channel::{Receiver, Sender, bounded};
use ureq::{Agent, http::HeaderMap};

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
    Lost(String),
}

/// An agent that follows no redirection by itself: the token is for the hub alone.
pub(crate) fn agent() -> Agent {
    Agent::config_builder()
        .max_redirects(0)
        .http_status_as_error(false)
        .user_agent(concat!("igoscope/", env!("CARGO_PKG_VERSION")))
        .timeout_connect(Some(PATIENCE))
        .timeout_recv_response(Some(PATIENCE))
        .timeout_per_read(Some(SILENCE))
        .build()
        .into()
}

/// Sends a request. The thread ends with the answer, or when the receiver is gone.
pub(crate) fn send(agent: &Agent, request: Request) -> Receiver<Answer> {
    let (said, answers) = bounded(WAITING);
    let agent = agent.clone();
    let own = said.clone();
    let started = thread::Builder::new().name("hub".to_owned()).spawn(move || {
        let last = match talk(&agent, &request, &own) {
            Ok(()) => Answer::End,
            Err(why) => Answer::Lost(why),
        };
        // Nobody may wait for it any more.
        let _ = own.send(last);
    });
    if let Err(error) = started {
        let _ = said.send(Answer::Lost(format!("no thread can be started: {error}")));
    }
    answers
}

fn talk(agent: &Agent, request: &Request, said: &Sender<Answer>) -> Result<(), String> {
    let address = &request.address;
    let mut prepared = if request.head { agent.head(address) } else { agent.get(address) };
    prepared = prepared.header("accept-encoding", "identity");
    if let Some(token) = &request.token {
        prepared = prepared.header("authorization", format!("Bearer {token}"));
    }
    if request.from > 0 {
        prepared = prepared.header("range", format!("bytes={}-", request.from));
    }
    let response = prepared.call().map_err(|error| error.to_string())?;
    let (parts, body) = response.into_parts();
    let head = Head { status: parts.status.as_u16(), headers: parts.headers };
    if said.send(Answer::Head(Box::new(head))).is_err() || request.head {
        return Ok(());
    }
    let mut reader = body.into_reader();
    loop {
        let mut piece = vec![0; PIECE];
        let len = reader.read(&mut piece).map_err(|error| error.to_string())?;
        piece.truncate(len);
        if len == 0 || said.send(Answer::Piece(piece)).is_err() {
            return Ok(());
        }
    }
}
