//! Every built asset. Written by `node ui/pack.mjs`; do not edit.

use crate::Asset;

pub(crate) static ASSETS: &[Asset] = &[
    Asset {
        path: "assets/index-CPOXgsQD.js",
        bytes_gz: include_bytes!("../dist/assets/index-CPOXgsQD.js.gz"),
        content_type: "text/javascript; charset=utf-8",
        etag: "\"c7c102fc706b261e\"",
        immutable: true,
    },
    Asset {
        path: "assets/index-CfLm0sP9.css",
        bytes_gz: include_bytes!("../dist/assets/index-CfLm0sP9.css.gz"),
        content_type: "text/css; charset=utf-8",
        etag: "\"fb6812ae0653f657\"",
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
        etag: "\"06f5de8bb03849d4\"",
        immutable: false,
    },
    Asset {
        path: "index.html",
        bytes_gz: include_bytes!("../dist/index.html.gz"),
        content_type: "text/html; charset=utf-8",
        etag: "\"683dec23c68f6296\"",
        immutable: false,
    },
];
