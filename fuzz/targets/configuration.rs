#![no_main]

//! The first byte says whose configuration the others are. Whatever stands in it, the service is found, and nothing panics.

use collect::Host;
use discover::{Discovery, Options};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::sync::LazyLock;

/// Services with their command lines and the file they read.
const READERS: [(&str, &str, &str); 12] = [
    ("nginx", "nginx: master process nginx -c /c/nginx.conf", "nginx.conf"),
    ("apache", "apache2\0-f\0/c/apache.conf", "apache.conf"),
    ("php-fpm", "php-fpm: master process (/c/fpm.conf)", "fpm.conf"),
    ("haproxy", "haproxy\0-f\0/c/haproxy.cfg", "haproxy.cfg"),
    ("postgresql", "postgres\0-D\0/c", "postgresql.conf"),
    ("mysql", "mysqld\0--defaults-file=/c/my.cnf", "my.cnf"),
    ("redis", "redis-server\0/c/redis.conf", "redis.conf"),
    ("mongodb", "mongod\0-f\0/c/mongod.conf", "mongod.conf"),
    ("zookeeper", "java\0org.apache.zookeeper.server.quorum.QuorumPeerMain\0/c/zoo.cfg", "zoo.cfg"),
    ("etcd", "etcd\0--config-file=/c/etcd.yml", "etcd.yml"),
    ("elasticsearch", "java\0-Des.path.conf=/c\0org.elasticsearch.bootstrap.Elasticsearch", "elasticsearch.yml"),
    ("haproxy", "haproxy\0-f\0/c/haproxy.cfg", "rsyslog.conf"),
];

/// A machine on which all of them run, each with an empty file.
static MACHINE: LazyLock<PathBuf> = LazyLock::new(|| {
    let machine = std::env::temp_dir().join(format!("windhover-fuzz-{}", std::process::id()));
    fs::create_dir_all(machine.join("c")).expect("a temporary folder");
    symlink("c", machine.join("etc")).expect("new");
    fs::write(machine.join("c/haproxy.cfg"), "global\n log /dev/log local0\n").expect("new");
    for (at, (_, title, _)) in READERS.iter().enumerate().take(READERS.len() - 1) {
        let (pid, folder) = (at + 10, machine.join("proc").join((at + 10).to_string()));
        fs::create_dir_all(folder.join("fd")).expect("new");
        fs::write(folder.join("stat"), format!("{pid} (x) S 1{} {pid} 0 100 0 1 1 1", " 0".repeat(17))).expect("new");
        fs::write(folder.join("cmdline"), format!("{title}\0")).expect("new");
        symlink(&machine, folder.join("root")).expect("new");
        symlink(&machine, folder.join("cwd")).expect("new");
    }
    machine
});

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let [which, text @ ..] = input else { return };
    let (service, _, file) = READERS[usize::from(*which) % READERS.len()];
    fs::write(MACHINE.join("c").join(file), text).expect("the folder is ours");
    let options = Options { only: vec![service.to_owned()], ..Options::default() };
    let board = Discovery::once(&Host::recorded(&*MACHINE), options, 10_000).expect("processes can be read");
    assert_eq!(board.count(), 1, "{service}");
    assert!(!board.tree().contains("has a defect"), "{}", board.tree());
});
