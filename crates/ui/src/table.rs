//! Every built asset. Written by `node ui/pack.mjs`; do not edit.

use crate::Asset;

pub(crate) static ASSETS: &[Asset] = &[
    Asset {
        path: "assets/index-D3VxOTzu.css",
        bytes_gz: include_bytes!("../dist/assets/index-D3VxOTzu.css.gz"),
        content_type: "text/css; charset=utf-8",
        etag: "\"31753768a53bfc7e\"",
        immutable: true,
    },
    Asset {
        path: "assets/index-qEHATAsk.js",
        bytes_gz: include_bytes!("../dist/assets/index-qEHATAsk.js.gz"),
        content_type: "text/javascript; charset=utf-8",
        etag: "\"fd825720e27c8e04\"",
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
        etag: "\"38d5bf6e20692046\"",
        immutable: false,
    },
    Asset {
        path: "index.html",
        bytes_gz: include_bytes!("../dist/index.html.gz"),
        content_type: "text/html; charset=utf-8",
        etag: "\"4a5fa53369d9cb64\"",
        immutable: false,
    },
];
