//! Groups of targets in JSON.

use crate::target::Group;
use stdx::json::{Error, Reader};

/// Reads `[{"targets": […], "labels": {…}}, …]`.
pub(super) fn groups(text: &str) -> Result<Vec<Group>, String> {
    read(&mut Reader::new(text.as_bytes())).map_err(|e| format!("byte {}: {e}", e.at))
}

fn read(reader: &mut Reader<'_>) -> Result<Vec<Group>, Error> {
    let mut groups = Vec::new();
    reader.array()?;
    while reader.element()? {
        let mut group = Group::default();
        reader.object()?;
        while let Some(name) = reader.field()? {
            match &*name {
                "targets" => {
                    reader.array()?;
                    while reader.element()? {
                        group.addresses.push(reader.string()?.into_owned());
                    }
                }
                "labels" => {
                    reader.object()?;
                    while let Some(name) = reader.field()? {
                        group.labels.push((name.into_owned(), reader.string()?.into_owned()));
                    }
                }
                _ => {
                    return Err(Error {
                        at: reader.position(),
                        what: "a field other than `targets` and `labels`",
                    });
                }
            }
        }
        groups.push(group);
    }
    reader.end()?;
    Ok(groups)
}
