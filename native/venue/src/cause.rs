//! Why the exchange refuses an order or a cancel, and the code each market gives for it.

use serde::Deserialize;

/// Which exchange.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Hash)]
#[serde(rename_all = "snake_case")]
pub enum Market {
    /// Shanghai.
    Sse,
    /// Shenzhen.
    Szse,
}

/// A reason to refuse.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The security is not listed.
    Security,
    /// The security is suspended.
    Suspended,
    /// The phase takes no order.
    Phase,
    /// Market order in a call auction.
    MarketInCall,
    /// Price zero or negative.
    PriceZero,
    /// Price not on a tick.
    Tick,
    /// Price outside the limits of the day.
    Range,
    /// Quantity zero or negative.
    QtyZero,
    /// Quantity no multiple of the step, or below the minimum.
    QtyStep,
    /// Quantity above the maximum of one order.
    QtyMax,
    /// Order type not known or not allowed.
    OrderKind,
    /// Best five, rest cancelled: no order on the other side.
    NoCounterIoc,
    /// Best five, rest to limit: no order on the other side.
    NoCounterLimit,
    /// Own-side best: no order on the own side.
    NoOwn,
    /// Counter-side best: no order on the other side.
    NoCounter,
    /// The price would be beyond the protection price.
    OverProtection,
    /// A market order without protection price.
    NoProtection,
    /// A market order that found nothing to trade with was cancelled.
    Untraded,
    /// The PBU does not belong to the member.
    Pbu,
    /// Margin trading by an account that is no credit account.
    NoCreditAccount,
    /// A credit account without a margin operation.
    CreditAccount,
    /// A short sale that is no limit order.
    ShortSaleKind,
    /// Request with an id that was used before.
    Duplicate,
    /// The order to cancel is not known.
    CancelUnknown,
    /// The order to cancel is filled or cancelled.
    CancelDone,
    /// The order to cancel was refused.
    CancelOfRejected,
    /// The order to cancel is itself a cancel.
    CancelOfCancel,
    /// The cancel names another security.
    CancelSecurity,
    /// No cancel in the opening call auction.
    CancelOpening,
    /// No cancel in this phase.
    CancelPhase,
    /// The business allows no cancel.
    CancelBusiness,
    /// Script: the host is busy.
    Busy,
}

/// Cause, code of Shanghai, code of Shenzhen.
///
/// Source: SSE IS111 error codes v3.28 (2025-12-01), platform 竞价撮合平台; SZSE order reject code
/// table v1.02 as named in `panshi_wire::szse::code`. Which of several fitting codes the exchange
/// uses is not written; configuration can replace each.
pub const CODES: &[(Cause, u32, u16)] = &[
    (Cause::Security, 203, 20102),
    (Cause::Suspended, 213, 20007),
    (Cause::Phase, 204, 20006),
    (Cause::MarketInCall, 263, 20006),
    (Cause::PriceZero, 219, 20009),
    (Cause::Tick, 220, 20008),
    (Cause::Range, 222, 20009),
    (Cause::QtyZero, 225, 20011),
    (Cause::QtyStep, 227, 20010),
    (Cause::QtyMax, 228, 20011),
    (Cause::OrderKind, 269, 20076),
    (Cause::NoCounterIoc, 264, 20046),
    (Cause::NoCounterLimit, 265, 20046),
    (Cause::NoOwn, 13594, 20046),
    (Cause::NoCounter, 13596, 20046),
    (Cause::OverProtection, 13598, 20009),
    (Cause::NoProtection, 13600, 20009),
    (Cause::Untraded, 264, 20046),
    (Cause::Pbu, 19058, 20105),
    (Cause::NoCreditAccount, 274, 20001),
    (Cause::CreditAccount, 275, 20001),
    (Cause::ShortSaleKind, 13450, 20076),
    (Cause::Duplicate, 11270, 20099),
    (Cause::CancelUnknown, 13426, 20097),
    (Cause::CancelDone, 13430, 20096),
    (Cause::CancelOfRejected, 13428, 20096),
    (Cause::CancelOfCancel, 13432, 20096),
    (Cause::CancelSecurity, 13434, 20095),
    (Cause::CancelOpening, 13556, 20006),
    (Cause::CancelPhase, 412, 20006),
    (Cause::CancelBusiness, 13454, 20096),
    (Cause::Busy, 10008, 29999),
];

/// The codes in use: the table with the replacements of a configuration.
#[derive(Clone, Debug)]
pub struct Codes {
    rows: Vec<(Cause, u32, u16)>,
}

impl Default for Codes {
    fn default() -> Self {
        Self {
            rows: CODES.to_vec(),
        }
    }
}

impl Codes {
    /// Replace the code of a cause in one market.
    pub fn replace(&mut self, market: Market, cause: Cause, code: u32) {
        for row in self.rows.iter_mut().filter(|row| row.0 == cause) {
            match market {
                Market::Sse => row.1 = code,
                Market::Szse => row.2 = u16::try_from(code).unwrap_or(u16::MAX),
            }
        }
    }

    /// Code of Shanghai.
    #[must_use]
    pub fn sse(&self, cause: Cause) -> u32 {
        self.row(cause).map_or(10000, |row| row.1)
    }

    /// Code of Shenzhen.
    #[must_use]
    pub fn szse(&self, cause: Cause) -> u16 {
        self.row(cause).map_or(29999, |row| row.2)
    }

    fn row(&self, cause: Cause) -> Option<&(Cause, u32, u16)> {
        self.rows.iter().find(|row| row.0 == cause)
    }
}

#[cfg(test)]
mod tests {
    use super::{Cause, Codes, Market};

    #[test]
    fn a_configuration_replaces_the_code_of_one_market() {
        let mut codes = Codes::default();
        codes.replace(Market::Szse, Cause::Duplicate, 20998);
        assert_eq!(
            (codes.sse(Cause::Duplicate), codes.szse(Cause::Duplicate)),
            (11270, 20998)
        );
        assert_eq!(
            (codes.sse(Cause::Busy), codes.szse(Cause::Busy)),
            (10008, 29999)
        );
    }
}
