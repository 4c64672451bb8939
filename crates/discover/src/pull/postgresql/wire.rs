//! PostgreSQL's protocol, version 3: starting, proving a password, and simple queries.

use super::super::Error;
use super::super::ask::Ask;
use super::super::link::Link;
use super::super::scram::{Hash, Scram};
use super::super::sql::Table;

/// Version 3.0.
const PROTOCOL: i32 = 196_608;
/// What is asked for instead of a version to have TLS.
const SECURE: i32 = 80_877_103;
/// Most columns of a row.
const COLUMNS_MAX: usize = 256;
/// Most rows of an answer.
const ROWS_MAX: usize = 20_000;

/// A connection that may be asked.
pub(super) struct Connection {
    pub(super) link: Link,
    /// `server_version`, as the server writes it.
    pub(super) version: String,
}

/// Asks for TLS, and puts it over the connection when the server agrees.
fn secure(ask: &Ask<'_>, mut link: Link) -> Result<Link, Error> {
    link.send(&[8i32.to_be_bytes(), SECURE.to_be_bytes()].concat())?;
    match link.array::<1>()? {
        [b'S'] => ask.secure(link),
        [b'N'] => Err(Error::Refused("it speaks no TLS (`ssl` is off): ask it without".into())),
        _ => Err(Error::malformed("no answer to the question for TLS; is this PostgreSQL?")),
    }
}

/// What the server said no with.
struct Refusal {
    code: String,
    message: String,
}

struct Message {
    kind: u8,
    body: Vec<u8>,
}

impl Connection {
    /// Starts a session of `user` in `database`.
    pub(super) fn start(
        ask: &mut Ask<'_>,
        link: Link,
        is_tls: bool,
        user: &str,
        database: &str,
    ) -> Result<Self, Error> {
        let link = if is_tls { secure(ask, link)? } else { link };
        let mut connection = Self { link, version: String::new() };
        let mut body = PROTOCOL.to_be_bytes().to_vec();
        for (name, value) in [
            ("user", user),
            ("database", database),
            ("application_name", "windhover"),
            ("client_encoding", "UTF8"),
        ] {
            body.extend_from_slice(name.as_bytes());
            body.push(0);
            body.extend_from_slice(value.as_bytes());
            body.push(0);
        }
        body.push(0);
        let mut bytes = (body.len() as i32 + 4).to_be_bytes().to_vec();
        bytes.extend_from_slice(&body);
        connection.link.send(&bytes)?;
        connection.log_in(ask, user)?;
        connection.settle()?;
        Ok(connection)
    }

    fn log_in(&mut self, ask: &mut Ask<'_>, user: &str) -> Result<(), Error> {
        loop {
            let message = self.receive()?;
            match message.kind {
                b'R' => {}
                b'E' => return Err(denied(&refusal(&message.body), user)),
                b'N' | b'v' => continue,
                kind => return Err(unexpected(kind)),
            }
            let mut body = Fields(&message.body);
            let password = ask.target.password.clone();
            match body.i32()? {
                0 => return Ok(()),
                3 | 5 | 10 if password.is_empty() => return Err(Error::Denied(needs_password(user))),
                3 => self.send(b'p', &[password.as_bytes(), b"\0"].concat())?,
                5 => {
                    let proof = md5(user, &password, body.0);
                    self.send(b'p', &[proof.as_bytes(), b"\0"].concat())?;
                }
                10 => self.scram(ask, body.0, user)?,
                7..=9 => return Err(Error::Denied("it wants Kerberos, which is not spoken here".into())),
                other => return Err(Error::malformed(format!("an unknown way {other} to log in"))),
            }
        }
    }

    fn scram(&mut self, ask: &mut Ask<'_>, mechanisms: &[u8], user: &str) -> Result<(), Error> {
        const NAME: &[u8] = b"SCRAM-SHA-256";
        if !mechanisms.split(|&b| b == 0).any(|name| name == NAME) {
            return Err(Error::Denied("it wants a proof of the password that is not spoken here".into()));
        }
        let mut scram = Scram::new(Hash::Sha256, "", ask.random);
        let first = scram.first();
        let len = (first.len() as i32).to_be_bytes();
        self.send(b'p', &[NAME, b"\0", &len, first.as_bytes()].concat())?;
        let proof = scram.proof(&self.sasl(11, user)?, ask.target.password.as_bytes())?;
        self.send(b'p', proof.as_bytes())?;
        scram.verify(&self.sasl(12, user)?)
    }

    /// The server's next word in a proof.
    fn sasl(&mut self, wanted: i32, user: &str) -> Result<Vec<u8>, Error> {
        let message = self.receive()?;
        match message.kind {
            b'R' => {
                let mut body = Fields(&message.body);
                if body.i32()? == wanted {
                    Ok(body.0.to_vec())
                } else {
                    Err(Error::malformed("SCRAM out of order"))
                }
            }
            b'E' => Err(denied(&refusal(&message.body), user)),
            kind => Err(unexpected(kind)),
        }
    }

    /// Waits until the session is ready.
    fn settle(&mut self) -> Result<(), Error> {
        loop {
            let message = self.receive()?;
            match message.kind {
                b'Z' => return Ok(()),
                b'S' => {
                    let mut body = Fields(&message.body);
                    let (name, value) = (body.text()?, body.text()?);
                    if name == "server_version" {
                        self.version = value;
                    }
                }
                b'E' => return Err(denied(&refusal(&message.body), "")),
                b'K' | b'N' => {}
                kind => return Err(unexpected(kind)),
            }
        }
    }

    /// Asks; several statements give the rows of the last that has any. Whoever looks at sessions or statements sees who asks.
    pub(super) fn query(&mut self, sql: &str) -> Result<Table, Error> {
        let sql = sql.replacen("SELECT ", "SELECT /* windhover */ ", 1);
        self.send(b'Q', &[sql.as_bytes(), b"\0"].concat())?;
        let mut table = Table::default();
        let mut refused = None;
        loop {
            let message = self.receive()?;
            match message.kind {
                b'T' => table = Table { columns: columns(&message.body)?, rows: Vec::new() },
                b'D' if table.rows.len() < ROWS_MAX => table.rows.push(row(&message.body)?),
                b'E' => refused = refused.or(Some(refusal(&message.body))),
                b'Z' => break,
                // Ends of statements, notices, notifications, changed parameters.
                b'C' | b'D' | b'I' | b'N' | b'A' | b'S' => {}
                kind => return Err(unexpected(kind)),
            }
        }
        refused.map_or(Ok(table), |refusal| Err(refused_query(&refusal)))
    }

    fn send(&mut self, kind: u8, body: &[u8]) -> Result<(), Error> {
        let len = (body.len() as i32 + 4).to_be_bytes();
        self.link.send(&[&[kind], &len[..], body].concat())
    }

    fn receive(&mut self) -> Result<Message, Error> {
        let [kind, len @ ..] = self.link.array::<5>()?;
        let len = usize::try_from(i32::from_be_bytes(len)).ok().and_then(|len| len.checked_sub(4));
        let len = len.ok_or_else(|| Error::malformed("a message of negative length; is this PostgreSQL?"))?;
        Ok(Message { kind, body: self.link.take(len)?.to_vec() })
    }
}

/// A message's body, taken apart from its start.
struct Fields<'b>(&'b [u8]);

impl<'b> Fields<'b> {
    fn bytes(&mut self, len: usize) -> Result<&'b [u8], Error> {
        let (bytes, rest) =
            self.0.split_at_checked(len).ok_or_else(|| Error::malformed("a short message"))?;
        self.0 = rest;
        Ok(bytes)
    }

    fn i32(&mut self) -> Result<i32, Error> {
        Ok(i32::from_be_bytes(self.bytes(4)?.try_into().expect("four bytes")))
    }

    fn count(&mut self) -> Result<usize, Error> {
        let count = i16::from_be_bytes(self.bytes(2)?.try_into().expect("two bytes"));
        let count = usize::try_from(count).ok().filter(|count| *count <= COLUMNS_MAX);
        count.ok_or_else(|| Error::malformed("too many columns"))
    }

    fn text(&mut self) -> Result<String, Error> {
        let len =
            self.0.iter().position(|&b| b == 0).ok_or_else(|| Error::malformed("a text without an end"))?;
        let text = String::from_utf8_lossy(self.bytes(len)?).into_owned();
        self.bytes(1)?;
        Ok(text)
    }
}

fn columns(body: &[u8]) -> Result<Vec<String>, Error> {
    let mut fields = Fields(body);
    (0..fields.count()?)
        .map(|_| {
            let name = fields.text()?;
            // Table, column, type, sizes, format.
            fields.bytes(18).map(|_| name)
        })
        .collect()
}

fn row(body: &[u8]) -> Result<Vec<Option<String>>, Error> {
    let mut fields = Fields(body);
    (0..fields.count()?)
        .map(|_| match usize::try_from(fields.i32()?) {
            Ok(len) => Ok(Some(String::from_utf8_lossy(fields.bytes(len)?).into_owned())),
            Err(_) => Ok(None),
        })
        .collect()
}

fn refusal(body: &[u8]) -> Refusal {
    let mut refusal = Refusal { code: String::new(), message: String::new() };
    let mut fields = Fields(body);
    while let Ok([kind]) = fields.bytes(1)
        && let Ok(text) = fields.text()
    {
        match kind {
            b'C' => refusal.code = text,
            b'M' => refusal.message = text,
            _ => {}
        }
    }
    refusal
}

fn unexpected(kind: u8) -> Error {
    Error::malformed(format!("an unexpected message `{}`; is this PostgreSQL?", kind.escape_ascii()))
}

fn needs_password(user: &str) -> String {
    format!("it wants a password for the role `{user}`, and none is set. {}", role(user))
}

/// How the role is made.
fn role(user: &str) -> String {
    let user = if user.is_empty() { "windhover" } else { user };
    format!(
        "It takes: CREATE ROLE {user} LOGIN PASSWORD '…'; GRANT pg_monitor TO {user}; and that password in the settings of \
         this service, or a line `local all {user} peer` in pg_hba.conf"
    )
}

fn denied(refusal: &Refusal, user: &str) -> Error {
    let Refusal { code, message } = refusal;
    match code.as_str() {
        "57P03" => Error::Unready(format!("it does not take connections now: {message}")),
        "53300" => Error::Unready(format!("it has as many connections as it takes: {message}")),
        // Older ones say `SSL off`.
        "28000" if message.contains("no encryption") || message.contains("SSL off") => {
            Error::Insecure(format!("{message}. {}", role(user)))
        }
        "28P01" => Error::Denied(format!("{message}: set the password of that role for this service")),
        "3D000" => Error::Denied(format!("{message}: set another database for this service")),
        _ => Error::Denied(format!("{message}. {}", role(user))),
    }
}

fn refused_query(Refusal { code, message }: &Refusal) -> Error {
    match code.as_str() {
        "42501" => Error::Refused(format!("{message}: GRANT pg_monitor TO the role that asks")),
        "57014" => Error::Refused(format!("a query took too long: {message}")),
        // The session is over: an administrator ended it, or the server goes down.
        "57P01" | "57P02" | "57P03" => Error::Closed,
        _ => Error::Refused(format!("{message} ({code})")),
    }
}

/// The older proof: MD5 of the salt after MD5 of password and user.
fn md5(user: &str, password: &str, salt: &[u8]) -> String {
    let inner = format!("{:x}", ::md5::compute(format!("{password}{user}")));
    format!("md5{:x}", ::md5::compute([inner.as_bytes(), salt].concat()))
}
