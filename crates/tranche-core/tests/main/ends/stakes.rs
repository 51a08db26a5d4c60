//! What is at stake with an authorization that ends soon, so that an operator hears of it while it can be avoided.

use crate::language::check;

fn all(name: &str, rest: &str) {
    check(name, &format!("order 10000; {rest}"));
}

#[test]
fn room_is_at_stake_as_far_as_the_rest_of_the_order_needs_it() {
    all(
        "all of it, from the lead time to the end",
        "pay card 10000 ends=1000; wait 499; look card; see card stake=0; wait 1; look card; see card stake=10000; wait 500; look card; see card stake=0",
    );
    all(
        "what is not invoiced",
        "pay card 10000 ends=1000; wait 500; look card; invoice A 4000; see card stake=10000; done; see card stake=6000; invoice B 6000; done; see card stake=0",
    );
    all("what is beyond the order", "pay card 12000 ends=1000; wait 500; look card; see card stake=10000");
    all(
        "what another payment does not cover",
        "pay card 7000 ends=1000; pay gift 5000; wait 500; look card; see card stake=5000; see gift stake=0; invoice A 2000 gift:2000; see card stake=5000",
    );
    all(
        "what is covered by a payment that is added",
        "pay card 10000 ends=1000; wait 500; look card; add gift 10000; see card stake=0; invoice A 4000 card:4000; see card stake=4000; done; see card stake=0",
    );
    all(
        "what is being authorized covers it, until it is denied",
        "pay card 10000 ends=1000; wait 500; look card; add gift 10000 ASKED; see card stake=0; denied gift#1; see card stake=10000",
    );
    all(
        "two that end soon do not cover each other",
        "pay card 7000 ends=1000; pay gift 6000 ends=1000; wait 500; look card; see card stake=7000; see gift stake=6000",
    );
    all(
        "not what is settled ahead",
        "pay card 10000 TOTAL ONCE ends=1000; wait 500; look card; see card stake=10000; invoice A 3000; see card stake=3000; done; see card stake=0",
    );
    all(
        "what a lower value needs no more",
        "pay card 10000 CANCELS_PARTS ends=1000; pay gift 9000; wait 500; look card; see card stake=1000; change 1 -1000; see card stake=0",
    );
    all(
        "nothing once the order is canceled",
        "pay card 10000 ends=1000; wait 500; look card; cancel; see card stake=0",
    );
}

#[test]
fn what_invoices_asked_is_at_stake_until_it_is_settled() {
    let near = |name: &str, rest: &str| {
        all(name, &format!("pay card 10000 ends=1000; invoice A 2000; {rest}"));
    };
    near("while it is under way", "wait 500; look card; invoice B 8000; see card stake=10000");
    near(
        "while nobody can tell",
        "invoice B 8000; unknown card#1; wait 500; look card; see card stake=10000",
    );
    near(
        "while it lacks and can still be asked for",
        "done; invoice B 8000; refused card#2; wait 500; look card; see card stake=8000; retry card#2; see card stake=8000; done; see card stake=0",
    );
    near(
        "not once it is voided, but for the room that it leaves if it is not settled all the same",
        "done; invoice B 8000; wait 500; look card; void B; see card stake=0; refused card#2; see card stake=8000",
    );
    all(
        "what is held is settled, and is at stake until it is",
        "pay card 10000 HOLD ONCE ends=1000; invoice A 2000; wait 500; look card => settle card 2000; see card stake=2000; done; see card stake=0",
    );
    all(
        "not what no settlement can follow for, which is a case already",
        "pay card 10000 HOLD ONCE ends=1000; invoice A 2000; wait 500; look card => settle card 2000; done card#1 1500; see card lacking=500 stake=0",
    );
    all(
        "what is too little for the connector",
        "pay card 10000 HOLD minimum=500 ends=1000; pay gift 9900; invoice A 100 card:100 => -; wait 500; look card; see card held=100 stake=100",
    );
}
