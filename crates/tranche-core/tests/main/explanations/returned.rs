//! What is said of what was returned.

use super::{FINISHED, NOT_INVOICED, PARTLY, said};

#[test]
fn what_was_returned() {
    let returned = |amount: &str| PARTLY.replace("0.00 BRL returned", &format!("{amount} BRL returned"));
    said(
        "waits",
        "order 10000; pay card 10000; invoice A 2000; return R 500",
        &[
            &returned("5.00"),
            NOT_INVOICED,
            "15.00 BRL is invoiced and being settled on card (card#1: sent).",
            "5.00 BRL was returned and waits on card: what it returns is not settled yet.",
        ],
    );
    said(
        "under way",
        "order 10000; pay card 10000; invoice A 2000; done; return R 500",
        &[
            &returned("5.00"),
            NOT_INVOICED,
            "15.00 BRL is invoiced and settled on card.",
            "5.00 BRL was returned and is being refunded on card (card#2: sent).",
        ],
    );
    said(
        "by hand",
        "order 10000; pay card 10000 NO_REFUNDS; invoice A 2000; done; return R 2000",
        &[
            &returned("20.00"),
            NOT_INVOICED,
            "20.00 BRL was returned and is to be refunded on card by a person (card#2: a person must make it).",
        ],
    );
    said(
        "refunded",
        "order 10000; pay card 10000; invoice A 2000; done; return R 500; done",
        &[
            &returned("5.00"),
            NOT_INVOICED,
            "15.00 BRL is invoiced and settled on card.",
            "5.00 BRL was returned and is refunded on card.",
        ],
    );
    said(
        "not with a surplus",
        "order 10000; pay card 10000; invoice A 2000; done card#1 +1; return R 500",
        &[
            &returned("5.00"),
            NOT_INVOICED,
            "15.00 BRL is invoiced and settled on card.",
            "5.00 BRL was returned and waits on card: an operator must look at its surplus first.",
            "Beside the order's value, 0.01 BRL was moved unasked, as the provider of card says; the payment starts nothing new until an operator says whether that is so.",
        ],
    );
    said(
        "all of it, of a finished order",
        "order 10000; pay card 7000; pay gift 3000; invoice A 10000; done; return R 10000; done",
        &[
            &FINISHED.replace("0.00 BRL returned", "100.00 BRL returned"),
            "70.00 BRL was returned and is refunded on card.",
            "30.00 BRL was returned and is refunded on gift.",
        ],
    );
}
