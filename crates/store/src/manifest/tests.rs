use super::{Entry, Manifest, OldLog, Unusable};
use crate::log::Position;
use stdx::crc::crc32;

fn some() -> Manifest {
    let entry = Entry {
        sequence: 8,
        from: 5,
        to: 70_000,
        tier_ms: 60_000,
        first_ms: -5,
        last_ms: i64::MAX,
        series: 3,
        samples: 4,
        len_bytes: 1 << 40,
    };
    Manifest {
        epoch: 3,
        nonce: u64::MAX,
        next_id: 507,
        next_sequence: 9,
        next_offset: 70_001,
        boundary_ms: -5,
        blocks: vec![Entry::unknown(1), entry],
        tombs: vec![1, 2, 3],
        old_log: Some(OldLog { boundary_ms: i64::MIN, covered: Position { segment: 4, offset: 77 } }),
    }
}

/// The same bytes with something in them changed and a checksum that is right again.
fn forged(manifest: &Manifest, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = manifest.encode();
    bytes.truncate(bytes.len() - 4);
    change(&mut bytes);
    let crc = crc32(&bytes);
    bytes.extend_from_slice(&crc.to_le_bytes());
    bytes
}

#[test]
fn a_manifest_comes_back_and_damage_is_seen() {
    for manifest in [some(), Manifest::empty()] {
        let bytes = manifest.encode();
        assert_eq!(Manifest::decode(&bytes), Ok(manifest));
        for at in 0..bytes.len() {
            let mut bad = bytes.clone();
            bad[at] ^= 4;
            assert_eq!(Manifest::decode(&bad), Err(Unusable::Damaged));
            assert_eq!(Manifest::decode(&bytes[..at]), Err(Unusable::Damaged));
        }
    }
}

#[test]
fn newer_versions_and_foreign_sections_are_told_apart() {
    let newer = forged(&some(), |bytes| bytes[6] = 3);
    assert_eq!(Manifest::decode(&newer), Err(Unusable::Newer(3)));
    let foreign = forged(&some(), |bytes| bytes.extend_from_slice(&[77, 0]));
    assert_eq!(Manifest::decode(&foreign), Err(Unusable::Section(77)));
    for tail in [&[3, 0][..], &[3, 200, 1], &[77, 200]] {
        let bad = forged(&some(), |bytes| bytes.extend_from_slice(tail));
        assert_eq!(Manifest::decode(&bad), Err(Unusable::Damaged), "{tail:?}");
    }
}

#[test]
fn version_1_is_still_read() {
    let words = [3u64, 507, 9, -5i64 as u64, 4, 77, 2, 1, 8];
    let mut bytes = b"WHMANI\x01\x00".to_vec();
    words.iter().for_each(|word| bytes.extend_from_slice(&word.to_le_bytes()));
    let crc = crc32(&bytes);
    bytes.extend_from_slice(&crc.to_le_bytes());
    let old = Manifest::decode(&bytes).unwrap();
    let covered = Position { segment: 4, offset: 77 };
    assert_eq!((old.epoch, old.next_id, old.next_sequence, old.next_offset), (3, 507, 9, 0));
    assert_eq!(old.blocks, [Entry::unknown(1), Entry::unknown(8)]);
    assert_eq!(old.old_log, Some(OldLog { boundary_ms: -5, covered }));
}
