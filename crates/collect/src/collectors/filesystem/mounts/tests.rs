use super::*;
use stdx::random::Random;

fn paths(text: &str) -> Vec<String> {
    parse(text.as_bytes())
        .into_iter()
        .map(|mount| format!("{} {} {}", mount.path, mount.device, mount.fstype))
        .collect()
}

#[test]
fn one_mount_for_each_store() {
    let cases: &[(&str, &[&str])] = &[
        // A folder of it first, then all of it.
        (
            "1 0 8:1 /x /a rw - ext4 /dev/sda rw\n2 0 8:1 / /long/path rw - ext4 /dev/sda rw\n",
            &["/long/path /dev/sda ext4"],
        ),
        // Both whole: the shorter path.
        ("1 0 8:1 / /abc rw - xfs /dev/sda rw\n2 0 8:1 / /a rw - xfs /dev/sda rw\n", &["/a /dev/sda xfs"]),
        // Subvolumes have numbers of their own but share the device.
        (
            "1 0 0:30 /@ / rw - btrfs /dev/sda rw\n2 0 0:31 /@home /home rw - btrfs /dev/sda rw\n",
            &["/ /dev/sda btrfs"],
        ),
        // Datasets share a pool but not a device.
        ("1 0 0:30 / /a rw - zfs p/a rw\n2 0 0:31 / /b rw - zfs p/b rw\n", &["/a p/a zfs", "/b p/b zfs"]),
        // Hidden by what is mounted over it.
        ("1 0 8:1 / /a rw - ext4 /dev/sda rw\n2 0 8:2 / /a rw - xfs /dev/sdb rw\n", &["/a /dev/sdb xfs"]),
        ("1 0 8:1 / /a rw - ext4 /dev/sda rw\n2 0 0:9 / /a rw - autofs systemd-1 rw\n", &[]),
        // Optional fields, none or many.
        ("1 0 8:1 / /a rw shared:1 master:2 propagate_from:3 - ext4 /dev/sda rw\n", &["/a /dev/sda ext4"]),
        (
            "1 0 0:5 / / rw - overlay overlay rw\n2 0 0:6 / /x rw - overlay overlay rw\n",
            &["/ overlay overlay"],
        ),
        (
            "1 0 0:5 / /dev/shm rw - tmpfs tmpfs rw\n2 0 0:6 / /run/user/0 rw - tmpfs tmpfs rw\n",
            &["/dev/shm tmpfs tmpfs"],
        ),
        ("1 0 0:5 / /a\\040b\\134 rw - nfs4 host:/x\\011y rw\n", &["/a b\\ host:/x\ty nfs4"]),
        ("1 0 0:5 / /a\\9 rw - nfs4 \\777 rw\n", &["/a\\9 \\777 nfs4"]),
        ("1 0 0:5 / /\\377 rw - ext4 /dev/sda rw\n1 0 0:5 / /a rw ext4 /dev/sda rw\n1 0\n", &[]),
    ];
    for (text, wanted) in cases {
        assert_eq!(paths(text), *wanted, "{text}");
    }
}

#[test]
fn read_only_by_the_mount_or_by_the_file_system() {
    for (mount, store, wanted) in [
        ("rw", "rw", false),
        ("ro,nosuid", "rw", true),
        ("rw,noro", "rw,errors=ro", false),
        ("rw", "rw,ro", true),
    ] {
        let text = format!("1 0 8:1 / /a {mount} - ext4 /dev/sda {store}\n");
        assert_eq!(parse(text.as_bytes())[0].is_read_only, wanted, "{text}");
    }
}

#[test]
fn mutated_text_never_panics() {
    let text = b"1 0 8:1 / /a\\040b rw shared:1 - ext4 /dev/sda rw\n2 0 0:30 / /b ro - nfs4 h:/x ro\n";
    let mut random = Random::from_seed(9);
    for _ in 0..20_000 {
        let mut text = text.to_vec();
        for _ in 0..1 + random.below(6) {
            let at = random.below(text.len() as u64) as usize;
            text[at] = b" \\\n-07/\xff"[random.below(8) as usize];
        }
        parse(&text);
    }
}
