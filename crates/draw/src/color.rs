//! Colours, and how people write them.

/// A colour with its opacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color {
    /// Red.
    pub r: u8,
    /// Green.
    pub g: u8,
    /// Blue.
    pub b: u8,
    /// Opacity: 255 hides what is behind.
    pub a: u8,
}

/// Names as Graphite's users know them; they are not those of web pages (`green` is lighter here).
const NAMES: &[(&str, u32)] = &[
    ("black", 0x000000),
    ("white", 0xffffff),
    ("blue", 0x6464ff),
    ("green", 0x00c800),
    ("red", 0xc80032),
    ("yellow", 0xffff00),
    ("orange", 0xffa500),
    ("purple", 0xc864ff),
    ("brown", 0x966432),
    ("cyan", 0x00ffff),
    ("aqua", 0x009696),
    ("gray", 0xafafaf),
    ("grey", 0xafafaf),
    ("magenta", 0xff00ff),
    ("pink", 0xff6464),
    ("gold", 0xc8c800),
    ("rose", 0xc896c8),
    ("darkblue", 0x0000ff),
    ("darkgreen", 0x00ff00),
    ("darkred", 0xff0000),
    ("darkgray", 0x6f6f6f),
    ("darkgrey", 0x6f6f6f),
];

impl Color {
    /// An opaque colour from `0xrrggbb`.
    pub const fn rgb(rgb: u32) -> Self {
        Self { r: (rgb >> 16) as u8, g: (rgb >> 8) as u8, b: rgb as u8, a: 255 }
    }

    /// A name of Graphite's, or `rgb`, `rrggbb` or `rrggbbaa` with or without `#`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some((_, rgb)) = NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)) {
            return Some(Self::rgb(*rgb));
        }
        // A `#` that was not encoded in a URL comes as `%23` from some programs.
        let hex = text.strip_prefix('#').or(text.strip_prefix("%23")).unwrap_or(text);
        if !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let number = u32::from_str_radix(hex, 16).ok()?;
        match hex.len() {
            3 => {
                let wide = |shift: u32| ((number >> shift) & 0xf) * 0x11;
                Some(Self::rgb(wide(8) << 16 | wide(4) << 8 | wide(0)))
            }
            6 => Some(Self::rgb(number)),
            8 => Some(Self { a: number as u8, ..Self::rgb(number >> 8) }),
            _ => None,
        }
    }

    /// The same colour, letting through what is behind: 0 is invisible, 1 as opaque as before.
    pub fn with_alpha(self, alpha: f64) -> Self {
        let alpha = if alpha.is_nan() { 1.0 } else { alpha.clamp(0.0, 1.0) };
        Self { a: (f64::from(self.a) * alpha).round() as u8, ..self }
    }

    /// `#rrggbb`, without the opacity.
    pub fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.r, self.g, self.b)
    }

    /// Opacity from 0 to 1.
    pub fn opacity(self) -> f64 {
        f64::from(self.a) / 255.0
    }

    /// How bright it looks, from 0 to 1 (weights of ITU-R BT.709).
    pub fn brightness(self) -> f64 {
        (0.2126 * f64::from(self.r) + 0.7152 * f64::from(self.g) + 0.0722 * f64::from(self.b)) / 255.0
    }
}
