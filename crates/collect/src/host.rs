//! The machine that is looked at: where its files are, and the few facts that are not in files.

use crate::file::KeptFile;
use crate::folder::Folder;
use crate::program::{self, RunProgram};
use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Space and inodes of a file system, as `statvfs(3)` counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Space {
    /// Size of a block, in bytes (`f_frsize`).
    pub block_bytes: u64,
    /// Blocks in all (`f_blocks`).
    pub blocks: u64,
    /// Free blocks (`f_bfree`).
    pub blocks_free: u64,
    /// Blocks free for ordinary users (`f_bavail`).
    pub blocks_available: u64,
    /// Inodes in all (`f_files`); 0 where they are made as needed.
    pub files: u64,
    /// Free inodes (`f_ffree`).
    pub files_free: u64,
}

/// Asks a mount point for its space; may hang for as long as the file system does.
pub type AskSpace = Arc<dyn Fn(&Path) -> io::Result<Space> + Send + Sync>;

/// Asks a port of this machine over loopback by UDP; one question, one answer.
pub type AskUdp = Arc<dyn Fn(u16, &[u8]) -> io::Result<Vec<u8>> + Send + Sync>;

/// A machine. [`Host::this`] is the one we run on; tests make others from recorded files.
#[derive(Clone)]
pub struct Host {
    /// Folder that holds `proc` and `sys`: `/`, the place where a container sees its host's, or a recording.
    pub root: PathBuf,
    /// Unit of CPU times in `/proc` (`USER_HZ`), per second.
    pub ticks_per_second: u64,
    /// Size of a memory page, in bytes.
    pub page_bytes: u64,
    /// Instruction set, as `uname -m` says it.
    pub architecture: String,
    /// How to ask for space.
    pub ask_space: AskSpace,
    /// How to run a program of the machine; none is run on a machine whose root is mounted elsewhere.
    pub run_program: RunProgram,
    /// How to ask a service of the machine by UDP.
    pub ask_udp: AskUdp,
    /// Whether the kernel may be asked by other means than files (netlink).
    pub has_kernel: bool,
}

impl Host {
    /// The machine this process runs on.
    pub fn this() -> Self {
        Self::at("/")
    }

    /// The machine this process runs on, its root mounted at `root`.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        let is_own = root == Path::new("/");
        Self {
            root,
            ticks_per_second: rustix::param::clock_ticks_per_second(),
            page_bytes: rustix::param::page_size() as u64,
            architecture: std::env::consts::ARCH.to_owned(),
            ask_space: Arc::new(statvfs),
            run_program: Arc::new(move |asked| {
                if is_own { program::run(asked) } else { Err(program::ProgramError::Missing) }
            }),
            ask_udp: Arc::new(ask_udp),
            has_kernel: true,
        }
    }

    /// A machine recorded in a folder: `proc`, `sys`, what programs printed in `programs`, what ports answered in `udp`, and its mount points' space in a file `statvfs`, whose lines are
    /// `path block_bytes blocks blocks_free blocks_available files files_free` (a blank in the path is `\040`).
    pub fn recorded(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        let from = root.join("statvfs");
        let host_root = root.clone();
        let (program_root, udp_root) = (root.clone(), root.clone());
        Self {
            root,
            ticks_per_second: 100,
            page_bytes: 4096,
            architecture: "x86_64".to_owned(),
            ask_space: Arc::new(move |path| {
                recorded_space(&from, path.strip_prefix(&host_root).unwrap_or(path))
            }),
            run_program: Arc::new(move |asked| program::recorded(&program_root, asked)),
            ask_udp: Arc::new(move |port, _| std::fs::read(udp_root.join("udp").join(port.to_string()))),
            has_kernel: false,
        }
    }

    /// The host's own name for itself, or "" when it does not say.
    pub fn name(&self) -> String {
        let name = std::fs::read_to_string(self.path("proc/sys/kernel/hostname")).unwrap_or_default();
        name.trim().to_owned()
    }

    /// A path below the root.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// A file below the root that will be read again and again.
    pub fn file(&self, path: &str) -> KeptFile {
        KeptFile::new(self.path(path))
    }

    /// A folder below the root that will be listed again and again.
    pub fn folder(&self, path: &str) -> Folder {
        Folder::new(self.path(path))
    }

    /// Whether the files are those of the machine and the name space we run in.
    pub fn is_own(&self) -> bool {
        self.root == Path::new("/")
    }
}

fn statvfs(path: &Path) -> io::Result<Space> {
    let stat = rustix::fs::statvfs(path)?;
    Ok(Space {
        block_bytes: stat.f_frsize,
        blocks: stat.f_blocks,
        blocks_free: stat.f_bfree,
        blocks_available: stat.f_bavail,
        files: stat.f_files,
        files_free: stat.f_ffree,
    })
}

/// Longest wait for an answer over loopback.
const UDP_WITHIN: Duration = Duration::from_secs(1);
const UDP_BYTES_MAX: usize = 1500;

pub(crate) fn ask_udp(port: u16, question: &[u8]) -> io::Result<Vec<u8>> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    // Where nobody listens the kernel says so at once.
    socket.connect((Ipv4Addr::LOCALHOST, port))?;
    socket.set_read_timeout(Some(UDP_WITHIN))?;
    socket.send(question)?;
    let mut answer = vec![0; UDP_BYTES_MAX];
    let count = socket.recv(&mut answer)?;
    answer.truncate(count);
    Ok(answer)
}

fn recorded_space(from: &Path, path: &Path) -> io::Result<Space> {
    let text = std::fs::read_to_string(from)?;
    let path = Path::new("/").join(path);
    let mut lines = text.lines().map(|l| l.split_whitespace().collect::<Vec<_>>());
    let line = lines.find(|l| l.first().is_some_and(|p| Path::new(&p.replace("\\040", " ")) == path));
    let line = line.ok_or(io::ErrorKind::NotFound)?;
    let number = |at: usize| line.get(at).and_then(|n| n.parse().ok()).ok_or(io::ErrorKind::InvalidData);
    Ok(Space {
        block_bytes: number(1)?,
        blocks: number(2)?,
        blocks_free: number(3)?,
        blocks_available: number(4)?,
        files: number(5)?,
        files_free: number(6)?,
    })
}
