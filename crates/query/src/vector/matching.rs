//! Which series of two vectors meet.

use super::key::Pick;
use super::value::Matrix;
use hashbrown::HashMap;
use lang::plan::vector::Matching;

/// Series of both sides that have the labels in common that count.
#[derive(Debug, Default)]
pub(super) struct Meeting {
    /// Places in the left vector.
    pub left: Vec<usize>,
    /// Places in the right vector.
    pub right: Vec<usize>,
}

/// Which labels count.
pub(super) fn pick(matching: &Matching) -> Pick<'_> {
    if matching.is_on { Pick::Only(&matching.labels) } else { Pick::Without(&matching.labels) }
}

/// All series of both sides by what they have in common, in the order in which it comes up.
pub(super) fn meetings(left: &Matrix, right: &Matrix, matching: &Matching) -> Vec<Meeting> {
    let pick = pick(matching);
    let mut places: HashMap<Vec<u8>, usize> = HashMap::with_capacity(left.len());
    let mut meetings: Vec<Meeting> = Vec::with_capacity(left.len());
    let mut key = Vec::new();
    for (is_left, side) in [(true, left), (false, right)] {
        for (at, series) in side.iter().enumerate() {
            pick.key(&series.labels, &mut key);
            let place = match places.get(&key) {
                Some(place) => *place,
                None => {
                    places.insert(key.clone(), meetings.len());
                    meetings.push(Meeting::default());
                    meetings.len() - 1
                }
            };
            let meeting = &mut meetings[place];
            if is_left { meeting.left.push(at) } else { meeting.right.push(at) }
        }
    }
    meetings
}
