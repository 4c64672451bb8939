//! What the tables and carbon's files become, and what is said of those that are wrong.

use super::routing::destination;
use super::*;
use crate::settings::resolve;
use ::relay::route::Effect;

/// Settings of a file with this text.
fn settings(text: &str) -> Result<Settings, Vec<String>> {
    let folder = std::env::temp_dir().join(format!("windhover-outputs-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let name = format!("{:08x}.toml", stdx::crc::crc32(text.as_bytes()));
    let file = folder.join(name);
    std::fs::write(&file, text).unwrap();
    let result = resolve(Some(&file), |_| None, |_| None);
    std::fs::remove_file(&file).unwrap();
    result
}

const OUTPUTS: &str = "[[output]]\nkind = 'carbon'\nname = 'a'\nurl = '10.0.0.1:2004:x'\n\
                       [[output]]\nkind = 'carbon'\nname = 'b'\nurl = '10.0.0.2:2004:y'\n\
                       [[output]]\nkind = 'remote_write'\nurl = 'http://h:9090'\ndefault = false\n";

#[test]
fn the_rest_goes_to_outputs_that_are_no_members_and_to_clusters() {
    let text = format!("{OUTPUTS}[[cluster]]\nname = 'c'\nmembers = ['a', 'b']\nhash = 'carbon_ch'\n");
    let settings = settings(&text).unwrap();
    let routes = routes(&settings).unwrap();
    assert_eq!(routes.rest, ["c"]);
    assert_eq!(routes.clusters["c"].members(), ["a", "b"]);
    let checks = checks(&settings, &names(&settings).unwrap()).unwrap();
    assert_eq!(checks[0].members[1], ("b".to_owned(), "10.0.0.2:2004:y".to_owned()));
    assert_eq!((checks[0].fall, checks[0].rise, checks[0].every), (3, 2, Duration::from_secs(5)));
}

#[test]
fn members_may_register_and_are_not_checked() {
    let nats = "[leases]\nnats = ['nats://127.0.0.1:4222']\n";
    let text = format!("{nats}[[cluster]]\nname = 'c'\nleases = 'servers'\nqueue_bytes_max = '1GB'\n");
    let settings = settings(&text).unwrap();
    assert_eq!(check(&settings), Ok(()));
    let options = options(&settings, &net::Options::default()).unwrap().unwrap();
    assert!(options.outputs.is_empty() && options.checks.is_empty());
    assert_eq!((options.leased[0].cluster.as_str(), options.leased[0].queue_bytes_max), ("c", 1_000_000_000));
    assert!((options.leased[0].make)("http://h:9463").is_ok() && (options.leased[0].make)("h").is_err());
    assert!(options.routes.clusters["c"].is_leased());
}

#[test]
fn members_are_checked_as_the_table_says() {
    for (text, wanted) in [
        ("", Some(Way::Tcp)),
        ("check = 'http:/health'\n", Some(Way::Http(None, "/health".to_owned()))),
        ("check = 'off'\n", None),
    ] {
        let text = format!("{OUTPUTS}[[cluster]]\nname = 'c'\nmembers = ['a', 'b']\n{text}");
        let settings = settings(&text).unwrap();
        let checks = checks(&settings, &names(&settings).unwrap()).unwrap();
        assert_eq!(checks.first().map(|check| check.way.clone()), wanted);
    }
}

#[test]
fn a_table_becomes_rules_that_look_for_the_same_series() {
    let text = format!(
        "{OUTPUTS}[[route]]\nmatch = 'up'\nset = {{ x = '1', y = '' }}\n\
         [[route]]\npath = 'a.*'\nevery = '1m'\nhow = 'p95'\nby = ['dc']\nto = ['a']\n"
    );
    let settings = settings(&text).unwrap();
    let rules = routes(&settings).unwrap().rules;
    assert_eq!(rules.len(), 4);
    assert!(matches!(&rules[0].effect, Effect::Set(name, text) if name == "x" && text == "1"));
    assert!(
        matches!(&rules[2].effect, Effect::Aggregate(made) if made.every_ms == 60_000 && made.delay_ms == 5000)
    );
    assert!(matches!(&rules[3].effect, Effect::Send { to, stop: true } if to == &["a"]));
}

#[test]
fn what_is_wrong_is_told() {
    for (rest, wanted) in [
        ("[[output]]\nkind = 'pigeon'\nurl = 'x'\n", "there is no output `pigeon`; there are windhover"),
        ("[[output]]\nkind = 'carbon'\nname = 'a'\nurl = 'x'\n", "another output is called `a`"),
        ("[[route]]\nto = ['nobody']\n", "there is no output or cluster `nobody`"),
        ("[[route]]\nmatch = 'up'\n", "it does nothing"),
        ("[[route]]\npath = 'a'\nregex = 'b'\ndrop = true\n", "`path` and `regex` exclude each other"),
        ("[[route]]\nregex = '('\ndrop = true\n", "`(`"),
        ("[[route]]\nrewrite = ['a']\n", "`rewrite` has two texts"),
        ("[[route]]\nevery = '1m'\nhow = 'most'\n", "`most` is no way to aggregate"),
        ("[[route]]\nrename = 'x'\nto = ['a']\n", "are two rules"),
        ("[[cluster]]\nname = 'c'\n", "a cluster has either `members` or `leases`"),
        (
            "[[cluster]]\nname = 'c'\nmembers = ['a']\nleases = 'x'\n",
            "a cluster has either `members` or `leases`",
        ),
        ("[[cluster]]\nname = 'c'\nleases = 'x'\n", "say where it is in `leases.nats`"),
        ("[[cluster]]\nname = 'c'\nmembers = ['a']\ncheck = 'ping'\n", "`ping` is none of: tcp"),
        ("[leases]\nttl = '1s'\n", "leases.ttl: at least 2 seconds"),
        ("[[cluster]]\nname = 'c'\nmembers = ['z']\n", "there is no output `z`"),
        ("[[cluster]]\nname = 'c'\nmembers = ['a']\nhash = 'md5'\n", "there is no way `md5`"),
        ("[[cluster]]\nname = 'c'\nmembers = ['a']\n[[route]]\nto = ['a']\n", "is a member of a cluster"),
        ("[relay]\nrelay_rules = '/none'\n", "relay.relay_rules: /none: "),
    ] {
        let text =
            if rest.starts_with("[relay]") { format!("{rest}{OUTPUTS}") } else { format!("{OUTPUTS}{rest}") };
        let problems = settings(&text).unwrap_err();
        assert!(problems.iter().any(|problem| problem.contains(wanted)), "{rest}: {problems:?}");
    }
    assert!(settings("[[route]]\ndrop = true\n").unwrap_err()[0].contains("route without any [[output]]"));
}

#[test]
fn destinations_of_carbon_are_outputs_by_their_address() {
    let settings = settings(OUTPUTS).unwrap();
    assert_eq!(destination(&settings, "10.0.0.2:2004:y").as_deref(), Some("b"));
    assert_eq!(destination(&settings, "a").as_deref(), Some("a"));
    assert_eq!(destination(&settings, "10.0.0.3:2004"), None);
}
