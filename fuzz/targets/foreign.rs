#![no_main]

use foreign::{FORMATS, Input, Options, Output};
use model::{TimeRange, Zone};
use std::io::Cursor;
use std::ops::ControlFlow;

// Every format that is read as a stream; the first byte chooses.
libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((choice, bytes)) = input.split_first() else { return };
    let formats: Vec<_> = FORMATS.iter().filter(|format| format.read.is_some()).collect();
    let format = formats[usize::from(*choice) % formats.len()];
    let mut samples = 0;
    let mut visit = |parcel: foreign::Parcel<'_>| {
        assert_eq!(parcel.batch.len() as u64, parcel.report.accepted);
        samples += parcel.batch.len();
        ControlFlow::Continue(())
    };
    let mut out = Output::new(Vec::new(), &mut visit);
    let options = Options::new(0, Zone::utc(), TimeRange::ALL);
    let mut stream = Input::stream(Box::new(Cursor::new(bytes.to_vec())));
    let read = format.read.expect("chosen for it");
    let _ = read(&mut stream, &options, &mut out).and_then(|()| out.hand_over());
});
