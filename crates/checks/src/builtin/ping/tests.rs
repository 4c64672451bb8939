use super::super::tests::{run, value};
use super::*;

#[test]
fn this_host_answers_by_both_families() {
    for (target, host) in [("127.0.0.1", "127.0.0.1"), ("[::1]", "::1"), ("any.example", "127.0.0.1")] {
        let outcome = run("ping", target, [("count", "3"), ("timeout", "2s")]);
        // A container may be without either kind of socket, and then says what it needs.
        if outcome.reason == "setup" {
            assert!(
                outcome.text.contains("ping_group_range") && outcome.text.contains("CAP_NET_RAW"),
                "{}",
                outcome.text
            );
            continue;
        }
        assert_eq!(outcome.state, State::Ok, "{}", outcome.text);
        assert!(outcome.text.starts_with(&format!("{host} answers in 0.")), "{}", outcome.text);
        assert_eq!(
            (value(&outcome, "check_ping_loss_ratio", ""), value(&outcome, "check_ping_sent", "")),
            (Some(0.0), Some(3.0))
        );
        let rtt = |stat: &str| value(&outcome, "check_ping_rtt_seconds", stat).unwrap();
        assert!(
            rtt("min") > 0.0
                && rtt("min") <= rtt("mean")
                && rtt("mean") <= rtt("max")
                && rtt("jitter") >= 0.0
        );
    }
}

#[test]
fn a_name_without_an_address_is_no_loss() {
    let outcome = run("ping", "a.nowhere", []);
    assert_eq!((outcome.state, outcome.reason), (State::Critical, "dns"), "{}", outcome.text);
}

#[test]
fn losses_are_judged() {
    let given = super::super::tests::Options::of([("loss_warning", "20"), ("loss_critical", "50")]);
    let ping = Ping::open("a", &given).unwrap();
    let judge = |answered: u64| {
        let mut outcome = Outcome::default();
        ping.judge(10, &vec![Duration::from_millis(1); answered as usize], &mut outcome);
        (
            outcome.state,
            outcome.reason,
            value(&outcome, "check_ping_loss_ratio", "").map(|loss| (loss * 10.0).round()),
        )
    };
    assert_eq!(judge(10), (State::Ok, "", Some(0.0)));
    assert_eq!(judge(8), (State::Ok, "", Some(2.0)));
    assert_eq!(judge(7), (State::Warning, "loss", Some(3.0)));
    assert_eq!(judge(4), (State::Critical, "loss", Some(6.0)));
    assert_eq!(judge(0), (State::Critical, "loss", Some(10.0)));
}

#[test]
fn figures_are_what_they_are_called() {
    let times = [3, 1, 2].map(Duration::from_secs);
    let all: Vec<_> = stats(&times).collect();
    assert_eq!(all, [("min", 1.0), ("mean", 2.0), ("max", 3.0), ("jitter", 1.5)]);
    assert_eq!(stats(&times[..1]).count(), 3, "one time has no jitter");
    assert_eq!(stats(&[]).count(), 0);
}

#[test]
fn what_is_no_host_is_refused() {
    for wrong in ["", "a b", "http://a", "a/b"] {
        assert!(Ping::open(wrong, &super::super::tests::Options::default()).is_err(), "{wrong}");
    }
}
