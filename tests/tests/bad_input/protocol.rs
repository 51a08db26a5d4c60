//! What is no request at all: it gets a reason like every other refusal.

use tranche_tests::shop::order;

use super::table::{Row, bytes, row};

/// Larger than any message that the server takes.
const TOO_LARGE: usize = 8 * 1024 * 1024;

pub(super) fn rows() -> Vec<Row> {
    let mut large = order("order-3", "10.00", "BRL");
    large.lines[0].description = "x".repeat(TOO_LARGE);
    let unknown = "Unimplemented UNKNOWN_METHOD";
    vec![
        row("/tranche.v1.OrderService/CreateOrder", &large, "ResourceExhausted MESSAGE_TOO_LARGE"),
        // A length that goes beyond the message, a text that is not UTF-8, and a field of another type.
        bytes("/tranche.v1.OrderService/GetOrder", vec![0x0a, 0x7f], "InvalidArgument MALFORMED_MESSAGE"),
        bytes(
            "/tranche.v1.OrderService/GetOrder",
            vec![0x0a, 0x01, 0xff],
            "InvalidArgument MALFORMED_MESSAGE",
        ),
        bytes("/tranche.v1.OrderService/CreateOrder", vec![0x18, 0x01], "InvalidArgument MALFORMED_MESSAGE"),
        bytes(
            "/tranche.v1.OrderService/Nothing",
            Vec::new(),
            &format!("{unknown} path=/tranche.v1.OrderService/Nothing"),
        ),
        bytes(
            "/tranche.v2.OrderService/GetOrder",
            Vec::new(),
            &format!("{unknown} path=/tranche.v2.OrderService/GetOrder"),
        ),
        bytes("/nothing", Vec::new(), &format!("{unknown} path=/nothing")),
    ]
}
