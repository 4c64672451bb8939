//! Which tests failed and what they said, told once more at the end: whoever reads a long output reads its end.

/// Failures told, at most.
const TOLD_MAX: usize = 12;
/// Lines told after the one where a test panicked.
const LINES_AFTER: usize = 4;
/// Words by which nextest begins the line of a test that did not pass.
const WORDS: [&str; 5] = ["FAIL [", "TIMEOUT [", "SIGABRT [", "SIGSEGV [", "LEAK-FAIL ["];

/// What a runner said about tests that did not pass, or not at once.
#[derive(Default)]
pub struct Failures {
    lines: Vec<String>,
    excerpts: usize,
    wanted: usize,
}

impl Failures {
    /// Reads a line of a runner, its colours gone.
    pub fn read(&mut self, line: &str) {
        let text = line.trim();
        if WORDS.iter().any(|word| text.starts_with(word)) || is_flaky(text) {
            self.add_once(format!("   {text}"));
        } else if text.contains("panicked at") && self.excerpts < TOLD_MAX {
            self.excerpts += 1;
            self.wanted = LINES_AFTER;
            self.lines.push(format!("      {text}"));
        } else if self.wanted > 0 {
            self.wanted -= 1;
            self.lines.push(format!("        {text}"));
        }
    }

    /// The lines, in order.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    // The runner names a test when it fails and again in its closing lines.
    fn add_once(&mut self, line: String) {
        self.wanted = 0;
        if !self.lines.contains(&line) {
            self.lines.push(line);
        }
    }
}

/// `FLAKY 2/2 [...]`: failed, and passed when tried again.
fn is_flaky(text: &str) -> bool {
    text.starts_with("FLAKY ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_panics_are_told_once_and_the_rest_is_not() {
        let mut failures = Failures::default();
        let said = "
        SLOW [> 60.000s] (─────────) it::it crash::nothing_is_lost
        FAIL [   6.199s] ( 506/1291) it::it logs::counted
        FAIL [   6.199s] ( 506/1291) it::it logs::counted
    running 1 test
    thread 'logs::counted' (1521) panicked at crates/it/tests/it/logs.rs:109:9:
    assertion `left == right` failed
      left: None
     right: Some(1)
    stack backtrace:
       0: __rustc::rust_begin_unwind
     FLAKY 2/2 [   1.199s] (506/1291) it::it doors::accepted
        ";
        said.lines().for_each(|line| failures.read(line));
        let wanted = [
            "   FAIL [   6.199s] ( 506/1291) it::it logs::counted",
            "      thread 'logs::counted' (1521) panicked at crates/it/tests/it/logs.rs:109:9:",
            "        assertion `left == right` failed",
            "        left: None",
            "        right: Some(1)",
            "        stack backtrace:",
            "   FLAKY 2/2 [   1.199s] (506/1291) it::it doors::accepted",
        ];
        assert_eq!(failures.lines(), wanted);
    }
}
