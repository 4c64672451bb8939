//! MongoDB from version 3.6 on: `serverStatus`, the replica set, sizes of databases, over its messages (OP_MSG).

mod bson;
mod metrics;

use super::ask::Ask;
use super::link::Link;
use super::scram::{Hash, Scram};
use super::session::{Kept, Session};
use super::{Error, Row};
use bson::{Document, Leaf};
use metrics::{METRICS, metric};
use std::collections::BTreeMap;

pub(super) const ROW: Row = Row {
    name: "mongodb",
    summary: "MongoDB from 3.6 on: operations and their latencies, connections, queues, the cache of WiredTiger, replication and \
              its lag, sizes.",
    port: 27017,
    needs: "Needs nothing where there is no access control; else `db.getSiblingDB('admin').createUser({user: 'windhover', \
            pwd: '…', roles: ['clusterMonitor']})` and the password in the settings of this service.",
    metrics: &METRICS,
    open: || Box::<Kept<Mongodb>>::default(),
};

const OP_MSG: i32 = 2013;
/// Database in which users are looked for where none is set.
const USERS: &str = "admin";
/// No such mechanism: the user has none for SHA-256.
const NO_MECHANISM: f64 = 334.0;

struct Mongodb {
    link: Link,
    sent: i32,
}

/// A reply, and the word of refusal in it.
struct Reply {
    bytes: Vec<u8>,
    code: f64,
    refusal: Option<String>,
}

impl Session for Mongodb {
    fn open(ask: &mut Ask<'_>) -> Result<Self, Error> {
        let mut session = Self { link: ask.connect()?, sent: 0 };
        if !ask.target.user.is_empty() || !ask.target.password.is_empty() {
            session.log_in(ask)?;
        }
        Ok(session)
    }

    fn link(&mut self) -> &mut Link {
        &mut self.link
    }

    fn pull(&mut self, ask: &mut Ask<'_>) -> Result<(), Error> {
        let status = self.command("serverStatus", Document::default(), "admin")?;
        status_of(&allowed(status)?, ask)?;
        let set = self.command("replSetGetStatus", Document::default(), "admin")?;
        // A server that stands alone refuses: it is in no set.
        if set.refusal.is_none() {
            replica_set(&set.bytes, ask)?;
        }
        if ask.is_full {
            let databases = self.command("listDatabases", Document::default(), "admin").and_then(allowed);
            if let Some(bytes) = ask.tolerate(databases)? {
                sizes(&bytes, ask)?;
            }
        }
        Ok(())
    }
}

impl Mongodb {
    fn log_in(&mut self, ask: &mut Ask<'_>) -> Result<(), Error> {
        let (user, password) = (ask.target.user.clone(), ask.target.password.clone());
        let user = if user.is_empty() { "windhover".to_owned() } else { user };
        let users =
            if ask.target.database.is_empty() { USERS.to_owned() } else { ask.target.database.clone() };
        let strong = Scram::new(Hash::Sha256, &user, ask.random);
        let reply = self.start(&strong, "SCRAM-SHA-256", &users)?;
        if reply.refusal.is_some() && reply.code == NO_MECHANISM {
            // The older proof is of a hash of the password.
            let password = format!("{:x}", md5::compute(format!("{user}:mongo:{password}")));
            let old = Scram::new(Hash::Sha1, &user, ask.random);
            let reply = self.start(&old, "SCRAM-SHA-1", &users)?;
            return self.prove(old, reply, &password, &users);
        }
        self.prove(strong, reply, &password, &users)
    }

    fn start(&mut self, scram: &Scram, mechanism: &str, users: &str) -> Result<Reply, Error> {
        let more =
            Document::default().text("mechanism", mechanism).bytes("payload", scram.first().as_bytes());
        self.command("saslStart", more, users)
    }

    fn prove(&mut self, mut scram: Scram, reply: Reply, password: &str, users: &str) -> Result<(), Error> {
        let first = let_in(reply)?;
        let (payload, id, _) = step(&first)?;
        let proof = scram.proof(payload, password.as_bytes())?;
        let reply = self.go_on(id, proof.as_bytes(), users)?;
        let last = let_in(reply)?;
        let (payload, _, is_done) = step(&last)?;
        scram.verify(payload)?;
        if !is_done {
            let_in(self.go_on(id, b"", users)?)?;
        }
        Ok(())
    }

    fn go_on(&mut self, id: i32, payload: &[u8], users: &str) -> Result<Reply, Error> {
        self.command(
            "saslContinue",
            Document::default().number("conversationId", id).bytes("payload", payload),
            users,
        )
    }

    /// Sends `{name: 1, …, $db: database}` and reads the reply.
    fn command(&mut self, name: &str, more: Document, database: &str) -> Result<Reply, Error> {
        self.sent = self.sent.wrapping_add(1);
        // What a command is called has to come first.
        let more = more.text("$db", database).encode();
        let head = Document::default().number(name, 1).encode();
        let fields = [&head[4..head.len() - 1], &more[4..]].concat();
        let document = [&(fields.len() as i32 + 4).to_le_bytes(), &fields[..]].concat();
        let len = 16 + 4 + 1 + document.len() as i32;
        let mut message: Vec<u8> =
            [len, self.sent, 0, OP_MSG, 0].iter().flat_map(|n| n.to_le_bytes()).collect();
        message.push(0);
        message.extend_from_slice(&document);
        self.link.send(&message)?;
        self.receive()
    }

    fn receive(&mut self) -> Result<Reply, Error> {
        let head = self.link.array::<16>()?;
        let word = |at: usize| i32::from_le_bytes(head[at..at + 4].try_into().expect("four bytes"));
        let len = usize::try_from(word(0)).ok().and_then(|len| len.checked_sub(16));
        let body = self.link.take(len.filter(|_| word(12) == OP_MSG).ok_or_else(not_it)?)?;
        // Flags, then the only section.
        let bytes = body.get(5..).filter(|_| body[4] == 0).ok_or_else(not_it)?.to_vec();
        let (mut is_ok, mut code, mut why) = (false, 0.0, String::new());
        bson::leaves(&bytes, &mut |path, leaf| match (path, leaf) {
            (["ok"], Leaf::Number(ok)) => is_ok = ok == 1.0,
            (["code"], Leaf::Number(number)) => code = number,
            (["errmsg"], Leaf::Text(text)) => text.clone_into(&mut why),
            _ => {}
        })?;
        Ok(Reply { bytes, code, refusal: (!is_ok).then_some(why) })
    }
}

fn not_it() -> Error {
    Error::malformed("not a message of MongoDB from version 3.6 on")
}

/// The reply's document, unless the command was refused.
fn allowed(reply: Reply) -> Result<Vec<u8>, Error> {
    match (reply.refusal, reply.code as i32) {
        (None, _) => Ok(reply.bytes),
        // Unauthorized.
        (Some(why), 13) => Err(Error::Refused(format!("{why}. It takes {REMEDY}"))),
        (Some(why), code) => Err(Error::Refused(format!("{why} ({code})"))),
    }
}

const REMEDY: &str = "db.getSiblingDB('admin').createUser({user: 'windhover', pwd: '…', roles: ['clusterMonitor']}) and that \
                      password in the settings of this service";

fn let_in(reply: Reply) -> Result<Vec<u8>, Error> {
    match reply.refusal {
        None => Ok(reply.bytes),
        Some(why) => Err(Error::Denied(format!("{why}. It takes {REMEDY}"))),
    }
}

/// What a step of a proof says: bytes, number of the conversation, whether it is over.
fn step(document: &[u8]) -> Result<(&[u8], i32, bool), Error> {
    let (mut payload, mut id, mut is_done) = (None, 1, false);
    bson::leaves(document, &mut |path, leaf| match (path, leaf) {
        (["payload"], Leaf::Bytes(bytes)) => payload = Some(bytes),
        (["conversationId"], Leaf::Number(number)) => id = number as i32,
        (["done"], Leaf::Number(done)) => is_done = done == 1.0,
        _ => {}
    })?;
    Ok((payload.ok_or_else(not_it)?, id, is_done))
}

/// Numbers by their paths; a metric with a label has a `*` where its value stands.
fn status_of(document: &[u8], ask: &mut Ask<'_>) -> Result<(), Error> {
    let mut info: BTreeMap<&str, &str> = BTreeMap::new();
    bson::leaves(document, &mut |path, leaf| match leaf {
        Leaf::Number(number) => {
            if !ask.tell(&METRICS, &path.join("."), &[], number)
                && let [folder @ .., name] = path
            {
                ask.tell(&METRICS, &format!("{}.*", folder.join(".")), &[name], number);
            }
        }
        Leaf::Text(text) if path.len() == 1 => _ = info.insert(path[0], text),
        _ => {}
    })?;
    let field = |name: &str| info.get(name).copied().unwrap_or_default();
    ask.push(metric("mongodb_info"), &[field("version"), field("process")], 1.0);
    Ok(())
}

#[derive(Default)]
struct Member<'b> {
    name: &'b str,
    state: f64,
    health: Option<f64>,
    /// Time of the last operation applied, in milliseconds.
    applied_ms: Option<f64>,
    ping: Option<f64>,
}

/// The number of the state of a primary.
const PRIMARY: f64 = 1.0;

fn replica_set(document: &[u8], ask: &mut Ask<'_>) -> Result<(), Error> {
    let mut members: BTreeMap<&str, Member<'_>> = BTreeMap::new();
    bson::leaves(document, &mut |path, leaf| match (path, leaf) {
        (["myState"], Leaf::Number(state)) => ask.push(metric("mongodb_replica_state"), &[], state),
        (["members", at, field], leaf) => {
            let member = members.entry(*at).or_default();
            match (*field, leaf) {
                ("name", Leaf::Text(name)) => member.name = name,
                ("state", Leaf::Number(state)) => member.state = state,
                ("health", Leaf::Number(health)) => member.health = Some(health),
                ("optimeDate", Leaf::Number(ms)) => member.applied_ms = Some(ms),
                ("pingMs", Leaf::Number(ms)) => member.ping = Some(ms),
                _ => {}
            }
        }
        _ => {}
    })?;
    let primary =
        members.values().find(|member| member.state == PRIMARY).and_then(|member| member.applied_ms);
    for member in members.values() {
        let name = &[member.name];
        ask.push(metric("mongodb_member_state"), name, member.state);
        ask.push_some(metric("mongodb_member_healthy"), name, member.health);
        ask.push_some(metric("mongodb_member_ping_seconds"), name, member.ping);
        let lag = primary.zip(member.applied_ms).map(|(primary, applied)| (primary - applied).max(0.0));
        ask.push_some(metric("mongodb_member_lag_seconds"), name, lag);
    }
    Ok(())
}

fn sizes(document: &[u8], ask: &mut Ask<'_>) -> Result<(), Error> {
    let mut databases: BTreeMap<&str, (&str, f64)> = BTreeMap::new();
    bson::leaves(document, &mut |path, leaf| match (path, leaf) {
        (["databases", at, "name"], Leaf::Text(name)) => databases.entry(*at).or_default().0 = name,
        (["databases", at, "sizeOnDisk"], Leaf::Number(size)) => databases.entry(*at).or_default().1 = size,
        _ => {}
    })?;
    for (name, size) in databases.values() {
        ask.push(metric("mongodb_database_size_bytes"), &[name], *size);
    }
    Ok(())
}
