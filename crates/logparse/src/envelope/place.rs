//! What a path says of the container whose output it holds.

/// Labels of a file by the layouts of runtimes: `namespace`, `pod` and `container_name` as Kubernetes names them below
/// `/var/log/pods` and `/var/log/containers`, else `container`, the first digits of its number.
pub(crate) fn labels(path: &str) -> Vec<(&'static str, String)> {
    of_pods(path).or_else(|| of_containers(path)).or_else(|| of_number(path)).unwrap_or_default()
}

/// `/var/log/pods/NAMESPACE_POD_UID/CONTAINER/N.log`
fn of_pods(path: &str) -> Option<Vec<(&'static str, String)>> {
    let mut parts = path.rsplit('/');
    let (_file, container, pod) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next()? != "pods" {
        return None;
    }
    let (namespace, rest) = pod.split_once('_')?;
    let (pod, _uid) = rest.split_once('_')?;
    Some(named(namespace, pod, container))
}

/// `/var/log/containers/POD_NAMESPACE_CONTAINER-NUMBER.log`
fn of_containers(path: &str) -> Option<Vec<(&'static str, String)>> {
    let (folder, file) = path.rsplit_once('/')?;
    if !folder.ends_with("/containers") {
        return None;
    }
    let (pod, rest) = file.strip_suffix(".log")?.split_once('_')?;
    let (namespace, rest) = rest.split_once('_')?;
    let (container, number) = rest.rsplit_once('-')?;
    is_number(number).then(|| named(namespace, pod, container))
}

/// `…/containers/NUMBER/NUMBER-json.log`, `…/overlay-containers/NUMBER/userdata/ctr.log`
fn of_number(path: &str) -> Option<Vec<(&'static str, String)>> {
    let number = path.split('/').find(|part| is_number(part))?;
    Some(vec![("container", number[..12].to_owned())])
}

fn named(namespace: &str, pod: &str, container: &str) -> Vec<(&'static str, String)> {
    vec![
        ("namespace", namespace.to_owned()),
        ("pod", pod.to_owned()),
        ("container_name", container.to_owned()),
    ]
}

fn is_number(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::labels;

    #[test]
    fn a_path_tells_whose_output_it_is() {
        let shown = |path: &str| {
            let labels: Vec<String> =
                labels(path).into_iter().map(|(name, value)| format!("{name}={value}")).collect();
            labels.join(" ")
        };
        let number = "4f6c".repeat(16);
        assert_eq!(
            shown("/var/log/pods/shop_web-7d9_0a1b2c3d-1111-2222/nginx/0.log"),
            "namespace=shop pod=web-7d9 container_name=nginx"
        );
        assert_eq!(
            shown(&format!("/var/log/containers/web-7d9_shop_nginx-side-{number}.log")),
            "namespace=shop pod=web-7d9 container_name=nginx-side"
        );
        assert_eq!(
            shown(&format!("/var/lib/docker/containers/{number}/{number}-json.log")),
            "container=4f6c4f6c4f6c"
        );
        for other in
            ["/var/log/nginx/access.log", "/pods/x/y", "/a/pods/x/y/0.log", "/containers/a.log", "", "/"]
        {
            assert_eq!(shown(other), "", "{other}");
        }
    }
}
