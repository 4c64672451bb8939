use super::*;
use std::io::Write;

fn inflate(encoding: &str, body: Vec<u8>, limit: usize) -> Result<Vec<u8>, BodyError> {
    super::inflate(encoding, body, limit, &Arc::default()).map(|content| content.to_vec())
}

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

#[test]
fn buffers_are_used_again_and_show_nothing_of_another_body() {
    let pool = Arc::new(Pool::default());
    let bodies: [&[u8]; 4] = [&[1; 1000], &[2; 10], b"", &[3; 2000]];
    for body in bodies {
        let snappy = snap::raw::Encoder::new().compress_vec(body).unwrap();
        let first = super::inflate("snappy", snappy.clone(), 1 << 20, &pool).unwrap();
        let second = super::inflate("snappy", snappy, 1 << 20, &pool).unwrap();
        assert_eq!((&*first, &*second), (body, body));
        assert!(super::inflate("snappy", b"\x08no".to_vec(), 1 << 20, &pool).is_err());
    }
    assert!(pool.take(0).capacity() >= 2000 && pool.take(0).capacity() >= 2000);
    assert_eq!(pool.take(0).capacity(), 0);
}

#[test]
fn few_and_small_buffers_are_kept() {
    let pool = Arc::new(Pool::default());
    let large = pool.lend(vec![0; pool::BUFFER_BYTES_MAX + 1]);
    let small: Vec<Content> = (0..=pool::BUFFERS_MAX).map(|_| pool.lend(vec![0; 10])).collect();
    drop((large, small));
    (0..pool::BUFFERS_MAX).for_each(|_| assert_eq!(pool.take(0).capacity(), 10));
    assert_eq!(pool.take(0).capacity(), 0);
}
