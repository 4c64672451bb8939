//! Every built asset. Written by `node ui/pack.mjs`; do not edit.

use crate::Asset;

pub(crate) static ASSETS: &[Asset] = &[
    Asset {
        path: "assets/index-Cqbz49MT.css",
        bytes_gz: include_bytes!("../dist/assets/index-Cqbz49MT.css.gz"),
        content_type: "text/css; charset=utf-8",
        etag: "\"ace68214749c6ede\"",
        immutable: true,
    },
    Asset {
        path: "assets/index-DbpFsX0E.js",
        bytes_gz: include_bytes!("../dist/assets/index-DbpFsX0E.js.gz"),
        content_type: "text/javascript; charset=utf-8",
        etag: "\"866362152000458e\"",
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
        etag: "\"3196054556e2e51b\"",
        immutable: false,
    },
    Asset {
        path: "index.html",
        bytes_gz: include_bytes!("../dist/index.html.gz"),
        content_type: "text/html; charset=utf-8",
        etag: "\"c8692cf81a2ebbe0\"",
        immutable: false,
    },
];
