//! Of which payment a return goes back, and of which settlement.

use super::card;
use crate::language::check;

#[test]
fn each_refund_names_one_settlement() {
    let settled = |count: i64| {
        let one = |number: i64| format!("invoice {number} 10; done;");
        (1..=count).map(one).collect::<String>()
    };
    card(
        "oldest first",
        &format!(
            "{} return R 5 => refund card#1 5; return S 15 => refund card#1 5, refund card#2 10; return T 11 => refund card#3 10, refund card#4 1; quiet; see card given-back=31",
            settled(5)
        ),
    );
    card(
        "never more than is left of it",
        &format!(
            "{} return R 25 => refund card#1 10, refund card#2 10, refund card#3 5; refused card#5 => -; return S 14 => refund card#1 10, refund card#3 4; quiet; see card unreturned=10 given-back=29",
            settled(4)
        ),
    );
    let refunds = |from: i64, to: i64| {
        let one = |ordinal: i64| format!("refund card#{ordinal} 10");
        (from..=to).map(one).collect::<Vec<_>>().join(", ")
    };
    card(
        "eight at a time",
        &format!(
            "{} return R 95 => {}; see card waiting=15; done => {}, refund card#10 5; quiet => -; see card given-back=95 waiting=0",
            settled(10),
            refunds(1, 8),
            refunds(9, 9)
        ),
    );
    card(
        "and eight again",
        &format!(
            "{} return R 180 => {}; done => {}; quiet => {}; see card given-back=180",
            settled(18),
            refunds(1, 8),
            refunds(9, 16),
            refunds(17, 18)
        ),
    );
    card(
        "a round that is refused holds up no other",
        &format!(
            "{} return R 95 => {}; refused card#11 => refund card#1 10, refund card#9 5; quiet => -; see card given-back=85 unreturned=10 waiting=10",
            settled(10),
            refunds(1, 8)
        ),
    );
    let voids = (1..=10).map(|number| format!("void {number};")).collect::<Vec<_>>().concat();
    card(
        "so does what is settled ahead",
        &format!(
            "{} {voids} cancel => {}, cancel card 9900; quiet => {}; see card refunded=100; see order transaction=Canceled",
            settled(10),
            refunds(1, 8),
            refunds(9, 10)
        ),
    );
}

#[test]
fn across_payments() {
    let two = |policy: &str, rest: &str| {
        let name = if policy.is_empty() { "LOWEST_SETTLED_FIRST" } else { policy };
        check(
            name,
            &format!(
                "order 10000 {policy}; pay card 7000; pay gift 3000; invoice A 5000 => settle card 2000, settle gift 3000; quiet; {rest}"
            ),
        );
    };
    two(
        "",
        "return R 2001 => refund card#1 2000, refund gift#1 1; return S 2999 => refund gift#1 2999; quiet; see card given-back=2000; see gift given-back=3000",
    );
    two(
        "REFUND_CREATED_FIRST",
        "return R 1000 => refund card#1 1000; return S 2000 => refund card#1 1000, refund gift#1 1000; return T 2000 => refund gift#1 2000",
    );
    two(
        "REFUND_PROPORTIONAL",
        "return R 1000 => refund card#1 400, refund gift#1 600; return S 1 => refund gift#1 1; return T 3999 => refund card#1 1600, refund gift#1 2399",
    );
    two("", "return R 1000 card:900 gift:100 => refund card#1 900, refund gift#1 100; return S 1200 card:1200 => !ReturnAbovePayment card left=1100; return S 3000 gift:2900 card:100 => refund card#1 100, refund gift#1 2900;
        return T 1 gift:1 => !ReturnAbovePayment gift left=0; return T 1000 => refund card#1 1000");
    check(
        "ties by creation",
        "order 200; pay card 100; pay gift 100; invoice A 200; quiet; return R 150 => refund card#1 100, refund gift#1 50",
    );
    check("what is settled goes back first, whatever the order says", "order 10000 REFUND_CREATED_FIRST; pay card 7000 HOLD ONCE; pay gift 3000; invoice A 5000 => settle gift 3000; done; return R 3000 => refund gift#1 3000; return S 1000 => -; see card waiting=1000;
        invoice B 5000 => settle card 7000; quiet => refund card#1 1000");
    check(
        "while both are being settled",
        "order 10000; pay card 7000; pay gift 3000; invoice A 5000; return R 3000 => -; see card waiting=2000; see gift waiting=1000; done gift#1 => refund gift#1 1000; done card#1 => refund card#1 2000",
    );
    check(
        "the account's order",
        "account REFUND_CREATED_FIRST; order 200; pay card 100; pay gift 50; pay bank 50; invoice A 200; quiet; return R 100 => refund card#1 100",
    );
    check(
        "a named payment that is not settled yet",
        "order 10000; pay card 7000 HOLD ONCE; pay gift 3000; invoice A 5000; done; return R 2000 card:2000 => -; see card waiting=2000; see gift waiting=0",
    );
}
