//! The kernel's sampler: one event per thread, on the clock of its own processor time.

use perf_event_open::config::{CallChain, Cpu, Opts, Proc, SampleOn};
use perf_event_open::count::Counter;
use perf_event_open::event::sw::Software;
use perf_event_open::sample::Sampler;
use perf_event_open::sample::record::sample::CallChain as Chain;
use perf_event_open::sample::record::{Priv, Record};
use std::fmt;
use std::io::{self, ErrorKind};

/// Room for samples of one thread: two to the power of this pages, locked in memory. At 4 KiB a page this holds a
/// hundred usual samples; where the system allows less, it is tried with less.
const RING_PAGES_EXPONENT: u8 = 3;

/// Why there is no profile.
#[derive(Debug)]
pub enum Error {
    /// The kernel does not let this process look.
    Refused(String),
    /// There is no such process, or it ended.
    Gone,
    /// Something else.
    Io(io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(why) => f.write_str(why),
            Self::Gone => f.write_str("the process is gone"),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// What is not a defect of ours: a sandbox answers ENOSYS, an old or hardened kernel EACCES or EPERM.
fn refusal(error: io::Error) -> Error {
    let paranoid = std::fs::read_to_string("/proc/sys/kernel/perf_event_paranoid").unwrap_or_default();
    match (error.kind(), paranoid.trim()) {
        (_, "") => Error::Refused("the kernel has no perf events (CONFIG_PERF_EVENTS)".to_owned()),
        (ErrorKind::PermissionDenied, level) => Error::Refused(format!(
            "the kernel does not allow it: kernel.perf_event_paranoid is {level}; it takes CAP_PERFMON, or 2 or less there \
             (a container's rules for system calls may stand in the way, too)"
        )),
        _ if error.raw_os_error() == Some(nix::libc::ENOSYS) => {
            Error::Refused("the system call perf_event_open is not allowed here".to_owned())
        }
        _ if error.raw_os_error() == Some(nix::libc::ESRCH) => Error::Gone,
        _ => Error::Io(error),
    }
}

/// A thread that is looked at.
pub(crate) struct Sampled {
    // The sampler first: it is to go before the event whose ring it shows.
    sampler: Sampler,
    _counter: Counter,
}

/// One look of the kernel at a thread.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Addresses, the innermost first.
    pub(crate) addresses: Vec<u64>,
    /// Whether the kernel was at work for it.
    pub(crate) in_kernel: bool,
}

impl Sampled {
    /// Starts to look at a thread every `period_ns` of its processor time. `with_kernel` needs more rights.
    pub(crate) fn start(thread: u32, period_ns: u64, with_kernel: bool) -> Result<Self, Error> {
        let mut opts = Opts::default();
        opts.exclude.kernel = !with_kernel;
        opts.exclude.hv = true;
        opts.sample_on = SampleOn::Count(period_ns);
        // Kernel functions have no names here (kptr_restrict); depth is what the kernel allows: 127 frames.
        let user_only =
            CallChain { exclude_user: false, exclude_kernel: true, defer_user: false, max_stack_frames: 0 };
        opts.sample_format.call_chain = Some(user_only);
        let counter = Counter::new(Software::TaskClock, (Proc(thread), Cpu::ALL), &opts).map_err(refusal)?;
        let sampler = (0..=RING_PAGES_EXPONENT).rev().map(|exponent| counter.sampler(exponent));
        let sampler = sampler.reduce(|first, next| first.or(next)).expect("the range is not empty");
        let sampler = sampler.map_err(refusal)?;
        counter.enable()?;
        Ok(Self { sampler, _counter: counter })
    }

    /// Looks less often from now on.
    pub(crate) fn set_period(&self, period_ns: u64) -> io::Result<()> {
        self.sampler.sample_on(period_ns)
    }

    /// Takes what there is. Returns how many looks were lost for lack of room.
    pub(crate) fn drain(&self, mut take: impl FnMut(Seen)) -> u64 {
        let mut lost = 0;
        for (whose, record) in self.sampler.iter().into_iter().flatten() {
            match record {
                Record::Sample(sample) => {
                    let in_kernel = matches!(whose, Priv::Kernel);
                    let chains = sample.call_chain.unwrap_or_default();
                    let addresses = chains.into_iter().find_map(|chain| match chain {
                        Chain::User(addresses) => Some(addresses),
                        _ => None,
                    });
                    take(Seen { addresses: addresses.unwrap_or_default(), in_kernel });
                }
                Record::LostRecords(record) => lost += record.lost_records,
                _ => {}
            }
        }
        lost
    }
}
