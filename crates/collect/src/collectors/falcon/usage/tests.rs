use super::*;
use std::fs;
use std::process::Command;

/// A folder with files, folders, names twice, a link and a hole.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::create_dir_all(path.join("a/b/c")).unwrap();
    fs::write(path.join("a/one"), vec![1; 12_345]).unwrap();
    fs::write(path.join("a/b/two"), b"2").unwrap();
    fs::hard_link(path.join("a/one"), path.join("a/b/again")).unwrap();
    fs::File::create(path.join("a/b/c/hole")).unwrap().set_len(1 << 30).unwrap();
    std::os::unix::fs::symlink("/usr", path.join("link")).unwrap();
    for n in 0..300 {
        fs::write(path.join(format!("a/b/c/with a rather long name {n}")), b"xyz").unwrap();
    }
    folder
}

fn wait(usage: &mut Usage) -> Outcome {
    loop {
        match usage.take() {
            Outcome::Pending => std::thread::yield_now(),
            outcome => return outcome,
        }
    }
}

/// Newer ones leave the sizes of the folders themselves out (coreutils 9.2).
#[test]
fn a_folder_has_as_many_bytes_as_du_says() {
    let folder = folder();
    let mut usage = Usage::new(folder.path().to_owned());
    assert_eq!(usage.take(), Outcome::Pending);
    usage.start();
    let Outcome::Bytes(bytes) = wait(&mut usage) else { panic!("it failed") };
    assert_eq!(usage.take(), Outcome::Pending);
    let du = Command::new("du").arg("-bs").arg(folder.path()).output().unwrap();
    let said: u64 = String::from_utf8(du.stdout).unwrap().split_whitespace().next().unwrap().parse().unwrap();
    let folders = ["", "a", "a/b", "a/b/c"].map(|name| fs::metadata(folder.path().join(name)).unwrap().len());
    assert!([said, said + folders.iter().sum::<u64>()].contains(&bytes), "{bytes} and not {said}");
}

#[test]
fn a_file_has_its_size_and_nothing_fails() {
    let folder = folder();
    let mut usage = Usage::new(folder.path().join("a/one"));
    usage.start();
    assert_eq!(wait(&mut usage), Outcome::Bytes(12_345));
    let mut usage = Usage::new(folder.path().join("none"));
    usage.start();
    assert_eq!(wait(&mut usage), Outcome::Failed);
}

#[test]
fn what_takes_too_long_has_failed_and_no_second_thread_is_started_for_it() {
    let mut usage = Usage { within: Duration::ZERO, ..Usage::new(folder().path().to_owned()) };
    // A thread that hangs: its result never comes.
    let result = Arc::new(Mutex::new(None));
    usage.work = Some(Work { deadline: Instant::now(), result: result.clone() });
    for _ in 0..3 {
        usage.start();
        assert_eq!(usage.take(), Outcome::Failed);
        assert_eq!(usage.take(), Outcome::Pending);
        assert_eq!(Arc::strong_count(&result), 2);
    }
    // It comes back at last; what it found is too old to be said.
    *result.lock().unwrap() = Some(Outcome::Bytes(5));
    assert_eq!(usage.take(), Outcome::Pending);
    assert!(usage.work.is_none());
    // And one that walks sees for itself that its time is over.
    usage.start();
    assert_eq!(wait(&mut usage), Outcome::Failed);
}
