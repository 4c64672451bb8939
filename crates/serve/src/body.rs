//! Bodies: bounded while they arrive, and bounded again while they are inflated.

pub(crate) mod pool;

use pool::Pool;
use std::fmt;
use std::io::Read;
use std::ops::Deref;
use std::sync::Arc;

/// The bytes of a body.
#[derive(Debug, Default)]
pub struct Content {
    bytes: Vec<u8>,
    /// Where the buffer goes afterwards.
    pool: Option<Arc<Pool>>,
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, pool: None }
    }
}

impl Deref for Content {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Content {
    fn drop(&mut self) {
        if let Some(pool) = &self.pool {
            pool.put(std::mem::take(&mut self.bytes));
        }
    }
}

/// Why a body was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodyError {
    /// Larger than allowed; the limit in bytes.
    TooLarge(usize),
    /// An encoding we do not know.
    UnknownEncoding(String),
    /// Bytes that are not what the encoding says.
    Malformed(&'static str, String),
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(limit) => {
                write!(f, "the body is larger than {limit} bytes; send it in smaller parts")
            }
            Self::UnknownEncoding(name) => {
                write!(
                    f,
                    "unknown content-encoding `{name}`; known are gzip, deflate, zstd, snappy and identity"
                )
            }
            Self::Malformed(encoding, why) => write!(f, "the body is not valid {encoding}: {why}"),
        }
    }
}

impl std::error::Error for BodyError {}

/// Undoes a `Content-Encoding`; the result has at most `limit` bytes.
///
/// `snappy` is the block format of one piece that Prometheus' remote write uses.
pub(crate) fn inflate(
    encoding: &str,
    body: Vec<u8>,
    limit: usize,
    pool: &Arc<Pool>,
) -> Result<Content, BodyError> {
    match encoding.trim().to_ascii_lowercase().as_str() {
        "" | "identity" => Ok(body.into()),
        "gzip" | "x-gzip" => drain(flate2::read::MultiGzDecoder::new(body.as_slice()), "gzip", limit),
        "deflate" => drain(flate2::read::ZlibDecoder::new(body.as_slice()), "deflate", limit),
        "zstd" => {
            let decoder = zstd::stream::read::Decoder::new(body.as_slice()).map_err(malformed("zstd"))?;
            drain(decoder, "zstd", limit)
        }
        "snappy" => unsnap(&body, limit, pool),
        other => Err(BodyError::UnknownEncoding(other.to_owned())),
    }
}

fn malformed(encoding: &'static str) -> impl Fn(std::io::Error) -> BodyError {
    move |e| BodyError::Malformed(encoding, e.to_string())
}

fn drain(reader: impl Read, encoding: &'static str, limit: usize) -> Result<Content, BodyError> {
    let mut out = Vec::new();
    reader.take(limit as u64 + 1).read_to_end(&mut out).map_err(malformed(encoding))?;
    if out.len() > limit { Err(BodyError::TooLarge(limit)) } else { Ok(out.into()) }
}

fn unsnap(body: &[u8], limit: usize, pool: &Arc<Pool>) -> Result<Content, BodyError> {
    let why = |e: snap::Error| BodyError::Malformed("snappy", e.to_string());
    // The length is what the sender claims: check it before memory is taken for it.
    let len = snap::raw::decompress_len(body).map_err(why)?;
    if len > limit {
        return Err(BodyError::TooLarge(limit));
    }
    let mut bytes = pool.take(len);
    let written = snap::raw::Decoder::new().decompress(body, &mut bytes).map_err(why)?;
    bytes.truncate(written);
    Ok(pool.lend(bytes))
}

#[cfg(test)]
mod tests;
