//! Paths as text, taken apart and put together. They are those of the process, not ours.

/// The path itself when it is absolute, else below `folder`.
pub fn join(folder: &str, path: &str) -> String {
    let whole = match path.starts_with('/') {
        true => path.to_owned(),
        false => format!("{}/{path}", folder.trim_end_matches('/')),
    };
    // A dot is the folder itself.
    let tidy = whole.replace("/./", "/");
    tidy.strip_suffix("/.").filter(|tidy| !tidy.is_empty()).map_or(tidy.clone(), str::to_owned)
}

/// The folder that a path is in; `/` at the top.
pub fn folder(path: &str) -> &str {
    match path.trim_end_matches('/').rfind('/') {
        None | Some(0) => "/",
        Some(at) => &path[..at],
    }
}

/// What follows the last slash.
pub fn name(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    path.rfind('/').map_or(path, |at| &path[at + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_and_cut() {
        assert_eq!(join("/etc/nginx", "sites/a"), "/etc/nginx/sites/a");
        assert_eq!(join("/etc/nginx/", "./a"), "/etc/nginx/a");
        assert_eq!(
            (join("/etc", "/a"), join("/etc", "."), join("/", ".")),
            ("/a".into(), "/etc".into(), "/.".into())
        );
        assert_eq!(join("/a/./b", "c"), "/a/b/c");
        assert_eq!((folder("/etc/nginx/a"), folder("/a"), folder("a")), ("/etc/nginx", "/", "/"));
        assert_eq!((name("/etc/nginx"), name("nginx"), name("/etc/")), ("nginx", "nginx", "etc"));
    }
}
