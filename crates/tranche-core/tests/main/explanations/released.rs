//! What is said of authorized money that is kept, and of what a canceled order waits for.

use super::{ALL, CANCELED, NEVER, NOT_INVOICED, OPEN, PARTLY, VOIDED, closed, said};

#[test]
fn what_was_not_released() {
    let settled = "100.00 BRL is invoiced and settled on card.";
    said(
        "kept while something lacks",
        "order 10000; pay card 12000; invoice A 10000; refused card#1",
        &[
            ALL,
            "100.00 BRL is invoiced and was not obtained from card: the provider refused; an operator decides what follows (card#1: refused).",
            "Beside the order's value, 20.00 BRL is authorized on card and not needed: it is kept while something of the order lacks.",
        ],
    );
    said(
        "kept while something lacks and something remains",
        "order 10000; pay card 12000; invoice A 2000; refused card#1",
        &[
            PARTLY,
            NOT_INVOICED,
            "20.00 BRL is invoiced and was not obtained from card: the provider refused; an operator decides what follows (card#1: refused).",
            "Beside the order's value, 20.00 BRL is authorized on card and not needed: it is released when nothing remains to invoice and nothing of the order lacks.",
        ],
    );
    said(
        "kept while something of another payment lacks",
        "order 10000; pay card 8000; pay gift 4000; invoice A 10000 card:6000 gift:4000; refused gift#1; done card#1",
        &[
            ALL,
            "60.00 BRL is invoiced and settled on card.",
            "40.00 BRL is invoiced and was not obtained from gift: the provider refused; an operator decides what follows (gift#1: refused).",
            "Beside the order's value, 20.00 BRL is authorized on card and not needed: it is kept while something of the order lacks.",
        ],
    );
    for (policy, until) in [("", "nothing remains to invoice"), ("MANUAL", "an operator says so")] {
        said(
            "no settlement can take it any more",
            &format!("order 10000 {policy}; pay card 12000 TOTAL ONCE; invoice A 2000; done"),
            &[
                PARTLY,
                "80.00 BRL is not invoiced, and is settled ahead on card; the next invoices use it first.",
                "20.00 BRL is invoiced and settled on card.",
                &format!(
                    "Beside the order's value, 20.00 BRL is authorized on card, and no settlement can take it any more: it is released when {until}."
                ),
            ],
        );
    }
    said(
        "a part that was refused goes with the rest",
        "order 10000; pay card 12000 CANCELS_PARTS; release 500; refused card#1",
        &[
            OPEN,
            "100.00 BRL is not invoiced; the payment card has room for it.",
            "Beside the order's value, 20.00 BRL is authorized on card and not needed: it is released when nothing remains to invoice.",
        ],
    );
    said(
        "refused",
        "order 10000; pay card 12000; invoice A 10000; done; refused card#2",
        &[
            &closed(),
            settled,
            "Beside the order's value, 20.00 BRL is authorized on card and not needed: the provider refused; an operator decides what follows (card#2: refused).",
        ],
    );
    said(
        "refused, beside a part that is under way",
        "order 10000; pay card 12000 CANCELS_PARTS; invoice A 10000; done; refused card#2; release 500",
        &[
            &closed(),
            settled,
            "Beside the order's value, 15.00 BRL is authorized on card and not needed: the provider refused; an operator decides what follows (card#2: refused).",
            "Beside the order's value, 5.00 BRL of the authorization is being released on card (card#3: sent).",
        ],
    );
    said(
        "refused under MANUAL, twice",
        "order 10000 MANUAL; pay card 12000; invoice A 10000; done; release; refused card#2; release; refused card#3",
        &[
            &closed(),
            settled,
            "Beside the order's value, 20.00 BRL is authorized on card and not needed: the provider refused; an operator decides what follows (card#2: refused; card#3: refused).",
        ],
    );
    said(
        "refused, of a canceled order",
        "order 10000; pay card 12000; cancel; refused card#1",
        &[
            &format!("{CANCELED} open."),
            NEVER,
            "Beside the order's value, 120.00 BRL is authorized on card and not needed: the provider refused; an operator decides what follows (card#1: refused).",
        ],
    );
    said(
        "refused, and asked for again by hand",
        "order 10000; pay card 12000; cancel; refused card#1; release",
        &[
            &format!("{CANCELED} open."),
            NEVER,
            "Beside the order's value, 120.00 BRL of the authorization is being released on card (card#2: sent).",
        ],
    );
}

#[test]
fn what_nobody_can_tell() {
    said(
        "of a canceled order",
        "order 10000; pay card 10000; invoice A 2000; unknown card#1; void A; cancel",
        &[
            &format!("{CANCELED} open."),
            VOIDED,
            "Beside the order's value, 20.00 BRL is being settled ahead on card, more than the order can need; it is refunded once it is settled (card#1: nobody can tell yet whether it was done).",
            "Beside the order's value, 80.00 BRL is authorized on card and not needed: it is released when what is under way has ended.",
        ],
    );
    said(
        "of a canceled order, and it was",
        "order 10000; pay card 10000; invoice A 2000; unknown card#1; void A; cancel; done card#1 1500",
        &[
            &format!("{CANCELED} open."),
            VOIDED,
            "Beside the order's value, 15.00 BRL was settled beyond need and is being refunded on card (card#2: sent).",
            "Beside the order's value, 85.00 BRL of the authorization is being released on card (card#3: not sent yet).",
        ],
    );
    said(
        "of a canceled order under MANUAL",
        "order 10000 MANUAL; pay card 10000; invoice A 2000; unknown card#1; void A; cancel",
        &[
            &format!("{CANCELED} open."),
            VOIDED,
            "Beside the order's value, 20.00 BRL is being settled ahead on card, more than the order can need; it is refunded once it is settled (card#1: nobody can tell yet whether it was done).",
            "Beside the order's value, 80.00 BRL is authorized on card and not needed: it is released when what is under way has ended.",
        ],
    );
    said(
        "a release",
        "order 10000; pay card 12000; cancel; unknown card#1",
        &[
            &format!("{CANCELED} open."),
            NEVER,
            "Beside the order's value, 120.00 BRL of the authorization is being released on card (card#1: nobody can tell yet whether it was done).",
        ],
    );
}
