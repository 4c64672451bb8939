//! What the data of entries mean. Most are shared by many entries, such as the unit, and what they mean is kept by their place.

use super::units::Units;

/// Places that are kept.
const KEPT: usize = 256;
/// Longest name of a unit.
const UNIT_BYTES_MAX: usize = 256;

/// What a datum is for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Kind {
    #[default]
    Other,
    Message,
    /// 0 to 7.
    Priority(u8),
    /// By its number among [`Units`].
    Unit(u16),
    /// Who sent the entry is the kernel.
    Kernel,
}

/// The same, and for whom entries with it are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Class {
    pub(super) kind: Kind,
    /// A bit for each listener that waits for this field.
    pub(super) wanted: u64,
}

/// What listeners wait for, and what is known of places.
#[derive(Debug)]
pub(super) struct Fields {
    /// `NAME=value` with the bit of who waits for it.
    wanted: Vec<(Vec<u8>, u64)>,
    /// A key made of file and place, 0 for none.
    kept: Box<[(u64, Class)]>,
}

impl Fields {
    pub(super) fn new() -> Self {
        Self { wanted: Vec::new(), kept: vec![(0, Class::default()); KEPT].into() }
    }

    /// What is waited for has changed.
    pub(super) fn want(&mut self, wanted: Vec<(Vec<u8>, u64)>) {
        self.wanted = wanted;
        self.forget();
    }

    /// Forgets what is known of places.
    pub(super) fn forget(&mut self) {
        self.kept.fill((0, Class::default()));
    }

    /// What is known of a place of a file.
    pub(super) fn known(&self, file: u16, offset: u64) -> Option<Class> {
        let key = key(file, offset);
        let (kept, class) = self.kept[place(key)];
        (kept == key).then_some(class)
    }

    /// Keeps it.
    pub(super) fn keep(&mut self, file: u16, offset: u64, class: Class) {
        let key = key(file, offset);
        self.kept[place(key)] = (key, class);
    }

    /// What a datum means, by the first bytes of its payload.
    pub(super) fn class(&self, payload: &[u8], units: &mut Units) -> Class {
        let wanted =
            self.wanted.iter().filter(|(field, _)| field == payload).fold(0, |all, (_, bit)| all | bit);
        let kind = if payload.starts_with(b"MESSAGE=") {
            Kind::Message
        } else if let Some(priority) = payload.strip_prefix(b"PRIORITY=") {
            match priority {
                [digit @ b'0'..=b'7'] => Kind::Priority(digit - b'0'),
                _ => Kind::Other,
            }
        } else if let Some(unit) = payload.strip_prefix(b"_SYSTEMD_UNIT=") {
            Kind::Unit(units.number(&unit[..unit.len().min(UNIT_BYTES_MAX)]))
        } else if payload == b"_TRANSPORT=kernel" {
            Kind::Kernel
        } else {
            Kind::Other
        };
        Class { kind, wanted }
    }
}

fn key(file: u16, offset: u64) -> u64 {
    u64::from(file) << 48 | (offset >> 3) << 1 | 1
}

fn place(key: u64) -> usize {
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as usize % KEPT
}
