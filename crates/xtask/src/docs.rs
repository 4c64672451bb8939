//! Reference pages that follow from the tables. Each is written by a test of the crate that owns the table, which
//! otherwise proves that the page is fresh.

use crate::run::{command, show};

/// Writes all pages.
pub fn run(_: &[String]) -> Result<(), String> {
    show(command("cargo", &["test", "--quiet", "--workspace", "reference_page"]).env("WINDHOVER_BLESS", "1"))
}
