//! Bodies: bounded while they arrive, and bounded again while they are inflated.

use std::fmt;
use std::io::Read;

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
pub fn inflate(encoding: &str, body: Vec<u8>, limit: usize) -> Result<Vec<u8>, BodyError> {
    match encoding.trim().to_ascii_lowercase().as_str() {
        "" | "identity" => Ok(body),
        "gzip" | "x-gzip" => drain(flate2::read::MultiGzDecoder::new(body.as_slice()), "gzip", limit),
        "deflate" => drain(flate2::read::ZlibDecoder::new(body.as_slice()), "deflate", limit),
        "zstd" => {
            let decoder = zstd::stream::read::Decoder::new(body.as_slice()).map_err(malformed("zstd"))?;
            drain(decoder, "zstd", limit)
        }
        "snappy" => unsnap(&body, limit),
        other => Err(BodyError::UnknownEncoding(other.to_owned())),
    }
}

fn malformed(encoding: &'static str) -> impl Fn(std::io::Error) -> BodyError {
    move |e| BodyError::Malformed(encoding, e.to_string())
}

fn drain(reader: impl Read, encoding: &'static str, limit: usize) -> Result<Vec<u8>, BodyError> {
    let mut out = Vec::new();
    reader.take(limit as u64 + 1).read_to_end(&mut out).map_err(malformed(encoding))?;
    if out.len() > limit { Err(BodyError::TooLarge(limit)) } else { Ok(out) }
}

fn unsnap(body: &[u8], limit: usize) -> Result<Vec<u8>, BodyError> {
    let why = |e: snap::Error| BodyError::Malformed("snappy", e.to_string());
    // The length is what the sender claims: check it before memory is taken for it.
    if snap::raw::decompress_len(body).map_err(why)? > limit {
        return Err(BodyError::TooLarge(limit));
    }
    snap::raw::Decoder::new().decompress_vec(body).map_err(why)
}

#[cfg(test)]
mod tests;
