//! What collectd knows a list of values by.

use model::{HOST, LabelsBuilder, NAME};
use std::fmt::Write;

/// `host/plugin-instance/type-instance`.
#[derive(Debug, Clone, Copy, Default)]
pub(in super::super) struct Identifier<'a> {
    pub(in super::super) host: &'a str,
    pub(in super::super) plugin: &'a str,
    pub(in super::super) plugin_instance: &'a str,
    pub(in super::super) kind: &'a str,
    pub(in super::super) type_instance: &'a str,
}

impl<'a> Identifier<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not host/plugin-instance/type-instance");
        let mut parts = text.splitn(3, '/');
        let mut part = || parts.next().filter(|part| !part.is_empty()).ok_or_else(wrong);
        let (host, plugin, kind) = (part()?, part()?, part()?);
        let (plugin, plugin_instance) = plugin.split_once('-').unwrap_or((plugin, ""));
        let (kind, type_instance) = kind.split_once('-').unwrap_or((kind, ""));
        if plugin.is_empty() || kind.is_empty() {
            return Err(wrong());
        }
        Ok(Self { host, plugin, plugin_instance, kind, type_instance })
    }

    /// All of it, in order.
    pub(in super::super) fn parts(&self) -> [&'a str; 5] {
        [self.host, self.plugin, self.plugin_instance, self.kind, self.type_instance]
    }

    /// The metric's name of the value called `value`, "" when nobody knows, at a place of so many.
    pub(in super::super) fn write_name(&self, value: &str, place: usize, width: usize, out: &mut String) {
        out.clear();
        out.push_str(self.plugin);
        if self.kind != self.plugin {
            out.push('_');
            out.push_str(self.kind);
        }
        let _infallible = match value {
            "" if width > 1 => write!(out, "_{place}"),
            "" | "value" => Ok(()),
            value => write!(out, "_{value}"),
        };
    }

    /// The labels of the series of this name.
    pub(in super::super) fn write_labels(&self, name: &str, labels: &mut LabelsBuilder) {
        labels.clear();
        labels.add(NAME, name).add(HOST, self.host);
        labels.add("plugin_instance", self.plugin_instance);
        labels.add("type_instance", self.type_instance);
    }
}
