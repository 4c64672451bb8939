//! OpenTSDB's telnet port.

use super::{House, now_s};

#[test]
fn puts_are_taken_and_mistakes_are_told() {
    let house = House::with("opentsdb", &[]);
    let now = now_s();
    let said = house.ask(
        format!("put sys.cpu.user {now} 42.5 host=web1 cpu=0\nput sys.cpu.user {now}000 1e2 host=web2\nput x\nversion\nexit\nput never {now} 1 a=b\n")
            .as_bytes(),
    );
    assert_eq!(
        said,
        format!(
            "put: illegal argument: not enough arguments (need least 4, got 2)\nnet.opentsdb.tools windhover {}\n",
            env!("CARGO_PKG_VERSION")
        )
    );
    house.wait_for("sys.cpu.user", "host:web1 AND cpu:0", 42.5);
    house.wait_for("sys.cpu.user", "host:web2", 100.0);
    assert_eq!(house.last("never", "*"), None);
}
