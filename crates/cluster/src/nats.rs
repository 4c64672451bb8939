//! Leases in a bucket of NATS' key-value store (JetStream).
//!
//! Each lease is a key `$KV.<bucket>.<group>.<name>`. **Every** write says which revision it expects to be the last, and
//! how long it is to be kept, by publishing with both headers: the client's own `create_with_ttl` forgets the time
//! when a deleted key is written again, which would make a lease that never ends. Servers before 2.11 know no time for
//! a single key; there the bucket forgets all keys after an hour, and nothing else is different, because watchers
//! go by renewals and not by what the server has forgotten.

mod calls;
mod names;

use crate::leases::{Entry, Error, Lease, Leases, Value};
use crate::memory::is_of;
use async_nats::{Client, ConnectOptions, jetstream};
use std::collections::HashSet;
use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Longest that one call may take; it may need several requests, so each has less.
const CALL: Duration = Duration::from_secs(4);
/// Longest that one request may take.
const REQUEST: Duration = Duration::from_secs(1);
/// Longest wait between two tries to connect.
const RECONNECT_MAX: Duration = Duration::from_millis(500);

/// Where NATS is, and how to be let in.
#[derive(Debug, Clone)]
pub struct Options {
    /// Addresses: `nats://HOST:4222`, `tls://…`; any of them that answers. A user and a password may be in it.
    pub servers: Vec<String>,
    /// NATS' credentials file.
    pub credentials: Option<PathBuf>,
    /// Certificates that servers are checked against, besides the system's.
    pub ca: Option<PathBuf>,
    /// The bucket; made when missing.
    pub bucket: String,
    /// How many servers keep it, when it is made.
    pub replicas: usize,
}

/// See the module's text.
pub struct Nats {
    calls: Arc<calls::Calls>,
    runtime: tokio::runtime::Handle,
    hints: Arc<Hints>,
    listened: Mutex<HashSet<String>>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// How often something has changed, and whoever waits for that.
#[derive(Default)]
struct Hints {
    count: Mutex<u64>,
    changed: Condvar,
}

impl Hints {
    fn give(&self) {
        *self.count.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.changed.notify_all();
    }
}

impl Nats {
    /// Starts to connect, and goes on for as long as it takes.
    ///
    /// # Errors
    /// When an address is none, the credentials cannot be read, or the system gives no thread.
    pub fn start(options: Options) -> Result<Self, Error> {
        let refused = |e: &dyn std::fmt::Display| Error::Refused(e.to_string());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|e| refused(&e))?;
        let client = runtime.block_on(connect(&options))?;
        let handle = runtime.handle().clone();
        let mut context = {
            let _within = runtime.enter();
            jetstream::new(client.clone())
        };
        context.set_timeout(REQUEST);
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let run = move || {
            // Ends also when the sender is gone.
            let _ = runtime.block_on(stopped);
        };
        let thread =
            std::thread::Builder::new().name("nats".to_owned()).spawn(run).map_err(|e| refused(&e))?;
        Ok(Self {
            calls: Arc::new(calls::Calls {
                client,
                context,
                bucket: options.bucket,
                replicas: options.replicas,
            }),
            runtime: handle,
            hints: Arc::default(),
            listened: Mutex::default(),
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Does it in the thread of the client, and waits.
    fn ask<T: Send + 'static>(
        &self,
        what: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Error> {
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        self.runtime.spawn(async move {
            let answer = tokio::time::timeout(CALL, what).await;
            let late = |_| Err(Error::Away("NATS does not answer".to_owned()));
            // Nobody waits any more: then nobody needs it.
            let _ = sender.send(answer.unwrap_or_else(late));
        });
        receiver.recv().unwrap_or_else(|_| Err(Error::Away("the client has ended".to_owned())))
    }

    /// Gives a hint whenever a lease of the group is written by one who may be new, or given up.
    fn listen(&self, group: &str) {
        let mut listened = self.listened.lock().unwrap_or_else(PoisonError::into_inner);
        if listened.insert(group.to_owned()) {
            let (calls, hints, group) = (self.calls.clone(), self.hints.clone(), group.to_owned());
            self.runtime.spawn(async move { calls.listen(&group, || hints.give()).await });
        }
    }
}

async fn connect(options: &Options) -> Result<Client, Error> {
    let refused = |e: &dyn std::fmt::Display| Error::Refused(e.to_string());
    let mut servers = Vec::new();
    for text in &options.servers {
        let address: async_nats::ServerAddr =
            text.parse().map_err(|e| Error::Refused(format!("`{text}` is no address of NATS: {e}")))?;
        servers.push(address);
    }
    let mut connecting = ConnectOptions::new()
        .name("windhover")
        .retry_on_initial_connect()
        .connection_timeout(REQUEST)
        .request_timeout(Some(REQUEST))
        .ping_interval(Duration::from_secs(5))
        .reconnect_delay_callback(|tries| RECONNECT_MAX.min(Duration::from_millis(50) * tries as u32));
    if let Some(path) = &options.credentials {
        let named = |e| Error::Refused(format!("{}: {e}", path.display()));
        connecting = connecting.credentials_file(path).await.map_err(named)?;
    }
    if let Some(path) = &options.ca {
        connecting = connecting.add_root_certificates(path.clone());
    }
    connecting.connect(servers).await.map_err(|e| refused(&e))
}

impl Drop for Nats {
    fn drop(&mut self) {
        drop(self.stop.take());
        // A panic there has been reported by the thread itself.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl Leases for Nats {
    fn register(&self, group: &str, name: &str, value: &Value, over: Option<u64>) -> Result<Lease, Error> {
        let (calls, value) = (self.calls.clone(), value.clone());
        let (group, name) = (group.to_owned(), name.to_owned());
        self.ask(async move {
            let expected = match calls.last(&group, &name).await? {
                None => 0,
                Some(entry)
                    if entry.value.is_none() || is_of(&entry, &value) || over == Some(entry.revision) =>
                {
                    entry.revision
                }
                Some(entry) => return Err(Error::Held(Box::new(entry))),
            };
            let revision = calls.write(&group, &name, Some(&value), expected).await?;
            Ok(Lease { group, name, value, revision })
        })
    }

    fn renew(&self, lease: &mut Lease) -> Result<(), Error> {
        let (calls, mut its) = (self.calls.clone(), lease.clone());
        lease.revision = self.ask(async move {
            match calls.write(&its.group, &its.name, Some(&its.value), its.revision).await {
                // It has run out, or an earlier write got through whose answer did not.
                Err(Error::Held(entry)) if entry.value.is_none() || is_of(&entry, &its.value) => {
                    its.revision = entry.revision;
                    calls.write(&its.group, &its.name, Some(&its.value), its.revision).await
                }
                other => other,
            }
        })?;
        Ok(())
    }

    fn release(&self, lease: &Lease) -> Result<(), Error> {
        let (calls, lease) = (self.calls.clone(), lease.clone());
        self.ask(
            async move { calls.write(&lease.group, &lease.name, None, lease.revision).await.map(|_| ()) },
        )
    }

    fn list(&self, group: &str) -> Result<Vec<Entry>, Error> {
        self.listen(group);
        let (calls, group) = (self.calls.clone(), group.to_owned());
        self.ask(async move { calls.list(&group).await })
    }

    fn wait(&self, _: &str, wait: Duration) {
        let count = self.hints.count.lock().unwrap_or_else(PoisonError::into_inner);
        let before = *count;
        drop(self.hints.changed.wait_timeout_while(count, wait, |count| *count == before));
    }

    fn wake(&self) {
        self.hints.give();
    }
}

#[cfg(test)]
mod tests;
