use super::*;

/// What happens to a breaker, a word each, and what it is like afterwards.
///
/// `ok`, `fail`, `none`: evidence of the present era; `fail:30` asks for a pause of so many seconds; a `~` before it
/// makes it one of a call that was sent before the last opening. `+SECONDS` passes time. `new` configures the connector
/// anew. `=WINDOW` is what it lets through, `*` for all. `!open:MS`, `!closed:SECONDS`: what people are told next.
fn play(name: &str, limit: usize, jitter: u32, words: &str) {
    let mut breaker = Breaker::default();
    let mut now = Timestamp::from_micros(0);
    let mut told: Option<Turn> = None;
    for word in words.split_whitespace() {
        let context = format!("{name}: {word} in '{words}': {breaker:?}");
        if let Some(expected) = word.strip_prefix('!') {
            let expected = Some(expected.to_owned());
            let told = told.take().map(|turn| match turn {
                Turn::Opened { pause, .. } => format!("open:{}", pause.as_millis()),
                Turn::Closed { trouble } => format!("closed:{}", trouble.as_secs()),
            });
            assert_eq!(told, expected, "{context}");
            continue;
        }
        if let Some(window) = word.strip_prefix('=') {
            let expected = if window == "*" { ALL } else { window.parse().unwrap() };
            assert_eq!(breaker.window(now), expected, "{context}");
            continue;
        }
        assert_eq!(told, None, "somebody was told: {context}");
        if let Some(seconds) = word.strip_prefix('+') {
            now = now.after(Duration::from_secs(seconds.parse().unwrap()));
            continue;
        }
        let (word, era) = match word.strip_prefix('~') {
            Some(word) => (word, breaker.era() - 1),
            None => (word, breaker.era()),
        };
        let (word, seconds) = word.split_once(':').unwrap_or((word, ""));
        let retry_after = seconds.parse().ok().map(Duration::from_secs);
        let evidence = match word {
            "ok" => Evidence::Answered,
            "fail" => Evidence::Failed { retry_after },
            "none" => Evidence::Nothing,
            "new" => {
                breaker.try_now(now);
                continue;
            }
            _ => panic!("{word}"),
        };
        told = breaker.hear(era, evidence, limit, (now, jitter));
    }
    assert_eq!(told, None, "somebody was told at the end of {name}");
}

#[test]
fn a_connector_is_called_by_what_its_calls_have_shown() {
    const OPEN: &str = "fail fail fail fail fail !open:1000 =0";
    for (name, words) in [
        ("healthy", "=* ok ok ok =*".to_owned()),
        ("not enough in a row", "fail fail fail fail ok fail fail fail fail =*".to_owned()),
        ("enough in a row", format!("fail ok {OPEN}")),
        (
            "what says nothing does not count",
            "fail fail none fail fail none =* fail !open:1000 =0".to_owned(),
        ),
        ("a pause, and then one", format!("{OPEN} +1 =1")),
        (
            "a probe that fails doubles the pause",
            format!("{OPEN} +1 fail !open:2000 =0 +1 =0 +1 =1 fail !open:4000 +3 =0 +1 =1"),
        ),
        ("a probe that shows nothing is followed by another", format!("{OPEN} +1 none =1")),
        (
            "a probe that succeeds lets more through with each answer",
            format!("{OPEN} +1 ok !closed:1 =2 ok =3 ok =4 ok ok ok ok =8 ok =*"),
        ),
        ("as many as it takes is all", format!("{OPEN} +1 ok !closed:1 ok ok ok ok ok ok ok =* fail =*")),
        (
            "while it recovers, it opens as before, and for longer",
            format!("{OPEN} +1 ok !closed:1 fail fail ok fail fail fail fail =3 fail !open:2000 =0"),
        ),
        ("recovered, it begins anew", format!("{OPEN} +1 ok !closed:1 ok ok ok ok ok ok ok =* +9 {OPEN}")),
        (
            "what was sent before says nothing about the time after",
            format!(
                "{OPEN} ~fail ~fail ~ok =0 +1 ~fail ~ok =1 ok !closed:1 ~fail ~fail ~fail ~fail ~fail ~ok =2"
            ),
        ),
        ("a pause that is asked for is kept at once", "fail:30 !open:30000 =0 +29 =0 +1 =1".to_owned()),
        ("no pause that is asked for is none", "fail:0 fail =*".to_owned()),
        (
            "nor does a shorter one than ours count",
            "fail:1 !open:1000 +1 fail:1 !open:2000 +1 =0 +1 fail:1 !open:4000 =0".to_owned(),
        ),
        ("it is at most an hour", "fail:86400 !open:3600000 +3599 =0 +1 =1".to_owned()),
        ("who was sent before may ask for a pause", format!("{OPEN} ~fail:30 +29 =0 +1 =1")),
        ("also when it was called again", format!("{OPEN} +1 ok !closed:1 ~fail:30 !open:30000 =0")),
        (
            "and the probe's answer does not end that",
            format!("{OPEN} +1 ~fail:30 ok =0 +29 =0 +1 =1 ok !closed:31 =2"),
        ),
        ("configured anew it is tried at once", format!("{OPEN} new =1 fail !open:1000 =0")),
        (
            "also before a pause that was asked for",
            "fail:3600 !open:3600000 new =1 ok !closed:0 =2".to_owned(),
        ),
        ("which changes nothing where it is called", "fail fail fail fail new =* fail !open:1000".to_owned()),
    ] {
        play(name, 9, 1000, &words);
    }
}

#[test]
fn a_dead_connector_is_called_once_a_minute() {
    let mut breaker = Breaker::default();
    let (mut now, mut calls) = (Timestamp::from_micros(0), 0);
    let hour = now.after(Duration::from_hours(1));
    while now < hour {
        if breaker.window(now) > 0 {
            calls += 1;
            breaker.hear(breaker.era(), Evidence::Failed { retry_after: None }, 9, (now, 1000));
        }
        now = now.after(Duration::from_millis(100));
    }
    // Five until it opens, six while the pauses grow, and then one in each minute.
    assert_eq!(calls, 5 + 6 + 58);
}

#[test]
fn pauses_are_spread_over_their_second_half() {
    for (jitter, told) in [(0, "!open:500"), (500, "!open:750"), (1000, "!open:1000"), (2000, "!open:1000")] {
        play("jitter", 9, jitter, &format!("fail fail fail fail fail {told} =0"));
        // What the provider asks for is never cut short.
        play("jitter", 9, jitter, "fail:30 !open:30000 +29 =0");
    }
}
