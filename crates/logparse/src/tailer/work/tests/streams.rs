//! The output of containers, as their runtimes keep it.

use super::*;
use crate::{Envelope, Stream};

const NUMBER: &str = "4f6c1b0a9d8e4f6c1b0a9d8e4f6c1b0a9d8e4f6c1b0a9d8e4f6c1b0a9d8e4f6c";

fn wrapped(text: &str, stream: &str) -> String {
    let text = text.replace('\n', "\\n").replace('&', "\\u0026");
    format!("{{\"log\":\"{text}\",\"stream\":\"{stream}\",\"time\":\"2026-11-22T08:14:03.1Z\"}}\n")
}

fn spec(world: &World, pattern: &str, stream: Option<Stream>) -> Spec {
    Spec { envelope: Envelope::named("auto"), stream, ..world.spec(pattern) }
}

/// A sum of a file's series by its name, with labels that begin like this.
fn sum(world: &World, name: &str, labels: &str) -> f64 {
    let last = world.last.0.lock().unwrap();
    let is_wanted = |series: &&String| series.starts_with(name) && series.contains(labels);
    last.iter().filter(|(series, _)| is_wanted(series)).map(|(_, value)| value).sum()
}

#[test]
fn both_streams_of_a_container_are_followed_through_rotation_and_restart() {
    let mut world = World::new();
    let folder = format!("containers/{NUMBER}");
    fs::create_dir_all(world.folder.path().join(&folder)).unwrap();
    let file = format!("{folder}/{NUMBER}-json.log");
    let start = |world: &World| {
        let mut work = world.work();
        for (id, stream) in [("out", Stream::Stdout), ("err", Stream::Stderr)] {
            let log_file = Some(format!("/dev/{}", stream.as_str()));
            let spec = Spec { log_file, ..spec(world, &file, Some(stream)) };
            work.put(id.to_owned(), spec, world.now_ms);
        }
        work
    };
    let mut work = start(&world);
    world.write(&file, &(wrapped("GET /a?b&c 200\n", "stdout") + &wrapped("POST /a 500\n", "stderr")));
    world.write(&file, &(wrapped("GET /long", "stdout") + &wrapped("er 200\n", "stdout")));
    world.pass(&mut work, 12);
    let (out, err) = ("log_file=\"/dev/stdout\"", "log_file=\"/dev/stderr\"");
    assert_eq!((sum(&world, "log_requests_total", out), sum(&world, "log_requests_total", err)), (2.0, 1.0));
    assert_eq!(sum(&world, "log_requests_total", "container=\"4f6c1b0a9d8e\""), 3.0);
    assert_eq!(sum(&world, "log_lines_unmatched_total", ""), 0.0);
    // Docker keeps one generation and begins a new file.
    world.write(&file, &wrapped("GET /b 200\n", "stdout"));
    fs::rename(world.folder.path().join(&file), world.folder.path().join(format!("{file}.1"))).unwrap();
    world.write(&file, &(wrapped("GET /c 200\n", "stdout") + &wrapped("GET /c 200\n", "stderr")));
    world.pass(&mut work, 12);
    assert_eq!((sum(&world, "log_requests_total", out), sum(&world, "log_requests_total", err)), (4.0, 2.0));
    work.stop(world.now_ms);
    world.last.0.lock().unwrap().clear();
    world.write(&file, &(wrapped("GET /d 200\n", "stdout") + &wrapped("GET /d 200\n", "stderr")));
    let mut work = start(&world);
    world.pass(&mut work, 12);
    assert_eq!(
        (sum(&world, "log_requests_total", out), sum(&world, "log_requests_total", err)),
        (1.0, 1.0),
        "sums begin anew, with what came meanwhile"
    );
}

#[test]
fn pods_come_and_go() {
    let mut world = World::new();
    let write = |world: &World, pod: &str, number: u32, text: &str| {
        let folder = format!("pods/{pod}/nginx");
        fs::create_dir_all(world.folder.path().join(&folder)).unwrap();
        world.write(&format!("{folder}/{number}.log"), &format!("2026-11-22T08:14:03.1Z stdout F {text}\n"));
    };
    write(&world, "shop_web-1_0a1b", 0, "GET /a 200");
    let mut work = world.work();
    work.put("pods".to_owned(), spec(&world, "pods/*/*/*.log", None), world.now_ms);
    world.pass(&mut work, 11);
    write(&world, "shop_web-2_0a1c", 0, "GET /a 200");
    write(&world, "shop_web-1_0a1b", 1, "GET /a 200");
    world.pass(&mut work, 21);
    let web = |world: &World, pod: &str| {
        sum(world, "log_requests_total", &format!("name=\"shop\",namespace=\"shop\",pod=\"{pod}\""))
    };
    assert_eq!((web(&world, "web-1"), web(&world, "web-2")), (2.0, 1.0));
    fs::remove_dir_all(world.folder.path().join("pods/shop_web-2_0a1c")).unwrap();
    world.pass(&mut work, 120);
    assert_eq!((web(&world, "web-1"), web(&world, "web-2")), (2.0, 0.0), "its series end");
}

#[test]
fn a_link_that_stays_leads_to_a_folder_with_rotation() {
    let mut world = World::new();
    let folder = world.folder.path().to_owned();
    fs::create_dir_all(folder.join("pods")).unwrap();
    world.write("pods/0.log", "");
    std::os::unix::fs::symlink(folder.join("pods/0.log"), folder.join("web_shop_nginx-1.log")).unwrap();
    let spec = Spec { root: "/".into(), ..spec(&world, "", None) };
    let spec = Spec { patterns: vec![folder.join("web_shop_nginx-1.log").display().to_string()], ..spec };
    let line = |url: &str| format!("2026-11-22T08:14:03.1Z stdout F GET /{url} 200\n");
    world.write("pods/0.log", &line("a"));
    let mut work = world.work();
    work.put("1".to_owned(), spec.clone(), world.now_ms);
    world.pass(&mut work, 11);
    work.stop(world.now_ms);
    world.last.0.lock().unwrap().clear();
    // Rotated while nobody looked.
    world.write("pods/0.log", &line("b"));
    fs::rename(folder.join("pods/0.log"), folder.join("pods/0.log.20261122-081403")).unwrap();
    world.write("pods/0.log", &line("c"));
    let mut work = world.work();
    work.put("1".to_owned(), spec, world.now_ms);
    world.pass(&mut work, 11);
    assert_eq!(sum(&world, "log_requests_total", ""), 2.0);
}
