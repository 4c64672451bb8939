#![no_main]

use foreign::formats::whisper::Whisper;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Ok(file) = Whisper::open(input) else { return };
    for archive in &file.archives {
        let times: Vec<i64> = file.points(archive).map(|(time_s, _)| time_s).collect();
        assert!(times.windows(2).all(|two| two[0] < two[1]), "times ascend");
    }
    file.fetch(0, i64::from(u32::MAX), 1_700_000_000);
});
