//! Clients and servers on loopback that do nothing but ask and answer.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Instant;

/// A request of 100 bytes and an answer of 300, in Redis' terms.
fn request() -> Vec<u8> {
    let value = "v".repeat(100 - 33);
    format!("*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n${}\r\n{value}\r\n", value.len()).into_bytes()
}

fn answer() -> Vec<u8> {
    let value = "v".repeat(300 - 8);
    format!("${}\r\n{value}\r\n", value.len()).into_bytes()
}

/// What a run took.
pub(super) struct Load {
    /// By the clock.
    pub(super) seconds: f64,
    /// Processor time of both ends.
    pub(super) cpu_seconds: f64,
}

struct Pair {
    go: Sender<u64>,
    done: Receiver<Result<f64, String>>,
    threads: [JoinHandle<()>; 2],
}

/// Connections that wait for the word to go.
pub(super) struct Generator {
    pub(super) port: u16,
    pairs: Vec<Pair>,
}

impl Generator {
    pub(super) fn start(connections: usize) -> Result<Self, String> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|e| e.to_string())?;
        let port = listener.local_addr().map_err(|e| e.to_string())?.port();
        let pairs = (0..connections).map(|_| pair(&listener, port)).collect::<Result<_, String>>()?;
        Ok(Self { port, pairs })
    }

    /// So many requests over all connections.
    pub(super) fn run(&mut self, requests: u64) -> Result<Load, String> {
        let (started, share) = (Instant::now(), requests / self.pairs.len() as u64);
        self.pairs.iter().for_each(|pair| _ = pair.go.send(share));
        let mut cpu_seconds = 0.0;
        for pair in &self.pairs {
            cpu_seconds += pair.done.recv().map_err(|e| e.to_string())??;
        }
        Ok(Load { seconds: started.elapsed().as_secs_f64(), cpu_seconds })
    }
}

impl Drop for Generator {
    fn drop(&mut self) {
        for Pair { go, threads, .. } in self.pairs.drain(..) {
            drop(go);
            threads.into_iter().for_each(|thread| _ = thread.join());
        }
    }
}

fn pair(listener: &TcpListener, port: u16) -> Result<Pair, String> {
    let mut client = TcpStream::connect(("127.0.0.1", port)).map_err(|e| e.to_string())?;
    let (mut server, _) = listener.accept().map_err(|e| e.to_string())?;
    for stream in [&client, &server] {
        stream.set_nodelay(true).map_err(|e| e.to_string())?;
    }
    let ((go, start), (finish, done)) = (channel::<u64>(), channel());
    let (told, heard) = channel::<f64>();
    let answers = std::thread::spawn(move || {
        let (mut request, answer, mut cpu_s) = (request(), answer(), super::thread_cpu_seconds());
        let mut count = 0u64;
        while server.read_exact(&mut request).is_ok() && server.write_all(&answer).is_ok() {
            count += 1;
            // Its own time is told now and then; asking the kernel each time would be most of it.
            if count.is_multiple_of(50) {
                let now_s = super::thread_cpu_seconds();
                let _ = told.send(now_s - cpu_s);
                cpu_s = now_s;
            }
        }
    });
    let asks = std::thread::spawn(move || {
        let (request, mut answer) = (request(), answer());
        while let Ok(share) = start.recv() {
            let before = super::thread_cpu_seconds();
            let result = (0..share).try_for_each(|_| {
                client.write_all(&request)?;
                client.read_exact(&mut answer)
            });
            let own = super::thread_cpu_seconds() - before;
            let _ =
                finish.send(result.map(|()| own + heard.try_iter().sum::<f64>()).map_err(|e| e.to_string()));
        }
    });
    Ok(Pair { go, done, threads: [answers, asks] })
}
