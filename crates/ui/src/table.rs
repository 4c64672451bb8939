//! Every built asset. Written by `node ui/pack.mjs`; do not edit.

use crate::Asset;

pub(crate) static ASSETS: &[Asset] = &[
    Asset {
        path: "assets/index-BK8zR-_T.js",
        bytes_gz: include_bytes!("../dist/assets/index-BK8zR-_T.js.gz"),
        content_type: "text/javascript; charset=utf-8",
        etag: "\"bc767d254329f060\"",
        immutable: true,
    },
    Asset {
        path: "assets/index-CM_SWc5p.css",
        bytes_gz: include_bytes!("../dist/assets/index-CM_SWc5p.css.gz"),
        content_type: "text/css; charset=utf-8",
        etag: "\"4f3ea37065d67d5a\"",
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
        etag: "\"d34ede6849a93447\"",
        immutable: false,
    },
    Asset {
        path: "index.html",
        bytes_gz: include_bytes!("../dist/index.html.gz"),
        content_type: "text/html; charset=utf-8",
        etag: "\"dc18a704e59a2a85\"",
        immutable: false,
    },
];
