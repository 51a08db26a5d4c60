//! What cannot be taken back, and what a voided invoice still is.

use super::card;
use crate::language::check;

#[test]
fn its_number_stays_used() {
    card(
        "the same again is the same receipt",
        "invoice A 2000; void A; invoice A 2000 => -; see order invoiced=0; see card asked=0; validate A 2000 => -; invoice A 1 => !AlreadyExists content; return A 2000 => !AlreadyExists",
    );
    check(
        "its lines can be invoiced again",
        "order 10000 a:2; pay card 10000; invoice A 2000 /a:2; invoice B 10 /a:1 => !LineQuantityExceeded; void A; invoice B 10 /a:2",
    );
    card("its tracking can still be written", "invoice A 2000; void A; track A dhl => -");
}

#[test]
fn not_voidable() {
    card(
        "an input invoice",
        "invoice A 2000; done; return R 1; void R => !InvoiceNotVoidable R Input Accepted",
    );
    card("twice", "invoice A 2000; void A; void A => !InvoiceNotVoidable A Output Voided");
    card("none of that number", "void A => !InvoiceNotFound; invoice A 1; void B => !InvoiceNotFound");
    check("no order", "void A => !OrderNotFound");
    card(
        "an order that has ended",
        "invoice A 10000; done; void A => !OrderNotOpen Invoiced; see order invoiced=10000",
    );
    card(
        "an order that was to end is open again",
        "invoice A 10000 => settle card 10000; void A => -; see order state=Open; done => -; see order state=Open; cancel => refund card#1 10000",
    );
    card(
        "returned, in sum",
        "invoice A 2000; done; invoice B 2000; done; return R 2001; void A => !InvoiceNotVoidable A Order(Money; see order invoiced=4000; void B => !InvoiceNotVoidable; invoice C 1; void A => -",
    );
    check(
        "returned, of a line",
        "order 10000 a:5; pay card 10000; invoice A 2000 /a:2; quiet; invoice B 2000 /a:1; quiet; return R 1000 /a:2; void A => !InvoiceNotVoidable A Line(LineId; void B => -",
    );
    check(
        "returned, of a payment",
        "order 10000; pay card 5000; pay gift 5000; invoice A 2000 card:2000; invoice B 2000 gift:2000; quiet; return R 1 card:1; void A => !InvoiceNotVoidable A Payment(PaymentId; void B => -; see gift ahead=2000",
    );
    card(
        "returned, and nothing else that was not given up can pay for it",
        "invoice A 500; refused card#1; resolve card#1 give-up; invoice B 500; done; return R 300 => refund card#2 300; void B => !InvoiceNotVoidable B Payment(PaymentId; invoice C 300; void B => -",
    );
    card("returned and not refunded yet", "invoice A 2000; return R 1; void A => !InvoiceNotVoidable A");
    card(
        "in order of precedence",
        "invoice A 10000; done; void B => !InvoiceNotFound; return R 1; void R => !InvoiceNotVoidable; void A => !OrderNotOpen",
    );
}
