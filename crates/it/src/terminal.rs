//! A program at a terminal: keys in, a screen out, a size that changes.

use crate::wait::until;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const WITHIN: Duration = Duration::from_secs(30);

/// A program that believes somebody is sitting there.
pub struct Terminal {
    child: Child,
    keys: File,
    shown: Arc<Mutex<Vec<u8>>>,
}

impl Terminal {
    /// Starts a program at a terminal of this size.
    pub fn start(program: &Command, columns: u16, rows: u16) -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&ours).and_then(|()| unlockpt(&ours)).expect("its other side");
        let name = ptsname(&ours, Vec::new()).expect("its name").into_bytes();
        let path = PathBuf::from(std::ffi::OsString::from_vec(name));
        let theirs = File::options().read(true).write(true).open(path).expect("its other side opens");
        tcsetwinsize(&ours, size(columns, rows)).expect("a size");
        // Signals of keys and sizes come only to whoever controls the terminal.
        let mut command = Command::new("setsid");
        command.arg("--ctty").arg(program.get_program()).args(program.get_args());
        command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.env("TERM", "xterm");
        let end = || theirs.try_clone().expect("another handle");
        let child = command.stdin(end()).stdout(end()).stderr(end()).spawn().expect("setsid starts");
        let keys = File::from(ours);
        let shown = Arc::new(Mutex::new(Vec::new()));
        keep(keys.try_clone().expect("another handle"), shown.clone());
        Self { child, keys, shown }
    }

    /// Presses keys.
    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("the terminal takes keys");
    }

    /// Makes it another size.
    pub fn resize(&self, columns: u16, rows: u16) {
        tcsetwinsize(&self.keys, size(columns, rows)).expect("another size");
    }

    /// Everything written to it so far, with what moves and colours.
    pub fn shown(&self) -> String {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&shown).into_owned()
    }

    /// Waits until it shows a text after the first `from` characters, and gives the place behind it.
    pub fn wait_for(&mut self, from: usize, text: &str) -> usize {
        let deadline = std::time::Instant::now() + WITHIN;
        loop {
            let shown = self.shown();
            if let Some(at) = shown.get(from..).and_then(|rest| rest.find(text)) {
                return from + at + text.len();
            }
            assert!(
                std::time::Instant::now() < deadline,
                "never showed {text:?} but:\n{:?}",
                shown.get(from..)
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until the program ends.
    pub fn wait_for_end(mut self) -> ExitStatus {
        until("the program to end", WITHIN, || self.child.try_wait().expect("a child of ours"))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn size(columns: u16, rows: u16) -> Winsize {
    Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }
}

// Until the last program has left the other side, which is an error to read.
fn keep(mut ours: File, shown: Arc<Mutex<Vec<u8>>>) {
    std::thread::spawn(move || {
        let mut piece = [0; 4096];
        while let Ok(read @ 1..) = ours.read(&mut piece) {
            shown.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&piece[..read]);
        }
    });
}
