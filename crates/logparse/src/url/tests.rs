use super::*;
use proptest::prelude::*;

fn folded(url: &str) -> String {
    String::from_utf8_lossy(normalise(url.as_bytes(), &mut Vec::new())).into_owned()
}

#[test]
fn what_differs_from_request_to_request_is_folded() {
    for (url, wanted) in [
        ("/", "/"),
        ("/cart?id=17#x", "/cart"),
        ("/a;jsessionid=1F?b", "/a"),
        ("http://a.example/b/1?c", "/b/{id}"),
        ("http://a.example?c", "/"),
        ("/users/17/orders/9", "/users/{id}/orders/{id}"),
        ("/users/17", "/users/{id}"),
        ("/api/v2/md5/utf8/2fa", "/api/v2/md5/utf8/2fa"),
        ("/o/123e4567-e89b-12d3-a456-426614174000/x", "/o/{uuid}/x"),
        ("/img/123e4567-e89b-12d3-a456-426614174000.jpg", "/img/{uuid}.jpg"),
        ("/c/3f9a8b7c", "/c/{hash}"),
        ("/c/deadbeef", "/c/deadbeef"),
        ("/static/main.3f9a8b7c12.js", "/static/main.{hash}.js"),
        ("/d/2026-11-22/2026-11/2026-13", "/d/{date}/{date}/{id}-13"),
        ("/p/top-10-things-of-2026", "/p/top-10-things-of-{id}"),
        ("/order123456/img12", "/order{id}/img12"),
        ("/t/eyJhbGciOiJIUzI1NiIsInR5cCI6", "/t/{token}"),
        ("/t/Top-10-Things-Of-Interest", "/t/Top-10-Things-Of-Interest"),
        ("/u/a.b@c.example/x", "/u/{email}/x"),
        ("/u/@jo/x", "/u/@jo/x"),
        ("*", "*"),
        ("a.example:443", "a.example:{id}"),
    ] {
        assert_eq!(folded(url), wanted, "{url}");
    }
}

#[test]
fn long_ones_are_cut_between_characters() {
    let long = folded(&format!("/{}", "ж".repeat(200)));
    assert!(long.ends_with("ж…") && long.len() <= URL_BYTES_MAX, "{long}");
    assert!(folded(&"/a1/".repeat(200)).len() <= URL_BYTES_MAX);
}

proptest! {
    #[test]
    fn templates_are_bounded_and_stay_as_they_are(url in "(/[a-z0-9A-Z@%._-]{0,24}){0,8}(\\?[a-z0-9=]{0,9})?") {
        let once = folded(&url);
        prop_assert!(once.len() <= URL_BYTES_MAX && !once.contains('?'), "{}", once);
        prop_assert_eq!(folded(&once), once);
    }

    #[test]
    fn numbers_never_tell_segments_apart(a in 0u64.., b in 0u64.., word in "[a-z]{1,9}") {
        prop_assert_eq!(folded(&format!("/{word}/{a}/x")), folded(&format!("/{word}/{b}/x")));
    }

    #[test]
    fn any_bytes_are_survived(url in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(normalise(&url, &mut Vec::new()).len() <= URL_BYTES_MAX);
    }
}
