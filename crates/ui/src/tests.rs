use super::{assets, find, page};

#[test]
fn assets_are_sorted_and_unique_so_that_find_can_search() {
    assert!(assets().windows(2).all(|pair| pair[0].path < pair[1].path));
    for asset in assets() {
        assert_eq!(find(asset.path).map(|found| found.path), Some(asset.path));
    }
    assert!(find("assets/none.js").is_none());
    assert!(find("").is_none());
}

#[test]
fn every_asset_inflates_to_what_its_type_says() {
    for asset in assets() {
        let content = String::from_utf8(asset.inflated()).expect("all assets are text");
        assert!(!content.is_empty(), "{}", asset.path);
        assert_eq!(
            asset.content_type.starts_with("text/html"),
            content.starts_with("<!doctype html>"),
            "{}",
            asset.path
        );
        assert_eq!(asset.immutable, asset.path.starts_with("assets/"), "{}", asset.path);
        assert!(
            asset.etag.starts_with('"') && asset.etag.ends_with('"') && asset.etag.len() == 18,
            "{}",
            asset.path
        );
    }
}

#[test]
fn every_route_has_a_page_and_a_missing_file_has_none() {
    let cases = [
        ("", Some("index.html")),
        ("explore", Some("index.html")),
        ("path", Some("index.html")),
        ("h/web1.example.net", Some("h/index.html")),
        ("h/", None),
        ("h/a/b", None),
        ("robots.txt", None),
        ("assets/gone.js", None),
    ];
    for (path, wanted) in cases {
        assert_eq!(page(path).map(|asset| asset.path), wanted, "{path:?}");
    }
}

#[test]
fn pages_name_assets_that_exist() {
    for (page, up) in [("index.html", "./"), ("h/index.html", "../")] {
        let text = String::from_utf8(find(page).expect("a page").inflated()).expect("text");
        let named: Vec<&str> = text
            .split('"')
            .filter_map(|part| part.strip_prefix(up))
            .filter(|path| path.contains('.'))
            .collect();
        assert!(named.len() >= 3, "{page}: {named:?}");
        for path in named {
            assert!(find(path).is_some(), "{page} names {path}");
        }
    }
}

#[test]
fn pages_obey_the_content_security_policy() {
    for asset in assets().iter().filter(|asset| asset.content_type.starts_with("text/html")) {
        let text = String::from_utf8(asset.inflated()).expect("text");
        assert!(
            !text.contains("style=") && !text.contains("<style") && !text.contains("://"),
            "{}",
            asset.path
        );
        let scripts = text.matches("<script").count();
        assert_eq!(scripts, text.matches("></script>").count(), "{}: an inline script", asset.path);
    }
}
