//! What is said where a provider refused to settle or refund, or did less than asked.

use super::{ALL, NOT_INVOICED, PARTLY, closed, said};

fn returned(amount: &str) -> String {
    PARTLY.replace("0.00 BRL returned", &format!("{amount} BRL returned"))
}

#[test]
fn what_was_not_obtained() {
    said(
        "refused",
        "order 10000; pay card 10000; invoice A 2000; refused card#1",
        &[
            PARTLY,
            NOT_INVOICED,
            "20.00 BRL is invoiced and was not obtained from card: the provider refused; an operator decides what follows (card#1: refused).",
        ],
    );
    said(
        "beside one that is under way",
        "order 10000; pay card 10000; invoice A 500; refused card#1; invoice B 1500",
        &[
            PARTLY,
            NOT_INVOICED,
            "15.00 BRL is invoiced and being settled on card (card#2: sent).",
            "5.00 BRL is invoiced and was not obtained from card: the provider refused; an operator decides what follows (card#1: refused).",
        ],
    );
    said(
        "several times",
        "order 10000; pay card 10000; invoice A 500; refused card#1; invoice B 1500; refused card#2",
        &[
            PARTLY,
            NOT_INVOICED,
            "20.00 BRL is invoiced and was not obtained from card: the provider refused; an operator decides what follows (card#1: refused; card#2: refused).",
        ],
    );
    said(
        "many times",
        "order 10000; pay card 10000; invoice A 100; refused card#1; invoice B 200; refused card#2; invoice C 300; refused card#3; invoice D 400; refused card#4; invoice E 1000",
        &[
            PARTLY,
            NOT_INVOICED,
            "10.00 BRL is invoiced and being settled on card (card#5: sent).",
            "10.00 BRL is invoiced and was not obtained from card: the provider refused; an operator decides what follows (card#1: refused; card#2: refused; card#3: refused; and 1 more).",
        ],
    );
    said(
        "settled short for good",
        "order 10000; pay card 10000 HOLD ONCE; invoice A 10000; done card#1 7500",
        &[
            ALL,
            "75.00 BRL is invoiced and settled on card.",
            "25.00 BRL is invoiced and was not obtained from card: the provider settled less than it was asked for; an operator decides what follows (card#2: never sent).",
            "Beside the order's value, 25.00 BRL is authorized on card, and no settlement can take it any more: it is kept while something of the order lacks.",
        ],
    );
    said(
        "settled short for good, and more to invoice than is covered",
        "order 10000; pay card 10000 TOTAL ONCE; invoice A 2000; done card#1 1500",
        &[
            PARTLY,
            "80.00 BRL is not invoiced, and no payment covers it: add a payment.",
            "15.00 BRL is invoiced and settled on card.",
            "5.00 BRL is invoiced and was not obtained from card: the provider settled less than it was asked for; an operator decides what follows (card#2: never sent).",
            "Beside the order's value, 85.00 BRL is authorized on card, and no settlement can take it any more: it is released when nothing remains to invoice and nothing of the order lacks.",
        ],
    );
    said(
        "too small, and nothing can follow",
        "order 10000; pay card 10000 minimum=2001; invoice A 8000; done; invoice B 2000",
        &[
            ALL,
            "80.00 BRL is invoiced and settled on card.",
            "20.00 BRL is invoiced and was not obtained from card: the provider takes no settlement that small; an operator decides what follows (card#2: never sent).",
        ],
    );
    said(
        "too small, and what is under way may leave more",
        "order 10000; pay card 10000 minimum=2001; invoice A 8000; invoice B 2000",
        &[
            ALL,
            "20.00 BRL is invoiced and held on card: a settlement under way comes first.",
            "80.00 BRL is invoiced and being settled on card (card#1: sent).",
        ],
    );
}

#[test]
fn what_did_not_go_back() {
    said(
        "a return, beside one that is under way",
        "order 10000; pay card 10000; invoice A 2000; done; return R 500; refused card#2; return S 700",
        &[
            &returned("12.00"),
            NOT_INVOICED,
            "8.00 BRL is invoiced and settled on card.",
            "5.00 BRL was returned and waits on card: the provider refused; an operator decides what follows (card#2: refused).",
            "7.00 BRL was returned and is being refunded on card (card#3: sent).",
        ],
    );
    let ten = (2..=11).map(|ordinal| format!("done card#{ordinal} 0;")).collect::<Vec<_>>().concat();
    said(
        "a return, again and again less than asked",
        &format!("order 10000; pay card 10000; invoice A 2000; done; return R 500; {ten}"),
        &[
            &returned("5.00"),
            NOT_INVOICED,
            "15.00 BRL is invoiced and settled on card.",
            "5.00 BRL was returned and waits on card: the provider refunded less than it was asked for; an operator decides what follows.",
        ],
    );
    said(
        "a return of what was not obtained",
        "order 10000; pay card 10000; invoice A 2000; refused card#1; return R 500",
        &[
            &returned("5.00"),
            NOT_INVOICED,
            "15.00 BRL is invoiced and was not obtained from card: the provider refused; an operator decides what follows (card#1: refused).",
            "5.00 BRL was returned and waits on card: what it returns was not obtained, as the provider refused; an operator decides what follows (card#1: refused).",
        ],
    );
    said(
        "a return of what was obtained in part",
        "order 10000; pay card 10000 TOTAL ONCE; invoice A 2000; done card#1 1500; return R 2000",
        &[
            &returned("20.00"),
            "80.00 BRL is not invoiced, and no payment covers it: add a payment.",
            "5.00 BRL was returned and waits on card: what it returns was not obtained, as the provider settled less than it was asked for; an operator decides what follows (card#2: never sent).",
            "15.00 BRL was returned and is being refunded on card (card#3: sent).",
            "Beside the order's value, 85.00 BRL is authorized on card, and no settlement can take it any more: it is released when nothing remains to invoice and nothing of the order lacks.",
        ],
    );
    let lower = PARTLY.replace("80.00", "60.00").replace("of 100.00", "of 80.00");
    said(
        "an excess",
        "order 10000; pay card 12000 TOTAL NONE; invoice A 10000; done; refused card#2",
        &[
            &closed(),
            "100.00 BRL is invoiced and settled on card.",
            "Beside the order's value, 20.00 BRL is settled ahead on card, more than the order can need: the provider refused; an operator decides what follows (card#2: refused).",
        ],
    );
    said(
        "an excess, beside one that is under way",
        "order 10000; pay card 10000 TOTAL NONE; invoice A 2000; done; change 1 -1000; refused card#2; change 2 -1000",
        &[
            &lower,
            "60.00 BRL is not invoiced, and is settled ahead on card; the next invoices use it first.",
            "20.00 BRL is invoiced and settled on card.",
            "Beside the order's value, 10.00 BRL is settled ahead on card, more than the order can need: the provider refused; an operator decides what follows (card#2: refused).",
            "Beside the order's value, 10.00 BRL was settled beyond need and is being refunded on card (card#3: sent).",
        ],
    );
    said(
        "an excess that is not settled yet",
        "order 10000; pay card 12000 TOTAL NONE; invoice A 2000",
        &[
            PARTLY,
            "80.00 BRL is not invoiced, and is being settled ahead on card; the next invoices use it first (card#1: sent).",
            "20.00 BRL is invoiced and being settled on card (card#1: sent).",
            "Beside the order's value, 20.00 BRL is being settled ahead on card, more than the order can need; it is refunded once it is settled (card#1: sent).",
        ],
    );
    said(
        "an excess that waits for an operator",
        "order 10000; pay card 12000 TOTAL NONE; invoice A 10000; done card#1 +1",
        &[
            &closed(),
            "100.00 BRL is invoiced and settled on card.",
            "Beside the order's value, 20.00 BRL is settled ahead on card, more than the order can need; it is refunded when the payment can.",
            "Beside the order's value, 0.01 BRL was moved unasked, as the provider of card says; the payment starts nothing new until an operator says whether that is so.",
        ],
    );
}
