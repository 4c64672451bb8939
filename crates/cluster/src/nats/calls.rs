//! What is asked of NATS.

use super::names;
use crate::leases::{Entry, Error, Value};
use async_nats::jetstream::context::{CreateStreamErrorKind, GetStreamErrorKind, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{Config, DiscardPolicy, LastRawMessageErrorKind, StorageType};
use async_nats::jetstream::{self, ErrorCode};
use async_nats::{Client, HeaderMap, header};
use futures_util::StreamExt;
use std::collections::HashSet;
use std::fmt::Display;
use std::time::Duration;

/// How NATS' key-value store marks a key that was deleted.
const OPERATION: &str = "KV-Operation";
/// What that is for a key that was given up.
const DELETED: &str = "DEL";
/// How long anything stays that nobody renews.
const FORGET: Duration = Duration::from_secs(3600);

pub(super) struct Calls {
    pub(super) client: Client,
    pub(super) context: jetstream::Context,
    pub(super) bucket: String,
    pub(super) replicas: usize,
}

fn away(e: impl Display) -> Error {
    Error::Away(e.to_string())
}

impl Calls {
    fn stream_name(&self) -> String {
        format!("KV_{}", self.bucket)
    }

    fn subject(&self, group: &str, name: &str) -> String {
        format!("$KV.{}.{}.{}", self.bucket, names::token(group), names::token(name))
    }

    /// Whether a single key may have a time of its own.
    pub(super) fn knows_ttl(&self) -> bool {
        self.client.is_server_compatible(2, 11, 0)
    }

    /// The bucket; it is made when the server says that there is none. That nobody answers for it, as while it has no
    /// leader, is no such word.
    async fn stream(&self) -> Result<jetstream::stream::Stream<()>, Error> {
        let name = self.stream_name();
        match self.context.get_stream(&name).await {
            Ok(_) => {}
            Err(e) => match e.kind() {
                GetStreamErrorKind::JetStream(its) if its.error_code() == ErrorCode::STREAM_NOT_FOUND => {
                    self.create(name.clone()).await?;
                }
                _ => return Err(away(e)),
            },
        }
        self.context.get_stream_no_info(&name).await.map_err(away)
    }

    async fn create(&self, name: String) -> Result<(), Error> {
        let config = Config {
            name,
            description: Some("Windhover: who is there".to_owned()),
            subjects: vec![format!("$KV.{}.>", self.bucket)],
            max_messages_per_subject: 1,
            max_age: FORGET,
            storage: StorageType::File,
            num_replicas: self.replicas.max(1),
            // Full, it must refuse and never forget what is there.
            discard: DiscardPolicy::New,
            allow_rollup: true,
            deny_delete: true,
            allow_direct: true,
            allow_message_ttl: self.knows_ttl(),
            ..Config::default()
        };
        match self.context.create_stream(config).await {
            Ok(_) => Ok(()),
            Err(e) => match e.kind() {
                // Somebody else has made it meanwhile, with other numbers.
                CreateStreamErrorKind::JetStream(its) if its.error_code() == ErrorCode::STREAM_NAME_EXIST => {
                    Ok(())
                }
                CreateStreamErrorKind::JetStream(its) => {
                    Err(Error::Refused(format!("the bucket `{}` cannot be made: {its}", self.bucket)))
                }
                _ => Err(away(e)),
            },
        }
    }

    /// Writes a key, or that it is given up, when `expected` is its last revision; gives the new one.
    pub(super) async fn write(
        &self,
        group: &str,
        name: &str,
        value: Option<&Value>,
        expected: u64,
    ) -> Result<u64, Error> {
        let mut headers = HeaderMap::new();
        headers.insert(header::NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, expected.to_string().as_str());
        let ttl = value.map_or(FORGET, |value| Duration::from_millis(value.ttl_ms));
        if self.knows_ttl() {
            headers.insert(header::NATS_MESSAGE_TTL, format!("{}s", ttl.as_secs().max(1)).as_str());
        }
        let payload = match value {
            Some(value) => serde_json::to_vec(value).map_err(|e| Error::Refused(e.to_string()))?,
            None => {
                headers.insert(OPERATION, DELETED);
                Vec::new()
            }
        };
        let message = PublishMessage::build().payload(payload.into()).headers(headers);
        let sent = self.context.send_publish(self.subject(group, name), message).await;
        let acknowledged = match sent {
            Ok(acknowledgement) => acknowledgement.await,
            Err(e) => Err(e),
        };
        match acknowledged {
            Ok(acknowledged) => Ok(acknowledged.sequence),
            Err(e) if e.kind() == PublishErrorKind::WrongLastSequence => {
                let gone = || Entry { name: name.to_owned(), revision: 0, value: None };
                Err(Error::Held(Box::new(self.last(group, name).await?.unwrap_or_else(gone))))
            }
            Err(e) => Err(away(e)),
        }
    }

    /// What stands under a name.
    pub(super) async fn last(&self, group: &str, name: &str) -> Result<Option<Entry>, Error> {
        let stream = self.stream().await?;
        self.read(&stream, &self.subject(group, name), name).await
    }

    async fn read(
        &self,
        stream: &jetstream::stream::Stream<()>,
        subject: &str,
        name: &str,
    ) -> Result<Option<Entry>, Error> {
        // From the leader: a follower may not know of the last renewal yet.
        let message = match stream.get_last_raw_message_by_subject(subject).await {
            Ok(message) => message,
            Err(e) if e.kind() == LastRawMessageErrorKind::NoMessageFound => return Ok(None),
            Err(e) => return Err(away(e)),
        };
        let is_gone = message.headers.get(OPERATION).is_some();
        // What is no lease was written by somebody else, and nobody holds it.
        let value = if is_gone { None } else { serde_json::from_slice(&message.payload).ok() };
        Ok(Some(Entry { name: name.to_owned(), revision: message.sequence, value }))
    }

    /// All of a group.
    pub(super) async fn list(&self, group: &str) -> Result<Vec<Entry>, Error> {
        let stream = self.stream().await?;
        let filter = format!("$KV.{}.{}.*", self.bucket, names::token(group));
        let mut subjects = stream.info_with_subjects(&filter).await.map_err(away)?;
        let mut entries = Vec::new();
        while let Some(subject) = subjects.next().await {
            let (subject, _) = subject.map_err(away)?;
            let token = subject.rsplit('.').next().unwrap_or_default();
            let Some(name) = names::name(token) else { continue };
            entries.extend(self.read(&stream, &subject, &name).await?);
        }
        Ok(entries)
    }

    /// Calls `hint` when a name is written that was not seen yet, or one is given up. Ends with the client.
    pub(super) async fn listen(&self, group: &str, hint: impl Fn()) {
        let subject = format!("$KV.{}.{}.*", self.bucket, names::token(group));
        let Ok(mut messages) = self.client.subscribe(subject).await else { return };
        let mut seen: HashSet<String> = HashSet::new();
        while let Some(message) = messages.next().await {
            let is_gone = message.headers.as_ref().is_some_and(|headers| headers.get(OPERATION).is_some());
            if is_gone {
                seen.remove(message.subject.as_str());
                hint();
            } else if seen.insert(message.subject.to_string()) {
                hint();
            }
        }
    }
}
