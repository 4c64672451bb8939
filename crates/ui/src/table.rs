//! Every built asset. Written by `node ui/pack.mjs`; do not edit.

use crate::Asset;

pub(crate) static ASSETS: &[Asset] = &[
    Asset {
        path: "assets/index-CaPIJw1j.js",
        bytes_gz: include_bytes!("../dist/assets/index-CaPIJw1j.js.gz"),
        content_type: "text/javascript; charset=utf-8",
        etag: "\"a3166925f9217eb4\"",
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
        etag: "\"a83b138992937c8a\"",
        immutable: false,
    },
    Asset {
        path: "index.html",
        bytes_gz: include_bytes!("../dist/index.html.gz"),
        content_type: "text/html; charset=utf-8",
        etag: "\"dd2e2338c26bfd9c\"",
        immutable: false,
    },
];
