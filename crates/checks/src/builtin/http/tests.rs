use super::super::tests::{closed, pages, run, serve, value};
use crate::{Outcome, State};
use std::io::Write;
use std::net::SocketAddr;
use std::sync::mpsc;
use std::time::{Duration, Instant};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world";

fn http<const N: usize>(address: SocketAddr, path: &str, options: [(&'static str, &str); N]) -> Outcome {
    run("http", &format!("http://{address}{path}"), options)
}

#[track_caller]
fn fails(outcome: &Outcome, reason: &str, words: &str) {
    assert_eq!((outcome.state, outcome.reason), (State::Critical, reason), "{}", outcome.text);
    assert!(outcome.text.contains(words), "{}", outcome.text);
}

#[test]
fn a_good_page_tells_its_phases_and_size() {
    let outcome =
        http(pages(|_| OK.into()), "/x?y=1", [("body_has", "hello\nworld"), ("body_matches", "^h.*d$")]);
    assert_eq!(outcome.state, State::Ok, "{}", outcome.text);
    assert!(outcome.text.starts_with("answered 200 in 0.") && outcome.text.ends_with(" s, 11 bytes"));
    for (metric, wanted) in [
        ("check_http_status", 200.0),
        ("check_http_body_bytes", 11.0),
        ("check_http_redirects", 0.0),
        ("check_http_body_right", 1.0),
    ] {
        assert_eq!(value(&outcome, metric, ""), Some(wanted), "{metric}");
    }
    let phase = |phase: &str| value(&outcome, "check_phase_seconds", phase);
    let (connect, first, rest) =
        (phase("connect").unwrap(), phase("first_byte").unwrap(), phase("transfer").unwrap());
    let total = value(&outcome, "check_duration_seconds", "").unwrap();
    assert!(connect > 0.0 && first > 0.0 && rest >= 0.0 && connect + first + rest <= total && total < 5.0);
    assert_eq!((phase("dns"), phase("tls")), (None, None), "nobody was asked");
}

#[test]
fn the_request_is_what_the_options_say() {
    let (told, asked) = mpsc::channel();
    let address = pages(move |head| {
        told.send(head.to_owned()).unwrap();
        OK.into()
    });
    http(
        address,
        "/x",
        [("method", "post"), ("body", "{}"), ("headers", "Host=shop.example\nuser-agent=me\nX-A=b c")],
    );
    let head = asked.recv().unwrap();
    for line in [
        "POST /x HTTP/1.1",
        "Host: shop.example",
        "user-agent: me",
        "X-A: b c",
        "Content-Length: 2",
        "Connection: close",
    ] {
        assert!(head.lines().any(|l| l == line), "{line}: {head}");
    }
    assert_eq!(head.to_ascii_lowercase().matches("\nhost:").count(), 1);
    assert_eq!(head.to_ascii_lowercase().matches("user-agent").count(), 1);
    http(address, "/", []);
    assert!(asked.recv().unwrap().contains("\r\nUser-Agent: windhover-check/"));
}

#[test]
fn wrong_statuses_and_bodies_fail_with_the_reason() {
    let page = |text: &'static str| pages(move |_| text.into());
    let gone = page("HTTP/1.1 503 Gone\r\nContent-Length: 4\r\n\r\nbusy");
    fails(&http(gone, "/", []), "status", "answered 503, expected 200");
    assert_eq!(value(&http(gone, "/", []), "check_http_status", ""), Some(503.0));
    assert_eq!(http(gone, "/", [("status", "200-299, 503"), ("body_has", "busy")]).state, State::Ok);
    let good = page(OK);
    fails(&http(good, "/", [("body_has", "hello\nmoon")]), "body", "lacks `moon`");
    fails(&http(good, "/", [("body_lacks", "moon\nworld")]), "body", "has `world`");
    fails(&http(good, "/", [("body_matches", "w.*e")]), "body", "matches `w.*e`");
    let outcome = http(good, "/", [("body_matches_not", "w[a-z]*d")]);
    fails(&outcome, "body", "has `world`");
    assert_eq!(value(&outcome, "check_http_body_right", ""), Some(0.0));
}

#[test]
fn redirects_are_followed_as_far_as_allowed() {
    let address = pages(|head| {
        let to = match head.split(' ').nth(1).unwrap() {
            "/loop" => "loop",
            "/a" => "/b?c",
            "/b?c" => "d/../e",
            "/e" => return OK.into(),
            "/mail" => "mailto:x",
            other => panic!("{other}"),
        };
        format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n")
    });
    let outcome = http(address, "/a", [("redirects", "2")]);
    assert_eq!((outcome.state, value(&outcome, "check_http_redirects", "")), (State::Ok, Some(2.0)));
    fails(&http(address, "/a", [("redirects", "1")]), "redirect", "more than 1 redirects");
    fails(
        &http(address, "/loop", [("redirects", "20")]),
        "redirect",
        "more than 20 redirects, the last to loop",
    );
    fails(&http(address, "/mail", [("redirects", "1")]), "redirect", "nowhere");
    fails(
        &http(address, "/a", []),
        "status",
        "answered 302 (redirects to /b?c; `redirects` says how many to follow)",
    );
}

#[test]
fn a_redirect_to_another_server_does_not_carry_our_headers() {
    let (told, asked) = mpsc::channel();
    let other = pages(move |head| {
        told.send(head.to_owned()).unwrap();
        OK.into()
    });
    let first =
        pages(move |_| format!("HTTP/1.1 303 x\r\nLocation: http://{other}/\r\nContent-Length: 0\r\n\r\n"));
    let options =
        [("redirects", "1"), ("headers", "Authorization=Bearer x"), ("method", "POST"), ("body", "secret")];
    assert_eq!(http(first, "/", options).state, State::Ok);
    let head = asked.recv().unwrap();
    assert!(
        head.starts_with("GET / ") && !head.contains("Authorization") && !head.contains("Content-Length"),
        "{head}"
    );
}

#[test]
fn servers_that_do_not_answer_are_told_apart() {
    fails(&http(closed(), "/", []), "connect", "refused");
    fails(&run("http", "http://a.nowhere/", []), "dns", "no address for `a.nowhere`");
    fails(&http(serve(drop), "/", []), "protocol", "");
    fails(&http(pages(|_| "SSH-2.0-x\r\n".into()), "/", []), "protocol", "not HTTP");
    let half = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello";
    let outcome = http(pages(move |_| half.into()), "/", []);
    fails(&outcome, "protocol", "closed");
    assert_eq!(
        (value(&outcome, "check_http_status", ""), value(&outcome, "check_http_body_bytes", "")),
        (Some(200.0), Some(5.0))
    );
}

#[test]
fn slow_servers_fail_in_the_phase_that_is_slow() {
    let silent = serve(|socket| {
        let mut socket = socket;
        // Reads until the client has gone.
        let _ = std::io::copy(&mut socket, &mut std::io::sink());
    });
    let begin = Instant::now();
    fails(&http(silent, "/", [("timeout", "100ms")]), "timeout", "waited 0.100 s in vain for the first byte");
    fails(
        &http(silent, "/", [("first_byte_max", "50ms")]),
        "timeout",
        "waited 0.050 s in vain for the first byte",
    );
    // A byte now and then must not stretch the time.
    let dribbling = serve(|mut socket| {
        super::super::tests::head(&mut socket);
        let _ = socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        while socket.write_all(b"x").is_ok() {
            std::thread::sleep(Duration::from_millis(5));
        }
    });
    let outcome = http(dribbling, "/", [("timeout", "700ms")]);
    fails(&outcome, "timeout", "waited 0.700 s in vain for the end of the answer");
    fails(&http(dribbling, "/", [("transfer_max", "50ms")]), "timeout", "0.050 s");
    assert!(begin.elapsed() < Duration::from_secs(5));
    let outcome = http(pages(|_| OK.into()), "/", [("time_warning", "0.0000001s")]);
    assert_eq!((outcome.state, outcome.reason), (State::Warning, "slow"), "{}", outcome.text);
}

#[test]
fn of_a_huge_body_only_the_start_is_read() {
    let address = serve(|mut socket| {
        super::super::tests::head(&mut socket);
        let _ = socket.write_all(b"HTTP/1.1 200 OK\r\n\r\nfirst");
        while socket.write_all(&[b'x'; 65536]).is_ok() {}
    });
    let outcome = http(address, "/", [("body_bytes_max", "100000"), ("body_has", "first")]);
    assert_eq!((outcome.state, value(&outcome, "check_http_body_bytes", "")), (State::Ok, Some(100_000.0)));
    let outcome = http(address, "/", [("body_bytes_max", "100000"), ("body_has", "last")]);
    fails(&outcome, "body", "lacks `last` (in its first 100000 bytes)");
}

#[test]
fn a_head_has_no_body_whatever_it_says() {
    let address = pages(|_| "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n".into());
    assert_eq!(http(address, "/", [("method", "HEAD")]).state, State::Ok);
}

#[test]
fn an_address_replaces_the_name() {
    let address = pages(|_| OK.into());
    let url = format!("http://shop.nowhere:{}/", address.port());
    assert_eq!(run("http", &url, [("address", "127.0.0.1")]).state, State::Ok);
}
