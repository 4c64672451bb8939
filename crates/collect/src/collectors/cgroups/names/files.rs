//! Names from the files of Docker, containerd, CRI-O and podman.

use super::super::identity::Identity;
use super::json::{string_after, value_of, value_within};
use crate::Host;
use std::io::Read;
use std::path::PathBuf;

/// Most that is read of a file.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// Name spaces of containerd in which ids are those of the groups.
const CONTAINERD_SPACES: [&str; 3] = ["k8s.io", "default", "moby"];
/// What holds a pod's network; the kubelet calls it so too.
const SANDBOX: &str = "POD";

pub(super) struct Files {
    root: PathBuf,
}

impl Files {
    pub(super) fn new(host: &Host) -> Self {
        Self { root: host.root.clone() }
    }

    /// What the container of this id is called.
    pub(super) fn find(&self, id: &str) -> Option<Identity> {
        self.docker(id).or_else(|| self.containerd(id)).or_else(|| self.crio(id)).or_else(|| self.podman(id))
    }

    fn docker(&self, id: &str) -> Option<Identity> {
        docker(&self.read(&format!("var/lib/docker/containers/{id}/config.v2.json"))?)
    }

    fn containerd(&self, id: &str) -> Option<Identity> {
        let path = |space| format!("run/containerd/io.containerd.runtime.v2.task/{space}/{id}/config.json");
        CONTAINERD_SPACES.iter().find_map(|space| containerd(&self.read(&path(space))?))
    }

    fn crio(&self, id: &str) -> Option<Identity> {
        crio(&self.read(&format!("run/containers/storage/overlay-containers/{id}/userdata/config.json"))?)
    }

    fn podman(&self, id: &str) -> Option<Identity> {
        podman(&self.read("var/lib/containers/storage/overlay-containers/containers.json")?, id)
    }

    fn read(&self, path: &str) -> Option<String> {
        let mut bytes = Vec::new();
        let file = std::fs::File::open(self.root.join(path)).ok()?;
        file.take(FILE_BYTES_MAX).read_to_end(&mut bytes).ok()?;
        String::from_utf8(bytes).ok()
    }
}

/// Docker's own name begins with a slash, unlike the names of other things in the file.
pub(super) fn docker(config: &str) -> Option<Identity> {
    let name = string_after(config, r#""Name":"/"#)?;
    Some(with_labels_of_kubernetes(
        config,
        Identity { name, image: value_of(config, "Image"), ..Identity::default() },
    ))
}

/// Docker under Kubernetes names containers by labels.
pub(super) fn with_labels_of_kubernetes(text: &str, identity: Identity) -> Identity {
    let pod = value_of(text, "io.kubernetes.pod.name");
    if pod.is_empty() {
        return identity;
    }
    let name = value_of(text, "io.kubernetes.container.name");
    Identity {
        name: if name.is_empty() { identity.name } else { name },
        pod,
        namespace: value_of(text, "io.kubernetes.pod.namespace"),
        ..identity
    }
}

/// A pod's container or what holds its network; else what nerdctl named.
pub(super) fn containerd(config: &str) -> Option<Identity> {
    let nerdctl = value_of(config, "nerdctl/name");
    if !nerdctl.is_empty() {
        return Some(Identity::named(nerdctl));
    }
    let annotation = |key: &str| value_of(config, &format!("io.kubernetes.cri.{key}"));
    let (pod, namespace) = (annotation("sandbox-name"), annotation("sandbox-namespace"));
    if pod.is_empty() {
        return None;
    }
    let name = annotation("container-name");
    let name = if name.is_empty() { SANDBOX.to_owned() } else { name };
    Some(Identity { name, image: annotation("image-name"), pod, namespace })
}

pub(super) fn crio(config: &str) -> Option<Identity> {
    let pod = value_of(config, "io.kubernetes.pod.name");
    if pod.is_empty() {
        return None;
    }
    let name = value_of(config, "io.kubernetes.container.name");
    let name = if name.is_empty() { SANDBOX.to_owned() } else { name };
    let image = value_of(config, "io.kubernetes.cri-o.ImageName");
    Some(Identity { name, image, pod, namespace: value_of(config, "io.kubernetes.pod.namespace") })
}

/// A list of all containers, each with its id, its names, and a text that holds the name of its image.
pub(super) fn podman(list: &str, id: &str) -> Option<Identity> {
    let rest = &list[list.find(&format!(r#""id":"{id}""#))?..];
    let next = rest[1..].find(r#"{"id":""#).map_or(rest.len(), |at| at + 1);
    let own = &rest[..next];
    let name = string_after(own, r#""names":[""#)?;
    Some(Identity { name, image: value_within(own, "image-name"), ..Identity::default() })
}
