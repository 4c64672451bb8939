//! A Prometheus remote-write 1.0 sender in a few lines: enough of protobuf to write, nothing to read.

use model::Labels;
use stdx::varint::{write_bytes, write_u64};

/// Labels as they stand in a request, to be encoded once.
pub fn labels(labels: &Labels) -> Vec<u8> {
    let (mut out, mut label) = (Vec::new(), Vec::new());
    for (name, value) in labels.iter() {
        label.clear();
        text(&mut label, 1, name);
        text(&mut label, 2, value);
        out.push(1 << 3 | 2);
        write_bytes(&mut out, &label);
    }
    out
}

fn text(out: &mut Vec<u8>, field: u8, text: &str) {
    out.push(field << 3 | 2);
    write_bytes(out, text.as_bytes());
}

/// A compressed request: encoded labels, each with its value at `time_ms`.
pub fn request<'a>(rows: impl Iterator<Item = (&'a Vec<u8>, f64)>, time_ms: i64) -> Vec<u8> {
    let (mut body, mut series, mut sample) = (Vec::new(), Vec::new(), Vec::new());
    for (labels, value) in rows {
        sample.clear();
        sample.push(1 << 3 | 1);
        sample.extend_from_slice(&value.to_le_bytes());
        sample.push(2 << 3);
        write_u64(&mut sample, time_ms as u64);
        series.clear();
        series.extend_from_slice(labels);
        series.push(2 << 3 | 2);
        write_bytes(&mut series, &sample);
        body.push(1 << 3 | 2);
        write_bytes(&mut body, &series);
    }
    snap::raw::Encoder::new().compress_vec(&body).expect("requests are far below snappy's limit")
}
