//! A TCP connection on which nothing comes back, or little.

use crate::output::Failure;
use net::{Interrupt, Patience, Resolve};
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long what was written may still be in the buffers of the kernel or of the other side.
pub(crate) const DOUBT: Duration = Duration::from_secs(2);

/// Connects when something is to be sent, and again after a failure.
pub struct Line {
    host: String,
    port: u16,
    resolver: Arc<dyn Resolve>,
    connect_timeout: Duration,
    timeout: Duration,
    stream: Option<TcpStream>,
    interrupt: Interrupt,
    /// The stream once more, for whoever ends it from another thread.
    ended: Arc<Mutex<(bool, Option<TcpStream>)>>,
}

/// Host and port of `host:port`, `[v6]:port`, or a host alone with the usual port.
///
/// # Errors
/// When the port is none.
pub fn split(address: &str, port: u16) -> Result<(String, u16), String> {
    let wrong = || format!("`{address}` is not HOST:PORT");
    if let Some(rest) = address.strip_prefix('[') {
        let (host, rest) = rest.split_once(']').ok_or_else(wrong)?;
        return match rest.strip_prefix(':') {
            Some(text) => Ok((host.to_owned(), text.parse().map_err(|_| wrong())?)),
            None if rest.is_empty() => Ok((host.to_owned(), port)),
            None => Err(wrong()),
        };
    }
    match address.split_once(':') {
        Some((host, text)) if !host.is_empty() => Ok((host.to_owned(), text.parse().map_err(|_| wrong())?)),
        None if !address.is_empty() => Ok((address.to_owned(), port)),
        _ => Err(wrong()),
    }
}

impl Line {
    /// A line to this address that is not connected yet.
    ///
    /// # Errors
    /// When the address is none.
    pub fn new(address: &str, port: u16, net: &net::Options, timeout: Duration) -> Result<Self, String> {
        let (host, port) = split(address, port)?;
        Ok(Self {
            host,
            port,
            resolver: net.resolver.clone(),
            connect_timeout: net.connect_timeout,
            timeout,
            stream: None,
            interrupt: Interrupt::default(),
            ended: Arc::default(),
        })
    }

    /// Writes all of it, connecting first where need be.
    ///
    /// # Errors
    /// [`Failure::Later`]; the connection is closed then.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if !self.is_alive() {
            self.close();
        }
        let result = self.connected().and_then(|stream| {
            stream.write_all(bytes).map_err(|e| match e.kind() {
                ErrorKind::WouldBlock => "it takes nothing any more".to_owned(),
                _ => e.to_string(),
            })
        });
        result.map_err(|why| self.fail(&why))
    }

    /// Reads what has come, at least one byte.
    ///
    /// # Errors
    /// [`Failure::Later`] when nothing comes in time or the other side has closed.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Failure> {
        let result = self.connected().and_then(|stream| match stream.read(buffer) {
            Ok(0) => Err("it closed the connection".to_owned()),
            Ok(len) => Ok(len),
            Err(e) if e.kind() == ErrorKind::WouldBlock => Err("no answer in time".to_owned()),
            Err(e) => Err(e.to_string()),
        });
        result.map_err(|why| self.fail(&why))
    }

    /// Whether there is a connection now.
    pub fn is_open(&self) -> bool {
        self.stream.is_some()
    }

    /// Whether the connection, where there is one, is still whole. What the other side has said meanwhile is dropped.
    pub fn is_alive(&mut self) -> bool {
        let Some(stream) = &mut self.stream else { return true };
        if stream.set_nonblocking(true).is_err() {
            return false;
        }
        let mut buffer = [0; 512];
        let alive = loop {
            match stream.read(&mut buffer) {
                Ok(0) => break false,
                Ok(_) => {}
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => break e.kind() == ErrorKind::WouldBlock,
            }
        };
        alive && stream.set_nonblocking(false).is_ok()
    }

    /// Closes the connection.
    pub fn close(&mut self) {
        self.stream = None;
        self.lock().1 = None;
    }

    /// Ends it for good, from another thread.
    pub fn interrupt(&self) -> Arc<dyn Fn() + Send + Sync> {
        let (ended, interrupt) = (self.ended.clone(), self.interrupt.clone());
        Arc::new(move || {
            interrupt.interrupt();
            let mut ended = ended.lock().unwrap_or_else(PoisonError::into_inner);
            ended.0 = true;
            if let Some(stream) = ended.1.take() {
                let _ = stream.shutdown(Shutdown::Both);
            }
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, (bool, Option<TcpStream>)> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fail(&mut self, why: &str) -> Failure {
        self.close();
        Failure::Later(format!("{}:{}: {why}", self.host, self.port), None)
    }

    fn connected(&mut self) -> Result<&mut TcpStream, String> {
        if self.stream.is_none() {
            let stream = self.connect()?;
            let mut ended = self.lock();
            if ended.0 {
                return Err("given up because we are stopping".to_owned());
            }
            ended.1 = stream.try_clone().ok();
            drop(ended);
            self.stream = Some(stream);
        }
        self.stream.as_mut().ok_or_else(|| "not connected".to_owned())
    }

    fn connect(&self) -> Result<TcpStream, String> {
        let patience = Patience { interrupt: &self.interrupt, deadline: None };
        let addresses = self.resolver.resolve(&self.host, self.port, patience).map_err(|e| e.to_string())?;
        let mut last = "no address".to_owned();
        for address in addresses {
            match TcpStream::connect_timeout(&address, self.connect_timeout) {
                Ok(stream) => {
                    let set = stream.set_nodelay(true);
                    let set = set.and_then(|()| stream.set_write_timeout(Some(self.timeout)));
                    set.and_then(|()| stream.set_read_timeout(Some(self.timeout)))
                        .map_err(|e| e.to_string())?;
                    return Ok(stream);
                }
                Err(e) => last = e.to_string(),
            }
        }
        Err(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        assert_eq!(split("a:1", 9), Ok(("a".to_owned(), 1)));
        assert_eq!(split("a", 9), Ok(("a".to_owned(), 9)));
        assert_eq!(split("[::1]:7", 9), Ok(("::1".to_owned(), 7)));
        assert_eq!(split("[::1]", 9), Ok(("::1".to_owned(), 9)));
        for wrong in ["", ":1", "a:b", "a:70000", "[::1", "[::1]x", "::1"] {
            assert!(split(wrong, 9).is_err(), "{wrong}");
        }
    }
}
