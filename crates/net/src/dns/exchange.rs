//! One server asked: questions go out together over UDP from a port and with numbers that nobody can guess, and an
//! answer counts only when it comes from that server, with that number, to that question. What was cut is asked for again
//! over TCP.

use super::message::{self, Code, Message};
use super::name;
use super::record::Kind;
use crate::{Error, Interrupt};
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};
use stdx::random::Random;

/// Longest answer in one packet that is read, in bytes. We announce nothing larger than the 512 of RFC 1035.
const PACKET_BYTES_MAX: usize = 1500;
/// Packets that are no answer to us and are put up with in one exchange.
const STRAY_PACKETS_MAX: usize = 64;
/// How long another answer is waited for once one is there with addresses in it.
const STRAGGLER_WAIT: Duration = Duration::from_millis(500);
/// How long a wait may take before it is seen that we are to stop.
const SLICE: Duration = Duration::from_millis(100);

/// What to ask one server.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// Whom.
    pub server: SocketAddr,
    /// The name; no search list is applied. For [`Kind::Ptr`] see [`Kind::reverse`].
    pub name: &'a str,
    /// What of it.
    pub kind: Kind,
    /// How long it may take, TCP included where the answer does not fit into a packet.
    pub timeout: Duration,
    /// Whether the server is to ask others; not wanted when one asks the server of a zone what it knows itself.
    pub recursion: bool,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The answer, whatever its code.
    pub message: Message,
    /// From the question to the end of the answer.
    pub took: Duration,
    /// Whether it had to come over TCP.
    pub over_tcp: bool,
}

/// Asks one server once and waits for its answer: any code is an answer.
///
/// # Errors
/// [`Error::Request`] for a name that cannot be asked for, [`Error::Resolve`] when there is no answer in time,
/// [`Error::Interrupted`].
pub fn query(query: &Query<'_>, interrupt: &Interrupt) -> Result<Reply, Error> {
    let round = Round { server: query.server, timeout: query.timeout, recursion: query.recursion, interrupt };
    let replies = round.ask(&[(query.name, query.kind)])?;
    replies.into_iter().next().flatten().ok_or_else(|| round.no_answer())
}

/// One server, asked once.
pub(super) struct Round<'a> {
    pub(super) server: SocketAddr,
    pub(super) timeout: Duration,
    pub(super) recursion: bool,
    pub(super) interrupt: &'a Interrupt,
}

/// A question on its way.
struct Question<'a> {
    id: u16,
    name: &'a str,
    kind: Kind,
    bytes: Vec<u8>,
    reply: Option<Reply>,
}

impl Round<'_> {
    /// Asks all questions at once; those without an answer in time are `None`, but not all of them.
    pub(super) fn ask(&self, asked: &[(&str, Kind)]) -> Result<Vec<Option<Reply>>, Error> {
        let mut random = Random::from_entropy();
        let mut questions = Vec::with_capacity(asked.len());
        for &(name, kind) in asked {
            let (id, mut bytes) = (random.next_u64() as u16, Vec::new());
            message::encode(id, name, kind, self.recursion, &mut bytes).map_err(Error::Request)?;
            questions.push(Question { id, name, kind, bytes, reply: None });
        }
        let start = Instant::now();
        let deadline = start + self.timeout;
        self.over_udp(&mut questions, start, deadline)?;
        for question in &mut questions {
            let cut = question.reply.as_ref().is_some_and(|reply| reply.message.truncated);
            // What came in the packet is better than nothing where TCP does not get through.
            if cut && let Ok(message) = self.over_tcp(question, deadline) {
                question.reply = Some(Reply { message, took: start.elapsed(), over_tcp: true });
            }
        }
        if self.interrupt.is_given_up() {
            return Err(Error::Interrupted);
        }
        let replies: Vec<_> = questions.into_iter().map(|question| question.reply).collect();
        if replies.iter().all(Option::is_none) { Err(self.no_answer()) } else { Ok(replies) }
    }

    pub(super) fn no_answer(&self) -> Error {
        Error::Resolve(format!("{}: no answer in {} ms", self.shown(), self.timeout.as_millis()))
    }

    fn shown(&self) -> String {
        if self.server.port() == super::PORT { self.server.ip().to_string() } else { self.server.to_string() }
    }

    fn over_udp(
        &self,
        questions: &mut [Question<'_>],
        start: Instant,
        mut deadline: Instant,
    ) -> Result<(), Error> {
        let failed = |e: io::Error| Error::Resolve(format!("{}: {e}", self.shown()));
        // Each exchange has a socket of its own, so that the system picks a new port; connected, it hears this server only.
        let any: IpAddr =
            if self.server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        let socket = UdpSocket::bind((any, 0)).map_err(failed)?;
        socket.connect(self.server).map_err(failed)?;
        for question in questions.iter() {
            socket.send(&question.bytes).map_err(failed)?;
        }
        let mut packet = [0; PACKET_BYTES_MAX];
        let mut strays = 0;
        while questions.iter().any(|question| question.reply.is_none()) && strays < STRAY_PACKETS_MAX {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || self.interrupt.is_given_up() {
                break;
            }
            socket.set_read_timeout(Some(left.min(SLICE).max(Duration::from_millis(1)))).map_err(failed)?;
            let len = match socket.recv(&mut packet) {
                Ok(len) => len,
                Err(e) if is_wait(&e) => continue,
                Err(e) => return Err(failed(e)),
            };
            match take(questions, &packet[..len], start) {
                Some(true) => deadline = deadline.min(Instant::now() + STRAGGLER_WAIT),
                Some(false) => {}
                None => strays += 1,
            }
        }
        Ok(())
    }

    fn over_tcp(&self, question: &Question<'_>, deadline: Instant) -> io::Result<Message> {
        let left = || match deadline.saturating_duration_since(Instant::now()) {
            Duration::ZERO => Err(io::Error::from(io::ErrorKind::TimedOut)),
            left => Ok(left),
        };
        let mut stream = TcpStream::connect_timeout(&self.server, left()?)?;
        stream.set_write_timeout(Some(left()?))?;
        let mut out = (question.bytes.len() as u16).to_be_bytes().to_vec();
        out.extend_from_slice(&question.bytes);
        stream.write_all(&out)?;
        let mut len = [0; 2];
        stream.set_read_timeout(Some(left()?))?;
        stream.read_exact(&mut len)?;
        let len = usize::from(u16::from_be_bytes(len));
        // Grows with what comes, not with what was announced.
        let mut bytes = Vec::new();
        while bytes.len() < len {
            stream.set_read_timeout(Some(left()?))?;
            let mut part = [0; 1024];
            let want = part.len().min(len - bytes.len());
            match stream.read(&mut part[..want])? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => bytes.extend_from_slice(&part[..read]),
            }
        }
        let message = Message::decode(&bytes).map_err(|e| io::Error::other(e.reason))?;
        if question.is_answered_by(&message) { Ok(message) } else { Err(io::Error::other("another answer")) }
    }
}

impl Question<'_> {
    fn is_answered_by(&self, message: &Message) -> bool {
        let asked = match &message.question {
            Some((name, kind)) => *kind == self.kind.number() && name::same(name, self.name),
            // Some servers only say that they do not want to.
            None => message.code != Code::NoError,
        };
        message.is_answer && message.id == self.id && asked
    }
}

/// Gives a packet to the question it answers; says whether there are records in it, and `None` for a stray one.
fn take(questions: &mut [Question<'_>], packet: &[u8], start: Instant) -> Option<bool> {
    let message = Message::decode(packet).ok()?;
    let question = questions.iter_mut().find(|q| q.reply.is_none() && q.is_answered_by(&message))?;
    let any = !message.answers.is_empty();
    question.reply = Some(Reply { message, took: start.elapsed(), over_tcp: false });
    Some(any)
}

fn is_wait(error: &io::Error) -> bool {
    use io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), Interrupted | TimedOut | WouldBlock)
}
