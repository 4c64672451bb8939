use super::*;
use crate::plan::Work;
use crate::tests::recording;
use crate::tree::Running;
use model::{Standing, Standings};
use std::fs;
use std::path::Path;
use std::sync::Mutex;

type Story = Arc<Mutex<Vec<String>>>;

/// Notes what is started and stopped.
struct Stage(Story);

struct Actor(String, Story);

impl Starter for Stage {
    fn start(&mut self, path: &str, _work: &Work) -> Result<Box<dyn Running>, String> {
        self.0.lock().unwrap().push(format!("start {path}"));
        Ok(Box::new(Actor(path.to_owned(), self.0.clone())))
    }
}

impl Running for Actor {
    fn change(&mut self, _work: &Work) -> bool {
        self.1.lock().unwrap().push(format!("change {}", self.0));
        true
    }

    fn tick(&mut self, _now_ms: i64) {}

    fn standing(&self) -> Option<Standing> {
        None
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        self.1.lock().unwrap().push(format!("stop {}", self.0));
    }
}

/// A machine of a fixture that goes on living.
struct Life {
    machine: tempfile::TempDir,
    table: ProcessTable,
    discovery: Discovery,
    story: Story,
    now_ms: i64,
}

impl Life {
    fn of(fixture: &str) -> Self {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/services");
        let machine = recording::unfold(&fixtures.join(fixture));
        let host = Host::recorded(machine.path());
        let story = Story::default();
        let discovery =
            Discovery::new(Machine::of(&host), Options::default(), Box::new(Stage(story.clone())));
        Self { table: ProcessTable::new(&host), machine, discovery, story, now_ms: 0 }
    }

    fn path(&self) -> &Path {
        self.machine.path()
    }

    /// What happens in so many seconds.
    fn pass(&mut self, seconds: i64) -> Vec<String> {
        for _ in 0..seconds {
            self.table.read(self.now_ms, &mut Vec::new(), None).unwrap();
            self.discovery.round(self.now_ms, &self.table);
            self.now_ms += 1000;
        }
        std::mem::take(&mut self.story.lock().unwrap())
    }
}

const MASTER: &str = "900 /usr/sbin/nginx\n  argument nginx: master process /usr/sbin/nginx\n  start 900\n";
const LOG: &str = "nginx /etc/nginx/nginx.conf: log /var/log/nginx/access.log";

#[test]
fn a_changed_configuration_of_nginx_holds_when_workers_are_started() {
    let mut life = Life::of("nginx-debian");
    assert_eq!(life.pass(30), [format!("start {LOG}")]);
    let text = "http { log_format new '$status'; access_log /var/log/nginx/access.log new; access_log /b.log; server {} }";
    fs::write(life.path().join("etc/nginx/nginx.conf"), text).unwrap();
    assert_eq!(life.pass(200), Vec::<String>::new(), "nobody told nginx to read it");
    recording::add(
        life.path(),
        "850 /usr/sbin/nginx\n  argument nginx: worker process\n  parent 800\n  start 500\n",
    );
    let wanted = [format!("change {LOG}"), "start nginx /etc/nginx/nginx.conf: log /b.log".to_owned()];
    assert_eq!(life.pass(5), wanted);
}

#[test]
fn a_changed_file_of_others_is_read_within_a_minute_or_so() {
    let mut life = Life::of("postgres-auto-conf");
    let traffic = "postgresql 6432: traffic at port 6432";
    let log = "postgresql 6432: log /var/lib/pgsql/16/data/log/postgresql-*.log";
    let statistics = "start postgresql 6432: statistics".to_owned();
    assert_eq!(life.pass(100), [format!("start {log}"), statistics, format!("start {traffic}")]);
    let file = life.path().join("var/lib/pgsql/16/data/postgresql.auto.conf");
    fs::write(&file, "port = '6432'\nlog_line_prefix = 'new'\n").unwrap();
    assert_eq!(life.pass(70), [format!("stop {log}")], "what else runs is not disturbed");
    assert!(life.discovery.board().tree().contains("log_line_prefix: new"));
    // From then on it counts statements itself.
    fs::write(&file, "port = '6432'\nshared_preload_libraries = 'pg_stat_statements'\n").unwrap();
    assert_eq!(life.pass(70), [format!("stop {traffic}")]);
}

#[test]
fn what_was_started_for_a_service_that_ended_lingers_and_is_taken_over() {
    let mut life = Life::of("nginx-debian");
    life.pass(20);
    recording::end(life.path(), 800);
    recording::end(life.path(), 801);
    assert_eq!(life.pass(30), Vec::<String>::new());
    recording::add(life.path(), MASTER);
    assert_eq!(life.pass(200), Vec::<String>::new(), "the new one goes on with the old one's log");
    recording::end(life.path(), 900);
    assert_eq!(life.pass(50), Vec::<String>::new());
    assert_eq!(life.pass(20), [format!("stop {LOG}")]);
    assert_eq!(life.discovery.board().standings(), []);
}

#[test]
fn short_lived_processes_are_not_looked_at() {
    let mut life = Life::of("nothing");
    life.pass(10);
    recording::add(life.path(), MASTER);
    assert_eq!(life.pass(2), Vec::<String>::new());
    recording::end(life.path(), 900);
    assert_eq!(life.pass(20), Vec::<String>::new());
}

#[test]
fn a_process_that_becomes_another_program_becomes_another_service() {
    let mut life = Life::of("memcached");
    assert_eq!(life.pass(10).len(), 2);
    let folder = life.path().join("proc/201");
    let stat = fs::read_to_string(folder.join("stat")).unwrap();
    // Where its stack begins is another after it started another program.
    fs::write(folder.join("stat"), stat.strip_suffix(" 1").unwrap().to_owned() + " 7").unwrap();
    fs::write(folder.join("cmdline"), "redis-server unixsocket:/srv/run/m.sock\0").unwrap();
    fs::remove_file(folder.join("exe")).unwrap();
    assert_eq!(life.pass(6), ["start redis /srv/run/m.sock: info"]);
    assert_eq!(life.pass(70), ["stop memcached /srv/run/m.sock: stats"]);
}

#[test]
fn the_one_that_took_over_gets_the_plain_name_when_the_old_one_is_gone() {
    let mut life = Life::of("nginx-upgrade");
    life.pass(20);
    recording::end(life.path(), 800);
    life.pass(120);
    assert_eq!(life.discovery.board().lock().names().collect::<Vec<_>>(), ["nginx /etc/nginx/nginx.conf"]);
}

#[test]
fn services_can_be_left_out() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/services");
    let machine = recording::unfold(&fixtures.join("redis-tls"));
    let host = Host::recorded(machine.path());
    let names = |options: Options| {
        let board = Discovery::once(&host, options, 0).unwrap();
        let names: Vec<String> = board.lock().names().map(str::to_owned).collect();
        names
    };
    let only = |only: &[&str]| only.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(names(Options { only: only(&["nginx"]), ..Options::default() }).len(), 0);
    assert_eq!(names(Options { without: only(&["redis"]), ..Options::default() }).len(), 0);
    let known = crate::Known {
        service: "redis".to_owned(),
        port: Some(6379),
        is_left_out: true,
        ..Default::default()
    };
    let board = Discovery::once(&host, Options { known: vec![known], ..Options::default() }, 0).unwrap();
    let tree = board.tree();
    assert!(tree.contains("127.0.0.1:26379") && !tree.contains("ask redis at 10.0.0.5"), "{tree}");
}

#[test]
fn what_administrators_know_is_used() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/services");
    let machine = recording::unfold(&fixtures.join("mysql-renamed"));
    let file = machine.path().join("password");
    fs::write(&file, "secret\n").unwrap();
    let known = crate::Known {
        service: "mysql".to_owned(),
        user: "windhover".to_owned(),
        password_file: file.display().to_string(),
        ..Default::default()
    };
    let options = Options { known: vec![known], ..Options::default() };
    let tree = Discovery::once(&Host::recorded(machine.path()), options, 0).unwrap().tree();
    assert!(
        tree.contains("127.0.0.1:3306 user windhover password ***") && !tree.contains("secret"),
        "{tree}"
    );
}
