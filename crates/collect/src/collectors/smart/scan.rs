//! The disks `smartctl --scan` finds.

use stdx::json::{Error, Reader};

/// A disk as smartctl names it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Device {
    /// `/dev/sda`; several disks behind a controller share one.
    pub(super) name: String,
    /// How to talk to it: `sat`, `nvme`, `megaraid,0` …
    pub(super) kind: String,
}

impl Device {
    /// What tells it from all others: `sda`, or `sda megaraid,0`.
    pub(super) fn label(&self) -> String {
        let name = self.name.strip_prefix("/dev/").unwrap_or(&self.name);
        if self.kind.contains(',') { format!("{name} {}", self.kind) } else { name.to_owned() }
    }
}

pub(super) fn devices(text: &[u8]) -> Result<Vec<Device>, Error> {
    let mut reader = Reader::new(text);
    let mut devices = Vec::new();
    reader.object()?;
    while let Some(field) = reader.field()? {
        if field != "devices" {
            reader.skip()?;
            continue;
        }
        reader.array()?;
        while reader.element()? {
            devices.push(device(&mut reader)?);
        }
    }
    // Nothing that could be taken for an option.
    devices.retain(|device| device.name.starts_with('/') && !device.kind.is_empty());
    Ok(devices)
}

fn device(reader: &mut Reader<'_>) -> Result<Device, Error> {
    let mut device = Device::default();
    reader.object()?;
    while let Some(field) = reader.field()? {
        match &*field {
            "name" => device.name = reader.string()?.into_owned(),
            "type" => device.kind = reader.string()?.into_owned(),
            _ => reader.skip()?,
        }
    }
    Ok(device)
}
