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
        path: "assets/index-CSaMeJNx.js",
        bytes_gz: include_bytes!("../dist/assets/index-CSaMeJNx.js.gz"),
        content_type: "text/javascript; charset=utf-8",
        etag: "\"4ed79ddeda77e77d\"",
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
        etag: "\"871ac3fc076faabd\"",
        immutable: false,
    },
    Asset {
        path: "index.html",
        bytes_gz: include_bytes!("../dist/index.html.gz"),
        content_type: "text/html; charset=utf-8",
        etag: "\"3d13d4fd150526d2\"",
        immutable: false,
    },
];
