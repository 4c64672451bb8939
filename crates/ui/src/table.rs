//! Every built asset. Written by `node ui/pack.mjs`; do not edit.

use crate::Asset;

pub(crate) static ASSETS: &[Asset] = &[
    Asset {
        path: "assets/index-B8or1LQS.js",
        bytes_gz: include_bytes!("../dist/assets/index-B8or1LQS.js.gz"),
        content_type: "text/javascript; charset=utf-8",
        etag: "\"a3355e4e194e6781\"",
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
        etag: "\"c66e0df18d026664\"",
        immutable: false,
    },
    Asset {
        path: "index.html",
        bytes_gz: include_bytes!("../dist/index.html.gz"),
        content_type: "text/html; charset=utf-8",
        etag: "\"f1e03bb214652d7f\"",
        immutable: false,
    },
];
