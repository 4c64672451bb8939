//! `--explain`: where the samples of an export lie.

use super::scope::Scope;
use std::collections::HashSet;
use std::io::Write;
use std::process::ExitCode;
use store::Store;

/// Prints a table, tabs between its cells: one line an extent, in order of file and place.
pub fn run(store: &Store, scope: &Scope) -> anyhow::Result<ExitCode> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    writeln!(out, "file\toffset\tbytes\tcount\tseries")?;
    let (mut bytes, mut files, mut extents) = (0, HashSet::new(), Vec::new());
    for selector in &scope.selectors {
        extents.extend(store.extents(selector, scope.range)?);
    }
    extents.sort_by(|a, b| (&a.file, a.offset, &a.series).cmp(&(&b.file, b.offset, &b.series)));
    extents.dedup();
    for extent in &extents {
        let series = extent.series.as_deref().unwrap_or("(times)");
        writeln!(
            out,
            "{}\t{}\t{}\t{}\t{series}",
            extent.file, extent.offset, extent.len_bytes, extent.count
        )?;
        bytes += extent.len_bytes;
        files.insert(&extent.file);
    }
    out.flush()?;
    eprintln!(
        "{} extents, {bytes} bytes in {} files; what is still in the log is not among them",
        extents.len(),
        files.len()
    );
    Ok(ExitCode::SUCCESS)
}
