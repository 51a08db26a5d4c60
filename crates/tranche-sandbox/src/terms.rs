//! What a payment's provider can do: one process plays several connectors.

use std::str::FromStr;

/// How often a payment may be settled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Multiplicity {
    /// As often as the authorization lasts. `MULTIPLE`.
    #[default]
    Multiple,
    /// Once; what is left stays authorized until it is canceled. `ONCE_KEEPS`.
    OnceKeeps,
    /// Once; what is left is released with the settlement. `ONCE_RELEASES`.
    OnceReleases,
    /// The full authorized value only, and no cancellation of a part. `NONE`.
    None,
}

impl FromStr for Multiplicity {
    type Err = String;

    /// Reads the value of the setting `sandbox.settlements`; the error says which values there are.
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "MULTIPLE" => Ok(Self::Multiple),
            "ONCE_KEEPS" => Ok(Self::OnceKeeps),
            "ONCE_RELEASES" => Ok(Self::OnceReleases),
            "NONE" => Ok(Self::None),
            other => Err(format!("'{other}' is none of MULTIPLE, ONCE_KEEPS, ONCE_RELEASES, NONE")),
        }
    }
}

/// How the `value` of a cancellation is understood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CancellationValue {
    /// A decimal in major units, like every other value. `MAJOR_UNITS`.
    #[default]
    MajorUnits,
    /// An integer in the currency's minor units. `MINOR_UNITS`.
    MinorUnits,
    /// Not looked at: everything that is not settled is canceled. `IGNORED`.
    Ignored,
}

impl FromStr for CancellationValue {
    type Err = String;

    /// Reads the value of the setting `sandbox.cancellations`; the error says which values there are.
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "MAJOR_UNITS" => Ok(Self::MajorUnits),
            "MINOR_UNITS" => Ok(Self::MinorUnits),
            "IGNORED" => Ok(Self::Ignored),
            other => Err(format!("'{other}' is none of MAJOR_UNITS, MINOR_UNITS, IGNORED")),
        }
    }
}

/// What a request repeated with the same id is taken for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Replays {
    /// For the one that it repeats: it is answered as that one was. `ANSWERED`.
    #[default]
    Answered,
    /// For a new one, which is booked as well. `BOOKED_AGAIN`.
    BookedAgain,
}

impl FromStr for Replays {
    type Err = String;

    /// Reads the value of the setting `sandbox.replays`; the error says which values there are.
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "ANSWERED" => Ok(Self::Answered),
            "BOOKED_AGAIN" => Ok(Self::BookedAgain),
            other => Err(format!("'{other}' is none of ANSWERED, BOOKED_AGAIN")),
        }
    }
}

/// Whether and when a payment is said to be authorized.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Authorizations {
    /// At once. `APPROVED`.
    #[default]
    Approved,
    /// Never. `DENIED`.
    Denied,
    /// The first time that it is asked about, nobody knows yet; then it is approved. `UNDEFINED_ONCE`.
    UndefinedOnce,
    /// It is, but whoever asks is told that nobody knows yet. `UNDEFINED`.
    Undefined,
}

impl FromStr for Authorizations {
    type Err = String;

    /// Reads the value of the setting `sandbox.authorizations`; the error says which values there are.
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "APPROVED" => Ok(Self::Approved),
            "DENIED" => Ok(Self::Denied),
            "UNDEFINED_ONCE" => Ok(Self::UndefinedOnce),
            "UNDEFINED" => Ok(Self::Undefined),
            other => Err(format!("'{other}' is none of APPROVED, DENIED, UNDEFINED_ONCE, UNDEFINED")),
        }
    }
}

/// The terms of one payment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) settlements: Multiplicity,
    pub(crate) cancellations: CancellationValue,
    pub(crate) replays: Replays,
    pub(crate) authorizations: Authorizations,
}
