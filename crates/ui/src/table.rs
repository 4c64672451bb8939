//! Every built asset. Written by `node ui/pack.mjs`; do not edit.

use crate::Asset;

pub(crate) static ASSETS: &[Asset] = &[
    Asset {
        path: "assets/index-D1SAVc9H.js",
        bytes_gz: include_bytes!("../dist/assets/index-D1SAVc9H.js.gz"),
        content_type: "text/javascript; charset=utf-8",
        etag: "\"ad89d54e517c11b8\"",
        immutable: true,
    },
    Asset {
        path: "assets/index-DuYX_dky.css",
        bytes_gz: include_bytes!("../dist/assets/index-DuYX_dky.css.gz"),
        content_type: "text/css; charset=utf-8",
        etag: "\"2c08edca1ac99bc8\"",
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
        etag: "\"5d7c9420cfb66cdd\"",
        immutable: false,
    },
    Asset {
        path: "index.html",
        bytes_gz: include_bytes!("../dist/index.html.gz"),
        content_type: "text/html; charset=utf-8",
        etag: "\"bdad1d61964f95d2\"",
        immutable: false,
    },
];
