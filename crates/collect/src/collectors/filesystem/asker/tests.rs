use super::*;
use std::collections::BTreeSet;

const LONG: Duration = Duration::from_secs(60);

/// Paths that do not answer until they are let go.
#[derive(Default)]
struct Held {
    paths: Mutex<BTreeSet<PathBuf>>,
    changed: Condvar,
}

impl Held {
    fn hold(&self, path: &str) {
        self.paths.lock().unwrap().insert(path.into());
    }

    fn let_go(&self, path: &str) {
        self.paths.lock().unwrap().remove(Path::new(path));
        self.changed.notify_all();
    }

    fn asker(self: &Arc<Self>) -> Asker {
        let held = self.clone();
        Asker::new(Arc::new(move |path: &Path| {
            let mut paths = held.paths.lock().unwrap();
            while paths.contains(path) {
                paths = held.changed.wait(paths).unwrap();
            }
            if path.starts_with("/bad") { Err(std::io::ErrorKind::NotFound.into()) } else { Ok(space()) }
        }))
    }
}

fn space() -> Space {
    Space { blocks: 7, ..Space::default() }
}

/// Asks until `wanted` is what comes, so that a busy machine cannot fail the test.
fn ask_until(asker: &mut Asker, question: Question, wanted: Answer) {
    while asker.answer(question) != wanted {
        asker.ask(Duration::from_millis(100));
    }
}

#[test]
fn all_answer_in_a_round_and_one_thread_does_it() {
    let mut asker = Arc::new(Held::default()).asker();
    let questions: Vec<_> = ["/a", "/bad", "/c"].into_iter().map(|path| asker.add(path.into())).collect();
    assert_eq!(asker.answer(questions[0]), Answer::None);
    ask_until(&mut asker, questions[2], Answer::Space(space()));
    assert_eq!(
        questions.iter().map(|q| asker.answer(*q)).collect::<Vec<_>>(),
        [Answer::Space(space()), Answer::Failed, Answer::Space(space())]
    );
    for _ in 0..10 {
        asker.ask(LONG);
    }
    assert!(asker.shared.lock().threads <= 2);
}

#[test]
fn a_silent_one_costs_its_own_answer_only_and_one_thread() {
    let held = Arc::new(Held::default());
    let mut asker = held.asker();
    held.hold("/silent");
    let silent = asker.add("/silent".into());
    let good = asker.add("/good".into());
    ask_until(&mut asker, good, Answer::Space(space()));
    assert_eq!(asker.answer(silent), Answer::None);
    // From now on it is not waited for: a round of a minute ends when the other has answered.
    let start = Instant::now();
    for _ in 0..20 {
        asker.ask(LONG);
        assert_eq!((asker.answer(silent), asker.answer(good)), (Answer::None, Answer::Space(space())));
    }
    assert!(start.elapsed() < LONG);
    assert!(asker.shared.lock().threads <= 3, "{}", asker.shared.lock().threads);
    held.let_go("/silent");
    ask_until(&mut asker, silent, Answer::Space(space()));
}

#[test]
fn a_forgotten_silent_one_keeps_its_place_until_it_has_answered() {
    let held = Arc::new(Held::default());
    let mut asker = held.asker();
    held.hold("/silent");
    let silent = asker.add("/silent".into());
    while !matches!(asker.shared.lock().jobs[0].phase, Phase::Asked(_)) {
        asker.ask(Duration::from_millis(1));
    }
    asker.forget(silent);
    let next = asker.add("/next".into());
    assert_ne!(next, silent);
    held.let_go("/silent");
    while !matches!(asker.shared.lock().jobs[0].phase, Phase::Done(_)) {
        std::thread::yield_now();
    }
    assert_eq!(asker.add("/third".into()), silent);
}

#[test]
fn when_all_are_silent_threads_stay_few_and_dropping_does_not_wait() {
    let held = Arc::new(Held::default());
    let mut asker = held.asker();
    for n in 0..3 * THREADS_MAX {
        let path = format!("/silent{n}");
        held.hold(&path);
        asker.add(path.into());
    }
    while asker.shared.lock().threads < THREADS_MAX {
        asker.ask(PATIENCE * 2);
    }
    for _ in 0..3 {
        asker.ask(PATIENCE * 2);
    }
    assert_eq!(asker.shared.lock().threads, THREADS_MAX);
    drop(asker);
    for n in 0..3 * THREADS_MAX {
        held.let_go(&format!("/silent{n}"));
    }
}

#[test]
fn a_slow_one_is_waited_for_once_and_its_answer_counts_in_the_round_after() {
    let held = Arc::new(Held::default());
    let mut asker = held.asker();
    let slow = asker.add("/slow".into());
    held.hold("/slow");
    while !asker.shared.lock().jobs[0].is_late {
        asker.ask(Duration::from_millis(1));
        assert_eq!(asker.answer(slow), Answer::None);
    }
    for _ in 0..5 {
        while !matches!(asker.shared.lock().jobs[0].phase, Phase::Asked(_)) {
            std::thread::yield_now();
        }
        std::thread::sleep(PATIENCE);
        held.let_go("/slow");
        while !matches!(asker.shared.lock().jobs[0].phase, Phase::Done(_)) {
            std::thread::yield_now();
        }
        held.hold("/slow");
        // Asked for again, it is slow again: what it said in between counts, and a minute is not waited.
        asker.ask(LONG);
        assert_eq!(asker.answer(slow), Answer::Space(space()));
    }
    asker.ask(LONG);
    assert_eq!(asker.answer(slow), Answer::None);
    held.let_go("/slow");
    while asker.shared.lock().jobs[0].is_late {
        asker.ask(LONG);
    }
    asker.ask(LONG);
    assert_eq!(asker.answer(slow), Answer::Space(space()));
}
