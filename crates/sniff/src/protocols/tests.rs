use super::*;

mod http1;
mod losses;
mod mongodb;
mod mysql;
mod postgresql;
mod redis;

#[test]
fn the_table_is_in_order_and_says_everything() {
    assert!(PROTOCOLS.windows(2).all(|pair| pair[0].name < pair[1].name));
    for row in PROTOCOLS {
        let texts = [row.summary, row.operation, row.target, row.error];
        assert!(texts.iter().all(|text| !text.is_empty()) && row.port > 0, "{}", row.name);
        assert!(named(row.name).is_some());
    }
}
