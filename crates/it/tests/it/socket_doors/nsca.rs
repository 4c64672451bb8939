//! send_nsca reports to the door, by every method that it has.

use super::House;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

#[test]
fn send_nsca_is_understood_by_every_method() {
    if !Path::new("/usr/sbin/send_nsca").exists() {
        return it::skip("nsca-client is not installed");
    }
    for method in ["0", "1", "2", "3", "14"] {
        let folder = it::process::Folder::new("nsca-password");
        let secret = folder.path().join("password");
        std::fs::write(&secret, "s3cret word\n").unwrap();
        let house =
            House::with("nsca", &["--nsca-method", method, "--nsca-password-file", secret.to_str().unwrap()]);
        let send = |password: &str, lines: &str| {
            let config = house.folder.path().join("send_nsca.cfg");
            std::fs::write(&config, format!("password={password}\nencryption_method={method}\n")).unwrap();
            let mut child = Command::new("/usr/sbin/send_nsca")
                .args(["-H", "127.0.0.1", "-p", &house.port.to_string(), "-c"])
                .arg(&config)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        };
        // Two results on one connection, then that of the host itself.
        send(
            "s3cret word",
            "web1\tdisk\t1\tDISK WARNING|/=90%;80;95\n\x17web1\tload\t2\tLOAD CRITICAL|load1=5.5\n",
        );
        send("s3cret word", "web1\t0\tPING OK\n");
        house.wait_for("check_state", "host:web1 AND check:disk", 1.0);
        house.wait_for("check_state", "host:web1 AND check:load", 2.0);
        house.wait_for("check_state", "host:web1 AND check:host", 0.0);
        house.wait_for("perfdata_ratio", "host:web1 AND check:disk", 0.9);
        house.wait_for("perfdata_value", "host:web1 AND label:load1", 5.5);
        if method != "0" {
            send("wrong", "web1\tnever\t0\tno\n");
            house.counted("windhover_doors_refused_total{door=\"nsca\"}", 1.0);
            assert_eq!(house.last("check_state", "check:never"), None);
        }
    }
}
