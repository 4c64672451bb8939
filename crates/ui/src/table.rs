//! Every built asset. Written by `node ui/pack.mjs`; do not edit.

use crate::Asset;

pub(crate) static ASSETS: &[Asset] = &[
    Asset {
        path: "assets/index-BGSb5FfE.css",
        bytes_gz: include_bytes!("../dist/assets/index-BGSb5FfE.css.gz"),
        content_type: "text/css; charset=utf-8",
        etag: "\"863e52d853b81165\"",
        immutable: true,
    },
    Asset {
        path: "assets/index-BydAb6UJ.js",
        bytes_gz: include_bytes!("../dist/assets/index-BydAb6UJ.js.gz"),
        content_type: "text/javascript; charset=utf-8",
        etag: "\"4c04b244e83f7844\"",
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
        etag: "\"2a287563f8158fbd\"",
        immutable: false,
    },
    Asset {
        path: "index.html",
        bytes_gz: include_bytes!("../dist/index.html.gz"),
        content_type: "text/html; charset=utf-8",
        etag: "\"b856dcdc5b9f3911\"",
        immutable: false,
    },
];
