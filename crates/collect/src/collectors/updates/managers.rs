//! Package managers: how each is asked, and which lines of its answer are updates.

/// One of them.
pub(super) struct Manager {
    /// Label value.
    pub(super) label: &'static str,
    /// A path that hosts have where it rules.
    pub(super) sign: &'static str,
    /// The program.
    pub(super) name: &'static str,
    /// A question that changes nothing and asks nobody else.
    pub(super) arguments: &'static [&'static str],
    /// Codes the program ends with when all is well.
    pub(super) good_codes: &'static [i32],
    pub(super) is_update: fn(&str) -> bool,
    pub(super) security: Option<Security>,
    /// Files that are changed when the lists are fetched.
    pub(super) lists: &'static [&'static str],
}

/// How to know updates for security.
pub(super) struct Security {
    /// A question of its own; empty when the first answer tells.
    pub(super) arguments: &'static [&'static str],
    pub(super) is_update: fn(&str) -> bool,
}

pub(super) static MANAGERS: [Manager; 5] = [
    Manager {
        label: "apt",
        sign: "var/lib/dpkg/status",
        name: "apt-get",
        // Who is not root may simulate.
        arguments: &["--simulate", "-o", "Debug::NoLocking=1", "-qq", "dist-upgrade"],
        good_codes: &[0],
        is_update: is_apt,
        security: Some(Security {
            arguments: &[],
            is_update: |line| is_apt(line) && line.to_ascii_lowercase().contains("security"),
        }),
        lists: &["var/lib/apt/periodic/update-success-stamp", "var/lib/apt/lists"],
    },
    Manager {
        label: "dnf",
        sign: "var/lib/dnf",
        name: "dnf",
        arguments: &["--quiet", "--cacheonly", "check-update"],
        // 100 says that there are some.
        good_codes: &[0, 100],
        is_update: |line| {
            is_table(line) && line.split_whitespace().next().is_some_and(|name| name.contains('.'))
        },
        security: Some(Security {
            arguments: &["--quiet", "--cacheonly", "updateinfo", "list", "--security"],
            is_update: |line| is_table(line) && !line.starts_with("Name "),
        }),
        lists: &["var/cache/dnf", "var/cache/libdnf5"],
    },
    Manager {
        label: "zypper",
        sign: "etc/zypp/zypp.conf",
        name: "zypper",
        arguments: &["--no-refresh", "--non-interactive", "--quiet", "list-updates"],
        good_codes: &[0],
        is_update: |line| line.starts_with("v "),
        security: None,
        lists: &["var/cache/zypp/raw"],
    },
    Manager {
        label: "apk",
        sign: "lib/apk/db/installed",
        name: "apk",
        arguments: &["version", "--limit", "<"],
        good_codes: &[0],
        is_update: |line| line.contains(" < "),
        security: None,
        lists: &["var/cache/apk"],
    },
    Manager {
        label: "pacman",
        sign: "var/lib/pacman/local",
        name: "pacman",
        arguments: &["--query", "--upgrades"],
        // 1 says that there are none.
        good_codes: &[0, 1],
        is_update: |line| line.contains(" -> ") && !line.ends_with("[ignored]"),
        security: None,
        lists: &["var/lib/pacman/sync"],
    },
];

/// `Inst openssl [3.0.1] (3.0.2 Debian-Security:12/stable-security [amd64])`; without the first brackets it is new.
fn is_apt(line: &str) -> bool {
    line.strip_prefix("Inst ")
        .and_then(|rest| rest.split_once(' '))
        .is_some_and(|(_, rest)| rest.starts_with('['))
}

/// A package, its version and where it comes from.
fn is_table(line: &str) -> bool {
    !line.starts_with(' ') && line.split_whitespace().count() == 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_all_managers_are_told_apart() {
        let count = |label: &str, text: &str| {
            let manager = MANAGERS.iter().find(|manager| manager.label == label).unwrap();
            let of = |is: fn(&str) -> bool| text.lines().filter(|line| is(line)).count();
            (of(manager.is_update), manager.security.as_ref().map(|security| of(security.is_update)))
        };
        let apt = "Inst libc6 [2.36-9] (2.36-10 Debian:12.1/stable [amd64]) []\nInst openssl [3.0.9] (3.0.14 Debian-Security:12/stable-security [amd64])\nInst linux-image-6.1.0-25 (6.1.106-3 Debian:12/stable [amd64])\nConf libc6 (2.36-10 Debian:12.1/stable [amd64])\n";
        assert_eq!(count("apt", apt), (2, Some(1)));
        let dnf = "\nbash.x86_64    5.1.8-9.el9    baseos\nkernel.x86_64  5.14.0-427.el9  baseos\nObsoleting Packages\n    grub2.x86_64  1  baseos\n";
        assert_eq!(count("dnf", dnf).0, 2);
        let security = "RHSA-2024:1 Important/Sec. bash-5.1.8-9.el9.x86_64\n";
        assert_eq!(count("dnf", security).1, Some(1));
        let zypper = "S | Repository | Name | Current Version | Available Version | Arch\n--+------------+------+-----\nv | Update | bash | 4.4-1 | 4.4-2 | x86_64\n";
        assert_eq!(count("zypper", zypper).0, 1);
        assert_eq!(count("apk", "Installed:     Available:\nbusybox-1.36.1-r5 < 1.36.1-r15 \n").0, 1);
        assert_eq!(count("pacman", "bash 5.1-1 -> 5.2-1\nlinux 6.1-1 -> 6.2-1 [ignored]\n").0, 1);
    }
}
