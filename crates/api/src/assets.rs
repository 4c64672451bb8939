//! The web pages, out of the binary.

use serve::{Body, HeaderValue, Method, Request, Response, StatusCode, header};

/// Everything the pages load comes from here; nothing else may run in them.
const POLICY: &str =
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'self'; base-uri 'self'; form-action 'self'";

/// An asset, or the page for any path that is not one.
pub fn get(request: &Request) -> Response {
    if request.method != Method::GET && request.method != Method::HEAD {
        return Response::text(StatusCode::METHOD_NOT_ALLOWED, "this path only answers to GET\n");
    }
    let path = crate::params::decode(request.path.trim_start_matches('/'), false);
    let api = path.starts_with("api/");
    let Some(asset) = ui::find(&path).or_else(|| ui::page(&path)).filter(|_| !api) else {
        return crate::respond::error(
            StatusCode::NOT_FOUND,
            format!("there is nothing at {}", request.path),
            None,
        );
    };
    if request.header("if-none-match").is_some_and(|tags| tags.contains(asset.etag)) {
        return with_headers(Response::text(StatusCode::NOT_MODIFIED, ""), asset);
    }
    let plain = request.header("accept-encoding").is_none_or(|accepted| !accepted.contains("gzip"));
    let mut response = Response::new(StatusCode::OK, asset.content_type, Vec::new());
    if plain {
        response.body = Body::Full(asset.inflated());
    } else {
        response.body = Body::Static(asset.bytes_gz);
        response = response.with(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    with_headers(response, asset)
}

fn with_headers(response: Response, asset: &'static ui::Asset) -> Response {
    let caching = if asset.immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    response
        .with(header::ETAG, HeaderValue::from_static(asset.etag))
        .with(header::VARY, HeaderValue::from_static("accept-encoding"))
        .with(header::CACHE_CONTROL, HeaderValue::from_static(caching))
        .with(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))
        .with(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"))
        .with(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"))
}
