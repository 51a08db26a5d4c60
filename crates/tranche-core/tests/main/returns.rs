//! Returns: what goes back, when, and how they are refused.

mod parts;

use crate::language::check;

fn card(name: &str, rest: &str) {
    check(name, &format!("order 10000; pay card 10000; {rest}"));
}

#[test]
fn at_once_or_when_it_is_settled() {
    card(
        "at once",
        "invoice A 2000; done; return R 500 => refund card#1 500; done => -; see card returned=500 given-back=500; see order returned=500 invoiced=2000 state=PartiallyInvoiced",
    );
    card(
        "two of the same value are two",
        "invoice A 2000; done; return R 500 => refund card#1 500; return S 500 => refund card#1 500; return R 500 => -; quiet; see card returned=1000 given-back=1000",
    );
    card(
        "while it is being settled",
        "invoice A 2000; return R 500 => -; see card waiting=500; return S 1500 => -; done => refund card#1 2000; done; see card waiting=0 given-back=2000",
    );
    card(
        "as far as it is settled, and the rest then",
        "invoice A 2000; done; invoice B 3000; return R 4000 => refund card#1 2000; see card waiting=2000 returning=2000; quiet => refund card#2 2000; see card given-back=4000",
    );
    card(
        "while nobody can tell",
        "invoice A 2000; return R 500; unknown card#1 => -; wait 1; lease card#1; done card#1 => refund card#1 500",
    );
    check(
        "on hold it waits for the end",
        "order 10000; pay card 10000 HOLD ONCE; invoice A 2000; return R 500 => -; invoice B 8000 => settle card 10000; return S 1000 => -; done => refund card#1 1500; done; see card given-back=1500",
    );
    check(
        "of what was settled ahead",
        "order 10000; pay card 10000 TOTAL NONE; invoice A 2000; return R 2000 => -; done => refund card#1 2000; see card ahead=8000; invoice B 8000 => -; return S 8000 => refund card#1 8000; quiet; see card given-back=10000",
    );
    check(
        "beside an excess",
        "order 10000; pay card 12000 TOTAL NONE; invoice A 10000; return R 3000; done => refund card#1 2000, refund card#1 3000; quiet; see card refunded=2000 given-back=3000; see order transaction=Finished",
    );
    check(
        "a leg that waits for the minimum",
        "order 1000; pay card 1000 minimum=500; invoice A 300 => -; return R 300 => -; invoice B 700 => settle card 1000; done => refund card#1 300",
    );
}

#[test]
fn of_a_settlement_that_brought_less_or_nothing() {
    check("it waits with what lacks", "order 10000; pay card 10000 HOLD ONCE; invoice A 10000; return R 3000; done card#1 7500 => lack card 2500, refund card#1 3000; return S 7000 => refund card#1 4500; quiet => -;
        see card lacking=2500 waiting=2500 given-back=7500; see order state=PartiallyInvoiced");
    check(
        "so in total",
        "order 10000; pay card 10000 TOTAL ONCE; invoice A 2000; return R 2000; done card#1 500 => lack card 1500, refund card#1 500; done => -; see card waiting=1500 lacking=1500",
    );
    card(
        "refused",
        "invoice A 2000; return R 500; refused card#1 => -; see card lacking=2000 waiting=500; return S 1500 => -; see card waiting=2000",
    );
    card(
        "less at first",
        "invoice A 2000; return R 2000; done card#1 1500 => settle card 500, refund card#1 1500; quiet => refund card#2 500; see card given-back=2000",
    );
}

#[test]
fn a_refund_that_fails() {
    let returned = |name: &str, able: &str, rest: &str| {
        check(name, &format!("order 10000; pay card 10000 {able}; invoice A 2000; done; {rest}"));
    };
    returned(
        "a refusal is not repeated",
        "",
        "return R 500 => refund card#1 500; refused card#2 => -; see card waiting=500 unreturned=500; return S 700 => refund card#1 700; done; return T 800 => refund card#1 800; done => -; see card given-back=1500 unreturned=500",
    );
    returned(
        "less than asked is asked for again",
        "",
        "return R 500 => refund card#1 500; done card#2 300 => refund card#1 200; done card#3 0 => refund card#1 200; done => -; see card given-back=500",
    );
    let short = (0..9).map(|step| format!("done card#{} 1 => refund card#1 {};", 2 + step, 499 - step));
    let short = short.collect::<Vec<_>>().concat();
    returned(
        "a bounded number of times",
        "",
        &format!(
            "return R 500; {short} done card#11 1 => -; see card given-back=10 unreturned=490; return S 1 => refund card#1 1"
        ),
    );
    returned(
        "more than asked",
        "",
        "return R 500; done card#2 +5 => -; heard SurplusFound; see card given-back=500 surplus=5; return S 1 => -; see card waiting=1",
    );
    returned(
        "unknown",
        "",
        "return R 500; unknown card#2; wait 1; lease card#2; refused card#2; see card#2 state=unknown; see card returning=500; return S 500 => refund card#1 500; done card#2; see card given-back=500",
    );
    returned(
        "by hand, where there are none",
        "NO_REFUNDS",
        "return R 500 => refund card#1 500 by hand; see card#2 state=manual due=never; heard OperationUnresolved; invoice B 8000 => settle card 8000; see card#3 state=sent; done; see order transaction=Finished; done card#2 => -; see card given-back=500",
    );
    returned(
        "by hand, of a part where only the whole can go back",
        "FULL_REFUNDS",
        "return R 500 => refund card#1 500 by hand; return S 1500 => refund card#1 1500 by hand",
    );
    returned(
        "the whole",
        "FULL_REFUNDS",
        "invoice B 3000; done; return R 2000 => refund card#1 2000; return S 2999 => refund card#2 2999 by hand; return T 1 => refund card#2 1 by hand",
    );
    returned(
        "the whole of several",
        "FULL_REFUNDS",
        "invoice B 3000; done; return R 4000 => refund card#1 2000, refund card#2 2000 by hand",
    );
}

#[test]
fn beside_the_end_of_the_order() {
    card(
        "it stays finished",
        "invoice A 10000; done; see order transaction=Finished; return R 500 => refund card#1 500; see order state=Invoiced transaction=Finished; refused card#2; see order transaction=Finished; return S 9500; quiet; see order transaction=Finished returned=10000",
    );
    check(
        "it finishes meanwhile",
        "order 1000; pay card 2000; invoice A 400; done; return R 100 => refund card#1 100; invoice B 600; manual card#2; done card#3 => cancel card 1000; done card#4; see order transaction=Finished; see card#2 state=manual; done card#2; see card given-back=100",
    );
    card(
        "what is returned stays invoiced",
        "invoice A 2000; quiet; return R 2000; quiet; see order invoiced=2000 remaining=8000; cancel => !OrderHasInvoices; invoice B 8001 => !InvoiceAboveRemaining; change 1 -8001 => !ValueBelowInvoiced",
    );
    card(
        "of a canceled order there is nothing",
        "cancel; return R 1 => !ReturnAboveInvoiced invoiced=0 returned=0",
    );
}

#[test]
fn refused() {
    check("more than is invoiced and not returned", "order 10000; return R 1 => !ReturnAboveInvoiced value=1 invoiced=0; pay card 10000; return R 1 => !ReturnAboveInvoiced; invoice A 2000; return R 2001 => !ReturnAboveInvoiced value=2001 invoiced=2000 returned=0;
        return R 1500; return S 501 => !ReturnAboveInvoiced returned=1500; return S 500 => -; return T 1 => !ReturnAboveInvoiced");
    check(
        "more of a line than is invoiced and not returned",
        "order 10000 a:3 b:1; pay card 10000; invoice A 2000 /a:2; done; return R 10 /a:3 => !LineQuantityExceeded 2; return R 10 /b:1 => !LineQuantityExceeded; return R 10 /a:1 => refund card#1 10; return S 10 /a:2 => !LineQuantityExceeded; return S 10 /a:1 => refund card#1 10",
    );
    card(
        "what can never be right",
        "invoice A 2000; return R 0 => !Invalid value.amount; return R -1 => !Invalid value.amount; return R 1 bank:1 => !Invalid payments[0].payment_id; return R 2 card:1 => !Invalid payments; return R 1 /x:1 => !Invalid lines[0].line_id; return R 2 card:1 card:1 => !Invalid payments[1].payment_id",
    );
    card(
        "a number is used once, either way",
        "invoice A 2000; done; return A 2000 => !AlreadyExists; return R 500; return R 501 => !AlreadyExists; invoice R 500 => !AlreadyExists; return R 500 => -",
    );
    check("in order of precedence", "return R 1 => !OrderNotFound; order 10000 a:3; pay card 10000; pay gift 10000; invoice A 2000 card:2000 /a:1; done; return R 2001 bank:2001 /a:9 => !Invalid; return R 2001 gift:2001 /a:9 => !ReturnAboveInvoiced;
        return R 2000 gift:2000 /a:9 => !LineQuantityExceeded; return R 2000 gift:2000 /a:1 => !ReturnAbovePayment gift; return R 2000 card:2000 /a:1 => refund card#1 2000");
}
