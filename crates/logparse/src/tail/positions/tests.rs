use super::*;
use stdx::disk::RealDisk;

fn position(path: &str, offset: u64) -> Position {
    let id = FileId { device: 1, inode: 2 };
    Position {
        path: path.to_owned(),
        root: FileId::NONE,
        id,
        offset,
        print: Fingerprint::of(b"abc"),
        modified_ns: 7,
        saved_ms: 1000,
    }
}

#[test]
fn positions_come_back_once_and_old_ones_are_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let file = Some(folder.path().join("positions"));
    let (mut positions, problem) = Positions::open(file.clone(), &RealDisk, 0);
    assert_eq!(problem, "");
    let all = [position("/a b", 5), position("/a b", 6), position("/c", 7), position("/d\n", 8)];
    positions.save(&RealDisk, all.iter().cloned()).unwrap();
    let (mut again, _) = Positions::open(file.clone(), &RealDisk, 0);
    assert_eq!(again.take("/a b", FileId::NONE, FileId::NONE), all[..2]);
    assert!(
        again.take("/a b", FileId::NONE, FileId::NONE).is_empty()
            && again.take("/d\n", FileId::NONE, FileId::NONE).is_empty()
    );
    // What nobody took is written again.
    again.save(&RealDisk, std::iter::empty()).unwrap();
    let (mut third, _) = Positions::open(file.clone(), &RealDisk, 0);
    assert_eq!(
        (
            third.take("/a b", FileId::NONE, FileId::NONE).len(),
            third.take("/c", FileId::NONE, FileId::NONE).len()
        ),
        (0, 1)
    );
    let (mut late, _) = Positions::open(file, &RealDisk, 8 * 24 * 3600 * 1000);
    assert!(late.take("/c", FileId::NONE, FileId::NONE).is_empty());
}

#[test]
fn what_is_no_file_of_positions_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("positions");
    std::fs::write(&path, "x\ny").unwrap();
    let (_, problem) = Positions::open(Some(path), &RealDisk, 0);
    assert!(problem.contains("no file of positions"), "{problem}");
}

#[test]
fn broken_lines_are_left_out() {
    for line in ["", "1 2 3", "1 2 3 4 5 6 /a", "1 2 3 4 5 6:x /a", "a 2 3 4 5 6:7 /a"] {
        assert_eq!(Position::parse(line, false), None, "{line}");
    }
    let line = position("/a b c", 9).write().unwrap();
    assert_eq!(Position::parse(line.trim_end(), true), Some(position("/a b c", 9)));
}

#[test]
fn positions_of_the_same_path_in_several_roots_are_told_apart() {
    let id = |number| FileId { device: 9, inode: number };
    let of = |root: u64, file: u64| Position { root: id(root), id: id(file), ..position("/a", file) };
    let mut positions = Positions::open(None, &RealDisk, 0).0;
    positions.put_back(vec![of(1, 10), of(2, 20), of(1, 11), of(3, 30)]);
    let offsets = |all: Vec<Position>| all.iter().map(|position| position.offset).collect::<Vec<_>>();
    assert_eq!(offsets(positions.take("/a", id(1), id(10))), [10, 11]);
    // A root of another number that has the same file.
    assert_eq!(offsets(positions.take("/a", id(7), id(20))), [20]);
    assert!(positions.take("/a", id(8), id(80)).is_empty());
    assert_eq!(offsets(positions.take("/a", id(3), id(31))), [30]);
}

#[test]
fn positions_of_an_earlier_version_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("positions");
    std::fs::write(&file, "windhover-log-positions 1\n1 2 5 7 1000 3:a /a b\n").unwrap();
    let (mut positions, problem) = Positions::open(Some(file), &RealDisk, 0);
    let root = FileId { device: 3, inode: 4 };
    let found = positions.take("/a b", root, FileId::NONE);
    assert_eq!((problem.as_str(), found.len(), found[0].offset), ("", 1, 5));
}
