//! Pools of ZFS, from `/proc/spl/kstat/zfs` (OpenZFS 0.8).

use crate::things::Things;
use crate::{Collector, Error, Host, Metric, Pass, Row};

pub(super) static ROW: Row = Row {
    name: "zfs_pools",
    summary: "Whether each pool of ZFS is healthy.",
    interval_ms: 60_000,
    metrics: &[HEALTHY, STATE],
    open: |host, _| Box::new(ZfsPools::new(host)),
};

const HEALTHY: Metric =
    Metric::gauge("zfs_pool_healthy", "", "1 when the pool is online with all it is made of, else 0.")
        .by(&["pool"]);
const STATE: Metric =
    Metric::gauge("zfs_pool_state", "", "1 for the state the pool is in, 0 for the others.")
        .by(&["pool", "state"]);
const STATES: [&str; 6] = ["ONLINE", "DEGRADED", "FAULTED", "OFFLINE", "UNAVAIL", "SUSPENDED"];
/// Label values, in the order of [`STATES`].
const NAMES: [&str; STATES.len()] = ["online", "degraded", "faulted", "offline", "unavailable", "suspended"];
/// Most names in the folder, most of which are no pools.
const NAMES_MAX: usize = 256;

struct ZfsPools {
    pools: Things<{ STATES.len() + 1 }>,
}

impl ZfsPools {
    fn new(host: &Host) -> Self {
        Self { pools: Things::new(host.folder("proc/spl/kstat/zfs"), NAMES_MAX) }
    }
}

impl Collector for ZfsPools {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        self.pools.measure(
            pass,
            |_| true,
            |mut pool, out| {
                let Some(now) = pool.read("state") else { return };
                let now = STATES.iter().position(|state| state.as_bytes() == now);
                pool.push(0, &HEALTHY, |name| [name], Some(f64::from(now == Some(0))), out);
                for (at, state) in NAMES.into_iter().enumerate() {
                    let value = f64::from(now == Some(at));
                    pool.push(1 + at, &STATE, |name| [name, state], Some(value), out);
                }
            },
        )
    }
}
