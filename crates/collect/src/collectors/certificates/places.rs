//! Where certificates lie.

use std::io;
use std::path::{Path, PathBuf};

/// A folder below the root, and how many levels of folders below it are looked into.
const FOLDERS: [(&str, usize); 30] = [
    ("etc/letsencrypt/live", 1),
    ("etc/ssl", 2),
    ("etc/nginx", 3),
    ("etc/apache2", 3),
    ("etc/httpd", 3),
    ("etc/haproxy", 3),
    ("etc/lighttpd", 2),
    ("etc/traefik", 3),
    ("etc/caddy", 2),
    ("var/lib/caddy/.local/share/caddy/certificates", 3),
    ("root/.acme.sh", 2),
    ("etc/pki/tls/certs", 1),
    ("etc/pki/tls/private", 1),
    ("etc/pki/nginx", 1),
    ("etc/postfix", 2),
    ("etc/exim4", 1),
    ("etc/dovecot", 2),
    ("etc/postgresql", 3),
    ("etc/mysql", 2),
    ("etc/redis", 2),
    ("etc/rabbitmq", 2),
    ("etc/mosquitto", 2),
    ("etc/openvpn", 3),
    ("etc/ipsec.d/certs", 1),
    ("etc/kubernetes/pki", 2),
    ("var/lib/kubelet/pki", 1),
    ("etc/etcd", 2),
    ("etc/docker", 3),
    ("etc/elasticsearch", 2),
    ("etc/grafana", 1),
];
const ENDINGS: [&str; 4] = ["pem", "crt", "cer", "cert"];
/// Collections of roots of trust, and files that repeat what another says.
const LEFT_OUT: [&str; 6] = [
    "ca-certificates.crt",
    "ca-bundle.crt",
    "ca-bundle.trust.crt",
    "tls-ca-bundle.pem",
    "fullchain.pem",
    "privkey.pem",
];
/// Where links lead to roots of trust.
const ROOTS: &str = "etc/ssl/certs";
/// Most files, and most names looked at.
const FILES_MAX: usize = 512;
const NAMES_MAX: usize = 20_000;

/// Files that may hold certificates, and what could not be looked into.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) files: Vec<PathBuf>,
    pub(super) unreadable: Vec<PathBuf>,
}

pub(super) fn find(root: &Path) -> Found {
    let mut search = Search { names: 0, roots: root.join(ROOTS), found: Found::default() };
    FOLDERS.iter().for_each(|(folder, levels)| search.folder(&root.join(folder), *levels));
    search.found.files.sort();
    search.found.files.dedup();
    search.found
}

struct Search {
    names: usize,
    roots: PathBuf,
    found: Found,
}

impl Search {
    fn folder(&mut self, folder: &Path, levels: usize) {
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => {
                if error.kind() == io::ErrorKind::PermissionDenied {
                    self.found.unreadable.push(folder.to_owned());
                }
                return;
            }
        };
        let mut below = Vec::new();
        for entry in entries.flatten() {
            self.names += 1;
            if self.names > NAMES_MAX || self.found.files.len() >= FILES_MAX {
                return;
            }
            let (path, Ok(kind)) = (entry.path(), entry.file_type()) else { continue };
            // Folders behind links may lead anywhere, files behind them are how Let's Encrypt renews.
            if kind.is_dir() && levels > 0 {
                below.push(path);
            } else if !kind.is_dir() && is_certificate(&path) && !(kind.is_symlink() && folder == self.roots)
            {
                self.found.files.push(path);
            }
        }
        // Only now that this folder is closed: the C library holds 32 KiB for each that is open.
        below.iter().for_each(|path| self.folder(path, levels - 1));
    }
}

fn is_certificate(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    // A pipe or device would hold up its reader.
    ENDINGS.contains(&ending) && !LEFT_OUT.contains(&name) && path.is_file()
}
