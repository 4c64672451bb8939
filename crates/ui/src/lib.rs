//! The web UI, built and packed: a table of assets that are bytes in this binary.
//!
//! The sources are in `/ui`; `cargo xtask ui` builds them and writes `dist/` and `src/table.rs`, which are
//! committed, so that building the product needs no Node. The server looks an asset up with [`find`] and
//! answers every other path that is a page with [`page`]. Only the gzipped form is kept: every browser reads
//! it, on plain HTTP too; [`Asset::inflated`] serves those that do not.
//!
//! Must never reach: everything.

mod table;
#[cfg(test)]
mod tests;

use std::io::Read;

/// One file of the UI.
#[derive(Debug)]
pub struct Asset {
    /// Its path below the base of the UI, without a leading slash: `assets/index-1a2b3c4d.js`.
    pub path: &'static str,
    /// Its content, gzipped.
    pub bytes_gz: &'static [u8],
    /// For the `Content-Type` header.
    pub content_type: &'static str,
    /// For the `ETag` header, quotes included. It changes only with the content, not with its packing.
    pub etag: &'static str,
    /// Whether the path names the content, so that a client may keep it forever
    /// (`Cache-Control: public, max-age=31536000, immutable`). Everything else is `no-cache` with its `ETag`.
    pub immutable: bool,
}

impl Asset {
    /// The content as it was before packing, for clients that do not accept gzip.
    pub fn inflated(&self) -> Vec<u8> {
        let mut content = Vec::with_capacity(self.bytes_gz.len() * 4);
        flate2::read::GzDecoder::new(self.bytes_gz)
            .read_to_end(&mut content)
            .expect("the table was packed by our own build");
        content
    }
}

/// Every asset, sorted by path.
pub fn assets() -> &'static [Asset] {
    table::ASSETS
}

/// The asset at a path below the base of the UI, given without a leading slash.
pub fn find(path: &str) -> Option<&'static Asset> {
    let assets = assets();
    assets.binary_search_by(|asset| asset.path.cmp(path)).ok().map(|at| &assets[at])
}

/// The page for a path that is no asset: the same page for every route of the UI.
///
/// Pages name their assets by relative URLs, which is what lets the UI live below any prefix of a reverse
/// proxy. So a path one level down (`h/NAME`) gets the form that looks for them one level up. Deeper paths
/// are no route, and a path whose last part looks like a file (`assets/gone.js`) is a missing file: both are
/// `None`, which means 404. Host names contain dots, so below `h/` a dot means nothing.
pub fn page(path: &str) -> Option<&'static Asset> {
    match path.split_once('/') {
        None if path.contains('.') => None,
        None => find("index.html"),
        Some(("h", host)) if !host.is_empty() && !host.contains('/') => find("h/index.html"),
        Some(_) => None,
    }
}
