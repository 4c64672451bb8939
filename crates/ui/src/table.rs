//! Every built asset. Written by `node ui/pack.mjs`; do not edit.

use crate::Asset;

pub(crate) static ASSETS: &[Asset] = &[
    Asset {
        path: "assets/index-CDQrlkNg.js",
        bytes_gz: include_bytes!("../dist/assets/index-CDQrlkNg.js.gz"),
        content_type: "text/javascript; charset=utf-8",
        etag: "\"7c5b8cf19624022e\"",
        immutable: true,
    },
    Asset {
        path: "assets/index-D69SqvuZ.css",
        bytes_gz: include_bytes!("../dist/assets/index-D69SqvuZ.css.gz"),
        content_type: "text/css; charset=utf-8",
        etag: "\"559186303544b37b\"",
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
        etag: "\"190979b6dc1cd85e\"",
        immutable: false,
    },
    Asset {
        path: "index.html",
        bytes_gz: include_bytes!("../dist/index.html.gz"),
        content_type: "text/html; charset=utf-8",
        etag: "\"2228a6ecbadf279e\"",
        immutable: false,
    },
];
