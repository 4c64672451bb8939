//! Every built asset. Written by `node ui/pack.mjs`; do not edit.

use crate::Asset;

pub(crate) static ASSETS: &[Asset] = &[
    Asset {
        path: "assets/index-Ccnt5-WE.js",
        bytes_gz: include_bytes!("../dist/assets/index-Ccnt5-WE.js.gz"),
        content_type: "text/javascript; charset=utf-8",
        etag: "\"f10726151d570813\"",
        immutable: true,
    },
    Asset {
        path: "assets/index-DubD6ywC.css",
        bytes_gz: include_bytes!("../dist/assets/index-DubD6ywC.css.gz"),
        content_type: "text/css; charset=utf-8",
        etag: "\"d66471e68ce1effa\"",
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
        etag: "\"0332b8c9ad2c1110\"",
        immutable: false,
    },
    Asset {
        path: "index.html",
        bytes_gz: include_bytes!("../dist/index.html.gz"),
        content_type: "text/html; charset=utf-8",
        etag: "\"4a712425744b4434\"",
        immutable: false,
    },
];
