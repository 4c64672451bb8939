use super::files::{containerd, crio, docker, podman};
use super::*;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixListener;
use std::time::{Duration, Instant};

const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn identity(name: &str, image: &str, pod: &str, namespace: &str) -> Option<Identity> {
    let [name, image, pod, namespace] = [name, image, pod, namespace].map(str::to_owned);
    Some(Identity { name, image, pod, namespace })
}

#[test]
fn names_are_found_where_managers_keep_them() {
    let config = r#"{"Config":{"Name":"x","Image":"nginx:1.25","Env":["A=\"Name\":\"/no\""]},"Image":"sha256:1","Name":"/web"}"#;
    assert_eq!(docker(config), identity("web", "nginx:1.25", "", ""));
    assert_eq!(docker(r#"{"Name":"no slash"}"#), None);
    assert_eq!(docker(r#"{"Name":"/cut"#), None);
    let pod = r#"{"io.kubernetes.cri.sandbox-name":"api-7","io.kubernetes.cri.sandbox-namespace":"shop""#;
    assert_eq!(containerd(pod), identity("POD", "", "api-7", "shop"));
    let container = format!(
        r#"{pod},"io.kubernetes.cri.container-name":"app","io.kubernetes.cri.image-name":"shop/api:7"}}"#
    );
    assert_eq!(containerd(&container), identity("app", "shop/api:7", "api-7", "shop"));
    assert_eq!(containerd(r#"{"nerdctl/name":"db"}"#), identity("db", "", "", ""));
    assert_eq!(containerd("{}"), None);
    let config = r#"{"annotations":{"io.kubernetes.container.name":"app","io.kubernetes.cri-o.ImageName":"i:1","io.kubernetes.pod.name":"p","io.kubernetes.pod.namespace":"n"}}"#;
    assert_eq!(crio(config), identity("app", "i:1", "p", "n"));
    assert_eq!(crio("{}"), None);
    let list = r#"[{"id":"aa","names":["one"],"metadata":"{\"image-name\":\"a:1\"}"},{"id":"bb","names":["two","three"],"metadata":"{\"image-name\":\"b:2\",\"x\":1}"}]"#;
    assert_eq!(podman(list, "aa"), identity("one", "a:1", "", ""));
    assert_eq!(podman(list, "bb"), identity("two", "b:2", "", ""));
    assert_eq!(podman(list, "cc"), None);
}

#[test]
fn names_of_units_are_read_as_people_write_them() {
    for (escaped, plain) in [
        ("web", "web"),
        ("a\\x2db", "a-b"),
        ("a\\x2", "a\\x2"),
        ("\\xzz", "\\xzz"),
        ("\\xff", "\\xff"),
        ("\\xé", "\\xé"),
    ] {
        assert_eq!(unescape(escaped), plain);
    }
}

fn container(id: &str, name: &str, image: &str) -> String {
    format!(
        r#"{{"Id":"{id}","Names":["/{name}"],"Image":"{image}","ImageID":"sha256:0","Labels":{{"a":"\"Names\":[\"/no\"]"}},"State":"running"}}"#
    )
}

/// A manager that gives this answer to each caller and tells what it was asked.
fn manager(root: &std::path::Path, answer: String) -> std::sync::mpsc::Receiver<String> {
    fs::create_dir_all(root.join("run")).unwrap();
    let listener = UnixListener::bind(root.join("run/docker.sock")).unwrap();
    let (sender, asked) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for caller in listener.incoming() {
            let mut caller = caller.unwrap();
            let mut request = [0; 1024];
            let count = caller.read(&mut request).unwrap();
            let _ = caller.write_all(answer.as_bytes());
            if sender.send(String::from_utf8_lossy(&request[..count]).into_owned()).is_err() {
                return;
            }
        }
    });
    asked
}

/// Waits until the manager has answered or failed.
fn wait(names: &Names) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while names.sockets.is_asking() {
        assert!(Instant::now() < deadline, "asked for ever");
        std::thread::yield_now();
    }
}

#[test]
fn a_manager_is_asked_once_for_all_that_are_new_and_names_them() {
    let root = tempfile::tempdir().unwrap();
    let other = ID.replace('0', "f");
    let list = [container(ID, "web", "nginx:1"), container(&other, "db", "postgres:16")].join(",");
    let asked = manager(root.path(), format!("HTTP/1.0 200 OK\r\nContent-Type: x\r\n\r\n[{list}]\n"));
    let mut names = Names::new(&Host::recorded(root.path()));
    assert_eq!((names.find(ID), names.find(&other)), (None, None));
    assert!(names.end_walk());
    wait(&names);
    assert_eq!(names.find(ID), identity("web", "nginx:1", "", ""));
    assert_eq!(names.find(&other), identity("db", "postgres:16", "", ""));
    let request = asked.recv().unwrap();
    assert!(request.starts_with("GET /containers/json HTTP/1.0\r\n"), "{request}");
    assert!(asked.try_recv().is_err());
    assert!(!names.end_walk());
}

#[test]
fn managers_that_say_nothing_useful_leave_the_id() {
    let answers = [
        String::new(),
        "HTTP/1.0 403 Forbidden\r\n\r\nno".to_owned(),
        format!("HTTP/1.0 200 OK\r\n\r\n[{}", &container(ID, "web", "i")[..90]),
        format!("HTTP/1.0 200 OK\r\n\r\n{}", "x".repeat(5 << 20)),
        format!("HTTP/1.0 200 OK\r\n\r\n[{}]", container("another", "web", "i")),
        "nonsense".to_owned(),
    ];
    for answer in answers {
        let root = tempfile::tempdir().unwrap();
        let _asked = manager(root.path(), answer);
        let mut names = Names::new(&Host::recorded(root.path()));
        assert_eq!(names.find(ID), None);
        names.end_walk();
        wait(&names);
        assert_eq!(names.find(ID), Some(Identity::named("0123456789ab")));
    }
}

/// A manager that takes the call and never answers: the pass after goes on without it, and no second thread is started.
#[test]
fn a_manager_that_hangs_holds_nobody_up() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("run")).unwrap();
    let _listener = UnixListener::bind(root.path().join("run/docker.sock")).unwrap();
    let mut names = Names::new(&Host::recorded(root.path()));
    let start = Instant::now();
    assert_eq!(names.find(ID), None);
    assert!(names.end_walk());
    assert_eq!(names.find(ID), Some(Identity::named("0123456789ab")));
    assert!(!names.end_walk());
    let other = ID.replace('0', "f");
    assert_eq!(names.find(&other), None);
    assert!(names.end_walk());
    assert_eq!(names.find(&other), Some(Identity::named("f123456789ab")));
    assert!(names.sockets.is_asking() && start.elapsed() < Duration::from_secs(2));
}
