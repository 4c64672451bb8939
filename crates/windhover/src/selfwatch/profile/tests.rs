use super::*;
use model::{Origin, PushError, Stand};
use stdx::clock::ManualClock;

const HOUR_MS: i64 = 3_600_000;

struct Ears(Mutex<Vec<Event>>);

impl EventSink for Ears {
    fn tell(&self, _: &str, events: &[Event], _: Option<Origin>) -> Result<(), PushError> {
        self.0.lock().unwrap().extend_from_slice(events);
        Ok(())
    }

    fn stand(&self, _: &str, _: i64, _: &[Stand<'_>]) -> Result<(), PushError> {
        Ok(())
    }
}

fn hourly(host: &str, clock: &Arc<ManualClock>) -> Profiling {
    let plan =
        Plan { interval: Duration::from_secs(3600), duration: Duration::from_secs(60), frequency_hz: 99 };
    Profiling::with(plan, "agent", host.to_owned(), clock.clone())
}

#[test]
fn one_is_due_once_an_interval_not_at_the_start_and_not_everywhere_at_once() {
    let clock = Arc::new(ManualClock::at(0));
    let due = |host: &str| {
        let (profiling, mut state) = (hourly(host, &clock), State::default());
        (0..24 * 60).filter(|minute| profiling.is_due(&mut state, minute * 60_000)).collect::<Vec<i64>>()
    };
    let (a, b) = (due("web1"), due("web2"));
    assert!(a.len() == 23 || a.len() == 24, "{a:?}");
    assert!(a.windows(2).all(|pair| pair[1] - pair[0] == 60) && a[0] > 0 && a[0] % 60 != b[0] % 60);
    assert!(!Profiling::off(clock).is_due(&mut State::default(), HOUR_MS));
}

#[test]
fn what_a_child_said_is_told_as_an_event_and_stands() {
    let clock = Arc::new(ManualClock::at(7 * HOUR_MS));
    let (profiling, ears) = (hourly("web1", &clock), Ears(Mutex::default()));
    let mut report = Report { packed: "H4sI".to_owned(), ..Report::default() };
    report.tell("seconds", "2.5");
    report.tell("samples", 12);
    profiling.end(&mut profiling.lock(), Ok(report), "asked", 5);
    profiling.round(&ears);
    let told = ears.0.lock().unwrap().remove(0);
    assert_eq!((told.kind, told.source.as_str(), told.text.as_str()), (EventKind::PROFILE, "agent", "H4sI"));
    assert_eq!(told.fields.last().unwrap(), &("why".to_owned(), "asked".to_owned()));
    let standing = profiling.standings().remove(0);
    assert_eq!((standing.samples, standing.took_us, standing.last_ms), (12, 2_500_000, Some(5)));
    profiling.end(&mut profiling.lock(), Err("no child".to_owned()), "schedule", 6);
    assert_eq!(profiling.standings()[0].problem, "no child");
}

#[test]
fn a_system_that_refuses_is_not_asked_every_hour_but_whenever_somebody_wants() {
    let clock = Arc::new(ManualClock::at(0));
    let (profiling, ears) = (hourly("web1", &clock), Ears(Mutex::default()));
    let mut report = Report::default();
    report.tell("refused", "paranoid");
    report.tell("problem", "paranoid");
    profiling.end(&mut profiling.lock(), Ok(report), "schedule", 0);
    assert_eq!(profiling.standings()[0].problem, "");
    for hour in 0..5 {
        clock.set_ms(hour * HOUR_MS);
        profiling.round(&ears);
        assert!(profiling.lock().child.is_none());
    }
    assert_eq!(ears.0.lock().unwrap().len(), 1, "the refusal itself");
    profiling.ask(Some(1));
    profiling.round(&ears);
    assert!(profiling.lock().child.is_some());
}
