#![no_main]

use store::inside::codec;

// Damaged columns first: whatever the bytes, they are refused or give as many samples as were asked for. Then the
// bytes as values and as times, which have to come back to the bit.
libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((&[low, high], bytes)) = input.split_first_chunk() else { return };
    let count = usize::from(u16::from_le_bytes([low, high]) % 4200);
    let (mut values, mut times) = (Vec::new(), Vec::new());
    if codec::decode_values(bytes, count, &mut values).is_some() {
        assert_eq!(values.len(), count);
    }
    if codec::decode_times(bytes, count, &mut times).is_some() {
        assert_eq!(times.len(), count);
    }
    let words = bytes.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word));
    there_and_back(words.take(4096).collect());
    // Small steps, as measured values make them.
    let steps = bytes.iter().take(4096).scan(0i64, |at, &step| {
        *at += i64::from(step as i8);
        Some((*at as f64 / if high & 1 == 0 { 1.0 } else { 100.0 }).to_bits())
    });
    there_and_back(steps.collect());
});

fn there_and_back(bits: Vec<u64>) {
    if bits.is_empty() {
        return;
    }
    let values: Vec<f64> = bits.iter().map(|&b| f64::from_bits(b)).collect();
    let (mut coded, mut back) = (Vec::new(), Vec::new());
    codec::encode_values(&values, &mut coded);
    codec::decode_values(&coded, values.len(), &mut back).expect("what was encoded can be decoded");
    assert!(back.iter().map(|v| v.to_bits()).eq(bits.iter().copied()));

    let mut times: Vec<i64> = bits.iter().map(|&b| b as i64).collect();
    times.sort_unstable();
    times.dedup();
    let (mut coded, mut back) = (Vec::new(), Vec::new());
    codec::encode_times(&times, &mut coded);
    codec::decode_times(&coded, times.len(), &mut back).expect("what was encoded can be decoded");
    assert_eq!(back, times);
}
