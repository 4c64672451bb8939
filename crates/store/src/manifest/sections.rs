//! The parts of a manifest, each with a tag and its length.

use super::{Entry, Manifest, OldLog, Unusable};
use crate::log::Position;
use stdx::varint;

const NUMBERS: u8 = 1;
const BLOCKS: u8 = 2;
const TOMBS: u8 = 3;
const OLD_LOG: u8 = 4;

/// Appends all sections that have something to say.
pub(super) fn write(manifest: &Manifest, out: &mut Vec<u8>) {
    section(out, NUMBERS, |out| {
        varint::write_u64(out, manifest.next_id);
        varint::write_u64(out, manifest.next_sequence);
        varint::write_u64(out, manifest.next_offset);
        varint::write_i64(out, manifest.boundary_ms);
    });
    section(out, BLOCKS, |out| manifest.blocks.iter().for_each(|entry| write_entry(out, entry)));
    if !manifest.tombs.is_empty() {
        section(out, TOMBS, |out| out.extend_from_slice(&manifest.tombs));
    }
    if let Some(OldLog { boundary_ms, covered }) = manifest.old_log {
        section(out, OLD_LOG, |out| {
            varint::write_i64(out, boundary_ms);
            varint::write_u64(out, covered.segment);
            varint::write_u64(out, covered.offset);
        });
    }
}

fn section(out: &mut Vec<u8>, tag: u8, fill: impl FnOnce(&mut Vec<u8>)) {
    let mut content = Vec::new();
    fill(&mut content);
    out.push(tag);
    varint::write_bytes(out, &content);
}

fn write_entry(out: &mut Vec<u8>, entry: &Entry) {
    varint::write_u64(out, entry.sequence);
    varint::write_u64(out, entry.from);
    varint::write_u64(out, entry.to);
    varint::write_u64(out, u64::from(entry.tier_ms));
    varint::write_i64(out, entry.first_ms);
    varint::write_i64(out, entry.last_ms);
    varint::write_u64(out, entry.series);
    varint::write_u64(out, entry.samples);
    varint::write_u64(out, entry.len_bytes);
}

/// Reads all sections, each of which comes once.
pub(super) fn read(mut input: &[u8], manifest: &mut Manifest) -> Result<(), Unusable> {
    let mut seen = 0u8;
    while let Some((&tag, rest)) = input.split_first() {
        input = rest;
        let content = varint::read_bytes(&mut input).ok_or(Unusable::Damaged)?;
        if !(NUMBERS..=OLD_LOG).contains(&tag) {
            return Err(Unusable::Section(tag));
        }
        let first = seen >> tag & 1 == 0;
        seen |= 1 << tag;
        read_section(tag, content, manifest).filter(|()| first).ok_or(Unusable::Damaged)?;
    }
    let needed = 1 << NUMBERS | 1 << BLOCKS;
    if seen & needed == needed { Ok(()) } else { Err(Unusable::Damaged) }
}

fn read_section(tag: u8, mut input: &[u8], manifest: &mut Manifest) -> Option<()> {
    match tag {
        NUMBERS => {
            manifest.next_id = varint::read_u64(&mut input)?;
            manifest.next_sequence = varint::read_u64(&mut input)?;
            manifest.next_offset = varint::read_u64(&mut input)?;
            manifest.boundary_ms = varint::read_i64(&mut input)?;
        }
        BLOCKS => {
            while !input.is_empty() {
                manifest.blocks.push(read_entry(&mut input)?);
            }
        }
        TOMBS => manifest.tombs = std::mem::take(&mut input).to_vec(),
        _ => {
            let boundary_ms = varint::read_i64(&mut input)?;
            let covered =
                Position { segment: varint::read_u64(&mut input)?, offset: varint::read_u64(&mut input)? };
            manifest.old_log = Some(OldLog { boundary_ms, covered });
        }
    }
    input.is_empty().then_some(())
}

fn read_entry(input: &mut &[u8]) -> Option<Entry> {
    Some(Entry {
        sequence: varint::read_u64(input)?,
        from: varint::read_u64(input)?,
        to: varint::read_u64(input)?,
        tier_ms: u32::try_from(varint::read_u64(input)?).ok()?,
        first_ms: varint::read_i64(input)?,
        last_ms: varint::read_i64(input)?,
        series: varint::read_u64(input)?,
        samples: varint::read_u64(input)?,
        len_bytes: varint::read_u64(input)?,
    })
}
