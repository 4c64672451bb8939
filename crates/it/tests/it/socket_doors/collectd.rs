//! collectd's network plugin sends to the door, in the clear, signed and encrypted.

use super::{House, SOON};
use it::process::{Folder, Running};
use it::wait::until;
use std::path::Path;
use std::process::Command;

/// A collectd that sends the load of its host, and how much memory is used, once a second.
fn collectd(folder: &Folder, name: &str, port: u16, options: &str) -> Running {
    let here = folder.path().join(name);
    std::fs::create_dir_all(&here).unwrap();
    let text = format!(
        "Hostname \"{name}\"\nInterval 1\nBaseDir \"{dir}\"\nPIDFile \"{dir}/pid\"\nTypesDB \"/usr/share/collectd/types.db\"\n\
         LoadPlugin load\nLoadPlugin memory\nLoadPlugin network\n\
         <Plugin network>\n <Server \"127.0.0.1\" \"{port}\">\n{options}\n </Server>\n</Plugin>\n",
        dir = here.display()
    );
    let file = here.join("collectd.conf");
    std::fs::write(&file, text).unwrap();
    Running::start(Command::new("/usr/sbin/collectd").arg("-f").arg("-C").arg(file))
}

fn options(level: &str, user: &str, password: &str) -> String {
    format!("SecurityLevel \"{level}\"\nUsername \"{user}\"\nPassword \"{password}\"")
}

#[test]
fn collectd_is_taken_at_all_levels_of_security() {
    if !Path::new("/usr/sbin/collectd").exists() {
        return it::skip("collectd-core is not installed");
    }
    for (level, taken) in [
        ("none", &["clear", "signed", "hidden"][..]),
        ("sign", &["signed", "hidden"]),
        ("encrypt", &["hidden"]),
    ] {
        let secrets = Folder::new("collectd-users");
        let file = secrets.path().join("auth");
        std::fs::write(&file, "ann: s3cret\n").unwrap();
        let house = House::with(
            "collectd",
            &["--collectd-security", level, "--collectd-auth-file", file.to_str().unwrap()],
        );
        let start = |name: &str, options: &str| collectd(&house.folder, name, house.port, options);
        let senders = [
            start("clear", ""),
            start("signed", &options("Sign", "ann", "s3cret")),
            start("hidden", &options("Encrypt", "ann", "s3cret")),
            start("liar", &options("Sign", "ann", "guess")),
            start("stranger", &options("Encrypt", "bob", "s3cret")),
        ];
        for host in taken {
            until(&format!("samples of {host} at {level}"), SOON, || {
                house.last("load_midterm", &format!("host:{host}"))?;
                house.last("memory", &format!("host:{host} AND type_instance:used"))
            });
        }
        house.counted("windhover_doors_refused_total{door=\"collectd\"}", 2.0);
        for host in
            ["clear", "signed", "hidden", "liar", "stranger"].iter().filter(|host| !taken.contains(host))
        {
            assert_eq!(house.last("load_midterm", &format!("host:{host}")), None, "{host} at {level}");
        }
        drop(senders);
    }
}
