//! Every built asset. Written by `node ui/pack.mjs`; do not edit.

use crate::Asset;

pub(crate) static ASSETS: &[Asset] = &[
    Asset {
        path: "assets/index-D69SqvuZ.css",
        bytes_gz: include_bytes!("../dist/assets/index-D69SqvuZ.css.gz"),
        content_type: "text/css; charset=utf-8",
        etag: "\"559186303544b37b\"",
        immutable: true,
    },
    Asset {
        path: "assets/index-YE_nllTA.js",
        bytes_gz: include_bytes!("../dist/assets/index-YE_nllTA.js.gz"),
        content_type: "text/javascript; charset=utf-8",
        etag: "\"e5080a1db6bc9a8f\"",
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
        etag: "\"327baf5adf542969\"",
        immutable: false,
    },
    Asset {
        path: "index.html",
        bytes_gz: include_bytes!("../dist/index.html.gz"),
        content_type: "text/html; charset=utf-8",
        etag: "\"4e40e4bf839e4e4e\"",
        immutable: false,
    },
];
