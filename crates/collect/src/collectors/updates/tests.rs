use super::*;
use std::fs;

#[test]
fn this_machines_package_manager_is_asked() {
    let host = Host::this();
    if !host.path("var/lib/dpkg/status").exists() {
        return;
    }
    let findings = ask(&host, &host.run_program).unwrap();
    let pending = findings.value(PENDING, &["apt"]).unwrap();
    let security = findings.value(SECURITY, &["apt"]).unwrap();
    assert!(security <= pending, "{findings:?}");
}

#[test]
fn a_manager_that_fails_is_told() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("var/lib/pacman/local")).unwrap();
    let host = Host::recorded(root.path());
    let run: RunProgram =
        std::sync::Arc::new(|_| Ok(crate::program::Output { text: Vec::new(), code: Some(2) }));
    assert_eq!(ask(&host, &run).unwrap_err(), "pacman ended with Some(2)");
    assert_eq!(ask(&host, &host.run_program).unwrap(), Findings::default());
}

#[test]
fn a_kernel_installed_since_the_start_wants_one() {
    let root = tempfile::tempdir().unwrap();
    let host = Host::recorded(root.path());
    let put = |path: &str, text: &str| {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    put("proc/sys/kernel/osrelease", "6.1.0-20\n");
    put("proc/stat", "btime 1000000000\n");
    assert_eq!(is_reboot_due(&host), None);
    put("lib/modules/6.1.0-20/modules.builtin", "");
    assert_eq!(is_reboot_due(&host), Some(false));
    fs::create_dir_all(root.path().join("lib/modules/6.1.0-10")).unwrap();
    assert_eq!(is_reboot_due(&host), Some(false));
    put("lib/modules/6.1.0-25/modules.builtin", "");
    assert_eq!(is_reboot_due(&host), Some(true));
    put("proc/stat", "btime 99999999999\n");
    assert_eq!(is_reboot_due(&host), Some(false));
    put("run/reboot-required", "");
    assert_eq!(is_reboot_due(&host), Some(true));
}
