//! One connection over which requests are sent one after the other.

use std::io::{Read, Write};
use std::net::TcpStream;

/// An open connection.
pub struct Sender {
    stream: TcpStream,
    path: &'static str,
    headers: &'static str,
}

/// What samples are sent as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Prometheus' remote write 1.0, which every server here takes.
    RemoteWrite,
    /// What our agents speak.
    Native,
}

impl Protocol {
    fn path(self) -> &'static str {
        match self {
            Self::RemoteWrite => "/api/v1/write",
            Self::Native => "/api/v1/native",
        }
    }

    fn headers(self) -> &'static str {
        match self {
            Self::RemoteWrite => {
                "Content-Encoding: snappy\r\nContent-Type: application/x-protobuf\r\nX-Prometheus-Remote-Write-Version: 0.1.0"
            }
            Self::Native => "Content-Type: application/x-windhover",
        }
    }
}

impl Sender {
    /// Connects to a server of this machine.
    pub fn open(port: u16, protocol: Protocol) -> Result<Self, String> {
        let stream = TcpStream::connect(("127.0.0.1", port)).map_err(|e| e.to_string())?;
        stream.set_nodelay(true).map_err(|e| e.to_string())?;
        Ok(Self { stream, path: protocol.path(), headers: protocol.headers() })
    }

    /// Sends a request and waits for its answer, which must be a 2xx.
    pub fn send(&mut self, body: &[u8]) -> Result<(), String> {
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\n{}\r\nContent-Length: {}\r\n\r\n",
            self.path,
            self.headers,
            body.len()
        );
        self.stream
            .write_all(head.as_bytes())
            .and_then(|()| self.stream.write_all(body))
            .map_err(|e| e.to_string())?;
        self.answer()
    }

    fn answer(&mut self) -> Result<(), String> {
        let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
        loop {
            let n = self.stream.read(&mut buffer).map_err(|e| e.to_string())?;
            if n == 0 {
                return Err("the server hung up".into());
            }
            answer.extend_from_slice(&buffer[..n]);
            let text = String::from_utf8_lossy(&answer);
            let Some((head, rest)) = text.split_once("\r\n\r\n") else { continue };
            let length = head
                .lines()
                .find_map(|l| l.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
            if rest.len() < length.unwrap_or(0) {
                continue;
            }
            let status = head.split(' ').nth(1).unwrap_or("");
            return if status.starts_with('2') { Ok(()) } else { Err(text.into_owned()) };
        }
    }
}
