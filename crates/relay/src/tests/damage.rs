//! Files that were damaged while nobody looked: the relay comes to an end, counts what is lost, and takes what is new.

use super::world::{World, agree, push_many, until};
use proptest::prelude::*;
use stdx::disk::Disk;

fn damage(world: &World, edits: &[(usize, u8, usize, u8)]) {
    for (file, how, place, with) in edits {
        let files = world.disk.files();
        let names: Vec<_> = files.iter().filter(|path| path.starts_with("/relay")).collect();
        let path = names[file % names.len()];
        let _ = world.disk.read(path);
        world.disk.damage(path, |bytes| {
            let at = place % bytes.len().max(1);
            match how % 4 {
                0 if at < bytes.len() => bytes[at] ^= with | 1,
                1 => bytes.truncate(at),
                2 => bytes.insert(at, *with),
                // A sector that was never written. Bytes are not taken out of the middle: no disk does that, and without
                // a whole frame, to the byte, the rest of a segment reads as well as before.
                _ => {
                    let end = (at + usize::from(*with)).min(bytes.len());
                    bytes[at.min(end)..end].fill(0);
                }
            }
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn whatever_happens_to_the_files_the_relay_comes_to_an_end(
        edits in prop::collection::vec((any::<usize>(), any::<u8>(), any::<usize>(), any::<u8>()), 1..12)
    ) {
        let world = World::new(&["a", "b"]);
        world.peers.iter().for_each(|(_, peer)| peer.die(true));
        let relay = world.start();
        push_many(&relay, 0, 200);
        drop(relay);
        damage(&world, &edits);
        world.peers.iter().for_each(|(_, peer)| peer.die(false));
        let relay = world.start();
        push_many(&relay, 1000, 5);
        until("what is new", || world.peers.iter().all(|(_, peer)| peer.rows().last().is_some_and(|row| row.2 == 10_049.0)));
        until("the end", || relay.stats().iter().all(|output| output.held == 0));
        agree(&relay.stats());
        for (name, peer) in &world.peers {
            let rows = peer.rows();
            prop_assert!(rows.windows(2).all(|two| two[0].2 < two[1].2), "{name} got something twice or not in order");
        }
    }
}
