//! Payments: authorizations and their running totals.

use sea_orm::entity::prelude::*;
use tranche_core::id::{ConnectorId, PaymentId};
use tranche_core::operation::Authorization;
use tranche_core::payment::{Payment, Wire};
use tranche_core::time::Timestamp;

use super::authorization;
use super::capability::Columns;
use super::name::Named;
use super::value::{count, micros, named, order_key, position, time};
use super::{Stored, Unreadable, layout};
use crate::StoreError;

/// A payment's row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub payment_id: String,
    pub position: i64,
    pub connector_id: String,
    pub mode: String,
    pub settlement_parts: String,
    pub settlements_max: Option<i64>,
    pub remainder: String,
    pub partial_cancellation: bool,
    pub refunds: String,
    pub replay_safe: bool,
    pub replay_window: i64,
    pub authorization_lifetime: Option<i64>,
    pub minimum: i64,
    pub provider_payment_id: String,
    pub provider_transaction_id: String,
    pub authorization_id: String,
    pub tid: Option<String>,
    pub nsu: Option<String>,
    pub expire_time: Option<i64>,
    pub validity: String,
    pub observe_time: Option<i64>,
    pub attention_time: Option<i64>,
    pub authorization_state: String,
    pub authorizing_value: Option<i64>,
    pub authorizing_until: Option<i64>,
    pub denial_code: Option<String>,
    pub denial_message: Option<String>,
    pub payment_method: Option<String>,
    pub payment_token: Option<String>,
    pub installments: Option<i64>,
    pub return_url: Option<String>,
    pub max_value: Option<i64>,
    pub lapse: Option<i64>,
    pub authorized: i64,
    pub asked: i64,
    pub given_up: i64,
    pub settling: i64,
    pub settled: i64,
    pub canceling: i64,
    pub canceled: i64,
    pub excess_refunding: i64,
    pub excess_refunded: i64,
    pub excess_given_up: i64,
    pub release_given_up: i64,
    pub returned: i64,
    pub return_refunding: i64,
    pub return_refunded: i64,
    pub return_given_up: i64,
    pub lacking: i64,
    pub excess_lacking: i64,
    pub return_lacking: i64,
    pub release_lacking: i64,
    pub surplus: i64,
    pub settlements: i64,
    pub shortfalls: i64,
    pub operations: i64,
    pub sent: i64,
    pub wire_ordinal: Option<i64>,
    pub wire_attempt: Option<i64>,
    pub wire_until: Option<i64>,
    pub turn: Option<i64>,
    pub create_time: i64,
    pub update_time: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

fn wire(row: &Model) -> Result<Option<Wire>, Unreadable> {
    match (row.wire_ordinal, row.wire_attempt, row.wire_until) {
        (None, None, None) => Ok(None),
        (Some(ordinal), Some(attempt), Some(until)) => Ok(Some(Wire {
            ordinal,
            attempt: count("wire_attempt", attempt)?,
            until: Timestamp::from_micros(until),
        })),
        _ => Err(Unreadable("the wire's columns are half empty".to_owned())),
    }
}

impl Stored for Entity {
    type Domain = Payment;

    fn row(payment: &Payment) -> Result<Model, StoreError> {
        let capabilities = Columns::of(&payment.capabilities);
        let authorization = &payment.authorization;
        let (authorizing_value, authorizing_until) = authorization::asked(&payment.authorization_state);
        let (denial_code, denial_message) = authorization::denial(&payment.authorization_state);
        let request = payment.request.as_ref();
        Ok(Model {
            account_id: payment.order.account_id.to_string(),
            order_id: payment.order.order_id.to_string(),
            payment_id: payment.payment_id.to_string(),
            position: i64::from(payment.position),
            connector_id: payment.connector_id.to_string(),
            mode: payment.mode.name().to_owned(),
            settlement_parts: capabilities.settlement_parts.to_owned(),
            settlements_max: capabilities.settlements_max,
            remainder: capabilities.remainder.to_owned(),
            partial_cancellation: capabilities.partial_cancellation,
            refunds: capabilities.refunds.to_owned(),
            replay_safe: capabilities.replay_safe,
            replay_window: capabilities.replay_window,
            authorization_lifetime: capabilities.authorization_lifetime,
            minimum: payment.minimum,
            provider_payment_id: authorization.provider_payment_id.clone(),
            provider_transaction_id: authorization.provider_transaction_id.clone(),
            authorization_id: authorization.authorization_id.clone(),
            tid: authorization.tid.clone(),
            nsu: authorization.nsu.clone(),
            expire_time: micros(authorization.expire_time),
            validity: payment.validity.name().to_owned(),
            observe_time: micros(payment.observe_time),
            attention_time: micros(payment.attention_time),
            authorization_state: authorization::state_name(&payment.authorization_state).to_owned(),
            authorizing_value,
            authorizing_until,
            denial_code,
            denial_message,
            payment_method: request.map(|request| request.payment_method.clone()),
            payment_token: request.and_then(|request| request.token.clone()),
            installments: request.map(|request| i64::from(request.installments)),
            return_url: request.and_then(|request| request.return_url.clone()),
            max_value: payment.max_value,
            lapse: payment.lapse,
            authorized: payment.authorized,
            asked: payment.asked,
            given_up: payment.given_up,
            settling: payment.settling,
            settled: payment.settled,
            canceling: payment.canceling,
            canceled: payment.canceled,
            excess_refunding: payment.excess_refunding,
            excess_refunded: payment.excess_refunded,
            excess_given_up: payment.excess_given_up,
            release_given_up: payment.release_given_up,
            returned: payment.returned,
            return_refunding: payment.return_refunding,
            return_refunded: payment.return_refunded,
            return_given_up: payment.return_given_up,
            lacking: payment.lacking,
            excess_lacking: payment.excess_lacking,
            return_lacking: payment.return_lacking,
            release_lacking: payment.release_lacking,
            surplus: payment.surplus,
            settlements: i64::from(payment.settlements),
            shortfalls: i64::from(payment.shortfalls),
            operations: payment.operations,
            sent: payment.sent,
            wire_ordinal: payment.wire.map(|wire| wire.ordinal),
            wire_attempt: payment.wire.map(|wire| i64::from(wire.attempt)),
            wire_until: payment.wire.map(|wire| wire.until.micros()),
            turn: payment.turn,
            create_time: payment.create_time.micros(),
            update_time: payment.update_time.micros(),
        })
    }

    fn domain(row: &Model) -> Result<Payment, Unreadable> {
        let capabilities = Columns {
            settlement_parts: &row.settlement_parts,
            settlements_max: row.settlements_max,
            remainder: &row.remainder,
            partial_cancellation: row.partial_cancellation,
            refunds: &row.refunds,
            replay_safe: row.replay_safe,
            replay_window: row.replay_window,
            authorization_lifetime: row.authorization_lifetime,
        };
        Ok(Payment {
            order: order_key(&row.account_id, &row.order_id),
            payment_id: PaymentId::trusted(&row.payment_id),
            position: position(row.position)?,
            connector_id: ConnectorId::trusted(&row.connector_id),
            mode: named("mode", &row.mode)?,
            capabilities: capabilities.read()?,
            minimum: row.minimum,
            authorization: Authorization {
                provider_payment_id: row.provider_payment_id.clone(),
                provider_transaction_id: row.provider_transaction_id.clone(),
                authorization_id: row.authorization_id.clone(),
                tid: row.tid.clone(),
                nsu: row.nsu.clone(),
                expire_time: time(row.expire_time),
            },
            validity: named("validity", &row.validity)?,
            observe_time: time(row.observe_time),
            attention_time: time(row.attention_time),
            authorization_state: authorization::state(row)?,
            request: authorization::request(row)?,
            max_value: row.max_value,
            lapse: row.lapse,
            authorized: row.authorized,
            asked: row.asked,
            given_up: row.given_up,
            settling: row.settling,
            settled: row.settled,
            canceling: row.canceling,
            canceled: row.canceled,
            excess_refunding: row.excess_refunding,
            excess_refunded: row.excess_refunded,
            excess_given_up: row.excess_given_up,
            release_given_up: row.release_given_up,
            returned: row.returned,
            return_refunding: row.return_refunding,
            return_refunded: row.return_refunded,
            return_given_up: row.return_given_up,
            lacking: row.lacking,
            excess_lacking: row.excess_lacking,
            return_lacking: row.return_lacking,
            release_lacking: row.release_lacking,
            surplus: row.surplus,
            settlements: count("settlements", row.settlements)?,
            shortfalls: count("shortfalls", row.shortfalls)?,
            operations: row.operations,
            sent: row.sent,
            wire: wire(row)?,
            turn: row.turn,
            create_time: Timestamp::from_micros(row.create_time),
            update_time: Timestamp::from_micros(row.update_time),
        })
    }

    layout!();
}
