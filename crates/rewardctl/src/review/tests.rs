use ratatui::Terminal;
use ratatui::backend::TestBackend;
use rewardctl_core::id::ContentId;
use rewardctl_core::item::Message;
use rewardctl_core::review::decision::{Answer, Choice, SkipReason};
use rewardctl_core::review::keymap::Keymap;
use rewardctl_core::review::question::{Kind, values};
use rewardctl_core::score::Scale;
use rewardctl_store::people::lease::{Lease, Shown};
use rewardctl_store::people::resume::LeftOut;

use crate::commands::people::keymap;
use crate::review::event::{Effect, Event};
use crate::review::mode::Mode;
use crate::review::session::Session;
use crate::review::view::{View, draw};
use crate::review::words::outside;
use crate::settings::Settings;

fn keys() -> Keymap {
    keymap(&Settings::read(None, &vec![("store", Some("s.db".into()))]).ok().unwrap()).ok().unwrap()
}

fn lease(task: i64, kind: Kind, texts: &[&str]) -> Lease {
    let shown = |(at, text): (usize, &&str)| Shown {
        id: ContentId::of("t", [[at as u8].as_slice()]),
        text: (*text).into(),
    };
    Lease {
        task,
        token: task + 100,
        expires_ms: 0,
        kind,
        dimension: None,
        scale: Scale::STARS,
        values: if kind == Kind::Rate { values(&Scale::STARS) } else { vec![] },
        prompt: vec![Message::user("What is 2+2?")],
        reference: None,
        documents: vec![],
        responses: texts.iter().enumerate().map(shown).collect(),
        opinions: vec![],
        draft: None,
    }
}

fn session(leases: Vec<Lease>) -> Session {
    let mut session = Session::new(0);
    assert_eq!(session.update(Event::Leases(leases), &keys(), 0), []);
    session
}

/// Presses keys a second apart, and returns all that is to be done.
fn press(session: &mut Session, pressed: &[&str]) -> Vec<Effect> {
    let keys = keys();
    let each = pressed.iter().zip(1i64..);
    each.flat_map(|(key, at)| session.update(Event::Key((*key).into()), &keys, at * 1000)).collect()
}

fn answers(effects: &[Effect]) -> Vec<Answer> {
    let answer = |effect: &Effect| match effect {
        Effect::Decide { decision, .. } => Some(decision.answer.clone()),
        _ => None,
    };
    effects.iter().filter_map(answer).collect()
}

fn choose(choice: Choice) -> Answer {
    Answer::Choose { choice, strength: None }
}

#[test]
fn a_key_decides_and_the_next_task_stands_there() {
    let mut session = session(vec![lease(1, Kind::Choose, &["4", "5"]), lease(2, Kind::Rate, &["4"])]);
    let effects = press(&mut session, &["1", "4"]);
    assert_eq!(answers(&effects), [choose(Choice::Left), Answer::Rate { value: 4.0 }]);
    let Effect::Decide { task, token, decision } = &effects[0] else { panic!("{effects:?}") };
    assert_eq!((*task, *token, decision.elapsed_ms), (1, 101, Some(1000)));
    assert_eq!(effects[1], Effect::Claim(2));
    assert!(session.tasks.is_empty());
    assert_eq!(press(&mut session, &["1", "2", "s"]), [], "no task, no decision");
}

#[test]
fn notes_and_tags_go_with_the_next_decision() {
    let mut session = session(vec![lease(1, Kind::Choose, &["4", "5"]), lease(2, Kind::Choose, &["a", "b"])]);
    let effects =
        press(&mut session, &["n", "s", "o", "Enter", "t", "x", ",", "Space", "y", "Enter", "2", "2"]);
    let decisions: Vec<_> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Decide { decision, .. } => Some((decision.note.clone(), decision.tags.clone())),
            _ => None,
        })
        .collect();
    assert_eq!(decisions[0], ("so".to_owned(), vec!["x".to_owned(), "y".to_owned()]));
    assert_eq!(decisions[1], (String::new(), vec![]));
    assert!(matches!(&effects[0], Effect::Draft { task: 1, body } if body.contains("so")));
}

#[test]
fn skips_say_why() {
    let mut session = session(vec![lease(1, Kind::Rate, &["4"])]);
    assert_eq!(press(&mut session, &["s", "Escape"]), [], "thought better of it");
    let effects = press(&mut session, &["s", "3"]);
    assert_eq!(answers(&effects), [Answer::Skip { reason: SkipReason::Broken }]);
}

#[test]
fn a_correction_leaves_the_question_there() {
    let mut session = session(vec![lease(1, Kind::Choose, &["4", "5"])]);
    let keys = keys();
    press(&mut session, &["c", "2", "Backspace", "4"]);
    let effects = session.update(Event::Save, &keys, 9);
    assert_eq!(answers(&effects), [Answer::Correct { place: 1, text: "4".into() }]);
    assert_eq!((session.tasks.len(), &session.mode), (1, &Mode::Asking));
    press(&mut session, &["c", "1"]);
    session.update(Event::Paste("a\r\nb".into()), &keys, 9);
    let effects = session.update(Event::Save, &keys, 9);
    assert_eq!(answers(&effects), [Answer::Correct { place: 0, text: "4a\nb".into() }]);
}

#[test]
fn what_is_begun_is_kept() {
    let mut session = session(vec![lease(1, Kind::Correct, &["4"])]);
    let effects = press(&mut session, &["c", "!", "Escape"]);
    assert!(matches!(&effects[..], [Effect::Draft { body, .. }] if body.contains("4!")), "{effects:?}");
    press(&mut session, &["c", "?"]);
    let lost = Event::Refused { lost: Some(1), message: "gone".into() };
    let effects = session.update(lost, &keys(), 5);
    assert!(matches!(&effects[0], Effect::Draft { task: 1, body } if body.contains("4!?")), "{effects:?}");
    let draft = Some(r#"{"note":"n","tags":["t"],"place":0,"text":"4."}"#.into());
    session.update(Event::Leases(vec![Lease { draft, ..lease(1, Kind::Correct, &["4"]) }]), &keys(), 6);
    assert_eq!((session.draft.note.as_str(), session.draft.tags.len()), ("n", 1));
    press(&mut session, &["c"]);
    let effects = session.update(Event::Save, &keys(), 7);
    assert_eq!(answers(&effects), [Answer::Correct { place: 0, text: "4.".into() }]);
}

/// What the store refuses is not counted, and nothing that was typed is lost.
#[test]
fn what_is_refused_is_kept_and_not_counted() {
    let mut session = session(vec![lease(1, Kind::Choose, &["4", "5"]), lease(2, Kind::Rate, &["4"])]);
    press(&mut session, &["n", "s", "o", "Enter", "1"]);
    assert_eq!(session.decided, 0, "the store has not answered");
    let refused = Event::Unkept { lost: Some(1), message: "gone".into() };
    let effects = session.update(refused, &keys(), 9000);
    assert!(
        matches!(&effects[..], [Effect::Claim(2), Effect::Draft { task: 1, body }] if body.contains("so"))
    );
    assert_eq!((session.decided, session.tasks[0].task), (0, 2));
    assert!(
        session.message.contains("not counted") && session.message.contains("gone"),
        "{}",
        session.message
    );
    session.update(Event::Key("4".into()), &keys(), 10_000);
    session.update(Event::Kept, &keys(), 10_001);
    assert_eq!(session.decided, 1);
}

#[test]
fn a_task_that_is_still_held_is_asked_again() {
    let mut session = session(vec![lease(1, Kind::Correct, &["4"])]);
    press(&mut session, &["c", "!"]);
    session.update(Event::Save, &keys(), 5000);
    assert!(session.tasks.is_empty());
    let refused = Event::Unkept { lost: None, message: "too long".into() };
    let effects = session.update(refused, &keys(), 5001);
    assert!(matches!(&effects[..], [Effect::Draft { task: 1, body }] if body.contains("4!")), "{effects:?}");
    assert_eq!((session.tasks[0].task, session.draft.begun.clone()), (1, Some((0, "4!".into()))));
}

/// What was decided before this session is named when it is taken back, and is none of its decisions.
#[test]
fn an_undo_across_sessions_says_what_it_took_back() {
    let mut session = session(vec![lease(1, Kind::Rate, &["4"])]);
    press(&mut session, &["4"]);
    session.update(Event::Kept, &keys(), 5000);
    let undone = |session: &mut Session, task| {
        let undone = Event::Undone(Box::new(lease(task, Kind::Rate, &["4"])));
        session.update(undone, &keys(), 6000);
        (session.message.clone(), session.decided)
    };
    assert_eq!(undone(&mut session, 1), ("taken back".into(), 0));
    let before = "taken back from before: task 7, “What is 2+2?”";
    assert_eq!(undone(&mut session, 7), (before.into(), 0));
}

#[test]
fn what_a_filter_leaves_out_is_said() {
    let of = |given_back: &[i64], drafted: &[i64]| {
        outside(&LeftOut { given_back: given_back.into(), drafted: drafted.into() })
    };
    assert_eq!(of(&[], &[]), "");
    assert_eq!(of(&[4, 5], &[]), "2 tasks outside of the filter given back");
    assert_eq!(
        of(&[4], &[7]),
        "1 task outside of the filter given back; task 7 is outside of the filter, and comes first: you typed on it"
    );
}

/// A key that is held down answers the task that was seen and no other.
#[test]
fn a_key_that_is_held_answers_one_task() {
    let leases = (1..9).map(|n| lease(n, Kind::Rate, &["a"])).collect();
    let mut session = session(leases);
    let keys = keys();
    let mut held = |key: &str, at| session.update(Event::Key(key.into()), &keys, at);
    assert_eq!(held("4", 100), [], "nobody has seen it yet");
    let mut decided = 0;
    // The first repeat comes after half a second, the others thirty times a second.
    for at in [1000].into_iter().chain((0..60).map(|n| 1500 + n * 33)) {
        decided += answers(&held("4", at)).len();
    }
    assert_eq!(decided, 1);
    assert_eq!(session.message, "the same key too soon: press it again in a moment");
    let mut held = |key: &str, at| session.update(Event::Key(key.into()), &keys, at);
    assert_eq!(answers(&held("4", 5000)).len(), 1);
    assert_eq!(answers(&held("5", 5100)).len(), 0, "the next one stands there for a tenth of a second");
    assert_eq!(session.message, "too soon: nobody has read this yet");
    let third = session.update(Event::Key("3".into()), &keys, 5300);
    assert_eq!((answers(&third).len(), session.message.as_str()), (1, "rated 3"));
}

fn long(lines: usize) -> Lease {
    let prompt = (0..80).map(|n| format!("line {n}\n")).collect::<String>() + "the last of the prompt";
    let documents = vec![format!("{} document-ends", "word ".repeat(200))];
    let text = (0..lines).map(|n| format!("said {n}\n")).collect::<String>();
    Lease { prompt: vec![Message::user(prompt)], documents, ..lease(1, Kind::Rate, &[&text]) }
}

/// All of a long prompt and of its documents is reached, and a short response stays in sight.
#[test]
fn everything_is_reached_by_scrolling() {
    let mut session = session(vec![long(1)]);
    let mut seen = String::new();
    for _ in 0..60 {
        let screen = drawn(&mut session, (60, 20));
        assert!(screen.contains("said 0"), "{screen}");
        seen.push_str(&screen);
        press(&mut session, &["j"]);
    }
    for text in ["line 40", "the last of the prompt", "document 1: word", "document-ends"] {
        assert!(seen.contains(text), "{text}");
    }
}

/// A long text says where in it one is; keys go to its end and back, and from the end one step up is one step.
#[test]
fn a_long_text_says_where_one_is() {
    let mut session = session(vec![Lease { prompt: vec![], documents: vec![], ..long(310) }]);
    let screen = drawn(&mut session, (60, 20));
    assert!(screen.contains("response · 1–12 of 310"), "{screen}");
    press(&mut session, &["j"]);
    assert!(drawn(&mut session, (60, 20)).contains("response · 5–16 of 310"));
    press(&mut session, &["G", "j"]);
    let screen = drawn(&mut session, (60, 20));
    assert!(screen.contains("· 299–310 of 310") && screen.contains("said 309"), "{screen}");
    press(&mut session, &["k"]);
    assert!(drawn(&mut session, (60, 20)).contains("· 295–306 of 310"));
    press(&mut session, &["Home"]);
    assert!(drawn(&mut session, (60, 20)).contains("· 1–12 of 310"));
    let mut short = super::tests::session(vec![lease(1, Kind::Rate, &["short"])]);
    assert!(!drawn(&mut short, (60, 20)).contains(" of "));
    press(&mut short, &["?"]);
    drawn(&mut short, (60, 20));
    press(&mut short, &["End"]);
    let help = drawn(&mut short, (60, 20));
    assert!(help.contains("another reason") && help.contains("keys ·"), "{help}");
    assert_eq!(short.mode, Mode::Helping);
}

#[test]
fn a_ranking_takes_a_key_for_every_place() {
    let mut session = session(vec![lease(1, Kind::Rank, &["a", "b", "c"])]);
    let effects = press(&mut session, &["3", "3", "9", "1"]);
    assert_eq!(answers(&effects), []);
    let effects = press(&mut session, &["2"]);
    assert_eq!(answers(&effects), [Answer::Rank { order: vec![2, 0, 1] }]);
}

#[test]
fn what_is_lost_leaves_the_screen() {
    let mut session = session(vec![lease(1, Kind::Rate, &["a"]), lease(2, Kind::Rate, &["b"])]);
    let lost = Event::Refused { lost: Some(1), message: "gone".into() };
    assert_eq!(session.update(lost, &keys(), 5), [Effect::Claim(2)]);
    assert_eq!((session.tasks[0].task, session.message.as_str()), (2, "gone"));
    // A key that was meant for the task that went away decides nothing.
    assert_eq!(session.update(Event::Key("5".into()), &keys(), 500), []);
    assert_eq!(session.message, "gone");
    let undone = Event::Undone(Box::new(lease(7, Kind::Rate, &["z"])));
    session.update(undone, &keys(), 6);
    assert_eq!(session.tasks[0].task, 7);
    press(&mut session, &["n", "x"]);
    let effects = session.update(Event::Interrupt, &keys(), 7);
    assert!(matches!(&effects[0], Effect::Draft { task: 7, body } if body.contains("x")), "{effects:?}");
    assert_eq!(press(&mut session, &["q"]), [Effect::Quit(vec![(7, 107), (2, 102)])]);
}

fn drawn(session: &mut Session, (width, height): (u16, u16)) -> String {
    let keys = keys();
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let view = View { keymap: &keys, name: "ana", elapsed_ms: 60_000 };
    terminal.draw(|frame| session.furthest = draw(frame, session, &view)).unwrap();
    let buffer = terminal.backend().buffer().clone();
    let row = |y| (0..width).map(|x| buffer[(x, y)].symbol().to_owned()).collect::<String>();
    (0..height).map(|y| row(y).trim_end().to_owned() + "\n").collect()
}

#[test]
fn a_small_terminal_shows_both_texts() {
    let mut session = session(vec![lease(1, Kind::Choose, &["It is 4.", "It is 5.\u{1b}[2J"])]);
    insta::assert_snapshot!(drawn(&mut session, (80, 16)), @r"
    ana: 0 decided · 0 open
    Which response is better?
    What is 2+2?

    ┌left──────────────────────────────────────────────────────────────────────────┐
    │It is 4.                                                                      │
    │                                                                              │
    │                                                                              │
    └──────────────────────────────────────────────────────────────────────────────┘
    ┌right─────────────────────────────────────────────────────────────────────────┐
    │It is 5.·[2J                                                                  │
    │                                                                              │
    └──────────────────────────────────────────────────────────────────────────────┘

    1 left   2 right   3 as good   0 neither   x cannot tell   s skip   u undo   ?
    all keys   q quit
    ");
}

#[test]
fn a_wide_terminal_shows_them_side_by_side() {
    let mut session = session(vec![lease(1, Kind::Choose, &["It is 4.", "It is 5."])]);
    let side_by_side = drawn(&mut session, (120, 12));
    assert!(
        side_by_side.lines().any(|line| line.contains("It is 4.") && line.contains("It is 5.")),
        "{side_by_side}"
    );
    press(&mut session, &["d"]);
    let difference = drawn(&mut session, (120, 12));
    assert!(difference.contains("It is [-4.-]{+5.+}"), "{difference}");
}

#[test]
fn help_and_menus_lie_over_the_task() {
    let mut session = session(vec![lease(1, Kind::Rate, &["It is 4."])]);
    press(&mut session, &["?"]);
    let help = drawn(&mut session, (80, 60));
    assert!(help.contains("take the last decision back") && help.contains("Backspace"), "{help}");
    press(&mut session, &["Escape", "s"]);
    let menu = drawn(&mut session, (80, 24));
    assert!(menu.contains("a text is cut, empty or garbled"), "{menu}");
}

#[test]
fn no_size_of_a_terminal_is_too_small() {
    let mut session = session(vec![lease(1, Kind::Choose, &["It is 4.", "It is 5."])]);
    for size in [(1, 1), (10, 3), (20, 5), (300, 100)] {
        drawn(&mut session, size);
    }
}
