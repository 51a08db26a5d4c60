//! The lessons of users: what those of other systems suffer from, each played from end to end on this one.
//!
//! A lesson is a story that says, as a sentence, what it found wrong. It must find nothing on a server as people get it,
//! on both databases, and must find each bug that is planted for it: a story that finds nothing anyway teaches nothing.
//! `docs/RELIABILITY.md` lists the lessons by number, with their bugs.

mod changes;
mod ends;
mod finding;
mod guards;
mod legs;
mod modes;
mod parts;
mod remainder;
mod returns;
mod stuck;
mod timeouts;
mod truth;
mod waiting;

use finding::Finding;
use tranche_cli::server::core::planted::PlantedBug;
use tranche_tests::shop::{Shop, Terms};
use tranche_tests::world::{DatabaseKind, World, WorldOptions};

use crate::PROGRAM;

/// Each lesson with its story and the bugs that it must find, with words of what it then says. Two tests find nothing,
/// one on each database, and one finds the bugs, on SQLite, as no bug cares for the database.
macro_rules! lessons {
    ($($lesson:ident: $story:ident, $bugs:expr;)*) => {
        $(mod $lesson {
            use tranche_tests::world::DatabaseKind;

            #[tokio::test]
            async fn sqlite() {
                super::learned(super::$story::play(&mut super::world(DatabaseKind::Sqlite, None).await).await);
            }

            #[tokio::test]
            async fn postgres() {
                super::learned(super::$story::play(&mut super::world(DatabaseKind::Postgres, None).await).await);
            }

            #[tokio::test]
            async fn finds_what_is_planted() {
                let played = super::bugs_of(stringify!($lesson)).iter().map(async |(bug, told)| {
                    let mut world = super::world(DatabaseKind::Sqlite, Some(*bug)).await;
                    super::found(*bug, told, super::$story::play(&mut world).await);
                });
                futures_util::future::join_all(played).await;
            }
        })*

        /// The bugs that each lesson must find.
        pub(crate) const PLANTED: &[(&str, &[(PlantedBug, &str)])] = &[$((stringify!($lesson), $bugs),)*];
    };
}

lessons! {
    // Lesson 1.
    a_timeout_is_never_paid_twice: timeouts, &[
        (PlantedBug::ForgetRequestId, "what the provider settled is [20.00, 20.00, 20.00"),
        (PlantedBug::TimeoutIsRefusal, "what became of the settlements is [REFUSED, DONE]"),
        (PlantedBug::TimeoutIsDone, "how often the provider was asked to settle, up to 3, is 2"),
    ];
    // Lesson 2.
    what_is_stuck_is_listed_and_cleared_by_an_act_with_a_reason: stuck, &[
        (PlantedBug::HideUnknown, "what waits for an operator is [MANUAL]"),
        (PlantedBug::KeepUnknown, "what became of it is UNKNOWN"),
    ];
    // Lesson 3.
    the_remainder_is_released_when_the_order_is_over_not_when_an_amount_is_reached: remainder, &[
        (PlantedBug::ForgetRelease, "what was released at the provider is []"),
        (PlantedBug::FinalByAmount, "which settlements were said to be the last is [true]"),
    ];
    // Lesson 4.
    a_changed_order_keeps_its_authorizations_and_settles_at_most_what_they_cover: changes, &[
        (PlantedBug::SkipRoomCheck, "a change to 120.00 was accepted"),
        (PlantedBug::ReleaseEveryDecrease, "a change to 110.00 was refused"),
    ];
    // Lesson 5.
    only_the_leg_that_failed_is_tried_again: legs, &[
        (PlantedBug::FillHighestFirst, "what invoice A asks of each payment is [card 50.00]"),
        (PlantedBug::RepeatRefusals, "what the card settled and refused is [20.00]"),
    ];
    // Lesson 6.
    however_many_ask_at_once_no_order_settles_or_refunds_too_much: guards, &[
        (PlantedBug::DecideOnOldRows, "how many of the invoices were accepted is"),
    ];
    // Lesson 7.
    what_a_provider_cannot_do_is_said_first_and_met_as_was_chosen: modes, &[
        (PlantedBug::AcceptAnyMode, "PARTIAL on a provider that settles once was accepted"),
        (PlantedBug::IgnoreMode, "what HOLD settled with invoice A is [100.00]"),
    ];
    // Lesson 8.
    the_parts_are_the_whole_in_every_currency: parts, &[
        (PlantedBug::RoundShareUp, "the sum of the parts of invoice A is"),
        (PlantedBug::TwoDecimals, "the order's value is 11100.00"),
    ];
    // Lesson 9.
    an_answer_that_comes_late_holds_up_no_invoice: waiting, &[
        (PlantedBug::HoldNextInvoice, "what was asked of the provider is [A]"),
    ];
    // Lesson 10.
    an_authorization_that_ends_on_backorder_says_so_and_settles_what_it_holds: ends, &[
        (PlantedBug::ForgetWarning, "what was told is [settle 20.00"),
        (PlantedBug::HoldPastEnd, "what was told is [ends with 80.00, has ended with"),
    ];
    // Lesson 11.
    what_a_provider_did_by_itself_is_reported_and_adopted_only_by_an_act: truth, &[
        (PlantedBug::MatchByAmount, "how the statement compares is [MATCHED, DUPLICATE]"),
    ];
    // Lesson 12.
    a_return_refunds_the_settlements_that_it_is_of_at_any_time: returns, &[
        (PlantedBug::RefundNewestFirst, "what was refunded is [5.00 of A, 75.00 of B]"),
        (PlantedBug::RefuseEarlyReturns, "a return while the order is open was refused"),
    ];
}

/// The document has a row for each lesson, by number, and names its bugs there.
#[test]
fn the_document_lists_the_lessons_with_their_bugs() {
    let document = include_str!("../../docs/RELIABILITY.md");
    assert_eq!(PLANTED.len(), 12);
    for (number, (lesson, bugs)) in (1..).zip(PLANTED) {
        let begins = format!("| {number} | `{lesson}` |");
        let row = document.lines().find(|line| line.starts_with(&begins)).expect(&begins);
        for (bug, _) in *bugs {
            assert!(
                row.contains(&format!("`{}`", bug.name())),
                "lesson {number} does not name {}",
                bug.name()
            );
        }
    }
}

/// Two replicas on Postgres, and on SQLite one server, with a bug if one is planted.
async fn world(database: DatabaseKind, bug: Option<PlantedBug>) -> World {
    let serve = bug.iter().flat_map(|bug| ["--plant", bug.name()]).map(str::to_owned).collect();
    World::with(WorldOptions { replicas: 2, serve, ..WorldOptions::new(PROGRAM, database) }).await
}

/// The order `o` of 100.00, on a card that bears so much and settles each invoice's value.
async fn ordered(world: &World, card: &str) -> Shop {
    let shop = world.shop();
    let terms = Terms::parse("PARTIAL").unwrap();
    shop.connect(terms, 20_000).await.unwrap();
    shop.order("o", "100.00", "BRL").await.unwrap();
    shop.pay("o", "BRL", &[("card", card, terms)]).await.unwrap();
    shop
}

fn bugs_of(lesson: &str) -> &'static [(PlantedBug, &'static str)] {
    let (_, bugs) = PLANTED.iter().find(|(name, _)| *name == lesson).expect("the lesson is listed");
    assert!(!bugs.is_empty(), "{lesson} has no bug to find");
    bugs
}

fn learned(played: Result<(), Finding>) {
    if let Err(Finding(sentence)) = played {
        panic!("{sentence}");
    }
}

/// The story found the bug, and says so in these words.
fn found(bug: PlantedBug, told: &str, played: Result<(), Finding>) {
    let Err(Finding(sentence)) = played else { panic!("{} is not found", bug.name()) };
    assert!(sentence.contains(told), "{} is told otherwise: {sentence}", bug.name());
}
