//! Names of containers, from files their managers keep: readable by root only, and by whoever may read what root may.
//! No socket is asked. Without a name a container is called by the first digits of its id.

use crate::Host;
use std::io::Read;
use std::path::PathBuf;

/// Digits that people know a container by.
const SHORT_DIGITS: usize = 12;
/// Most that is read of a file.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// Name spaces of containerd in which ids are those of the groups.
const CONTAINERD_SPACES: [&str; 2] = ["k8s.io", "default"];

/// Finds names below a root.
pub(super) struct ContainerNames {
    root: PathBuf,
}

impl ContainerNames {
    pub(super) fn new(host: &Host) -> Self {
        Self { root: host.root.clone() }
    }

    /// What to call the container of this id.
    pub(super) fn of(&self, id: &str) -> String {
        let name = self.docker(id).or_else(|| self.containerd(id)).or_else(|| self.podman(id));
        // The name of all that is not followed is no container's.
        let name = name.filter(|name| !name.is_empty() && name != super::family::OTHER);
        name.unwrap_or_else(|| short(id).to_owned())
    }

    fn docker(&self, id: &str) -> Option<String> {
        docker(&self.read(&format!("var/lib/docker/containers/{id}/config.v2.json"))?)
    }

    fn containerd(&self, id: &str) -> Option<String> {
        let path = |space| format!("run/containerd/io.containerd.runtime.v2.task/{space}/{id}/config.json");
        CONTAINERD_SPACES.iter().find_map(|space| containerd(&self.read(&path(space))?))
    }

    fn podman(&self, id: &str) -> Option<String> {
        podman(&self.read("var/lib/containers/storage/overlay-containers/containers.json")?, id)
    }

    fn read(&self, path: &str) -> Option<String> {
        let mut bytes = Vec::new();
        let file = std::fs::File::open(self.root.join(path)).ok()?;
        file.take(FILE_BYTES_MAX).read_to_end(&mut bytes).ok()?;
        String::from_utf8(bytes).ok()
    }
}

/// The first digits of an id; all of a name.
pub(super) fn short(id: &str) -> &str {
    let is_id = id.len() > SHORT_DIGITS && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id { &id[..SHORT_DIGITS] } else { id }
}

/// Docker's own name begins with a slash, unlike the names of other things in the file.
fn docker(config: &str) -> Option<String> {
    string_after(config, r#""Name":"/"#)
}

/// `namespace/pod/container` under Kubernetes, `namespace/pod` for the pause container, else the name nerdctl gave.
fn containerd(config: &str) -> Option<String> {
    let annotation = |key: &str| string_after(config, &format!(r#""{key}":""#));
    if let Some(name) = annotation("nerdctl/name") {
        return Some(name);
    }
    let space = annotation("io.kubernetes.cri.sandbox-namespace")?;
    let pod = annotation("io.kubernetes.cri.sandbox-name")?;
    Some(match annotation("io.kubernetes.cri.container-name") {
        Some(container) => format!("{space}/{pod}/{container}"),
        None => format!("{space}/{pod}"),
    })
}

/// A list of all containers, each with its id and then its names.
fn podman(list: &str, id: &str) -> Option<String> {
    let at = list.find(&format!(r#""id":"{id}""#))?;
    string_after(&list[at..], r#""names":[""#)
}

/// The rest of the string that the needle begins. Inside of JSON's strings quotes are escaped, so the needle with its
/// quotes is never found there. Names with escapes are none of ours.
fn string_after(text: &str, needle: &str) -> Option<String> {
    let rest = &text[text.find(needle)? + needle.len()..];
    let name = &rest[..rest.find('"')?];
    Some(name.to_owned()).filter(|name| !name.contains('\\'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_where_managers_keep_them() {
        let config = r#"{"Config":{"Name":"x","Env":["A=\"Name\":\"/no\""]},"Name":"/web","Driver":"o"}"#;
        assert_eq!(docker(config).as_deref(), Some("web"));
        assert_eq!(docker(r#"{"Name":"no slash"}"#), None);
        assert_eq!(docker(r#"{"Name":"/cut"#), None);
        let pod = r#"{"io.kubernetes.cri.sandbox-name":"api-7","io.kubernetes.cri.sandbox-namespace":"shop""#;
        assert_eq!(containerd(pod).as_deref(), Some("shop/api-7"));
        let container = format!(r#"{pod},"io.kubernetes.cri.container-name":"app"}}"#);
        assert_eq!(containerd(&container).as_deref(), Some("shop/api-7/app"));
        assert_eq!(containerd(r#"{"nerdctl/name":"db"}"#).as_deref(), Some("db"));
        assert_eq!(containerd("{}"), None);
        let list = r#"[{"id":"aa","names":["one"]},{"id":"bb","names":["two","three"]}]"#;
        assert_eq!(podman(list, "bb").as_deref(), Some("two"));
        assert_eq!(podman(list, "cc"), None);
    }

    #[test]
    fn ids_are_shortened_and_names_are_not() {
        assert_eq!(short("0123456789abcdef"), "0123456789ab");
        assert_eq!(short("a-long-name-of-a-container"), "a-long-name-of-a-container");
        assert_eq!(short("web"), "web");
    }
}
