//! Asking what a sheet asks that Kibana exported.

use anyhow::{Context, bail};
use meta::Sheet;
use meta::sheets::kibana;
use std::path::Path;

/// Largest file read, in bytes.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// The one sheet of a file, or the one of this title.
pub(super) fn choose(path: &Path, title: Option<&str>) -> anyhow::Result<Sheet> {
    let of_file = || path.display().to_string();
    let len_bytes = std::fs::metadata(path).with_context(of_file)?.len();
    if len_bytes > FILE_BYTES_MAX {
        bail!("{}: more than {FILE_BYTES_MAX} bytes", path.display());
    }
    let text = std::fs::read_to_string(path).with_context(of_file)?;
    one_of(&kibana::read(&text).with_context(of_file)?, title).with_context(of_file)
}

fn one_of(sheets: &[Sheet], title: Option<&str>) -> anyhow::Result<Sheet> {
    let mut chosen: Vec<&Sheet> = sheets.iter().filter(|s| title.is_none_or(|t| s.title == t)).collect();
    let titles: Vec<String> = sheets.iter().map(|sheet| format!("`{}`", sheet.title)).collect();
    match (chosen.pop(), chosen.is_empty()) {
        (Some(sheet), true) => Ok(sheet.clone()),
        (None, _) => bail!("no such sheet; there is {}", titles.join(", ")),
        (Some(_), false) => bail!("several sheets, name one: {}", titles.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_several_must_be_named() {
        let sheets = ["Load", "One"].map(|title| Sheet::new(title, vec![".es(*)".to_owned()]));
        assert_eq!(one_of(&sheets, Some("One")).unwrap(), sheets[1]);
        assert!(one_of(&sheets, None).unwrap_err().to_string().contains("name one: `Load`, `One`"));
        assert!(one_of(&sheets, Some("Two")).unwrap_err().to_string().contains("no such sheet"));
    }
}
