use super::*;
use stdx::random::Random;

fn message(kind: u16, sequence: u32, body: &[u8]) -> Vec<u8> {
    let mut message = ((HEADER_BYTES + body.len()) as u32).to_ne_bytes().to_vec();
    message.extend(kind.to_ne_bytes());
    message.extend([0; 2]);
    message.extend(sequence.to_ne_bytes());
    message.extend([0; 4]);
    message.extend(body);
    message
}

fn listening(port: u16, queue: u32, limit: u32) -> Vec<u8> {
    let mut body = vec![0; 72];
    body[1] = 10;
    body[4..6].copy_from_slice(&port.to_be_bytes());
    body[56..60].copy_from_slice(&queue.to_ne_bytes());
    body[60..64].copy_from_slice(&limit.to_ne_bytes());
    message(20, 7, &body)
}

fn run(receipt: &[u8]) -> (Result<bool, Errno>, Vec<Socket>) {
    let mut seen = Vec::new();
    let outcome = parse(receipt, 7, &mut |socket| seen.push(socket));
    (outcome, seen)
}

#[test]
fn sockets_until_done() {
    let socket = Socket { state: 10, port: 443, queue: 3, queue_limit: 128 };
    let mut receipt = listening(443, 3, 128);
    assert_eq!(run(&receipt), (Ok(false), vec![socket]));
    receipt.extend(message(20, 6, &[0; 72]));
    receipt.extend(message(DONE, 7, &[0; 4]));
    receipt.extend(listening(1, 1, 1));
    assert_eq!(run(&receipt), (Ok(true), vec![socket]));
    assert_eq!(run(&message(ERROR, 7, &[0; 20])).0, Err(Errno::PROTO));
    assert_eq!(run(&message(20, 7, &[0; 71])).0, Err(Errno::BADMSG));
    assert_eq!(run(&[]), (Ok(false), vec![]));
}

#[test]
fn mutated_receipts_never_panic_and_end() {
    let mut random = Random::from_seed(5);
    let whole: Vec<u8> = [listening(1, 2, 3), listening(4, 5, 6), message(DONE, 7, &[])].concat();
    for _ in 0..20_000 {
        let mut receipt = whole.clone();
        for _ in 0..1 + random.below(8) {
            let at = random.below(receipt.len() as u64) as usize;
            receipt[at] = random.next_u64() as u8;
        }
        receipt.truncate(random.below(receipt.len() as u64 + 1) as usize);
        let _ = run(&receipt);
    }
}
