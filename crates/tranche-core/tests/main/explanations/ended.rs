//! What is said of authorizations that end.

use super::{FINISHED, PARTLY, said};

#[test]
fn what_an_end_takes_away() {
    let settled = "20.00 BRL is invoiced and settled on card.";
    said(
        "soon",
        "order 10000; pay card 10000 ends=1000; invoice A 2000; done; wait 500; look card",
        &[
            PARTLY,
            "80.00 BRL is not invoiced; the payment card has room for it until its authorization ends, soon.",
            settled,
        ],
    );
    said(
        "what no payment covers any more",
        "order 10000; pay card 12000 ends=1000; invoice A 2000; done; wait 1000; look card",
        &[
            PARTLY,
            "80.00 BRL is not invoiced, and no payment covers it, as the authorization of card has ended: add a payment.",
            settled,
            "Beside the order's value, 100.00 BRL was authorized on card, and no invoice can ask for it any more, as the authorization has ended: it is released when nothing remains to invoice.",
        ],
    );
    said(
        "of several",
        "order 10000; pay card 5000 ends=1000; pay gift 5000 ends=1000; invoice A 2000 card:2000; done; wait 1000; look card",
        &[
            PARTLY,
            "80.00 BRL is not invoiced, and no payment covers it, as the authorizations of card, gift have ended: add a payment.",
            settled,
            "Beside the order's value, 30.00 BRL was authorized on card, and no invoice can ask for it any more, as the authorization has ended: it is released when nothing remains to invoice.",
            "Beside the order's value, 50.00 BRL was authorized on gift, and no invoice can ask for it any more, as the authorization has ended: it is released when nothing remains to invoice.",
        ],
    );
    said(
        "what counts as released",
        "order 10000; pay card 12000 ends=1000; invoice A 10000; done; wait 1000; refused card#2",
        &[
            FINISHED,
            "100.00 BRL is invoiced and settled on card.",
            "Beside the order's value, 20.00 BRL of the authorization on card is released.",
        ],
    );
    said(
        "what is still held behind what is under way",
        "order 10000; pay card 10000 max=3 ends=1000; invoice A 1000; invoice B 1000; invoice C 1000; wait 500; look card",
        &[
            "Order o of 100.00 BRL is partially invoiced: 30.00 BRL invoiced, 0.00 BRL returned, 70.00 BRL left to invoice; its transaction t is open.",
            "70.00 BRL is not invoiced; the payment card has room for it until its authorization ends, soon.",
            "10.00 BRL is invoiced and held on card: a settlement under way comes first.",
            "20.00 BRL is invoiced and being settled on card (card#1: sent; card#2: not sent yet).",
        ],
    );
}
