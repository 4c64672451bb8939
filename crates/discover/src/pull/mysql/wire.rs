//! MySQL's protocol, version 10: greeting, proving a password, and text queries.

mod fields;

use super::super::Error;
use super::super::ask::Ask;
use super::super::link::{ANSWER_BYTES_MAX, Link};
use super::super::sql::Table;
use fields::Fields;
use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256};

/// `CLIENT_LONG_PASSWORD`, `PROTOCOL_41`, `TRANSACTIONS`, `SECURE_CONNECTION`, `PLUGIN_AUTH`.
const CAPABILITIES: u32 = 0x1 | 0x200 | 0x2000 | 0x8000 | 0x8_0000;
/// `CLIENT_SSL`.
const WITH_TLS: u32 = 0x800;
/// utf8mb4_general_ci.
const CHARSET: u8 = 45;
/// Most columns of a row.
const COLUMNS_MAX: u64 = 256;
/// Most rows of an answer.
const ROWS_MAX: usize = 20_000;
/// Most messages back and forth before we are let in.
const LOGIN_STEPS_MAX: usize = 8;

/// A connection that may be asked.
pub(super) struct Connection {
    pub(super) link: Link,
    /// As the server writes it: `8.0.36`, `10.11.6-MariaDB-0+deb12u1`.
    pub(super) version: String,
    channel: Channel,
    sequence: u8,
}

/// What is between us and the server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Channel {
    /// A unix socket, on which nobody listens.
    pub(super) is_private: bool,
    /// TLS, to be asked for.
    pub(super) is_tls: bool,
}

impl Channel {
    /// Whether the password may be sent as it is.
    fn is_safe(self) -> bool {
        self.is_private || self.is_tls
    }
}

/// What the server said no with.
struct Refusal {
    code: u16,
    message: String,
}

impl Connection {
    /// Reads the greeting and logs in.
    pub(super) fn start(
        ask: &Ask<'_>,
        link: Link,
        channel: Channel,
        user: &str,
        password: &str,
    ) -> Result<Self, Error> {
        let mut connection = Self { link, version: String::new(), channel, sequence: 0 };
        let greeting = connection.receive()?;
        if greeting.first() == Some(&0xff) {
            return Err(denied(&refusal(&greeting), user));
        }
        let Greeting { plugin, salt, has_tls } = connection.greeted(&greeting)?;
        if channel.is_tls {
            connection = connection.secure(ask, has_tls)?;
        }
        // What the server would have us do is tried first; one that we do not know may still turn out not to be asked for.
        let proof = prove(&plugin, password, &salt).unwrap_or_default();
        let mut body = head(channel.is_tls);
        body.extend_from_slice(user.as_bytes());
        body.push(0);
        body.push(proof.len() as u8);
        body.extend_from_slice(&proof);
        body.extend_from_slice(plugin.as_bytes());
        body.push(0);
        connection.send(&body)?;
        match connection.log_in(user, password) {
            // MariaDB does not say when TLS is all that it lacks (`require_secure_transport`, `REQUIRE SSL`).
            Err(Error::Denied(why)) if has_tls && !channel.is_safe() => Err(Error::Insecure(why)),
            outcome => outcome.map(|()| connection),
        }
    }

    /// Goes on with TLS, if the server has it.
    fn secure(mut self, ask: &Ask<'_>, has_tls: bool) -> Result<Self, Error> {
        if !has_tls {
            return Err(Error::Refused("it speaks no TLS (`have_ssl` is not YES): ask it without".into()));
        }
        self.send(&head(true))?;
        Ok(Self { link: ask.secure(self.link)?, ..self })
    }

    fn greeted(&mut self, greeting: &[u8]) -> Result<Greeting, Error> {
        let mut fields = Fields(greeting);
        if fields.byte()? != 10 {
            return Err(Error::malformed("a greeting of an unknown version; is this MySQL?"));
        }
        // MariaDB 10 put a 5.5 before its own version, for old replicas.
        let version = fields.text()?;
        version.strip_prefix("5.5.5-").unwrap_or(&version).clone_into(&mut self.version);
        fields.bytes(4)?;
        let mut salt = fields.bytes(8)?.to_vec();
        let low = fields.bytes(1 + 2 + 1 + 2 + 2)?;
        let has_tls = u32::from(u16::from_le_bytes([low[1], low[2]])) & WITH_TLS != 0;
        let len = usize::from(fields.byte()?).saturating_sub(8).max(13);
        fields.bytes(10)?;
        salt.extend_from_slice(fields.bytes(len.min(fields.0.len()))?);
        salt.truncate(20);
        Ok(Greeting { plugin: fields.text().unwrap_or_default(), salt, has_tls })
    }

    fn log_in(&mut self, user: &str, password: &str) -> Result<(), Error> {
        for _ in 0..LOGIN_STEPS_MAX {
            let answer = self.receive()?;
            match answer.first() {
                Some(0x00) => return Ok(()),
                Some(0xff) => return Err(denied(&refusal(&answer), user)),
                Some(0xfe) if answer.len() > 1 => {
                    let mut fields = Fields(&answer[1..]);
                    let plugin = fields.text()?;
                    let salt = fields.0.strip_suffix(b"\0").unwrap_or(fields.0);
                    let proof = prove(&plugin, password, salt)
                        .ok_or_else(|| Error::Denied(format!("it wants `{plugin}`, which is not spoken here: IDENTIFIED BY a password or VIA unix_socket will do")))?;
                    self.send(&proof)?;
                }
                // caching_sha2_password: 3 is known already, 4 the password itself is wanted.
                Some(0x01) if answer.get(1) == Some(&3) => {}
                Some(0x01) if answer.get(1) == Some(&4) && self.channel.is_safe() => {
                    self.send(&[password.as_bytes(), b"\0"].concat())?;
                }
                Some(0x01) if answer.get(1) == Some(&4) => {
                    return Err(Error::Insecure(format!(
                        "it wants the password of `{user}` itself, which is sent over TLS and unix sockets only \
                         (caching_sha2_password)"
                    )));
                }
                _ => return Err(Error::malformed("an unknown step of logging in")),
            }
        }
        Err(Error::malformed("logging in without an end"))
    }

    /// Asks.
    pub(super) fn query(&mut self, sql: &str) -> Result<Table, Error> {
        self.sequence = 0;
        self.send(&[b"\x03", sql.as_bytes()].concat())?;
        let head = self.receive()?;
        match head.first() {
            Some(0x00) => return Ok(Table::default()),
            Some(0xff) => return Err(refused_query(&refusal(&head))),
            _ => {}
        }
        let columns = Fields(&head).length()?.filter(|columns| *columns <= COLUMNS_MAX);
        let columns = columns.ok_or_else(|| Error::malformed("an answer without columns"))?;
        let mut table = Table::default();
        for _ in 0..columns {
            table.columns.push(column(&self.receive()?)?);
        }
        self.receive()?;
        loop {
            let row = self.receive()?;
            match row.first() {
                Some(0xfe) if row.len() < 9 => return Ok(table),
                Some(0xff) => return Err(refused_query(&refusal(&row))),
                _ if table.rows.len() < ROWS_MAX => {
                    let mut fields = Fields(&row);
                    table.rows.push((0..columns).map(|_| fields.value()).collect::<Result<_, _>>()?);
                }
                _ => {}
            }
        }
    }

    fn send(&mut self, body: &[u8]) -> Result<(), Error> {
        let mut bytes = (body.len() as u32).to_le_bytes()[..3].to_vec();
        bytes.push(self.sequence);
        bytes.extend_from_slice(body);
        self.sequence = self.sequence.wrapping_add(1);
        self.link.send(&bytes)
    }

    fn receive(&mut self) -> Result<Vec<u8>, Error> {
        let [a, b, c, sequence] = self.link.array()?;
        self.sequence = sequence.wrapping_add(1);
        let len = u32::from_le_bytes([a, b, c, 0]) as usize;
        if len == 0xff_ffff {
            return Err(Error::TooLong(ANSWER_BYTES_MAX));
        }
        Ok(self.link.take(len)?.to_vec())
    }
}

/// What our first packet begins with; to have TLS it is sent alone before.
fn head(is_tls: bool) -> Vec<u8> {
    let capabilities = if is_tls { CAPABILITIES | WITH_TLS } else { CAPABILITIES };
    let mut head = capabilities.to_le_bytes().to_vec();
    head.extend_from_slice(&(ANSWER_BYTES_MAX as u32).to_le_bytes());
    head.push(CHARSET);
    head.extend_from_slice(&[0; 23]);
    head
}

/// What the server begins with.
struct Greeting {
    /// The proof it wants first.
    plugin: String,
    salt: Vec<u8>,
    has_tls: bool,
}

/// The name of a column, after catalogue, schema, table and the table's own name.
fn column(packet: &[u8]) -> Result<String, Error> {
    let mut fields = Fields(packet);
    for _ in 0..4 {
        fields.value()?;
    }
    Ok(fields.value()?.unwrap_or_default())
}

/// The proof a plugin wants; `None` when it is not known here.
fn prove(plugin: &str, password: &str, salt: &[u8]) -> Option<Vec<u8>> {
    let hash = |algorithm, parts: &[&[u8]]| {
        let mut context = Context::new(algorithm);
        parts.iter().for_each(|part| context.update(part));
        context.finish().as_ref().to_vec()
    };
    let xor = |a: &[u8], b: &[u8]| a.iter().zip(b).map(|(a, b)| a ^ b).collect();
    match plugin {
        "mysql_native_password" | "caching_sha2_password" if password.is_empty() => Some(Vec::new()),
        "mysql_native_password" => {
            let one = hash(&SHA1_FOR_LEGACY_USE_ONLY, &[password.as_bytes()]);
            let two = hash(&SHA1_FOR_LEGACY_USE_ONLY, &[&one]);
            Some(xor(&one, &hash(&SHA1_FOR_LEGACY_USE_ONLY, &[salt, &two])))
        }
        "caching_sha2_password" => {
            let one = hash(&SHA256, &[password.as_bytes()]);
            let two = hash(&SHA256, &[&hash(&SHA256, &[&one])[..], salt]);
            Some(xor(&one, &two))
        }
        // The server asks the system who we are.
        "unix_socket" | "auth_socket" => Some(Vec::new()),
        _ => None,
    }
}

fn refusal(packet: &[u8]) -> Refusal {
    let mut fields = Fields(packet.get(1..).unwrap_or_default());
    let code = fields.bytes(2).map_or(0, |code| u16::from_le_bytes([code[0], code[1]]));
    let text = fields.0;
    // `#` and five letters of SQLSTATE.
    let text = if text.first() == Some(&b'#') { text.get(6..).unwrap_or_default() } else { text };
    Refusal { code, message: String::from_utf8_lossy(text).into_owned() }
}

fn denied(Refusal { code, message }: &Refusal, user: &str) -> Error {
    match code {
        1040 => Error::Unready(format!("it has as many connections as it takes: {message}")),
        3159 => Error::Insecure(message.clone()),
        1129 => Error::Denied(format!("{message} (FLUSH HOSTS; lets us in again)")),
        1045 | 1698 => Error::Denied(format!(
            "{message}. It takes: CREATE USER {user}@localhost IDENTIFIED BY '…'; GRANT PROCESS, REPLICATION CLIENT, SELECT ON \
             *.* TO {user}@localhost; and that password in the settings of this service, or IDENTIFIED VIA unix_socket \
             (MySQL: WITH auth_socket) and none"
        )),
        _ => Error::Denied(format!("{message} ({code})")),
    }
}

fn refused_query(Refusal { code, message }: &Refusal) -> Error {
    match code {
        1044 | 1142 | 1143 | 1227 => Error::Refused(format!(
            "{message}: GRANT PROCESS, REPLICATION CLIENT, SELECT ON *.* TO the user that asks (MariaDB 10.5 and later: also \
             REPLICA MONITOR)"
        )),
        1053 | 1077 | 1079 => Error::Closed,
        _ => Error::Refused(format!("{message} ({code})")),
    }
}
