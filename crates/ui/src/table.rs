//! Every built asset. Written by `node ui/pack.mjs`; do not edit.

use crate::Asset;

pub(crate) static ASSETS: &[Asset] = &[
    Asset {
        path: "assets/index-B6Rgm3Df.js",
        bytes_gz: include_bytes!("../dist/assets/index-B6Rgm3Df.js.gz"),
        content_type: "text/javascript; charset=utf-8",
        etag: "\"5c990eb5be57da61\"",
        immutable: true,
    },
    Asset {
        path: "assets/index-C5ZWm4EP.css",
        bytes_gz: include_bytes!("../dist/assets/index-C5ZWm4EP.css.gz"),
        content_type: "text/css; charset=utf-8",
        etag: "\"74d801090db379be\"",
        immutable: true,
    },
    Asset {
        path: "favicon.svg",
        bytes_gz: include_bytes!("../dist/favicon.svg.gz"),
        content_type: "image/svg+xml",
        etag: "\"8b68b5787d30dd76\"",
        immutable: false,
    },
    Asset {
        path: "h/index.html",
        bytes_gz: include_bytes!("../dist/h/index.html.gz"),
        content_type: "text/html; charset=utf-8",
        etag: "\"0559718a0707efd1\"",
        immutable: false,
    },
    Asset {
        path: "index.html",
        bytes_gz: include_bytes!("../dist/index.html.gz"),
        content_type: "text/html; charset=utf-8",
        etag: "\"a8b9446df0159956\"",
        immutable: false,
    },
];
