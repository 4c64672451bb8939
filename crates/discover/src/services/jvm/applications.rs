//! What many run on Java machines, by the class or archive that is started, and what tells two of them on a host apart: a
//! property, an option, or the first argument. All of it is on the command line that their own scripts make.

use crate::process::option;

/// A row of the table.
struct Application {
    /// As people call it.
    name: &'static str,
    /// What the class, or the archive's file, is or ends with.
    runs: &'static str,
    /// Options whose value tells instances apart; the first that is given counts. `ARGUMENT` is the first argument.
    by: &'static [&'static str],
}

const ARGUMENT: &str = "";

#[rustfmt::skip]
static APPLICATIONS: &[Application] = &[
    Application { name: "kafka", runs: "kafka.Kafka", by: &[ARGUMENT] },
    Application { name: "kafka connect", runs: "connect.cli.ConnectDistributed", by: &[ARGUMENT] },
    Application { name: "tomcat", runs: "org.apache.catalina.startup.Bootstrap", by: &["-Dcatalina.base"] },
    Application { name: "cassandra", runs: "CassandraDaemon", by: &["-Dcassandra.config", "-Dcassandra.storagedir", "-Dcassandra.logdir"] },
    Application { name: "solr", runs: "start.jar", by: &["-Dsolr.solr.home", "-Dsolr.data.home"] },
    Application { name: "jetty", runs: "start.jar", by: &["-Djetty.base", "-Djetty.home"] },
    Application { name: "wildfly", runs: "jboss-modules.jar", by: &["-Djboss.server.base.dir", "-Djboss.home.dir"] },
    Application { name: "keycloak", runs: "QuarkusEntryPoint", by: &["-Dkc.home.dir"] },
    Application { name: "jenkins", runs: "jenkins.war", by: &["-DJENKINS_HOME", "--httpPort"] },
    Application { name: "logstash", runs: "org.logstash.Logstash", by: &["--path.settings", "--path.data"] },
    Application { name: "activemq", runs: "activemq.jar", by: &["-Dactivemq.base", "-Dactivemq.home"] },
    Application { name: "artemis", runs: "org.apache.activemq.artemis.boot.Artemis", by: &["-Dartemis.instance"] },
    Application { name: "neo4j", runs: "EntryPoint", by: &["--home-dir"] },
    Application { name: "karaf", runs: "org.apache.karaf.main.Main", by: &["-Dkaraf.base"] },
    Application { name: "nexus", runs: "NexusMain", by: &["-Dkaraf.data", "-Dkaraf.base"] },
    Application { name: "hdfs name node", runs: "namenode.NameNode", by: &["-Dhadoop.log.file"] },
    Application { name: "hdfs data node", runs: "datanode.DataNode", by: &["-Dhadoop.log.file"] },
    Application { name: "yarn resource manager", runs: "ResourceManager", by: &["-Dhadoop.log.file"] },
    Application { name: "yarn node manager", runs: "NodeManager", by: &["-Dhadoop.log.file"] },
    Application { name: "hbase master", runs: "HMaster", by: &["-Dhbase.log.file"] },
    Application { name: "hbase region server", runs: "HRegionServer", by: &["-Dhbase.log.file"] },
    Application { name: "spark master", runs: "deploy.master.Master", by: &["--port"] },
    Application { name: "spark worker", runs: "deploy.worker.Worker", by: &["--webui-port"] },
    Application { name: "flink job manager", runs: "StandaloneSessionClusterEntrypoint", by: &["-Dlog.file"] },
    Application { name: "flink task manager", runs: "TaskManagerRunner", by: &["-Dlog.file"] },
];

/// What runs and which of its kind, for people, and the same after every start; `None` when that is not known.
pub(super) fn known(runs: &str, words: &[String], first: Option<&String>) -> Option<String> {
    let mut rows = APPLICATIONS.iter().filter(|row| ends_with(runs, row.runs));
    rows.find_map(|row| Some(format!("{} {}", row.name, told(row, words, first)?)))
}

fn told(row: &Application, words: &[String], first: Option<&String>) -> Option<String> {
    row.by.iter().find_map(|by| if by.is_empty() { first.cloned() } else { option(words, &[by]) })
}

/// Whether a class or path is this one, or ends with it after a dot or a slash.
fn ends_with(runs: &str, end: &str) -> bool {
    let before = runs.strip_suffix(end);
    before.is_some_and(|before| before.is_empty() || before.ends_with(['.', '/']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(line: &str, runs: &str) -> Option<String> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let at = words.iter().position(|word| word == runs).expect("it runs");
        known(runs, &words, words.get(at + 1))
    }

    #[test]
    fn what_tells_two_apart_is_on_the_command_line() {
        let name = |line, runs| named(line, runs).unwrap_or_default();
        assert_eq!(name("java kafka.Kafka /etc/k/2.properties", "kafka.Kafka"), "kafka /etc/k/2.properties");
        let line = "java -Dcatalina.base=/srv/a -cp x org.apache.catalina.startup.Bootstrap start";
        assert_eq!(name(line, "org.apache.catalina.startup.Bootstrap"), "tomcat /srv/a");
        let line = "java -Dsolr.solr.home=/var/solr -jar /opt/solr/start.jar --module=http";
        assert_eq!(name(line, "/opt/solr/start.jar"), "solr /var/solr");
        let line = "java -Djetty.home=/opt/jetty -jar start.jar";
        assert_eq!(name(line, "start.jar"), "jetty /opt/jetty");
    }

    #[test]
    fn what_is_not_told_apart_is_not_known() {
        assert_eq!(named("java kafka.Kafka", "kafka.Kafka"), None);
        assert_eq!(named("java notkafka.Kafkaesque x", "notkafka.Kafkaesque"), None);
        assert_eq!(named("java -jar /srv/restart.jar -Dsolr.solr.home=/x", "/srv/restart.jar"), None);
    }
}
