//! What SET PERSIST wrote (MySQL 8): `mysqld-auto.cnf` in the folder of the data, which counts after everything else. It is
//! JSON, a variable at some depth each: `{"…": {"port": {"Value": "3307", "Metadata": {…}}}}`.

use super::Options;
use crate::Inspection;
use crate::root::path;
use crate::text::is_yes;
use stdx::json::{Error, Kind, Reader};

const FILE: &str = "mysqld-auto.cnf";

/// Puts it over the options, unless `persisted_globals_load` is off.
pub(super) fn take(inspection: &mut Inspection<'_>, options: &mut Options) {
    let Some((folder, _)) = options.get("datadir") else { return };
    if options.get("persisted_globals_load").is_some_and(|(value, _)| !is_yes(value)) {
        return;
    }
    let file = path::join(folder, FILE);
    let Some(text) = inspection.read_if_there(&file) else { return };
    let mut found = Vec::new();
    if let Err(error) = variables(&mut Reader::new(text.as_bytes()), &mut found) {
        inspection.problem(format!("{file}: {error} at byte {}", error.at));
    }
    options.extend(found.into_iter().map(|(name, value)| (name, (value, file.clone()))));
}

/// Every member that has a `Value`, whatever the groups around it are called: they differ with the version.
fn variables(reader: &mut Reader<'_>, found: &mut Vec<(String, String)>) -> Result<(), Error> {
    reader.object()?;
    while let Some(name) = reader.field()? {
        let name = name.into_owned();
        if reader.peek()? != Kind::Object {
            reader.skip()?;
            continue;
        }
        let mut inner = reader.clone();
        match value(&mut inner)? {
            Some(value) => {
                found.push((name, value));
                reader.skip()?;
            }
            None => variables(reader, found)?,
        }
    }
    Ok(())
}

/// The `Value` of an object.
fn value(reader: &mut Reader<'_>) -> Result<Option<String>, Error> {
    reader.object()?;
    while let Some(name) = reader.field()? {
        if name == "Value" && reader.peek()? == Kind::String {
            return Ok(Some(reader.string()?.into_owned()));
        }
        reader.skip()?;
    }
    Ok(None)
}
