//! The system calls of the ring. No safe crate offers them (rustix and nix have neither packet rings nor socket
//! filters), so this file is the one place of this crate with unsafe code. Everything it hands out is safe: a block is
//! lent as bytes while it belongs to us, and giving it back needs the ring for itself.
#![allow(unsafe_code)]

use super::filter::Instruction;
use std::ffi::CString;
use std::io;
use std::mem::size_of_val;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};

/// `struct tpacket_req3` of <linux/if_packet.h>.
#[repr(C)]
struct Request {
    block_size: u32,
    block_nr: u32,
    frame_size: u32,
    frame_nr: u32,
    retire_blk_tov: u32,
    sizeof_priv: u32,
    feature_req_word: u32,
}

/// `struct tpacket_stats_v3`.
#[repr(C)]
#[derive(Default)]
struct Statistics {
    packets: u32,
    drops: u32,
    freeze_q_cnt: u32,
}

/// `TPACKET_V3`.
const VERSION_3: libc::c_int = 2;
/// A block belongs to us when this bit of its status is set.
const STATUS_USER: u32 = 1;
/// Offset of the status in the head of a block.
const BLOCK_STATUS: usize = 8;
/// A frame of the ring, which version 3 only wants for its arithmetic.
const FRAME_BYTES: usize = 2048;

/// A packet socket, with its ring once that is mapped.
#[derive(Debug)]
pub(super) struct Socket {
    fd: OwnedFd,
    ring: Option<Mapped>,
}

#[derive(Debug)]
struct Mapped {
    start: NonNull<u8>,
    blocks: usize,
    block_bytes: usize,
}

// SAFETY: the memory is shared with the kernel only, and is reached through `&self` and `&mut self` of one owner.
unsafe impl Send for Mapped {}

/// The number of an interface.
pub(super) fn interface(name: &str) -> Option<i32> {
    let name = CString::new(name).ok()?;
    // SAFETY: `name` is a C string that lives through the call.
    let number = unsafe { libc::if_nametoindex(name.as_ptr()) };
    i32::try_from(number).ok().filter(|number| *number > 0)
}

fn checked(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

impl Socket {
    /// A socket that gets nothing before it is bound: its protocol is 0.
    pub(super) fn open() -> io::Result<Self> {
        let kind = libc::SOCK_DGRAM | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
        // SAFETY: plain numbers.
        let fd = checked(unsafe { libc::socket(libc::AF_PACKET, kind, 0) })?;
        // SAFETY: the descriptor was just opened and belongs to nobody else.
        Ok(Self { fd: unsafe { OwnedFd::from_raw_fd(fd) }, ring: None })
    }

    fn set<T>(&self, level: libc::c_int, option: libc::c_int, value: &T) -> io::Result<()> {
        let (value, len) = (std::ptr::from_ref(value).cast(), size_of_val(value) as libc::socklen_t);
        // SAFETY: `value` points to `len` bytes that live through the call; the callers pass the structures that the
        // kernel expects for the option.
        checked(unsafe { libc::setsockopt(self.fd.as_raw_fd(), level, option, value, len) })?;
        Ok(())
    }

    /// Replaces the filter; packets that are in the ring stay there.
    pub(super) fn filter(&self, program: &[Instruction]) -> io::Result<()> {
        let mut code: Vec<libc::sock_filter> = program
            .iter()
            .map(|i| libc::sock_filter { code: i.code, jt: i.if_true, jf: i.if_false, k: i.operand })
            .collect();
        let len = u16::try_from(code.len()).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
        let program = libc::sock_fprog { len, filter: code.as_mut_ptr() };
        self.set(libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, &program)
    }

    /// Of packets that go out no copy is made for us. Kernels before 4.20 cannot, there the filter alone refuses them.
    pub(super) fn ignore_outgoing(&self) {
        let is_on: libc::c_int = 1;
        let _ = self.set(libc::SOL_PACKET, libc::PACKET_IGNORE_OUTGOING, &is_on);
    }

    /// Makes the ring and maps it. A block that is not full is handed over after `retire_ms`.
    pub(super) fn map(&mut self, blocks: usize, block_bytes: usize, retire_ms: u32) -> io::Result<()> {
        self.set(libc::SOL_PACKET, libc::PACKET_VERSION, &VERSION_3)?;
        let request = Request {
            block_size: block_bytes as u32,
            block_nr: blocks as u32,
            frame_size: FRAME_BYTES as u32,
            frame_nr: (blocks * block_bytes / FRAME_BYTES) as u32,
            retire_blk_tov: retire_ms,
            sizeof_priv: 0,
            feature_req_word: 0,
        };
        self.set(libc::SOL_PACKET, libc::PACKET_RX_RING, &request)?;
        let len = blocks * block_bytes;
        let (rights, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED);
        // SAFETY: a new mapping at an address of the kernel's choice; the ring has exactly this length.
        let start = unsafe { libc::mmap(std::ptr::null_mut(), len, rights, flags, self.fd.as_raw_fd(), 0) };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let start = NonNull::new(start.cast()).expect("a mapping is nowhere at 0");
        self.ring = Some(Mapped { start, blocks, block_bytes });
        Ok(())
    }

    /// From now on packets of this interface come; of all when it is 0.
    pub(super) fn bind(&self, interface: i32) -> io::Result<()> {
        // SAFETY: all zeroes is a value of this plain structure.
        let mut address: libc::sockaddr_ll = unsafe { std::mem::zeroed() };
        address.sll_family = libc::AF_PACKET as u16;
        address.sll_protocol = (libc::ETH_P_ALL as u16).to_be();
        address.sll_ifindex = interface;
        let (pointer, len) = (std::ptr::from_ref(&address).cast(), size_of_val(&address) as libc::socklen_t);
        // SAFETY: `pointer` points to an address of `len` bytes that lives through the call.
        checked(unsafe { libc::bind(self.fd.as_raw_fd(), pointer, len) })?;
        Ok(())
    }

    /// Packets thrown away since the last call.
    pub(super) fn dropped(&self) -> io::Result<u64> {
        let mut statistics = Statistics::default();
        let mut len = size_of_val(&statistics) as libc::socklen_t;
        let (level, option) = (libc::SOL_PACKET, libc::PACKET_STATISTICS);
        let pointer = std::ptr::from_mut(&mut statistics).cast();
        // SAFETY: `pointer` points to `len` bytes that may be written to.
        checked(unsafe { libc::getsockopt(self.fd.as_raw_fd(), level, option, pointer, &mut len) })?;
        Ok(u64::from(statistics.drops))
    }

    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    /// How many blocks the ring has.
    pub(super) fn blocks(&self) -> usize {
        self.ring.as_ref().map_or(1, |ring| ring.blocks)
    }

    /// A block, if the kernel has handed it over.
    pub(super) fn block(&self, at: usize) -> Option<&[u8]> {
        let ring = self.ring.as_ref()?;
        let start = ring.place(at)?;
        if ring.status(at)?.load(Ordering::Acquire) & STATUS_USER == 0 {
            return None;
        }
        // SAFETY: the block lies within the mapping, which lives as long as `self`. The kernel does not write to it
        // while the status says that it is ours; that is set back by `release` only, which needs `&mut self`.
        Some(unsafe { std::slice::from_raw_parts(start.as_ptr(), ring.block_bytes) })
    }

    /// Gives a block back.
    pub(super) fn release(&mut self, at: usize) {
        if let Some(status) = self.ring.as_ref().and_then(|ring| ring.status(at)) {
            status.store(0, Ordering::Release);
        }
    }
}

impl Mapped {
    fn place(&self, at: usize) -> Option<NonNull<u8>> {
        // SAFETY: the block is one of those that were mapped.
        (at < self.blocks).then(|| unsafe { self.start.add(at * self.block_bytes) })
    }

    /// The word by which block and program hand the block to each other.
    fn status(&self, at: usize) -> Option<&AtomicU32> {
        let start = self.place(at)?;
        // SAFETY: the word lies in the head of the block and is aligned, as blocks begin on pages; both sides touch it
        // as a whole only.
        Some(unsafe { AtomicU32::from_ptr(start.add(BLOCK_STATUS).cast().as_ptr()) })
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        // SAFETY: exactly what was mapped, and nothing lent out of it outlives its owner.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.blocks * self.block_bytes) };
    }
}
