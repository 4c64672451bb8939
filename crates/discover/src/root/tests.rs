use super::*;
use std::fs;
use std::os::unix::fs::symlink;

fn root() -> (tempfile::TempDir, Root) {
    let folder = tempfile::tempdir().unwrap();
    let root = Root::new(folder.path());
    (folder, root)
}

#[test]
fn links_stay_within_the_root() {
    let (folder, root) = root();
    fs::create_dir_all(folder.path().join("opt/conf.d")).unwrap();
    fs::create_dir_all(folder.path().join("etc")).unwrap();
    fs::write(folder.path().join("opt/main.conf"), "here").unwrap();
    symlink("/opt/main.conf", folder.path().join("etc/absolute")).unwrap();
    symlink("../opt/conf.d/../main.conf", folder.path().join("etc/relative")).unwrap();
    symlink("../../../../../../opt/main.conf", folder.path().join("etc/above")).unwrap();
    symlink("/etc", folder.path().join("opt/etc")).unwrap();
    for path in ["/etc/absolute", "/etc/relative", "/etc/above", "/opt/etc/absolute", "opt/./etc//above"] {
        assert_eq!(root.resolve(path).unwrap(), "/opt/main.conf", "{path}");
        assert_eq!(root.read(path).unwrap().0, "here");
    }
    assert_eq!(root.resolve("/var/log/new.log").unwrap(), "/var/log/new.log");
}

#[test]
fn links_in_a_circle_end() {
    let (folder, root) = root();
    symlink("/b", folder.path().join("a")).unwrap();
    symlink("/a", folder.path().join("b")).unwrap();
    assert_eq!(root.read("/a").unwrap_err().to_string(), "too many symbolic links");
}

#[test]
fn what_would_block_or_never_end_is_refused() {
    let (folder, root) = root();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        folder.path().join("pipe"),
        rustix::fs::FileType::Fifo,
        0o600.into(),
        0,
    )
    .unwrap();
    assert_eq!(root.read("/pipe").unwrap_err().to_string(), "it is not a regular file");
    assert_eq!(root.read("/").unwrap_err().to_string(), "it is a folder");
    File::create(folder.path().join("long")).unwrap().set_len(FILE_BYTES_MAX + 1).unwrap();
    assert_eq!(root.read("/long").unwrap_err().to_string(), "longer than 4 MiB: not read");
}

#[test]
fn patterns_give_paths_in_order_and_follow_links_to_folders() {
    let (folder, root) = root();
    fs::create_dir_all(folder.path().join("sites/a")).unwrap();
    fs::create_dir_all(folder.path().join("real")).unwrap();
    for path in ["sites/a/2.conf", "sites/a/1.conf", "sites/a/.x.conf", "real/3.conf"] {
        fs::write(folder.path().join(path), "").unwrap();
    }
    symlink("/real", folder.path().join("sites/b")).unwrap();
    symlink("/gone", folder.path().join("sites/a/4.conf")).unwrap();
    let found = root.glob("/sites/*/*.conf");
    assert_eq!(found, ["/sites/a/1.conf", "/sites/a/2.conf", "/sites/b/3.conf"]);
    assert_eq!(root.glob("/real/3.conf"), ["/real/3.conf"]);
    assert!(root.glob("/real/4.conf").is_empty());
}

#[test]
fn a_changed_file_has_another_fingerprint() {
    let (folder, root) = root();
    fs::write(folder.path().join("a"), "1").unwrap();
    let before = root.fingerprint("/a").unwrap();
    assert_eq!(before, root.read("/a").unwrap().1);
    fs::write(folder.path().join("a"), "12").unwrap();
    assert_ne!(Some(before), root.fingerprint("/a"));
    assert_eq!(root.fingerprint("/b"), None);
}
