//! Every built asset. Written by `node ui/pack.mjs`; do not edit.

use crate::Asset;

pub(crate) static ASSETS: &[Asset] = &[
    Asset {
        path: "assets/index-CYBvmauN.css",
        bytes_gz: include_bytes!("../dist/assets/index-CYBvmauN.css.gz"),
        content_type: "text/css; charset=utf-8",
        etag: "\"feb94bdb41715242\"",
        immutable: true,
    },
    Asset {
        path: "assets/index-uXGJVQDw.js",
        bytes_gz: include_bytes!("../dist/assets/index-uXGJVQDw.js.gz"),
        content_type: "text/javascript; charset=utf-8",
        etag: "\"b8b256f640ce5d9b\"",
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
        etag: "\"336b435633800750\"",
        immutable: false,
    },
    Asset {
        path: "index.html",
        bytes_gz: include_bytes!("../dist/index.html.gz"),
        content_type: "text/html; charset=utf-8",
        etag: "\"ea4a3274a50f2b1b\"",
        immutable: false,
    },
];
