//! Sheets of Kibana's Timelion: saved objects as Kibana exports them, one JSON object a line, a list of them, or one.

use anyhow::{Context, bail};
use serde_json::Value;
use std::path::Path;

/// Largest file read, in bytes.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// One sheet, or one chart of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sheet {
    pub(super) title: String,
    pub(super) exprs: Vec<String>,
    /// As written: `auto`, `1m`.
    pub(super) interval: String,
}

/// The one sheet of a file, or the one of this title.
pub(super) fn choose(path: &Path, title: Option<&str>) -> anyhow::Result<Sheet> {
    let len_bytes = std::fs::metadata(path).with_context(|| path.display().to_string())?.len();
    if len_bytes > FILE_BYTES_MAX {
        bail!("{}: more than {FILE_BYTES_MAX} bytes", path.display());
    }
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let sheets = read(&text).with_context(|| path.display().to_string())?;
    one_of(&sheets, title).with_context(|| path.display().to_string())
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

fn read(text: &str) -> anyhow::Result<Vec<Sheet>> {
    let objects = match serde_json::from_str::<Value>(text) {
        Ok(Value::Array(objects)) => objects,
        Ok(object) => vec![object],
        Err(_) => {
            let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
            lines
                .map(|(at, line)| serde_json::from_str(line).with_context(|| format!("line {}", at + 1)))
                .collect::<Result<_, _>>()?
        }
    };
    let sheets: Vec<Sheet> = objects.iter().filter_map(sheet).collect();
    if sheets.is_empty() {
        bail!("no sheet or chart of Timelion is in it (Kibana: Saved objects, Export)");
    }
    Ok(sheets)
}

/// What Kibana saved, if it is Timelion's. Old exports have `_source` where later ones have `attributes`.
fn sheet(object: &Value) -> Option<Sheet> {
    let saved = object.get("attributes").or_else(|| object.get("_source"))?;
    let title = saved["title"].as_str().unwrap_or("").to_owned();
    if let Some(exprs) = saved["timelion_sheet"].as_array() {
        let exprs = exprs.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        return Some(Sheet { title, exprs, interval: interval(&saved["timelion_interval"]) });
    }
    // A chart holds what it shows as text in text.
    let shown: Value = serde_json::from_str(saved["visState"].as_str()?).ok()?;
    let params = (shown["type"] == "timelion").then(|| &shown["params"])?;
    let exprs = vec![params["expression"].as_str()?.to_owned()];
    Some(Sheet { title, exprs, interval: interval(&params["interval"]) })
}

fn interval(saved: &Value) -> String {
    saved.as_str().filter(|text| !text.is_empty()).unwrap_or("auto").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHEET: &str = r#"{"id":"1","type":"timelion-sheet","attributes":{"title":"Load","timelion_sheet":[".es(metric=avg:load1)",".static(1)"],"timelion_interval":"1m","timelion_rows":2}}"#;
    const CHART: &str = r#"{"_type":"visualization","_source":{"title":"One","visState":"{\"type\":\"timelion\",\"params\":{\"expression\":\".es(*)\",\"interval\":\"auto\"}}"}}"#;
    const OTHER: &str = r#"{"type":"dashboard","attributes":{"title":"D","visState":"{\"type\":\"pie\"}"}}"#;

    #[test]
    fn sheets_and_charts_are_found_among_other_objects() {
        let load = Sheet {
            title: "Load".into(),
            exprs: vec![".es(metric=avg:load1)".into(), ".static(1)".into()],
            interval: "1m".into(),
        };
        let one = Sheet { title: "One".into(), exprs: vec![".es(*)".into()], interval: "auto".into() };
        assert_eq!(read(&format!("{SHEET}\n{OTHER}\n\n{CHART}\n")).unwrap(), [load.clone(), one.clone()]);
        assert_eq!(read(&format!("[{CHART},{SHEET}]")).unwrap(), [one, load.clone()]);
        assert_eq!(read(SHEET).unwrap(), [load]);
    }

    #[test]
    fn what_is_no_sheet_is_refused_with_its_place() {
        let told = |text: &str| format!("{:#}", read(text).unwrap_err());
        assert!(told(OTHER).starts_with("no sheet"), "{}", told(OTHER));
        assert!(told(&format!("{SHEET}\n{{")).starts_with("line 2: "));
    }

    #[test]
    fn one_of_several_must_be_named() {
        let sheets = read(&format!("{SHEET}\n{CHART}")).unwrap();
        assert_eq!(one_of(&sheets, Some("One")).unwrap().exprs, [".es(*)"]);
        assert!(one_of(&sheets, None).unwrap_err().to_string().contains("name one: `Load`, `One`"));
        assert!(one_of(&sheets, Some("Two")).unwrap_err().to_string().contains("no such sheet"));
    }
}
