use super::*;
use std::io::Write;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn packed(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    zlib.write_all(bytes).unwrap();
    vec![
        ("gzip", gzip(bytes)),
        ("deflate", zlib.finish().unwrap()),
        ("zstd", zstd::encode_all(bytes, 1).unwrap()),
        ("snappy", snap::raw::Encoder::new().compress_vec(bytes).unwrap()),
        ("identity", bytes.to_vec()),
    ]
}

#[test]
fn every_encoding_comes_back() {
    let text = b"load1 0.25\n".repeat(1000);
    for (encoding, body) in packed(&text) {
        assert_eq!(inflate(encoding, body, 1 << 20).unwrap(), text, "{encoding}");
    }
}

#[test]
fn a_bomb_stops_at_the_limit() {
    let zeros = vec![0; 1 << 20];
    for (encoding, body) in packed(&zeros).into_iter().filter(|(e, _)| *e != "identity") {
        assert_eq!(inflate(encoding, body, 1000), Err(BodyError::TooLarge(1000)), "{encoding}");
    }
}

#[test]
fn noise_is_named() {
    for encoding in ["gzip", "deflate", "zstd", "snappy"] {
        let error = inflate(encoding, b"\xff\xfe\xfd certainly not compressed".to_vec(), 1000).unwrap_err();
        assert!(matches!(error, BodyError::Malformed(..) | BodyError::TooLarge(_)), "{encoding}: {error}");
    }
    assert_eq!(inflate("br", vec![], 10), Err(BodyError::UnknownEncoding("br".into())));
}
