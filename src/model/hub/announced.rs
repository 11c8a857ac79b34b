//! What a hub, a mirror or a storage says of a file before it comes, and where it redirects to.

use super::{HubError, net::Head};

/// The largest file that is fetched, 64 GiB: a larger one is no image classifier.
pub(crate) const MAX_BYTES: u64 = 64 << 30;

/// What is said of a file. A mirror need not say everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Announced {
    /// The content's name.
    pub etag: Option<String>,
    /// The commit that the revision is at.
    pub commit: Option<String>,
    /// Bytes.
    pub size: Option<u64>,
}

impl Announced {
    /// Takes in the head of an answer to HEAD: what is told first counts. One that redirects may speak of the file by
    /// `x-linked-etag` and `x-linked-size`; its other headers speak of itself.
    pub fn add(&mut self, head: &Head) {
        let is_file = !is_redirection(head.status);
        let own = |name: &str| head.header(name).filter(|_| is_file);
        let etag = head.header("x-linked-etag").or_else(|| own("etag"));
        let etag = etag.map(|etag| etag.trim_start_matches("W/").trim_matches('"').to_owned());
        self.etag = self.etag.take().or(etag);
        // Servers that make the body only for GET say 0.
        let length = own("content-length").filter(|length| *length != "0");
        let size = head.header("x-linked-size").or(length).and_then(|size| size.parse().ok());
        self.size = self.size.or(size);
        self.commit = self.commit.take().or_else(|| head.header("x-repo-commit").map(str::to_owned));
    }

    /// Whether everything was said.
    pub fn is_complete(&self) -> bool {
        self.etag.is_some() && self.commit.is_some() && self.size.is_some()
    }
}

/// A size that was announced, if it can be one.
pub(crate) fn checked_size(size: Option<u64>) -> Result<Option<u64>, HubError> {
    match size {
        Some(size) if size > MAX_BYTES => {
            Err(HubError::Answer { why: format!("the file is said to have {size} bytes") })
        }
        size => Ok(size),
    }
}

/// Whether a status says that the file is elsewhere.
pub(crate) fn is_redirection(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// Where the answer of `address` redirects to, if it does.
pub(crate) fn redirection(head: &Head, address: &str) -> Option<String> {
    head.header("location").filter(|_| is_redirection(head.status)).map(|location| resolved(address, location))
}

/// The address that `location` is, seen from `base` (RFC 3986, section 5.2, as far as servers use it).
fn resolved(base: &str, location: &str) -> String {
    let scheme = base.find("://").map_or(base, |at| &base[..at]);
    if let Some(rest) = location.strip_prefix("//") {
        return format!("{scheme}://{rest}");
    }
    let path_end = location.find(['/', '?', '#']).unwrap_or(location.len());
    if location[..path_end].contains(':') {
        return location.to_owned();
    }
    if location.starts_with('/') {
        return format!("{}{location}", origin(base));
    }
    let path = base.find(['?', '#']).map_or(base, |end| &base[..end]);
    let host = origin(base).len();
    let folder = path[host..].rfind('/').map_or(path, |slash| &path[..host + slash]);
    if location.starts_with('?') { format!("{path}{location}") } else { format!("{folder}/{location}") }
}

/// Scheme, host and port of an address.
pub(crate) fn origin(address: &str) -> &str {
    let host = address.find("://").map_or(0, |at| at + 3);
    address[host..].find('/').map_or(address, |end| &address[..host + end])
}

/// The first byte and, where it is told, the length of the whole: `bytes 5-9/10` is 5 and 10.
pub(crate) fn range(range: &str) -> Option<(u64, Option<u64>)> {
    let (part, all) = range.trim().strip_prefix("bytes")?.split_once('/')?;
    let from = part.trim_start().split('-').next()?.parse().ok()?;
    Some((from, all.trim().parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirection_is_an_address_whichever_way_it_is_written() {
        let base = "https://mirror.example:8443/hf/timm/toy/resolve/main/model.safetensors?download=true";
        for (location, expected) in [
            ("https://other.example/a?b=/c", "https://other.example/a?b=/c"),
            ("//other.example/a", "https://other.example/a"),
            ("/a/b", "https://mirror.example:8443/a/b"),
            ("other.bin", "https://mirror.example:8443/hf/timm/toy/resolve/main/other.bin"),
            ("../x?at=12:30", "https://mirror.example:8443/hf/timm/toy/resolve/main/../x?at=12:30"),
            ("?signed=yes", "https://mirror.example:8443/hf/timm/toy/resolve/main/model.safetensors?signed=yes"),
        ] {
            assert_eq!(resolved(base, location), expected);
        }
        assert_eq!(resolved("http://mirror.example", "a"), "http://mirror.example/a");
    }

    #[test]
    fn a_part_says_where_it_begins_and_how_long_the_whole_is() {
        assert_eq!(range("bytes 5-9/10"), Some((5, Some(10))));
        assert_eq!(range("bytes 5-9/*"), Some((5, None)));
        assert_eq!(range("items 5-9/10"), None);
    }
}
