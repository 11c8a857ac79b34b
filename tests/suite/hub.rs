//! The hub's client against a server with the hub's paths and the network's faults.

use std::{fs, ops::ControlFlow, path::Path, sync::Arc, time::Duration};

use igoscope::model::{Cached, Hub, HubError, HubFile, Verified};
use sha2::{Digest, Sha256};

use crate::common::hub::{COMMIT, Content, Fault, Manner, Mirror, Server};

const FILE: HubFile = HubFile { repository: "timm/toy", file: "model.safetensors", revision: "main" };

/// Some pieces long, and not a whole number of them.
const LEN: usize = 300_001;

fn content() -> Content {
    let bytes: Vec<u8> = (0..LEN).map(|i| (i * i / 7 % 251) as u8).collect();
    let etag = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    Content { bytes: Arc::new(bytes), etag, renamed_from: None }
}

fn hub(server: &Server, cache: &Path) -> Hub {
    Hub { retry_pause: Duration::ZERO, token: Some("secret".to_owned()), ..Hub::new(&server.endpoint, cache) }
}

fn fetch(hub: &Hub) -> Result<Cached, HubError> {
    hub.fetch(&FILE, &mut |_| ControlFlow::Continue(()))
}

/// What came of a download, the ranges that were asked for, and what is in the cache then.
type Outcome = (Result<Cached, HubError>, Vec<Option<String>>, Option<Vec<u8>>);

/// Fetches through these faults.
fn through(told: &[Fault], sent: &[Fault]) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(content(), told, sent);
    let hub = hub(&server, folder.path());
    let fetched = fetch(&hub);
    let kept = hub.cached(&FILE).map(|cached| fs::read(cached.path).unwrap());
    (fetched, server.ranges(), kept)
}

#[test]
fn a_file_comes_by_a_redirection_and_lies_where_other_programs_look_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(content(), &[], &[]);
    let hub = hub(&server, folder.path());
    assert_eq!(hub.cached(&FILE), None);
    let mut told = Vec::new();
    let cached = hub
        .fetch(&FILE, &mut |progress| {
            told.push(progress);
            ControlFlow::Continue(())
        })
        .unwrap();
    let repository = folder.path().join("models--timm--toy");
    assert_eq!(fs::read_to_string(repository.join("refs/main")).unwrap(), COMMIT);
    assert_eq!(cached.path, repository.join("snapshots").join(COMMIT).join("model.safetensors"));
    let blob = repository.join("blobs").join(content().etag);
    assert_eq!(fs::canonicalize(&cached.path).unwrap(), fs::canonicalize(&blob).unwrap());
    assert_eq!(fs::read(&blob).unwrap(), *content().bytes);
    assert_eq!((cached.bytes, cached.sha256), (LEN as u64, Some(content().etag)));
    assert_eq!(hub.unfinished(&FILE), None);
    assert_eq!(told.last().map(|progress| (progress.done, progress.total)), Some((LEN as u64, LEN as u64)));

    let asked = server.seen().len();
    fetch(&hub).unwrap();
    assert_eq!(server.seen().len(), asked, "what is in the cache is not asked for");
}

#[test]
fn the_token_is_for_the_hub_and_not_for_where_it_redirects_to() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(content(), &[], &[]);
    fetch(&hub(&server, folder.path())).unwrap();
    for seen in server.seen() {
        assert_eq!(seen.has_token, !seen.path.starts_with("/storage"), "{seen:?}");
    }
}

#[test]
fn a_connection_that_is_cut_is_gone_on_with_where_it_was() {
    let (fetched, ranges, kept) = through(&[], &[Fault::Cut(100_000), Fault::Cut(50_000)]);
    fetched.unwrap();
    let expected = [None, Some("bytes=100000-".to_owned()), Some("bytes=150000-".to_owned())];
    assert_eq!(ranges, expected);
    assert_eq!(kept.unwrap(), *content().bytes);
}

#[test]
fn a_connection_that_is_cut_again_and_again_keeps_what_has_come() {
    let folder = tempfile::tempdir().unwrap();
    let mut faults = vec![Fault::Cut(100_000)];
    faults.extend(vec![Fault::Cut(0); 8]);
    let server = Server::start(content(), &[], &faults);
    let hub = hub(&server, folder.path());
    let error = fetch(&hub).unwrap_err();
    assert!(matches!(error, HubError::Interrupted { done: 100_000, total, .. } if total == LEN as u64), "{error}");
    assert_eq!(hub.unfinished(&FILE), Some(100_000));
    drop(server);

    let server = Server::start(content(), &[], &[]);
    fetch(&Hub { endpoint: server.endpoint.clone(), ..hub.clone() }).unwrap();
    assert_eq!(server.ranges(), [Some("bytes=100000-".to_owned())]);
    assert_eq!(fs::read(hub.cached(&FILE).unwrap().path).unwrap(), *content().bytes);
}

#[test]
fn a_server_that_knows_no_parts_sends_all_again() {
    let (fetched, _, kept) = through(&[], &[Fault::Cut(100_000), Fault::NoRanges]);
    fetched.unwrap();
    assert_eq!(kept.unwrap(), *content().bytes);
}

#[test]
fn a_server_that_is_ill_for_a_moment_is_asked_again() {
    let (fetched, _, kept) = through(&[Fault::Status(503)], &[Fault::Status(500)]);
    fetched.unwrap();
    assert_eq!(kept.unwrap(), *content().bytes);
}

#[test]
fn what_cannot_be_had_is_told_in_words_that_help() {
    let ill = vec![Fault::Status(500); 9];
    let cases: [(&[Fault], &str); 4] = [
        (&[Fault::Status(404)], "moved or removed"),
        (&[Fault::Status(401), Fault::Status(401)], "refuses HF_TOKEN, which is expired"),
        (&[Fault::Status(403)], "accept its terms"),
        (&ill, "status 500"),
    ];
    for (told, words) in cases {
        let (fetched, ranges, kept) = through(told, &[]);
        let message = fetched.unwrap_err().to_string();
        assert!(message.contains(words), "{message}");
        assert_eq!((ranges.len(), kept), (0, None), "{message}");
    }
}

#[test]
fn what_is_not_what_was_announced_is_thrown_away() {
    for fault in [Fault::Garbled, Fault::TooLong] {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(content(), &[], std::slice::from_ref(&fault));
        let hub = hub(&server, folder.path());
        let error = fetch(&hub).unwrap_err();
        assert!(error.to_string().contains("announced"), "{error}");
        assert_eq!(hub.cached(&FILE), None);
        assert!(hub.unfinished(&FILE).is_none_or(|bytes| bytes == 0), "{fault:?}");
        fetch(&hub).unwrap();
        assert_eq!(fs::read(hub.cached(&FILE).unwrap().path).unwrap(), *content().bytes);
    }
}

#[test]
fn a_download_ends_when_it_is_told_to_even_while_nothing_comes() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(content(), &[], &[Fault::Stall(100_000)]);
    let hub = hub(&server, folder.path());
    let mut quiet = 0;
    let stopped = hub.fetch(&FILE, &mut |progress| {
        quiet += i32::from(progress.done == 100_000);
        if quiet == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(matches!(stopped, Err(HubError::Stopped)), "{stopped:?}");
    assert_eq!(hub.unfinished(&FILE), Some(100_000));
    fetch(&hub).unwrap();
    assert_eq!(server.ranges(), [None, Some("bytes=100000-".to_owned())]);
    assert_eq!(fs::read(hub.cached(&FILE).unwrap().path).unwrap(), *content().bytes);
}

#[test]
fn without_a_network_it_says_so_and_what_is_in_the_cache_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(content(), &[], &[]);
    let hub = hub(&server, folder.path());
    drop(server);
    let message = fetch(&hub).unwrap_err().to_string();
    assert!(message.contains("cannot be reached") && !message.contains("--"), "{message}");
    let offline = Hub { offline: true, ..hub };
    let message = fetch(&offline).unwrap_err().to_string();
    assert!(message.contains("HF_HUB_OFFLINE"), "{message}");

    let server = Server::start(content(), &[], &[]);
    fetch(&Hub { endpoint: server.endpoint.clone(), offline: false, ..offline.clone() }).unwrap();
    drop(server);
    assert_eq!(fetch(&offline).unwrap().bytes, LEN as u64);
}

#[test]
fn a_repository_that_was_renamed_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let content = Content { renamed_from: Some("timm/toy".to_owned()), ..content() };
    let server = Server::start(content, &[], &[]);
    fetch(&hub(&server, folder.path())).unwrap();
}

#[test]
fn a_hub_cannot_choose_where_a_file_is_written() {
    for etag in ["../../../evil", "a/b", "", ".hidden"] {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(Content { etag: etag.to_owned(), ..content() }, &[], &[]);
        let error = fetch(&hub(&server, folder.path())).unwrap_err();
        assert!(matches!(error, HubError::Answer { .. }), "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[test]
fn a_cached_file_is_checked_against_the_hubs_checksum_and_can_be_removed() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(content(), &[], &[]);
    let hub = hub(&server, folder.path());
    let cached = fetch(&hub).unwrap();
    assert_eq!(hub.verify(&cached).unwrap(), Verified::Intact);
    let mut bytes = fs::read(&cached.path).unwrap();
    bytes[7] ^= 1;
    fs::write(&cached.path, bytes).unwrap();
    assert_eq!(hub.verify(&cached).unwrap(), Verified::Damaged);
    assert_eq!(hub.remove(&FILE).unwrap(), LEN as u64);
    assert_eq!(hub.cached(&FILE), None);
    assert!(!folder.path().join("models--timm--toy").exists());
    assert_eq!(hub.remove(&FILE).unwrap(), 0);
}

#[test]
fn two_downloads_of_one_file_do_not_write_into_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(content(), &[], &[Fault::Stall(1000)]);
    let hub = hub(&server, folder.path());
    let mut second = None;
    let _ = hub.fetch(&FILE, &mut |progress| {
        if progress.done < 1000 {
            return ControlFlow::Continue(());
        }
        second = Some(fetch(&hub));
        ControlFlow::Break(())
    });
    assert!(matches!(second, Some(Err(HubError::Busy))), "{second:?}");
}

/// A server that differs from the hub, a hub's client of it, and what came.
fn from(manner: Manner, sent: &[Fault]) -> (Server, Hub, Result<Cached, HubError>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_as(manner, content(), &[], sent);
    let hub = hub(&server, folder.path());
    let fetched = fetch(&hub);
    (server, hub, fetched, folder)
}

#[test]
fn a_token_that_the_hub_refuses_is_said_to_be_and_a_public_file_comes_without_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_as(Manner { refuses_tokens: true, ..Manner::default() }, content(), &[], &[]);
    for (token, sent) in [("secret", 1), ("not one of ASCII’s", 0)] {
        let own = Hub { token: Some(token.to_owned()), ..hub(&server, &folder.path().join(sent.to_string())) };
        let mut told = Vec::new();
        let fetched = own.fetch(&FILE, &mut |progress| {
            told.push(progress.is_without_token);
            ControlFlow::Continue(())
        });
        assert_eq!(fs::read(fetched.unwrap().path).unwrap(), *content().bytes);
        assert_eq!(told.last(), Some(&true), "{token}");
        assert_eq!(server.seen().iter().filter(|seen| seen.has_some_token).count(), 1, "{token}");
    }
    let mut told = false;
    let whole = Server::start(content(), &[], &[]);
    let own = hub(&whole, &folder.path().join("whole"));
    own.fetch(&FILE, &mut |progress| {
        told |= progress.is_without_token;
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(!told, "one that is taken is not said to be refused");
}

#[test]
fn without_a_token_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(content(), &[Fault::Status(401)], &[]);
    let error = fetch(&Hub { token: None, ..hub(&server, folder.path()) }).unwrap_err();
    assert!(matches!(error, HubError::Forbidden { .. }), "{error}");
}

#[test]
fn a_mirror_that_redirects_to_the_hub_is_followed_and_the_token_stays_behind() {
    let real = Server::start(content(), &[], &[]);
    let manner = Manner { redirects_to: Some(real.endpoint.clone()), ..Manner::default() };
    let (mirror, hub, fetched, folder) = from(manner, &[]);
    assert_eq!(fetched.unwrap().sha256, Some(content().etag));
    assert_eq!(fs::read_to_string(folder.path().join("models--timm--toy/refs/main")).unwrap(), COMMIT);
    assert_eq!(hub.verify(&hub.cached(&FILE).unwrap()).unwrap(), Verified::Intact);
    assert!(mirror.seen().iter().all(|seen| seen.has_token) && !mirror.seen().is_empty());
    assert!(real.seen().iter().all(|seen| !seen.has_some_token) && !real.seen().is_empty());
}

#[test]
fn a_mirror_that_tells_no_etag_no_length_or_neither_gives_the_whole_file_through_cuts() {
    for (etag, length, chunked) in
        [(false, true, false), (true, false, false), (true, false, true), (false, false, true), (true, true, false)]
    {
        let mirror = Mirror { etag, length, chunked };
        let manner = Manner { mirror: Some(mirror), ..Manner::default() };
        // The end of a body without a length or chunks says nothing, but the checksum does.
        let is_told = length || chunked;
        let sent = if is_told { vec![Fault::Cut(100_000), Fault::Cut(50_000)] } else { Vec::new() };
        let (server, hub, fetched, folder) = from(manner, &sent);
        let cached = fetched.unwrap_or_else(|error| panic!("{mirror:?}: {error}"));
        assert_eq!(fs::read(&cached.path).unwrap(), *content().bytes, "{mirror:?}");
        assert_eq!(cached.sha256, Some(content().etag), "{mirror:?}: it is called by its checksum");
        assert_eq!(hub.verify(&cached).unwrap(), Verified::Intact, "{mirror:?}");
        assert_eq!(hub.unfinished(&FILE), None, "{mirror:?}");
        let gets = server.seen().into_iter().filter(|seen| seen.method == "GET").map(|seen| seen.range);
        let expected = [None, Some("bytes=100000-".to_owned()), Some("bytes=150000-".to_owned())];
        assert_eq!(gets.collect::<Vec<_>>(), expected[..if is_told { 3 } else { 1 }], "{mirror:?}");
        drop((server, folder));
    }
}

#[test]
fn what_could_be_cut_short_without_anybody_knowing_is_refused_and_what_is_cut_is_known() {
    let manner = |etag| Manner { mirror: Some(Mirror { etag, ..Mirror::default() }), ..Manner::default() };
    let (_server, hub, fetched, _folder) = from(manner(false), &[]);
    let message = fetched.unwrap_err().to_string();
    assert!(message.contains("neither the file's length nor its checksum"), "{message}");
    assert_eq!(hub.cached(&FILE), None);
    let (_server, hub, fetched, _folder) = from(manner(true), &[Fault::Cut(100_000)]);
    assert!(matches!(fetched, Err(HubError::Checksum { .. })), "{fetched:?}");
    assert_eq!(hub.cached(&FILE), None);
}

#[test]
fn what_came_of_a_content_without_a_name_is_not_gone_on_with_another_time() {
    let mirror = Mirror { length: true, ..Mirror::default() };
    let manner = Manner { mirror: Some(mirror), ..Manner::default() };
    let mut sent = vec![Fault::Cut(100_000)];
    sent.extend(vec![Fault::Cut(0); 4]);
    let (server, hub, fetched, _folder) = from(manner, &sent);
    assert!(matches!(fetched, Err(HubError::Interrupted { done: 100_000, .. })), "{fetched:?}");
    let asked = server.seen().len();
    fetch(&hub).unwrap();
    let again: Vec<_> = server.seen().split_off(asked).into_iter().map(|seen| seen.range).collect();
    assert_eq!(again, [None, None], "its head, and all of it");
}

#[test]
fn a_cached_file_that_was_cut_short_is_noticed_and_fetched_again() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(content(), &[], &[]);
    let own = hub(&server, folder.path());
    let checked = |hub: &Hub| hub.fetch_checked(&FILE, &mut |_| ControlFlow::Continue(()));
    let (cached, was_other) = checked(&own).unwrap();
    assert!(!was_other, "it was not there");
    let asked = server.seen().len();
    assert_eq!(checked(&own).unwrap(), (cached.clone(), false));
    assert_eq!(server.seen().len(), asked, "what is whole is not asked for");

    let cut = |bytes: &[u8]| fs::write(fs::canonicalize(&cached.path).unwrap(), bytes).unwrap();
    let offline = Hub { offline: true, ..own.clone() };
    let mut garbled = content().bytes.to_vec();
    garbled[7] ^= 1;
    for damaged in [&content().bytes[..1000], &garbled] {
        cut(damaged);
        assert!(matches!(checked(&offline), Err(HubError::Offline { .. })));
        assert_eq!(fs::read(&cached.path).unwrap(), damaged, "nothing better is there");
        assert_eq!(checked(&own).unwrap(), (cached.clone(), true));
        assert_eq!(fs::read(&cached.path).unwrap(), *content().bytes);
    }

    // What is not called by its checksum is compared by its length.
    let other = Content { etag: "some-name".to_owned(), ..content() };
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start(other, &[], &[]));
    let own = hub(&server, folder.path());
    let (cached, _) = checked(&own).unwrap();
    assert_eq!((cached.sha256.clone(), checked(&own).unwrap()), (None, (cached.clone(), false)));
    fs::write(fs::canonicalize(&cached.path).unwrap(), "short").unwrap();
    assert!(checked(&own).unwrap().1);
    assert_eq!(fs::read(&cached.path).unwrap(), *content().bytes);
    drop(server);
    assert!(!checked(&own).unwrap().1, "without a network what is here is taken");
}
