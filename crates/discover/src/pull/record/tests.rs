use super::*;

static METRIC: Metric = Metric::gauge("test_numbers", "", "Numbers.").by(&["x"]);

#[test]
fn what_has_no_room_is_counted_and_told() {
    let mut recorder = Recorder::new(Vec::new());
    let pull = |recorder: &mut Recorder, series: usize| {
        recorder.begin(1000, [METRIC].into_iter());
        (0..series).for_each(|at| recorder.push(&METRIC, &[&at.to_string()], 1.0));
        (recorder.live(), recorder.problem())
    };
    assert_eq!(pull(&mut recorder, SERIES_MAX), (SERIES_MAX, String::new()));
    let told = "3 of its numbers are left out: an instance may have 4096 series";
    assert_eq!(pull(&mut recorder, SERIES_MAX + 3), (SERIES_MAX, told.to_owned()));
    assert_eq!(pull(&mut recorder, 1), (1, String::new()), "all is well again");
}
