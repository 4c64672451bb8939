//! The seam: what is asked of whoever keeps leases.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// What a member tells of itself, such as its address (`url`) and its version.
pub type Facts = BTreeMap<String, String>;

/// What is written under a member's name, as JSON, so that people can read it with NATS' own tools.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Value {
    /// Tells one run of a program from the next, and two programs of one name apart.
    pub instance: String,
    /// How long the lease holds without renewal, in milliseconds.
    pub ttl_ms: u64,
    /// What the member tells of itself.
    #[serde(default)]
    pub facts: Facts,
}

/// A member as it stands in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Grows with every write.
    pub revision: u64,
    /// What it wrote; `None` when it has released its lease.
    pub value: Option<Value>,
}

/// A lease that is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The group.
    pub group: String,
    /// The member.
    pub name: String,
    /// What was written.
    pub value: Value,
    /// Revision of the last write.
    pub revision: u64,
}

/// Why something could not be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// Nobody answers, or not now. The same may be tried again.
    Away(String),
    /// Somebody else holds the lease: what it wrote.
    Held(Box<Entry>),
    /// It will not be done, for this reason.
    Refused(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Away(why) => write!(f, "the leases cannot be reached: {why}"),
            Self::Held(entry) => {
                let url = entry.value.as_ref().and_then(|value| value.facts.get("url"));
                let place = url.map(|url| format!(", at {url}")).unwrap_or_default();
                write!(f, "another program is registered as `{}`{place}", entry.name)
            }
            Self::Refused(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Error {}

/// Keeps leases. All calls block, for a few seconds at most.
pub trait Leases: Send + Sync {
    /// Writes the member's lease when nobody else's is there: when there was none, when it was released, when its last
    /// write is the one of revision `over`, which the caller knows to be dead, or when it has the same instance.
    ///
    /// # Errors
    /// [`Error::Held`] when it is another's.
    fn register(&self, group: &str, name: &str, value: &Value, over: Option<u64>) -> Result<Lease, Error>;

    /// Writes it again. A lease that has run out meanwhile is written anew when nobody else has it.
    ///
    /// # Errors
    /// [`Error::Held`] when somebody else has taken it.
    fn renew(&self, lease: &mut Lease) -> Result<(), Error>;

    /// Gives it up: watchers hear of it at once.
    ///
    /// # Errors
    /// [`Error::Held`] when somebody else has taken it.
    fn release(&self, lease: &Lease) -> Result<(), Error>;

    /// Everybody who is registered, and who has left not long ago.
    ///
    /// # Errors
    /// Never with a part of the list.
    fn list(&self, group: &str) -> Result<Vec<Entry>, Error>;

    /// Waits until something in the group may have changed, or for this long. A hint only: it may be missed.
    fn wait(&self, group: &str, wait: Duration);

    /// Ends all waiting.
    fn wake(&self);
}
