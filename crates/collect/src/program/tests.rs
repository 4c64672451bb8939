use super::*;

fn shell(script: &str, within: Duration) -> Result<Output, ProgramError> {
    run(&Program { name: "sh", arguments: &["-c", script], within, output_bytes_max: 10_000 })
}

const LONG: Duration = Duration::from_secs(60);

#[test]
fn output_and_code_are_taken() {
    let output = shell("echo one; echo $LC_ALL; echo no >&2; exit 3", LONG).unwrap();
    assert_eq!(output, Output { text: b"one\nC\n".to_vec(), code: Some(3) });
    assert_eq!(shell("kill -9 $$", LONG).unwrap().code, None);
}

#[test]
fn one_that_hangs_is_killed_with_its_children() {
    let marker = tempfile::NamedTempFile::new().unwrap();
    let path = marker.path().to_str().unwrap();
    let script = format!("sleep 300 & echo $! > {path}; wait");
    let error = shell(&script, Duration::from_millis(300)).unwrap_err();
    assert!(matches!(error, ProgramError::TooSlow(_)), "{error}");
    let child = std::fs::read_to_string(path).unwrap();
    let state = || std::fs::read_to_string(format!("/proc/{}/stat", child.trim()));
    let deadline = Instant::now() + LONG;
    while state().is_ok_and(|stat| !stat.contains(") Z ")) {
        assert!(Instant::now() < deadline, "the child lives");
        std::thread::yield_now();
    }
}

#[test]
fn one_that_closes_its_output_and_stays_is_killed() {
    let error = shell("exec >&-; sleep 300", Duration::from_millis(200)).unwrap_err();
    assert!(matches!(error, ProgramError::TooSlow(_)), "{error}");
}

#[test]
fn one_that_floods_is_killed() {
    let error = shell("while :; do echo yyyyyyyyyyyyyyyyyyyyy; done", LONG).unwrap_err();
    assert_eq!(error.to_string(), "was killed: it printed more than 10000 bytes");
}

#[test]
fn one_that_is_not_there_is_missing() {
    let program = Program { name: "no-such-program", arguments: &[], within: LONG, output_bytes_max: 1 };
    assert!(matches!(run(&program), Err(ProgramError::Missing)));
}
