//! What is said of money beside the order's value.

use super::{ALL, CANCELED, FINISHED, NEVER, VOIDED, closed, said};

#[test]
fn what_stands_beside_the_value() {
    said(
        "an excess under way",
        "order 10000; pay card 12000 TOTAL NONE; invoice A 10000; done",
        &[
            &closed(),
            "100.00 BRL is invoiced and settled on card.",
            "Beside the order's value, 20.00 BRL was settled beyond need and is being refunded on card (card#2: sent).",
        ],
    );
    said(
        "an excess, refunded",
        "order 10000; pay card 12000 TOTAL NONE; invoice A 10000; quiet",
        &[
            FINISHED,
            "100.00 BRL is invoiced and settled on card.",
            "Beside the order's value, 20.00 BRL was settled beyond need and is refunded on card.",
        ],
    );
    said(
        "a release that waits",
        "order 10000; pay card 12000; invoice A 10000",
        &[
            ALL,
            "100.00 BRL is invoiced and being settled on card (card#1: sent).",
            "Beside the order's value, 20.00 BRL is authorized on card and not needed: it is released when what is under way has ended.",
        ],
    );
    said(
        "a release under way",
        "order 10000; pay card 12000; invoice A 10000; done",
        &[
            &closed(),
            "100.00 BRL is invoiced and settled on card.",
            "Beside the order's value, 20.00 BRL of the authorization is being released on card (card#2: sent).",
        ],
    );
    said(
        "released",
        "order 10000; pay card 12000; invoice A 10000; quiet",
        &[
            FINISHED,
            "100.00 BRL is invoiced and settled on card.",
            "Beside the order's value, 20.00 BRL of the authorization on card is released.",
        ],
    );
    said(
        "of a canceled order",
        "order 10000; pay card 12000; cancel",
        &[
            &format!("{CANCELED} open."),
            NEVER,
            "Beside the order's value, 120.00 BRL of the authorization is being released on card (card#1: sent).",
        ],
    );
    said(
        "of one that has ended",
        "order 10000; pay card 12000; cancel; done",
        &[
            &format!("{CANCELED} canceled."),
            NEVER,
            "Beside the order's value, 120.00 BRL of the authorization on card is released.",
        ],
    );
    said(
        "of one of which something was settled",
        "order 10000; pay card 12000; invoice A 2000; done; void A; cancel; quiet",
        &[
            &format!("{CANCELED} canceled."),
            VOIDED,
            "Beside the order's value, 20.00 BRL was settled beyond need and is refunded on card.",
            "Beside the order's value, 100.00 BRL of the authorization on card is released.",
        ],
    );
}
