//! Nodes of Kubernetes: the kubelet keeps a link for each container whose name ends with its number, and the file below
//! `/var/log/pods` that it leads to.

use super::{Found, Writer};
use crate::root::path;

pub(super) fn find(writer: &Writer<'_>) -> Option<Result<Found, String>> {
    let number = writer.container.as_deref()?;
    let link = writer.host.glob(&format!("/var/log/containers/*-{number}.log")).into_iter().next();
    let file = link.and_then(|link| writer.host.resolve(&link).ok()).or_else(|| only_one(writer))?;
    // A node whose runtime is Docker has links to Docker's files.
    Some(Ok(writer.wrapped(file, "auto", Vec::new())))
}

/// The file of a pod with one container, when nobody made a link: pods are known by the number in their control group.
fn only_one(writer: &Writer<'_>) -> Option<String> {
    let pod = pod_number(&writer.groups)?;
    let folders = writer.host.glob(&format!("/var/log/pods/*_{pod}/*"));
    let [folder] = &folders[..] else { return None };
    let newest = writer.host.glob(&path::join(folder, "*.log")).into_iter().max_by_key(|file| start(file));
    newest.and_then(|file| writer.host.resolve(&file).ok())
}

/// How often the container was started before.
fn start(file: &str) -> u32 {
    path::name(file).trim_end_matches(".log").parse().unwrap_or(0)
}

/// `kubepods-besteffort-pod0a1b2c3d_1111.slice`, `kubepods/besteffort/pod0a1b2c3d-1111/`
fn pod_number(groups: &str) -> Option<String> {
    let (_, rest) = groups.split_once("kubepods")?;
    let (_, rest) = rest.split_once("/pod").or_else(|| rest.split_once("-pod"))?;
    let number = rest.split(['/', '.', '\n']).next()?;
    let is_number =
        number.len() >= 32 && number.bytes().all(|b| b.is_ascii_hexdigit() || matches!(b, b'-' | b'_'));
    is_number.then(|| number.replace('_', "-"))
}

#[cfg(test)]
mod tests {
    use super::pod_number;

    #[test]
    fn pods_are_known_by_their_control_groups() {
        let wanted = Some("0a1b2c3d-1111-2222-3333-0123456789ab".to_owned());
        for groups in [
            "0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod0a1b2c3d_1111_2222_3333_0123456789ab.slice/x",
            "0::/kubepods/besteffort/pod0a1b2c3d-1111-2222-3333-0123456789ab/4f6c\n",
        ] {
            assert_eq!(pod_number(groups), wanted, "{groups}");
        }
        assert_eq!(pod_number("0::/kubepods/podx/4f6c\n"), None);
        assert_eq!(pod_number("0::/system.slice/pod.service\n"), None);
    }
}
