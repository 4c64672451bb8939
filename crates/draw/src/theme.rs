//! Colours of a whole chart: our own light and dark, and the templates that Graphite's users know by name.

use crate::Color;

/// Colours of a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    /// Behind everything.
    pub background: Color,
    /// Titles and names.
    pub foreground: Color,
    /// Labels of axes.
    pub muted: Color,
    /// Lines at labels.
    pub grid: Color,
    /// Lines between them.
    pub grid_minor: Color,
    /// Of series, in order; the first follows the last.
    pub series: Vec<Color>,
}

/// Names that [`Theme::named`] knows.
pub const NAMES: &[&str] = &["default", "light", "dark", "noc", "plain", "summary", "alphas"];

// As in ui/src/tokens.css, where a test looks after contrast and what the colour-blind can tell apart.
const LIGHT: [u32; 8] = [0x0061a2, 0xd17746, 0x5f630f, 0x66a08a, 0x9f5463, 0x252c8f, 0x6e6bed, 0x6e113a];
const DARK: [u32; 8] = [0x0584da, 0xb16d49, 0xbbc12c, 0x99f4d1, 0xef9cab, 0xbac9f9, 0x959af4, 0xdd628e];

impl Default for Theme {
    fn default() -> Self {
        Self::light()
    }
}

impl Theme {
    /// Dark on white, as the pages by day.
    pub fn light() -> Self {
        Self {
            background: Color::rgb(0xffffff),
            foreground: Color::rgb(0x14181d),
            muted: Color::rgb(0x59636f),
            grid: Color::rgb(0xdfe3e8),
            grid_minor: Color::rgb(0xf0f2f5),
            series: LIGHT.map(Color::rgb).to_vec(),
        }
    }

    /// Light on nearly black, as the pages by night.
    pub fn dark() -> Self {
        Self {
            background: Color::rgb(0x14181d),
            foreground: Color::rgb(0xe8ebef),
            muted: Color::rgb(0x98a3b0),
            grid: Color::rgb(0x2a313a),
            grid_minor: Color::rgb(0x1e242b),
            series: DARK.map(Color::rgb).to_vec(),
        }
    }

    /// One of [`NAMES`].
    pub fn named(name: &str) -> Option<Self> {
        let classic = |series: &[&str]| series.iter().filter_map(|name| Color::parse(name)).collect();
        Some(match name {
            "default" | "light" | "plain" => Self::light(),
            "dark" => Self::dark(),
            "noc" => Self {
                background: Color::rgb(0x000000),
                series: classic(&[
                    "blue", "green", "red", "yellow", "purple", "brown", "aqua", "grey", "magenta", "pink",
                    "gold", "rose",
                ]),
                ..Self::dark()
            },
            "summary" => Self {
                series: classic(&["6464ff", "00a000", "c80032", "c87800", "963296", "009696"]),
                ..Self::light()
            },
            "alphas" => {
                Self { series: classic(&["00c800aa", "c80032aa", "6464ffaa", "ffa500aa"]), ..Self::light() }
            }
            _ => return None,
        })
    }

    /// The same for a background and a foreground of somebody's own: what was not chosen is made to be readable.
    pub fn upon(self, background: Option<Color>, foreground: Option<Color>) -> Self {
        let Some(background) = background else {
            return Self {
                foreground: foreground.unwrap_or(self.foreground),
                muted: foreground.unwrap_or(self.muted),
                ..self
            };
        };
        let dark = background.a > 127 && background.brightness() < 0.45;
        let was_dark = self.background.brightness() < 0.45;
        let base = match (dark, was_dark) {
            (true, false) => Self::dark(),
            (false, true) => Self::light(),
            _ => self,
        };
        Self { background, ..base }.upon(None, foreground)
    }

    /// The colour of the series at a place.
    pub fn color(&self, at: usize) -> Color {
        self.series.get(at % self.series.len().max(1)).copied().unwrap_or(self.foreground)
    }
}
