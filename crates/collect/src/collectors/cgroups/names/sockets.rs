//! Names from the managers themselves: Docker's API, which podman speaks too, over a local socket. Asked by a thread of
//! its own that gives up after a moment; one that hangs for ever is the last that was started.

use super::super::identity::Identity;
use super::files::with_labels_of_kubernetes;
use super::json::{string_after, value_of};
use crate::Host;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};
use std::io::{Error, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Where managers listen.
const PATHS: [&str; 2] = ["run/docker.sock", "run/podman/podman.sock"];
/// Below this each user may have one.
const USERS: &str = "run/user";
const PATH_OF_USER: &str = "podman/podman.sock";
/// Most managers asked.
const SOCKETS_MAX: usize = 8;
/// Longest answer, in bytes; more is no answer.
const ANSWER_BYTES_MAX: usize = 4 << 20;
/// Longest time a manager may take.
const WITHIN: Duration = Duration::from_secs(3);
const STACK_BYTES: usize = 128 << 10;

/// HTTP/1.0, so that the answer comes in one piece and ends with the connection.
const REQUEST: &[u8] =
    b"GET /containers/json HTTP/1.0\r\nHost: localhost\r\nAccept: application/json\r\n\r\n";

type Named = Vec<(String, Identity)>;

#[derive(Debug)]
pub(super) struct Sockets {
    root: PathBuf,
    thread: Option<JoinHandle<()>>,
    answer: Arc<Mutex<Named>>,
}

impl Sockets {
    pub(super) fn new(host: &Host) -> Self {
        Self { root: host.root.clone(), thread: None, answer: Arc::default() }
    }

    /// Whether there is anybody to ask.
    pub(super) fn are_there(&self) -> bool {
        !paths(&self.root).is_empty()
    }

    /// What a manager said of this id.
    pub(super) fn find(&self, id: &str) -> Option<Identity> {
        let answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        answer.iter().find(|(known, _)| known == id).map(|(_, identity)| identity.clone())
    }

    /// Forgets what was said.
    pub(super) fn forget(&mut self) {
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = Named::new();
    }

    /// Asks all there are, unless an earlier question is still open.
    pub(super) fn ask(&mut self) {
        if self.is_asking() {
            return;
        }
        let (paths, answer) = (paths(&self.root), self.answer.clone());
        let builder = std::thread::Builder::new().name("containers".to_owned()).stack_size(STACK_BYTES);
        let work = move || {
            for path in paths {
                // A manager that does not answer names nothing.
                let named =
                    fetch(&path, Instant::now() + WITHIN).map(|body| parse(&body)).unwrap_or_default();
                answer.lock().unwrap_or_else(PoisonError::into_inner).extend(named);
            }
        };
        self.thread = builder.spawn(work).ok();
    }

    /// Whether a question is open.
    pub(super) fn is_asking(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }
}

fn paths(root: &Path) -> Vec<PathBuf> {
    let users = std::fs::read_dir(root.join(USERS)).into_iter().flatten().flatten();
    let of_users = users.map(|user| user.path().join(PATH_OF_USER));
    let all = PATHS.into_iter().map(|path| root.join(path)).chain(of_users);
    all.filter(|path| path.exists()).take(SOCKETS_MAX).collect()
}

/// The body of the answer.
fn fetch(path: &Path, deadline: Instant) -> Result<String, Error> {
    let mut stream = dial(path)?;
    stream.write_all(REQUEST)?;
    let mut answer = Vec::new();
    let mut piece = [0; 8192];
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => answer.extend_from_slice(&piece[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if answer.len() > ANSWER_BYTES_MAX {
            return Err(ErrorKind::FileTooLarge.into());
        }
    }
    body(&answer).map(str::to_owned).ok_or_else(|| ErrorKind::InvalidData.into())
}

/// Connects with a time limit: a manager that takes nobody in lets callers wait for ever.
fn dial(path: &Path) -> Result<UnixStream, Error> {
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    set_socket_timeout(&socket, Timeout::Send, Some(WITHIN))?;
    connect(&socket, &SocketAddrUnix::new(path)?)?;
    Ok(UnixStream::from(socket))
}

fn body(answer: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(answer).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?;
    // A list that is cut short is none.
    let is_whole = body.trim_end().ends_with(']');
    (head.starts_with("HTTP/1.") && status == "200" && is_whole).then_some(body)
}

/// A list of containers, each of which begins with its id.
fn parse(list: &str) -> Named {
    let one = |text: &str| {
        let id = &text[..text.find('"')?];
        let name = string_after(text, r#""Names":["/"#).or_else(|| string_after(text, r#""Names":[""#))?;
        let identity = Identity { name, image: value_of(text, "Image"), ..Identity::default() };
        Some((id.to_owned(), with_labels_of_kubernetes(text, identity)))
    };
    list.split(r#"{"Id":""#).skip(1).filter_map(one).collect()
}
