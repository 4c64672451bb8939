//! Every built asset. Written by `node ui/pack.mjs`; do not edit.

use crate::Asset;

pub(crate) static ASSETS: &[Asset] = &[
    Asset {
        path: "assets/index-BgpbAjfZ.js",
        bytes_gz: include_bytes!("../dist/assets/index-BgpbAjfZ.js.gz"),
        content_type: "text/javascript; charset=utf-8",
        etag: "\"fd825720e27c8e04\"",
        immutable: true,
    },
    Asset {
        path: "assets/index-DRD6nks3.css",
        bytes_gz: include_bytes!("../dist/assets/index-DRD6nks3.css.gz"),
        content_type: "text/css; charset=utf-8",
        etag: "\"5f802181fd50ae1c\"",
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
        etag: "\"b4c88ef2acae0cfa\"",
        immutable: false,
    },
    Asset {
        path: "index.html",
        bytes_gz: include_bytes!("../dist/index.html.gz"),
        content_type: "text/html; charset=utf-8",
        etag: "\"6a7cef0efbf5cdb0\"",
        immutable: false,
    },
];
