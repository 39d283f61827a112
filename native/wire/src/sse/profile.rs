//! What differs between the versions of the Shanghai gateway's text.

/// The version-dependent rules, as values.
///
/// Which version is live is decided by configuration; the code has no opinion.
///
/// Source: SSE IS122 TDGW Binary v0.57 (2025-11-28) 3.2.1 and 4.3.1; draft v0.58 (2026-01-22),
/// revision list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Version as written in `Logon.PrtclVersion`.
    pub version: &'static str,
    /// Lowest version that the gateway accepts and answers with.
    pub version_min: &'static str,
    /// `OrderQty` must be below this, in 1/1000 share; none from 0.58 on.
    pub order_qty_limit_e3: Option<i64>,
    /// Above this, in 1/100000 yuan, `GrossTradeAmt` is -1 (all bits set); none from 0.58 on.
    pub gross_trade_amt_max_e5: Option<i64>,
    /// Partitions of each business; empty from 0.58 on, where only [`super::ExecRptInfo`] tells.
    pub sets_by_business: &'static [(u32, &'static [u32])],
}

impl Profile {
    /// The formal text of 2025-11-28.
    pub const V0_57: Self = Self {
        version: "0.57",
        version_min: "0.50",
        order_qty_limit_e3: Some(1_000_000_000_000),
        gross_trade_amt_max_e5: Some(99_999_999_999_999),
        sets_by_business: &[
            (100_010, &[1, 2, 3, 4, 5, 6, 20]),
            (300_010, &[991]),
            (300_020, &[991]),
            (300_021, &[991]),
        ],
    };

    /// The draft of 2026-01-22 for the new matching system.
    pub const V0_58: Self = Self {
        version: "0.58",
        order_qty_limit_e3: None,
        gross_trade_amt_max_e5: None,
        sets_by_business: &[],
        ..Self::V0_57
    };

    /// Find a profile by its version.
    #[must_use]
    pub fn by_version(version: &str) -> Option<Self> {
        [Self::V0_57, Self::V0_58]
            .into_iter()
            .find(|profile| profile.version == version)
    }

    /// Partitions fixed for a business; nothing when the version does not fix them.
    #[must_use]
    pub fn sets(&self, biz_id: u32) -> Option<&'static [u32]> {
        self.sets_by_business
            .iter()
            .find(|(business, _)| *business == biz_id)
            .map(|row| row.1)
    }

    /// Whether a quantity is below the version's limit.
    #[must_use]
    pub fn allows_order_qty(&self, order_qty_e3: i64) -> bool {
        order_qty_e3 > 0
            && self
                .order_qty_limit_e3
                .is_none_or(|limit| order_qty_e3 < limit)
    }

    /// Value of `GrossTradeAmt` for a fill.
    ///
    /// The product is cut to 1/100000 yuan; it is exact for whole shares. Where the amount does
    /// not fit the field, it is -1 in every version.
    #[must_use]
    pub fn gross_trade_amt_e5(&self, price_e5: i64, qty_e3: i64) -> i64 {
        let amount = i128::from(price_e5) * i128::from(qty_e3) / 1000;
        let limit = self.gross_trade_amt_max_e5.unwrap_or(i64::MAX);
        i64::try_from(amount)
            .ok()
            .filter(|amount| *amount <= limit)
            .unwrap_or(-1)
    }
}

#[cfg(test)]
mod tests {
    use super::Profile;

    #[test]
    fn the_versions_differ_as_the_draft_says() {
        let (old, new) = (Profile::V0_57, Profile::V0_58);
        assert_eq!(old.sets(100_010), Some(&[1, 2, 3, 4, 5, 6, 20][..]));
        assert_eq!(old.sets(300_021), Some(&[991][..]));
        assert_eq!(old.sets(1), None);
        assert_eq!(new.sets(100_010), None);
        assert!(old.allows_order_qty(999_999_999_999));
        assert!(!old.allows_order_qty(1_000_000_000_000));
        assert!(new.allows_order_qty(1_000_000_000_000));
        assert!(!new.allows_order_qty(0));
        // 12.34 x 100 shares.
        assert_eq!(old.gross_trade_amt_e5(1_234_000, 100_000), 123_400_000);
        // 999,999,999.99999 yuan is the last amount that 0.57 shows.
        assert_eq!(
            old.gross_trade_amt_e5(99_999_999_999_999, 1000),
            99_999_999_999_999
        );
        assert_eq!(old.gross_trade_amt_e5(100_000_000_000_000, 1000), -1);
        assert_eq!(
            new.gross_trade_amt_e5(100_000_000_000_000, 1000),
            100_000_000_000_000
        );
        assert_eq!(new.gross_trade_amt_e5(i64::MAX, 2000), -1);
        assert_eq!(Profile::by_version("0.58"), Some(new));
        assert_eq!(Profile::by_version("0.57"), Some(old));
        assert_eq!(Profile::by_version("0.56"), None);
    }
}
