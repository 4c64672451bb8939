use super::*;

#[test]
fn a_file_that_is_not_there_is_looked_for_again_at_every_tenth_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let (mut file, mut buffer) = (KeptFile::new(path.clone()), Vec::new());
    assert_eq!(file.read_if_there(&mut buffer).unwrap(), None);
    std::fs::write(&path, "text").unwrap();
    let reads: Vec<bool> = (0..10).map(|_| file.read_if_there(&mut buffer).unwrap().is_some()).collect();
    assert_eq!(reads, [[false; 9].as_slice(), &[true]].concat());
    // What must be there is always looked for.
    assert_eq!(KeptFile::new(path).read(&mut buffer).unwrap(), b"text");
}
