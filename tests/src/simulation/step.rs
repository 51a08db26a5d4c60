//! Steps: what a seed makes of itself, as data that can be printed, cut down and played again.

use std::fmt;
use std::str::FromStr;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

/// Steps of a seed.
const STEPS_MIN: u32 = 30;
const STEPS_MAX: u32 = 110;
/// Steps between two outages, where there are any, on average.
const STEPS_PER_OUTAGE: u32 = 6;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// A customer orders and pays: value, payments, policies.
    Order,
    /// An output invoice: order, share of what remains, share in 256ths.
    Invoice,
    /// Several output invoices as one batch: order, how many.
    Batch,
    /// An input invoice: order, share of what may be returned.
    Return,
    /// Takes an output invoice back: which.
    Void,
    /// Raises or lowers an order's value: order, by how much.
    Change,
    /// Cancels an order.
    Cancel,
    /// Adds a payment to an order: order, value, terms.
    Pay,
    /// Releases what an order cannot need.
    Release,
    /// An operator takes up a case that waits: which, what is to follow, replica.
    Operate,
    /// The provider decides about a payment that it had left open: which, how.
    Decide,
    /// The provider, or somebody else, calls back about a payment: which, who and how, at which replica.
    CallBack,
    /// Sends an earlier request again, word by word: which, at which replica.
    Repeat,
    /// A replica looks for what is due, and for authorizations that end: replica, whether for both.
    Tick,
    /// A call that is under way reaches the provider, or does not, and so does its answer: which call, what happens.
    Deliver,
    /// Every call that is under way is made and answered, one for each order at a time.
    DeliverAll,
    /// Time passes: how much.
    Wait,
    /// A replica dies at once.
    Kill,
    /// A replica is to die at a step of its work: replica, which step, how often it passes before.
    DieAt,
    /// A replica's database is to fail: replica, how, how often it works before.
    FailAt,
    /// A replica is started, if it is dead.
    Start,
    /// A connector's provider breaks down, or every one is mended: which, whether.
    Outage,
}

/// Each verb with its name and how often it is chosen.
const VERBS: [(Verb, &str, u32); 22] = [
    (Verb::Order, "order", 4),
    (Verb::Invoice, "invoice", 16),
    (Verb::Batch, "batch", 3),
    (Verb::Return, "return", 6),
    (Verb::Void, "void", 4),
    (Verb::Change, "change", 6),
    (Verb::Cancel, "cancel", 1),
    (Verb::Pay, "pay", 2),
    (Verb::Release, "release", 2),
    (Verb::Operate, "operate", 5),
    (Verb::Decide, "decide", 4),
    (Verb::CallBack, "call-back", 6),
    (Verb::Repeat, "repeat", 5),
    (Verb::Tick, "tick", 9),
    (Verb::Deliver, "deliver", 22),
    (Verb::DeliverAll, "deliver-all", 4),
    (Verb::Wait, "wait", 7),
    (Verb::Kill, "kill", 2),
    (Verb::DieAt, "die-at", 4),
    (Verb::FailAt, "fail-at", 4),
    (Verb::Start, "start", 3),
    // Of scripts with outages alone.
    (Verb::Outage, "outage", 0),
];

/// One step: a verb and three numbers that say which and how much, relative to what there is by then, so that a list of
/// steps still means something when some of it is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What is done.
    pub verb: Verb,
    /// Which and how much, as the verb says.
    pub numbers: [u32; 3],
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = VERBS.iter().find(|(verb, _, _)| *verb == self.verb).map_or("", |(_, name, _)| name);
        let [one, two, three] = self.numbers;
        write!(f, "{name} {one} {two} {three}")
    }
}

impl FromStr for Step {
    type Err = String;

    /// Reads what [`Step`] prints.
    fn from_str(text: &str) -> Result<Self, String> {
        let unreadable = || format!("'{text}' is no step");
        let mut words = text.split_whitespace();
        let name = words.next().ok_or_else(unreadable)?;
        let (verb, _, _) = VERBS.iter().find(|(_, known, _)| *known == name).ok_or_else(unreadable)?;
        let mut numbers = [0; 3];
        for number in &mut numbers {
            *number = words.next().and_then(|word| word.parse().ok()).ok_or_else(unreadable)?;
        }
        Ok(Self { verb: *verb, numbers })
    }
}

/// The steps of a seed, always the same.
pub fn script(seed: u64) -> Vec<Step> {
    let mut rng = StdRng::seed_from_u64(seed);
    let count = rng.random_range(STEPS_MIN..STEPS_MAX);
    let mut steps = vec![step(Verb::Order, &mut rng)];
    let weights: u32 = VERBS.iter().map(|(_, _, weight)| weight).sum();
    for _ in 0..count {
        let mut at = rng.random_range(0..weights);
        let chosen = VERBS.iter().find(|(_, _, weight)| {
            let is_here = at < *weight;
            at = at.saturating_sub(*weight);
            is_here
        });
        steps.push(step(chosen.map_or(Verb::Tick, |(verb, _, _)| *verb), &mut rng));
    }
    steps
}

/// The steps of a seed, with providers that break down and are mended in between.
pub fn script_with_outages(seed: u64) -> Vec<Step> {
    let mut rng = StdRng::seed_from_u64(!seed);
    let mut steps = Vec::new();
    for each in script(seed) {
        steps.push(each);
        if rng.random_ratio(1, STEPS_PER_OUTAGE) {
            steps.push(step(Verb::Outage, &mut rng));
        }
    }
    steps
}

fn step(verb: Verb, rng: &mut StdRng) -> Step {
    Step { verb, numbers: [(); 3].map(|()| rng.random_range(0..1_000)) }
}

/// Reads a list of steps, one a line.
///
/// # Panics
///
/// When a line is none.
pub fn steps(text: &str) -> Vec<Step> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| crate::patience::must(line, line.parse())).collect()
}
