//! What a sample costs on its way from each dialect into a batch: one request of many hosts, decoded again and again, with
//! nothing remembered from one to the next.

use crate::cost::cpu_seconds;
use crate::options::Options;
use model::Batch;
use wire::Context;
use wire::protocols::Protocol;

/// The first time, Unix seconds.
const START_S: u64 = 1_700_000_000;
/// Samples of each series in a request.
const STEPS: u64 = 3;
const ROUNDS: usize = 9;

/// A dialect: the protocol, how it is called here, and how a request is written.
type Dialect = (&'static str, &'static str, fn(&[(usize, u64)]) -> String);

const DIALECTS: &[Dialect] = &[
    ("graphite", "Graphite lines", |all| {
        lines(all, |host, t| format!("sys.cpu.user;host=web{host};dc=lga {host}.25 {t}\n"))
    }),
    ("influx", "Influx lines", |all| {
        lines(all, |host, t| format!("cpu,host=web{host},dc=lga user={host}.25 {t}000000000\n"))
    }),
    ("prometheus_text", "Prometheus text", |all| {
        lines(all, |host, t| format!("sys_cpu_user{{host=\"web{host}\",dc=\"lga\"}} {host}.25 {t}000\n"))
    }),
    ("opentsdb", "OpenTSDB lines", |all| {
        lines(all, |host, t| format!("put sys.cpu.user {t} {host}.25 host=web{host} dc=lga\n"))
    }),
    ("csv", "CSV, a line a sample", |all| {
        let rows = lines(all, |host, t| format!("{t},sys.cpu.user,{host}.25,web{host},lga\n"));
        format!("time,metric,value,host,dc\n{rows}")
    }),
    ("probe", "probe lines", |all| lines(all, |host, _| format!("web{host}:cpu:{host}.25:GAUGE\n"))),
    ("putval", "PUTVAL lines", |all| {
        lines(all, |host, t| format!("PUTVAL web{host}/cpu-0/percent-user interval=10 {t}:{host}.25\n"))
    }),
    ("opentsdb", "OpenTSDB JSON", |all| {
        items(all, |host, t| {
            format!(
                r#"{{"metric":"sys.cpu.user","timestamp":{t},"value":{host}.25,"tags":{{"host":"web{host}","dc":"lga"}}}}"#
            )
        })
    }),
    ("collectd_json", "collectd JSON", |all| {
        items(all, |host, t| {
            format!(
                r#"{{"values":[{host}.25],"dstypes":["gauge"],"dsnames":["value"],"time":{t}.125,"interval":10.000,"host":"web{host}","plugin":"cpu","plugin_instance":"0","type":"percent","type_instance":"user"}}"#
            )
        })
    }),
    ("falcon", "Open-Falcon JSON", |all| {
        items(all, |host, t| {
            format!(
                r#"{{"endpoint":"web{host}","metric":"cpu.user","timestamp":{t},"step":60,"value":{host}.25,"counterType":"GAUGE","tags":"dc=lga"}}"#
            )
        })
    }),
    ("otlp", "OTLP JSON", |all| {
        let points = items(all, |host, t| {
            format!(
                r#"{{"timeUnixNano":"{t}000000000","asDouble":{host}.25,"attributes":[{{"key":"cpu","value":{{"stringValue":"{host}"}}}}]}}"#
            )
        });
        format!(
            r#"{{"resourceMetrics":[{{"resource":{{"attributes":[{{"key":"host.name","value":{{"stringValue":"web"}}}}]}},"scopeMetrics":[{{"metrics":[{{"name":"cpu","gauge":{{"dataPoints":{points}}}}}]}}]}}]}}"#
        )
    }),
];

fn lines(all: &[(usize, u64)], line: impl Fn(usize, u64) -> String) -> String {
    all.iter().map(|(host, time_s)| line(*host, *time_s)).collect()
}

fn items(all: &[(usize, u64)], item: impl Fn(usize, u64) -> String) -> String {
    let items: Vec<String> = all.iter().map(|(host, time_s)| item(*host, *time_s)).collect();
    format!("[{}]", items.join(","))
}

/// A row a dialect.
pub fn run(options: &Options) -> Result<(), String> {
    let hosts = options.size(10, 5000, 20_000);
    let steps = (0..STEPS).map(|step| START_S + step * 10);
    let all: Vec<(usize, u64)> =
        steps.flat_map(|time_s| (0..hosts).map(move |host| (host, time_s))).collect();
    println!("{:<24} {:>10} {:>12} {:>16}", "dialect", "bytes", "CPU ns", "million a second");
    for (name, called, write) in DIALECTS.iter().filter(|dialect| options.wants(dialect.1)) {
        let protocol = Protocol::named(name).ok_or("no such protocol")?;
        let input = write(&all);
        let mut least = f64::INFINITY;
        for _ in 0..ROUNDS {
            let mut batch = Batch::new();
            let before = cpu_seconds();
            let report = (protocol.decode)(input.as_bytes(), &Context::at(0), &mut batch);
            // What disturbs a measurement only ever adds to it.
            least = least.min((cpu_seconds() - before) / all.len() as f64);
            if report.accepted != all.len() as u64 {
                return Err(format!("{called}: {report}"));
            }
        }
        let bytes = input.len() / all.len();
        println!("{called:<24} {bytes:>10} {:>12.0} {:>16.2}", least * 1e9, 1e-6 / least);
    }
    Ok(())
}
