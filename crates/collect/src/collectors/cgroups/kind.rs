//! What a control group is, by its path. Pure.

/// What to do with a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind<'p> {
    /// What it holds is looked at one by one.
    Folder,
    /// A unit of systemd, or all that a user runs.
    Unit(&'p str),
    /// A container, by its id or name.
    Container(&'p str),
    /// Not worth a series.
    Nothing,
}

/// Digits of a container's id.
const ID_DIGITS: usize = 64;
/// Deeper than any manager of containers goes.
const DEPTH_MAX: usize = 8;

/// The kind of the group at this path below the root of the hierarchy.
pub(super) fn of(path: &str) -> Kind<'_> {
    let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
    if let Some(kind) = container(parent, name) {
        return kind;
    }
    let is_deepest = path.bytes().filter(|byte| *byte == b'/').count() >= DEPTH_MAX;
    match name.rsplit_once('.').map(|(_, suffix)| suffix) {
        // What a unit holds is the unit's; but managers of containers, and users, may hold containers.
        _ if is_below_unit(parent) => {
            if is_deepest {
                Kind::Nothing
            } else {
                Kind::Folder
            }
        }
        Some("service" | "scope") => Kind::Unit(name),
        // Sessions come and go with every login: a user is one unit.
        Some("slice") if parent == "user.slice" => Kind::Unit(name),
        Some("mount" | "socket" | "swap") => Kind::Nothing,
        _ if is_deepest => Kind::Nothing,
        _ => Kind::Folder,
    }
}

/// Whether the group at this path is a unit or belongs to one.
fn is_below_unit(path: &str) -> bool {
    path.starts_with("user.slice/")
        || path.split('/').any(|name| name.ends_with(".service") || name.ends_with(".scope"))
}

/// `docker-ID.scope`, `cri-containerd-ID.scope`, `crio-ID`, `libpod-ID.scope`, `…:cri-containerd:ID`, `ID` alone;
/// `lxc.payload.NAME`, `lxc/NAME`; `systemd-nspawn@NAME.service`, `machine-NAME.scope`.
fn container<'p>(parent: &str, name: &'p str) -> Option<Kind<'p>> {
    if let Some(name) = by_name(parent, name).filter(|name| !name.is_empty()) {
        return Some(Kind::Container(name));
    }
    if name.starts_with("lxc.monitor") {
        return Some(Kind::Nothing);
    }
    let name = name.strip_suffix(".scope").unwrap_or(name);
    let (runtime, id) = name.rsplit_once(['-', ':']).unwrap_or(("", name));
    if !is_id(id) {
        return None;
    }
    // Its guardian, which does next to nothing.
    Some(if runtime.ends_with("conmon") { Kind::Nothing } else { Kind::Container(id) })
}

/// The name of a container that goes by its name. Machines of qemu beside them are no containers.
fn by_name<'p>(parent: &str, name: &'p str) -> Option<&'p str> {
    if matches!(parent, "lxc" | "lxc.payload") {
        return Some(name);
    }
    let machine =
        || name.strip_prefix("machine-")?.strip_suffix(".scope").filter(|name| !name.starts_with("qemu"));
    let nspawn = || name.strip_prefix("systemd-nspawn@")?.strip_suffix(".service");
    name.strip_prefix("lxc.payload.").or_else(nspawn).or_else(machine)
}

/// Whether it is an id, as managers of containers make them.
pub(super) fn is_id(text: &str) -> bool {
    text.len() == ID_DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn paths_tell_units_and_containers() {
        let cases = [
            ("system.slice", Kind::Folder),
            ("system.slice/nginx.service", Kind::Unit("nginx.service")),
            ("system.slice/system-getty.slice", Kind::Folder),
            ("system.slice/system-getty.slice/getty@tty1.service", Kind::Unit("getty@tty1.service")),
            ("system.slice/dev-hugepages.mount", Kind::Nothing),
            ("system.slice/docker.socket", Kind::Nothing),
            ("init.scope", Kind::Unit("init.scope")),
            ("user.slice", Kind::Folder),
            ("user.slice/user-1000.slice", Kind::Unit("user-1000.slice")),
            ("machine.slice/machine-web.scope", Kind::Container("web")),
            ("machine.slice/systemd-nspawn@web.service", Kind::Container("web")),
            ("machine.slice/machine-qemu\\x2d1.scope", Kind::Unit("machine-qemu\\x2d1.scope")),
            ("lxc/web", Kind::Container("web")),
            ("lxc.payload/web", Kind::Container("web")),
            ("lxc.monitor/web", Kind::Folder),
            ("lxc.monitor", Kind::Nothing),
            ("user.slice/user-1000.slice/user@1000.service", Kind::Folder),
            ("system.slice/docker.service/x.service", Kind::Folder),
            ("kubepods/burstable/podab-c", Kind::Folder),
            ("lxc.payload.web", Kind::Container("web")),
            ("lxc.monitor.web", Kind::Nothing),
            ("a/b/c/d/e/f/g/h/i", Kind::Nothing),
            ("", Kind::Folder),
        ];
        for (path, kind) in cases {
            assert_eq!(of(path), kind, "{path}");
        }
        let with_id = [
            ("system.slice/docker-{}.scope", Kind::Container(ID)),
            ("docker/{}", Kind::Container(ID)),
            ("kubepods.slice/kubepods-pod1.slice/cri-containerd-{}.scope", Kind::Container(ID)),
            ("kubepods.slice/kubepods-pod1.slice/crio-{}.scope", Kind::Container(ID)),
            ("kubepods.slice/kubepods-pod1.slice/crio-conmon-{}.scope", Kind::Nothing),
            ("machine.slice/libpod-{}.scope", Kind::Container(ID)),
            ("machine.slice/libpod-conmon-{}.scope", Kind::Nothing),
            ("docker/{}0", Kind::Folder),
            ("system.slice/containerd.service/kubepods-podx.slice:cri-containerd:{}", Kind::Container(ID)),
            ("user.slice/user-1.slice/user@1.service/user.slice/libpod-{}.scope", Kind::Container(ID)),
            ("kubepods/burstable/pod1/{}", Kind::Container(ID)),
        ];
        for (path, kind) in with_id {
            assert_eq!(of(&path.replace("{}", ID)), kind, "{path}");
        }
    }
}
