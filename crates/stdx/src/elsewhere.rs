//! Work in another network, or as another user. What a thread becomes it stays, so that is done in a thread that ends with
//! the work. What was opened there stays there for ever: only the moment of opening has to be spent elsewhere.

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::fs::File;
use std::io;
use std::os::fd::AsFd;

/// Runs `work` in a thread of its own and waits for it.
///
/// # Errors
/// Those of `work`; when there is no thread to be had; when it panics.
pub fn elsewhere<T: Send>(work: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("elsewhere".into()).spawn_scoped(scope, work)?;
        thread.join().unwrap_or_else(|_| Err(io::Error::other("the thread elsewhere died")))
    })
}

/// Moves this thread into the network that a file stands for, such as `/proc/PID/ns/net`. To open that takes
/// `CAP_SYS_PTRACE` where the process is another user's.
///
/// # Errors
/// When the file is no network, or may not be entered: that takes `CAP_SYS_ADMIN`.
pub fn enter_network(file: &File) -> io::Result<()> {
    Ok(move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_elsewhere_comes_back_with_its_error() {
        assert_eq!(elsewhere(|| Ok(7)).unwrap(), 7);
        let failed: io::Result<()> = elsewhere(|| Err(io::ErrorKind::NotFound.into()));
        assert_eq!(failed.unwrap_err().kind(), io::ErrorKind::NotFound);
        let died: io::Result<()> = elsewhere(|| panic!("as it is told to"));
        assert!(died.unwrap_err().to_string().contains("died"));
    }

    #[test]
    fn what_is_no_network_cannot_be_entered() {
        let file = File::open("/proc/self/stat").unwrap();
        assert!(elsewhere(|| enter_network(&file)).is_err());
    }
}
