#![no_main]

use wire::protocols::statsd::{Item, items, name_and_tags, tags};

libfuzzer_sys::fuzz_target!(|packet: &[u8]| {
    let lines = packet.split(|b| *b == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
    let mut count = 0;
    for item in items(packet) {
        count += 1;
        match item {
            Ok(Item::Metric(metric)) => {
                assert!(metric.numbers().all(|number| number.value.is_finite()));
                assert!(metric.rate > 0.0 && metric.rate <= 1.0);
                name_and_tags(metric.name).1.chain(tags(metric.tags)).for_each(|(key, _)| assert!(!key.is_empty()));
            }
            Ok(Item::Check(check)) => assert!(check.state <= 3),
            Ok(Item::Event(event)) => assert!(!event.title.is_empty()),
            Err(refusal) => assert!(refusal.at <= packet.len() && !refusal.to_string().is_empty()),
        }
    }
    assert!(count >= lines);
});
