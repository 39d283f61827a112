//! Ranges of network addresses, as configurations name them.

use std::fmt::{self, Display};
use std::net::IpAddr;
use std::str::FromStr;

use serde::Deserialize;

/// A range of addresses: `10.1.0.0/16`, or one address alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Range {
    first: IpAddr,
    bits: u8,
}

impl Range {
    /// Whether an address lies in the range.
    #[must_use]
    pub fn holds(self, address: IpAddr) -> bool {
        match (self.first, address.to_canonical()) {
            (IpAddr::V4(first), IpAddr::V4(other)) => {
                let differing = first.to_bits() ^ other.to_bits();
                differing.leading_zeros() >= self.bits.into()
            }
            (IpAddr::V6(first), IpAddr::V6(other)) => {
                let differing = first.to_bits() ^ other.to_bits();
                differing.leading_zeros() >= self.bits.into()
            }
            _ => false,
        }
    }
}

impl FromStr for Range {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("must be an address or a range such as 10.1.0.0/16, found {text:?}");
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let first: IpAddr = address.parse().map_err(|_| wrong())?;
        let whole = if first.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(whole), |bits| bits.parse().map_err(|_| wrong()))?;
        if bits <= whole {
            Ok(Self { first, bits })
        } else {
            Err(wrong())
        }
    }
}

impl TryFrom<String> for Range {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::Range;

    fn holds(range: &str, address: &str) -> bool {
        let range: Range = range.parse().unwrap();
        range.holds(address.parse().unwrap())
    }

    #[test]
    fn a_range_holds_what_shares_its_first_bits() {
        assert!(holds("10.1.0.0/16", "10.1.255.3"));
        assert!(!holds("10.1.0.0/16", "10.2.0.0"));
        assert!(holds("10.1.2.3", "10.1.2.3"));
        assert!(!holds("10.1.2.3", "10.1.2.2"));
        assert!(holds("0.0.0.0/0", "203.0.113.9"));
        assert!(holds("2001:db8::/32", "2001:db8:1::1"));
        assert!(!holds("2001:db8::/32", "2001:db9::1"));
    }

    #[test]
    fn an_address_that_came_as_ipv6_is_what_it_stands_for() {
        assert!(holds("10.1.0.0/16", "::ffff:10.1.0.9"));
        assert!(!holds("::/0", "10.1.0.9"));
    }

    #[test]
    fn what_is_no_range_is_told() {
        for text in [
            "",
            "10.1.0.0/33",
            "10.1.0/16",
            "localhost",
            "::1/129",
            "10.0.0.0/-1",
        ] {
            let error = text.parse::<Range>().unwrap_err();
            assert!(error.contains("must be an address or a range"), "{error}");
            assert!(error.contains(text));
        }
    }
}
