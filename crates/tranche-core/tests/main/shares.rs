//! Which operations paid which invoice, to the last unit.
//!
//! `card#1 1500/2000` is the first operation of the payment card, which did 1500 of the 2000 that it was asked for the
//! invoice. That the shares of all invoices are whole is checked after every event of every table.

use crate::language::check;

fn card(name: &str, able: &str, rest: &str) {
    check(name, &format!("order 10000; pay card 10000 {able}; {rest}"));
}

fn two(name: &str, able: &str, rest: &str) {
    check(name, &format!("order 10000; pay card 7000 {able}; pay gift 3000 {able}; {rest}"));
}

#[test]
fn each_invoice_by_its_own_settlements() {
    card(
        "before the answer and after it",
        "",
        "invoice A 2000; shares A => card#1 0/2000; invoice B 3000; shares B => card#2 0/3000; quiet; shares A => card#1 2000/2000; shares B => card#2 3000/3000",
    );
    card("an invoice that is not there", "", "shares A => -; invoice A 2000; shares B => -");
    two(
        "of two payments",
        "",
        "invoice A 5000; shares A => card#1 0/2000, gift#1 0/3000; done gift#1; shares A => card#1 0/2000, gift#1 3000/3000; invoice B 5000; quiet; shares A => card#1 2000/2000, gift#1 3000/3000; shares B => card#2 5000/5000",
    );
    two(
        "explicit",
        "",
        "invoice A 1000 card:900 gift:100; invoice B 1000 card:1000; quiet; shares A => card#1 900/900, gift#1 100/100; shares B => card#2 1000/1000",
    );
    check(
        "in proportion",
        "order 300 PROPORTIONAL; pay card 100; pay gift 200; invoice A 100; invoice B 100; quiet; shares A => card#1 33/33, gift#1 67/67; shares B => card#2 34/34, gift#2 66/66",
    );
    card(
        "less than asked",
        "",
        "invoice A 2000; done card#1 1500; shares A => card#1 1500/2000, card#2 0/500; done card#2 400; shares A => card#1 1500/2000, card#2 400/500, card#3 0/100; done; shares A => card#1 1500/2000, card#2 400/500, card#3 100/100",
    );
    card(
        "refused",
        "",
        "invoice A 2000; refused card#1; shares A => card#1 0/2000; invoice B 1000; done; shares A => card#1 0/2000; shares B => card#2 1000/1000",
    );
    card("more than asked", "", "invoice A 2000; done card#1 +300; shares A => card#1 2000/2000");
    card(
        "not lost by returns",
        "",
        "invoice A 2000; done; return R 2000; done; shares A => card#1 2000/2000; shares R => card#2 2000/2000",
    );
}

#[test]
fn one_settlement_of_several_invoices() {
    for able in ["TOTAL ONCE", "TOTAL NONE"] {
        card(
            able,
            able,
            "invoice A 2000; shares A => card#1 0/2000; done; shares A => card#1 2000/2000; invoice B 3000; shares B => card#1 3000/3000; invoice C 5000; shares A => card#1 2000/2000; shares B => card#1 3000/3000; shares C => card#1 5000/5000",
        );
    }
    for able in ["HOLD ONCE", "HOLD NONE"] {
        card(able, able, "invoice A 2000; invoice B 3000; shares A => -; shares B => -; invoice C 5000; shares A => card#1 0/2000; shares B => card#1 0/3000; shares C => card#1 0/5000;
            done; shares A => card#1 2000/2000; shares B => card#1 3000/3000; shares C => card#1 5000/5000");
    }
    card(
        "the last one that is allowed",
        "max=2",
        "invoice A 2000; done; invoice B 3000; invoice C 1000; shares B => -; invoice D 4000; done; shares A => card#1 2000/2000; shares B => card#2 3000/3000; shares C => card#2 1000/1000; shares D => card#2 4000/4000",
    );
    card(
        "legs that were too small",
        "minimum=500",
        "invoice A 300; shares A => -; invoice B 300; done; shares A => card#1 300/300; shares B => card#1 300/300",
    );
    two(
        "of two payments in total",
        "TOTAL ONCE",
        "invoice A 2000; invoice B 5000; quiet; shares A => gift#1 2000/2000; shares B => card#1 4000/4000, gift#1 1000/1000; invoice C 3000; shares C => card#1 3000/3000",
    );
    two(
        "of two payments on hold",
        "HOLD ONCE",
        "invoice A 2000; invoice B 5000; done; shares A => gift#1 2000/2000; shares B => gift#1 1000/1000; invoice C 3000; done; shares B => card#1 4000/4000, gift#1 1000/1000; shares C => card#1 3000/3000",
    );
    card(
        "the next ask takes along what was refused",
        "TOTAL ONCE",
        "invoice A 2000; refused card#1; invoice B 1000; done; shares A => card#1 0/2000, card#2 2000/2000; shares B => card#2 1000/1000",
    );
    card(
        "short, in the order of acceptance",
        "HOLD ONCE",
        "invoice A 2000; invoice B 8000; done card#1 7500; shares A => card#1 2000/2000; shares B => card#1 5500/5500",
    );
    card(
        "short of the first",
        "HOLD ONCE",
        "invoice A 2000; invoice B 8000; done card#1 1500; shares A => card#1 1500/1500; shares B => -",
    );
    card(
        "the last one that is allowed, short",
        "max=2",
        "invoice A 2000; done; invoice B 3000; invoice C 5000; done card#2 4000; shares A => card#1 2000/2000; shares B => card#2 3000/3000; shares C => card#2 1000/1000",
    );
    two(
        "of two payments on hold, short",
        "HOLD ONCE",
        "invoice A 4000; invoice B 6000; done gift#1 2000; done card#1 6500; shares A => card#1 1000/1000, gift#1 2000/2000; shares B => card#1 5500/5500",
    );
    card(
        "a lower value started it",
        "HOLD ONCE",
        "invoice A 2000; invoice B 1000; change 1 -7000; done; shares A => card#1 2000/2000; shares B => card#1 1000/1000",
    );
}

#[test]
fn settled_ahead_and_given_back() {
    card(
        "an excess is nobody's",
        "TOTAL NONE",
        "change 1 -2000; invoice A 3000; done; shares A => card#1 3000/3000; invoice B 5000; quiet; shares A => card#1 3000/3000; shares B => card#1 5000/5000",
    );
    card(
        "down to what is invoiced",
        "TOTAL ONCE",
        "invoice A 2000; done; change 1 -8000; done; shares A => card#1 2000/2000",
    );
    card(
        "nor is its refund",
        "TOTAL NONE",
        "change 1 -2000; invoice A 3000; done; return R 1000; quiet; shares R => card#3 1000/1000; shares A => card#1 3000/3000",
    );
    check(
        "what the order had no need of was first",
        "order 100; pay card 120 TOTAL NONE; invoice A 60; done; invoice B 40; quiet; shares A => card#1 60/60; shares B => card#1 40/40",
    );
}

#[test]
fn taken_back() {
    card(
        "never sent",
        "",
        "calls 0; invoice A 2000; void A; shares A => card#1 0/2000; calls 1; invoice B 2000; done; shares A => card#1 0/2000; shares B => card#2 2000/2000",
    );
    card(
        "never sent, of several together",
        "HOLD ONCE",
        "calls 0; invoice A 2000; invoice B 8000; void A; shares A => -; shares B => -; calls 1; invoice C 2000; done; shares A => -; shares B => card#2 8000/8000; shares C => card#2 2000/2000",
    );
    card(
        "settled, and used by the next",
        "",
        "invoice A 2000; done; void A; shares A => card#1 0/2000; invoice B 1500; shares B => card#1 1500/1500; invoice C 1000; shares C => card#1 500/500, card#2 0/500; done; shares C => card#1 500/500, card#2 500/500; shares A => card#1 0/2000",
    );
    card(
        "under way, and used by the next",
        "",
        "invoice A 2000; void A; invoice B 1500; shares B => card#1 0/1500; done; shares B => card#1 1500/1500",
    );
    card(
        "settled, and given back",
        "",
        "invoice A 2000; done; void A; change 1 -9000; quiet; shares A => card#1 0/2000; invoice B 1000; shares B => card#1 1000/1000",
    );
    card(
        "between two others",
        "",
        "invoice A 1000; invoice B 2000; invoice C 3000; quiet; void B; invoice D 2500; quiet; shares A => card#1 1000/1000; shares B => card#2 0/2000; shares C => card#3 3000/3000; shares D => card#2 2000/2000, card#4 500/500",
    );
    card(
        "in total",
        "TOTAL ONCE",
        "invoice A 2000; done; void A; shares A => card#1 0/2000; invoice B 3000; shares B => card#1 3000/3000",
    );
    card(
        "what another had settled pays the one that was refused",
        "",
        "invoice A 2000; refused card#1; invoice B 1000; done; void B; shares A => card#1 0/2000, card#2 1000/1000; shares B => card#2 0/1000",
    );
}

#[test]
fn returns() {
    card(
        "oldest settlement first",
        "",
        "invoice A 2000; done; invoice B 3000; done; return R 1500; shares R => card#3 0/1500; return S 2000; shares S => card#4 0/500, card#5 0/1500; quiet; shares R => card#3 1500/1500; shares S => card#4 500/500, card#5 1500/1500",
    );
    two(
        "of two payments",
        "",
        "invoice A 5000; quiet; return R 2500; quiet; shares R => card#2 2000/2000, gift#2 500/500; return S 2500; quiet; shares S => gift#3 2500/2500",
    );
    card(
        "that waited are refunded together",
        "HOLD ONCE",
        "invoice A 2000; return R 500; return S 700; shares R => -; invoice B 8000; done; shares R => card#2 0/500; shares S => card#2 0/700; done; shares R => card#2 500/500; shares S => card#2 700/700",
    );
    card(
        "less than asked",
        "",
        "invoice A 2000; done; return R 500; done card#2 300; shares R => card#2 300/500, card#3 0/200; done; shares R => card#2 300/500, card#3 200/200",
    );
    card(
        "refused",
        "",
        "invoice A 2000; done; return R 500; refused card#2; shares R => card#2 0/500; return S 700; done; shares R => card#2 0/500; shares S => card#3 700/700",
    );
    card(
        "by hand",
        "NO_REFUNDS",
        "invoice A 2000; done; return R 500; shares R => card#2 0/500; done card#2; shares R => card#2 500/500",
    );
    card(
        "a part at once, the rest later",
        "",
        "invoice A 2000; done; invoice B 3000; return R 4000; shares R => card#3 0/2000; quiet; shares R => card#3 2000/2000, card#4 2000/2000",
    );
}

#[test]
fn the_rest_of_a_short_refund_is_the_returns_own() {
    card(
        "beside one that was refused before",
        "",
        "invoice A 3000; done; return Q 300; refused card#2; return R 1000; done card#3 600; shares Q => card#2 0/300; shares R => card#3 600/1000, card#4 0/400; done; shares Q => card#2 0/300; shares R => card#3 600/1000, card#4 400/400",
    );
    card(
        "beside another return of the same settlement",
        "",
        "invoice A 2000; done; return R 1000; return S 1000; done card#2 600; shares R => card#2 600/1000, card#4 0/400; quiet; shares R => card#2 600/1000, card#4 400/400; shares S => card#3 1000/1000",
    );
}
