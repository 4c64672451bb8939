//! Writes what `rrdtool restore` takes.

use crate::formats::rrd::{Archive, PendingRow, RoundRobin, Source};
use std::io::{self, Write};

/// Writes a file of gauges, counters, derives and absolutes in archives of average, min, max and last; a computed source
/// or a forecast is an error of kind [`io::ErrorKind::Unsupported`].
pub fn write(file: &RoundRobin, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>")?;
    writeln!(out, "<!DOCTYPE rrd SYSTEM \"https://oss.oetiker.ch/rrdtool/rrdtool.dtd\">")?;
    writeln!(out, "<rrd>\n<version>{:04}</version>\n<step>{}</step>", file.version, file.step_s)?;
    writeln!(out, "<lastupdate>{}</lastupdate>", file.updated_s)?;
    for source in &file.sources {
        write_source(source, out)?;
    }
    for archive in &file.archives {
        write_archive(file, archive, out)?;
    }
    writeln!(out, "</rrd>")
}

fn write_source(source: &Source, out: &mut dyn Write) -> io::Result<()> {
    if source.kind == super::SourceKind::Compute {
        return Err(unsupported(format!("the source {} is computed", source.name)));
    }
    writeln!(out, "<ds>\n<name>{}</name>\n<type>{}</type>", source.name, source.kind.as_str())?;
    writeln!(out, "<minimal_heartbeat>{}</minimal_heartbeat>", source.heartbeat_s)?;
    writeln!(out, "<min>{}</min>\n<max>{}</max>", Number(source.min), Number(source.max))?;
    let pending = &source.pending;
    writeln!(out, "<last_ds>{}</last_ds>\n<value>{}</value>", pending.last, Number(pending.value))?;
    writeln!(out, "<unknown_sec>{}</unknown_sec>\n</ds>", pending.unknown_s)
}

fn write_archive(file: &RoundRobin, archive: &Archive, out: &mut dyn Write) -> io::Result<()> {
    let function = archive.function;
    if !function.is_measured() {
        return Err(unsupported(format!("an archive of {}", function.as_str())));
    }
    writeln!(out, "<rra>\n<cf>{}</cf>\n<pdp_per_row>{}</pdp_per_row>", function.as_str(), archive.steps)?;
    writeln!(out, "<params>\n<xff>{}</xff>\n</params>\n<cdp_prep>", Number(archive.xff))?;
    for row in &archive.pending {
        write_pending(row, out)?;
    }
    writeln!(out, "</cdp_prep>\n<database>")?;
    for (number, row) in archive.values.chunks_exact(file.sources.len()).enumerate() {
        write!(out, "<!-- {} --> <row>", file.row_end_s(archive, number))?;
        for value in row {
            write!(out, "<v>{}</v>", Number(*value))?;
        }
        writeln!(out, "</row>")?;
    }
    writeln!(out, "</database>\n</rra>")
}

fn write_pending(row: &PendingRow, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "<ds><primary_value>{}</primary_value>", Number(row.primary))?;
    write!(out, "<secondary_value>{}</secondary_value>", Number(row.secondary))?;
    write!(out, "<value>{}</value>", Number(row.value))?;
    writeln!(out, "<unknown_datapoints>{}</unknown_datapoints></ds>", row.unknown)
}

fn unsupported(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, what)
}

/// As few digits as say the number exactly.
struct Number(f64);

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_nan() { f.write_str("NaN") } else { write!(f, "{:e}", self.0) }
    }
}
