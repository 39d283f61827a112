//! A security as the exchange knows it on the trade date, and what it checks of an order.

use serde::Deserialize;

use crate::cause::{Cause, Market};
use crate::order::{Kind, Side};
use crate::phase::Phase;

/// One security on the trade date.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Security {
    /// Exchange.
    pub market: Market,
    /// Code of six characters.
    pub code: String,
    /// Partition; 0: derived from the code.
    #[serde(default)]
    pub set_id: u32,
    /// Previous close, yuan x 100000.
    pub prev_close_e5: i64,
    /// Highest price of the day; 0: no limit.
    #[serde(default)]
    pub limit_up_e5: i64,
    /// Lowest price of the day; 0: no limit.
    #[serde(default)]
    pub limit_down_e5: i64,
    /// Price step.
    #[serde(default = "cent")]
    pub tick_e5: i64,
    /// Smallest buy order.
    #[serde(default = "hundred")]
    pub buy_min: i64,
    /// Step of buy orders.
    #[serde(default = "hundred")]
    pub buy_step: i64,
    /// Largest limit order.
    #[serde(default = "million")]
    pub limit_max: i64,
    /// Largest market order.
    #[serde(default = "million")]
    pub market_max: i64,
    /// Suspended for the day.
    #[serde(default)]
    pub halted: bool,
    /// Takes part in after-hours fixed price.
    #[serde(default)]
    pub fixed_price: bool,
    /// Effective price range of limit orders in continuous trading, 1/10000 of the reference
    /// price; 0: not checked.
    #[serde(default)]
    pub cage_bp: i64,
    /// The same in ticks; the wider of both holds.
    #[serde(default)]
    pub cage_ticks: i64,
}

fn cent() -> i64 {
    1000
}
fn hundred() -> i64 {
    100
}
fn million() -> i64 {
    1_000_000
}

impl Security {
    /// A main-board share without price limit; what an unlisted code becomes where all are taken.
    #[must_use]
    pub fn unlimited(market: Market, code: &str) -> Self {
        Self {
            market,
            code: code.to_owned(),
            set_id: 0,
            prev_close_e5: 0,
            limit_up_e5: 0,
            limit_down_e5: 0,
            tick_e5: cent(),
            buy_min: hundred(),
            buy_step: hundred(),
            limit_max: million(),
            market_max: million(),
            halted: false,
            fixed_price: true,
            cage_bp: 0,
            cage_ticks: 0,
        }
    }

    /// Whether a limit lies inside the effective price range (价格笼子) around a reference.
    ///
    /// The bound is rounded half up to the tick and never below one tick.
    ///
    /// Source: trading rules of both exchanges, effective price range; docs/rules/cage.md.
    #[must_use]
    pub fn is_inside_cage(&self, side: Side, price_e5: i64, reference_e5: i64) -> bool {
        if self.cage_bp == 0 || reference_e5 == 0 {
            return true;
        }
        let tick = self.tick_e5;
        let round = |ten_thousandths: i64| {
            let unit = 10_000 * tick;
            (ten_thousandths + unit / 2).div_euclid(unit) * tick
        };
        let steps = self.cage_ticks * tick;
        match side {
            Side::Buy => {
                let bound = round(reference_e5 * (10_000 + self.cage_bp));
                price_e5 <= bound.max(reference_e5 + steps)
            }
            Side::Sell => {
                let bound = round(reference_e5 * (10_000 - self.cage_bp));
                let by_ticks = if steps == 0 {
                    bound
                } else {
                    reference_e5 - steps
                };
                price_e5 >= bound.min(by_ticks).max(tick)
            }
        }
    }

    /// Check an order against the security and the phase, as the exchange's host does.
    ///
    /// Holdings are not known here, so that a sale may have any number of shares.
    ///
    /// # Errors
    /// With the first reason to refuse.
    pub fn check(
        &self,
        phase: Phase,
        (side, kind): (Side, Kind),
        price_e5: i64,
        qty: i64,
    ) -> Result<(), Cause> {
        if self.halted {
            return Err(Cause::Suspended);
        }
        if kind == Kind::Fixed && !self.fixed_price {
            return Err(Cause::Security);
        }
        check_phase(phase, kind)?;
        self.check_price(kind, price_e5)?;
        self.check_qty(side, kind, qty)
    }

    fn check_price(&self, kind: Kind, price_e5: i64) -> Result<(), Cause> {
        if kind.is_market() {
            // Shanghai wants a protection price, Shenzhen has none: zero says so.
            let wrong = self.market == Market::Sse && price_e5 <= 0;
            return if wrong {
                Err(Cause::NoProtection)
            } else {
                Ok(())
            };
        }
        if price_e5 <= 0 {
            return Err(Cause::PriceZero);
        }
        if price_e5 % self.tick_e5 != 0 {
            return Err(Cause::Tick);
        }
        let above = self.limit_up_e5 > 0 && price_e5 > self.limit_up_e5;
        let below = self.limit_down_e5 > 0 && price_e5 < self.limit_down_e5;
        if above || below {
            Err(Cause::Range)
        } else {
            Ok(())
        }
    }

    fn check_qty(&self, side: Side, kind: Kind, qty: i64) -> Result<(), Cause> {
        if qty <= 0 {
            return Err(Cause::QtyZero);
        }
        if side == Side::Buy && (qty < self.buy_min || qty % self.buy_step != 0) {
            return Err(Cause::QtyStep);
        }
        let max = if kind.is_market() {
            self.market_max
        } else {
            self.limit_max
        };
        if qty > max {
            Err(Cause::QtyMax)
        } else {
            Ok(())
        }
    }
}

fn check_phase(phase: Phase, kind: Kind) -> Result<(), Cause> {
    match phase {
        // The platform's own hours decide about fixed-price orders.
        _ if kind == Kind::Fixed => Ok(()),
        Phase::Continuous => Ok(()),
        _ if phase.is_call() && kind.is_market() => Err(Cause::MarketInCall),
        _ if phase.is_call() => Ok(()),
        _ => Err(Cause::Phase),
    }
}

#[cfg(test)]
mod tests {
    use super::Security;
    use crate::cause::{Cause, Market};
    use crate::order::{Kind, Side};
    use crate::phase::Phase;

    fn share() -> Security {
        Security {
            limit_up_e5: 1_100_000,
            limit_down_e5: 900_000,
            ..Security::unlimited(Market::Sse, "600000")
        }
    }

    #[test]
    fn the_cage_is_the_wider_of_share_and_ticks() {
        let caged = |cage_bp, cage_ticks| Security {
            cage_bp,
            cage_ticks,
            ..share()
        };
        let main = caged(200, 10);
        // 102% of 10.00 is 10.20, of 1.00 it is 1.02, but ten ticks reach 1.10.
        assert!(main.is_inside_cage(Side::Buy, 1_020_000, 1_000_000));
        assert!(!main.is_inside_cage(Side::Buy, 1_021_000, 1_000_000));
        assert!(main.is_inside_cage(Side::Buy, 110_000, 100_000));
        assert!(!main.is_inside_cage(Side::Buy, 111_000, 100_000));
        assert!(main.is_inside_cage(Side::Sell, 980_000, 1_000_000));
        assert!(!main.is_inside_cage(Side::Sell, 979_000, 1_000_000));
        assert!(
            main.is_inside_cage(Side::Sell, 1_000, 5_000),
            "never below one tick"
        );
        assert!(!caged(200, 0).is_inside_cage(Side::Buy, 103_000, 100_000));
        assert!(caged(0, 0).is_inside_cage(Side::Buy, 9_999_000, 100_000));
    }

    #[test]
    fn each_rule_has_its_cause() {
        let (go, limit) = (Phase::Continuous, Kind::Limit);
        let buy = |phase, kind, price, qty| share().check(phase, (Side::Buy, kind), price, qty);
        assert_eq!(buy(go, limit, 1_000_000, 100), Ok(()));
        assert_eq!(buy(go, limit, 0, 100), Err(Cause::PriceZero));
        assert_eq!(buy(go, limit, 1_000_500, 100), Err(Cause::Tick));
        assert_eq!(buy(go, limit, 1_101_000, 100), Err(Cause::Range));
        assert_eq!(buy(go, limit, 899_000, 100), Err(Cause::Range));
        assert_eq!(buy(go, limit, 1_000_000, 0), Err(Cause::QtyZero));
        assert_eq!(buy(go, limit, 1_000_000, 150), Err(Cause::QtyStep));
        assert_eq!(buy(go, limit, 1_000_000, 1_000_100), Err(Cause::QtyMax));
        assert_eq!(buy(go, Kind::BestFiveIoc, 0, 100), Err(Cause::NoProtection));
        assert_eq!(
            buy(Phase::ClosingCall, Kind::OwnBest, 1, 100),
            Err(Cause::MarketInCall)
        );
        assert_eq!(buy(Phase::Noon, limit, 1_000_000, 100), Err(Cause::Phase));
        let sale = share().check(go, (Side::Sell, limit), 1_000_000, 37);
        assert_eq!(sale, Ok(()), "an odd lot may be sold");
        let halted = Security {
            halted: true,
            ..share()
        };
        assert_eq!(
            halted.check(go, (Side::Sell, limit), 1_000_000, 100),
            Err(Cause::Suspended)
        );
    }
}
