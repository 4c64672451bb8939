//! Every built asset. Written by `node ui/pack.mjs`; do not edit.

use crate::Asset;

pub(crate) static ASSETS: &[Asset] = &[
    Asset {
        path: "assets/index-DGG15M7n.css",
        bytes_gz: include_bytes!("../dist/assets/index-DGG15M7n.css.gz"),
        content_type: "text/css; charset=utf-8",
        etag: "\"20c3f8d8d037d5f8\"",
        immutable: true,
    },
    Asset {
        path: "assets/index-DeeSGGIm.js",
        bytes_gz: include_bytes!("../dist/assets/index-DeeSGGIm.js.gz"),
        content_type: "text/javascript; charset=utf-8",
        etag: "\"c0dd8127685e2322\"",
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
        etag: "\"80151d364748d69d\"",
        immutable: false,
    },
    Asset {
        path: "index.html",
        bytes_gz: include_bytes!("../dist/index.html.gz"),
        content_type: "text/html; charset=utf-8",
        etag: "\"54477fffceda8edb\"",
        immutable: false,
    },
];
