use super::*;

fn disk_with(path: &str) -> (FaultyDisk, Box<dyn Append>) {
    let disk = FaultyDisk::new();
    disk.create_dir_all(Path::new("/d")).unwrap();
    disk.sync_dir(Path::new("/")).unwrap();
    let file = disk.create(Path::new(path)).unwrap();
    (disk, file)
}

#[test]
fn a_power_cut_leaves_synced_bytes_under_synced_names() {
    let (disk, mut file) = disk_with("/d/a");
    file.write_all(b"kept").unwrap();
    file.sync().unwrap();
    disk.sync_dir(Path::new("/d")).unwrap();
    file.write_all(b"perhaps").unwrap();
    disk.create(Path::new("/d/b")).unwrap().sync().unwrap();
    disk.lose_power(&mut Random::from_seed(1));
    assert_eq!(disk.files(), [PathBuf::from("/d/a")]);
    assert!(disk.read(Path::new("/d/a")).unwrap().starts_with(b"kept"));
    assert!(file.write_all(b"x").is_err(), "a handle of an earlier life");
}

#[test]
fn a_rename_is_durable_with_its_folder() {
    let (disk, _) = disk_with("/d/a");
    disk.sync_dir(Path::new("/d")).unwrap();
    disk.rename(Path::new("/d/a"), Path::new("/d/b")).unwrap();
    assert_eq!(disk.files(), [PathBuf::from("/d/b")]);
    disk.lose_power(&mut Random::from_seed(1));
    assert_eq!(disk.files(), [PathBuf::from("/d/a")]);
}

#[test]
fn after_a_failed_sync_the_bytes_are_lost_though_a_later_sync_succeeds() {
    let (disk, mut file) = disk_with("/d/a");
    disk.sync_dir(Path::new("/d")).unwrap();
    file.write_all(b"gone").unwrap();
    disk.fail(Call::Sync, 1, io::ErrorKind::Other);
    assert!(file.sync().is_err());
    assert!(file.sync().is_ok());
    disk.lose_power(&mut Random::from_seed(3));
    assert_eq!(disk.read(Path::new("/d/a")).unwrap(), b"");
}

#[test]
fn a_full_disk_takes_a_part_and_says_so() {
    let (disk, mut file) = disk_with("/d/a");
    disk.set_capacity_bytes(Some(3));
    assert_eq!(file.write_all(b"four").unwrap_err().kind(), io::ErrorKind::StorageFull);
    assert_eq!(file.len().unwrap(), 3);
    file.truncate(0).unwrap();
    disk.set_capacity_bytes(None);
    file.write_all(b"four").unwrap();
}

#[test]
fn locks_exclude_until_dropped_or_the_process_dies() {
    let disk = FaultyDisk::new();
    let path = Path::new("/lock");
    let held = disk.lock(path).unwrap();
    assert_eq!(disk.lock(path).err().map(|e| e.kind()), Some(io::ErrorKind::WouldBlock));
    disk.kill_process();
    let again = disk.lock(path).unwrap();
    drop(held);
    assert!(disk.lock(path).is_err(), "the lock of an earlier life does not free the new one");
    drop(again);
    assert!(disk.lock(path).is_ok());
}
