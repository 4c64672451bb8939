//! Every built asset. Written by `node ui/pack.mjs`; do not edit.

use crate::Asset;

pub(crate) static ASSETS: &[Asset] = &[
    Asset {
        path: "assets/index-0IfG4NAm.css",
        bytes_gz: include_bytes!("../dist/assets/index-0IfG4NAm.css.gz"),
        content_type: "text/css; charset=utf-8",
        etag: "\"a9f98fa015b90b3d\"",
        immutable: true,
    },
    Asset {
        path: "assets/index-CQoFQsba.js",
        bytes_gz: include_bytes!("../dist/assets/index-CQoFQsba.js.gz"),
        content_type: "text/javascript; charset=utf-8",
        etag: "\"71aa0e9d1b5c8bc8\"",
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
        etag: "\"f5e54762253f1416\"",
        immutable: false,
    },
    Asset {
        path: "index.html",
        bytes_gz: include_bytes!("../dist/index.html.gz"),
        content_type: "text/html; charset=utf-8",
        etag: "\"7d36d311d783fc0b\"",
        immutable: false,
    },
];
