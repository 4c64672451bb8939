//! Paths as text, taken apart and put together. They are those of the process, not ours.

/// The path itself when it is absolute, else below `folder`.
pub fn join(folder: &str, path: &str) -> String {
    if path.starts_with('/') {
        return path.to_owned();
    }
    let path = path.strip_prefix("./").unwrap_or(path);
    format!("{}/{path}", folder.trim_end_matches('/'))
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
        assert_eq!(join("/etc", "/a"), "/a");
        assert_eq!((folder("/etc/nginx/a"), folder("/a"), folder("a")), ("/etc/nginx", "/", "/"));
        assert_eq!((name("/etc/nginx"), name("nginx"), name("/etc/")), ("nginx", "nginx", "etc"));
    }
}
