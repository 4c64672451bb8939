//! Every built asset. Written by `node ui/pack.mjs`; do not edit.

use crate::Asset;

pub(crate) static ASSETS: &[Asset] = &[
    Asset {
        path: "assets/index-BnAT4Jpr.css",
        bytes_gz: include_bytes!("../dist/assets/index-BnAT4Jpr.css.gz"),
        content_type: "text/css; charset=utf-8",
        etag: "\"c812d8d00595f3d0\"",
        immutable: true,
    },
    Asset {
        path: "assets/index-Dcf6lCNm.js",
        bytes_gz: include_bytes!("../dist/assets/index-Dcf6lCNm.js.gz"),
        content_type: "text/javascript; charset=utf-8",
        etag: "\"990a0ff032c7aad1\"",
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
        etag: "\"3931587bef4bc211\"",
        immutable: false,
    },
    Asset {
        path: "index.html",
        bytes_gz: include_bytes!("../dist/index.html.gz"),
        content_type: "text/html; charset=utf-8",
        etag: "\"d9e27a99eb454eae\"",
        immutable: false,
    },
];
