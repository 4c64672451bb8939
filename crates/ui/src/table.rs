//! Every built asset. Written by `node ui/pack.mjs`; do not edit.

use crate::Asset;

pub(crate) static ASSETS: &[Asset] = &[
    Asset {
        path: "assets/index-BVoz8PQ6.js",
        bytes_gz: include_bytes!("../dist/assets/index-BVoz8PQ6.js.gz"),
        content_type: "text/javascript; charset=utf-8",
        etag: "\"fd825720e27c8e04\"",
        immutable: true,
    },
    Asset {
        path: "assets/index-Bo8hVlSu.css",
        bytes_gz: include_bytes!("../dist/assets/index-Bo8hVlSu.css.gz"),
        content_type: "text/css; charset=utf-8",
        etag: "\"3aaabc9b2e4c6e3b\"",
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
        etag: "\"268b1efbd7cd9fdd\"",
        immutable: false,
    },
    Asset {
        path: "index.html",
        bytes_gz: include_bytes!("../dist/index.html.gz"),
        content_type: "text/html; charset=utf-8",
        etag: "\"a9b2a0d747a01e6c\"",
        immutable: false,
    },
];
