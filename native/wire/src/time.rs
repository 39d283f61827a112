//! The exchanges' decimal dates and times, and nanoseconds.
//!
//! Market time is UTC+8 the year round (`Asia/Shanghai` has had no other offset since 1991), so
//! a fixed shift is exact.
//!
//! Source: SSE IS122 TDGW Binary v0.57, 4.1.3 (`ntime`); SZSE Binary trading interface v1.32,
//! 6.1 (`LocalTimeStamp`, whose second may be 60).

use crate::error::WireError;

/// Nanoseconds of a day.
pub const NS_PER_DAY: u64 = 86_400_000_000_000;
const NS_PER_SECOND: u64 = 1_000_000_000;
const SHANGHAI_OFFSET_NS: u64 = 8 * 3600 * NS_PER_SECOND;

const NTIME: &str = "HHMMSSsssnnnn (1/10000 ms), hour below 24, minute and second below 60";
const STAMP: &str = "YYYYMMDDHHMMSSsss, hour below 24, minute below 60, second at most 60";
const DATE: &str = "a day of the calendar YYYYMMDD from 19700102 on";
const NS_OF_DAY: &str = "nanoseconds of a day, below 86400000000000";

/// Nanoseconds of the day from a Shanghai `ntime`, `HHMMSSsssnnnn`.
///
/// # Errors
/// When the digits are no time of day.
///
/// ```
/// assert_eq!(panshi_wire::time::ntime_to_ns(930_001_234_567), Ok(34_200_123_456_700));
/// ```
#[inline]
pub fn ntime_to_ns(ntime: u64) -> Result<u64, WireError> {
    let (clock, fraction) = (ntime / 10_000_000, ntime % 10_000_000);
    let wrong = WireError::Time {
        form: NTIME,
        value: ntime,
    };
    Ok(clock_to_ns(clock, 59).ok_or(wrong)? + fraction * 100)
}

/// Shanghai `ntime` from nanoseconds of the day; below 100 ns is cut off.
///
/// # Errors
/// When the value is a day or more.
#[inline]
pub fn ntime_from_ns(ns_of_day: u64) -> Result<u64, WireError> {
    let clock = clock_from_ns(ns_of_day)?;
    Ok(clock * 10_000_000 + ns_of_day % NS_PER_SECOND / 100)
}

/// Date `YYYYMMDD` and nanoseconds of the day from a Shenzhen `LocalTimeStamp`.
///
/// A leap second, second 60, lies one second behind second 59. The date is not checked.
///
/// # Errors
/// When the digits are no time of day.
#[inline]
pub fn stamp_to_ns(stamp: i64) -> Result<(u32, u64), WireError> {
    let negative = WireError::Time {
        form: STAMP,
        value: 0,
    };
    let value = u64::try_from(stamp).map_err(|_| negative)?;
    let wrong = WireError::Time { form: STAMP, value };
    let (second, milli) = (value / 1000, value % 1000);
    let (date, clock) = (second / 1_000_000, second % 1_000_000);
    if date > 9999_1231 {
        return Err(wrong);
    }
    let date = u32::try_from(date).map_err(|_| wrong)?;
    Ok((
        date,
        clock_to_ns(clock, 60).ok_or(wrong)? + milli * 1_000_000,
    ))
}

/// Shenzhen `LocalTimeStamp` from date and nanoseconds of the day; below 1 ms is cut off.
///
/// # Errors
/// When the nanoseconds are a day or more, or the date has more than eight digits.
#[inline]
pub fn stamp_from_ns(date: u32, ns_of_day: u64) -> Result<i64, WireError> {
    if date > 9999_1231 {
        return Err(WireError::Time {
            form: DATE,
            value: u64::from(date),
        });
    }
    let second = u64::from(date) * 1_000_000 + clock_from_ns(ns_of_day)?;
    let stamp = second * 1000 + ns_of_day % NS_PER_SECOND / 1_000_000;
    i64::try_from(stamp).map_err(|_| WireError::Time {
        form: STAMP,
        value: stamp,
    })
}

/// Nanoseconds since the Unix epoch from a Shanghai date `YYYYMMDD` and nanoseconds of its day.
///
/// # Errors
/// When the date is no day of the calendar or lies before 1970-01-02.
pub fn unix_ns(date: u32, ns_of_day: u64) -> Result<u64, WireError> {
    let wrong = WireError::Time {
        form: DATE,
        value: u64::from(date),
    };
    let (year, month, day) = (
        u64::from(date / 10_000),
        date / 100 % 100,
        u64::from(date % 100),
    );
    if year < 1970 || month == 0 || month > 12 || day == 0 || day > days_of_month(year, month) {
        return Err(wrong);
    }
    let days = days_before_year(year) - days_before_year(1970)
        + (1..month)
            .map(|earlier| days_of_month(year, earlier))
            .sum::<u64>()
        + (day - 1);
    days.checked_mul(NS_PER_DAY)
        .and_then(|ns| ns.checked_add(ns_of_day))
        .and_then(|ns| ns.checked_sub(SHANGHAI_OFFSET_NS))
        .filter(|_| days > 0)
        .ok_or(wrong)
}

/// Shanghai date `YYYYMMDD` and nanoseconds of its day from nanoseconds since the Unix epoch.
#[must_use]
pub fn date_and_ns(unix_ns: u64) -> (u32, u64) {
    let local = u128::from(unix_ns) + u128::from(SHANGHAI_OFFSET_NS);
    let (days, ns_of_day) = (
        local / u128::from(NS_PER_DAY),
        local % u128::from(NS_PER_DAY),
    );
    // 64 bits of nanoseconds end in the year 2554: both parts fit.
    let days = u64::try_from(days).unwrap_or(u64::MAX);
    let ns_of_day = u64::try_from(ns_of_day).unwrap_or(u64::MAX);
    let (mut year, mut rest) = (1970 + days / 366, days);
    while days_before_year(year + 1) - days_before_year(1970) <= days {
        year += 1;
    }
    rest -= days_before_year(year) - days_before_year(1970);
    let mut month = 1;
    while rest >= days_of_month(year, month) {
        rest -= days_of_month(year, month);
        month += 1;
    }
    let date = year * 10_000 + u64::from(month) * 100 + rest + 1;
    (u32::try_from(date).unwrap_or(u32::MAX), ns_of_day)
}

#[inline]
fn clock_to_ns(clock: u64, second_max: u64) -> Option<u64> {
    let (hour, minute, second) = (clock / 10_000, clock / 100 % 100, clock % 100);
    let valid = hour < 24 && minute < 60 && second <= second_max;
    valid.then(|| ((hour * 60 + minute) * 60 + second) * NS_PER_SECOND)
}

#[inline]
fn clock_from_ns(ns_of_day: u64) -> Result<u64, WireError> {
    if ns_of_day >= NS_PER_DAY {
        return Err(WireError::Time {
            form: NS_OF_DAY,
            value: ns_of_day,
        });
    }
    let second = ns_of_day / NS_PER_SECOND;
    Ok(second / 3600 * 10_000 + second / 60 % 60 * 100 + second % 60)
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400)
}

fn days_of_month(year: u64, month: u32) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days_before_year(year: u64) -> u64 {
    let earlier = year - 1;
    earlier * 365 + earlier / 4 - earlier / 100 + earlier / 400
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ntime_and_nanoseconds_are_inverse() {
        for ntime in [0, 1, 930_001_234_567, 1_500_000_000_000, 2_359_599_999_999] {
            let ns = ntime_to_ns(ntime).unwrap();
            assert_eq!(ntime_from_ns(ns), Ok(ntime));
            assert_eq!(ntime_from_ns(ns + 99), Ok(ntime), "below 100 ns is cut off");
        }
        for wrong in [
            2_400_000_000_000,
            960_000_000_000,
            960_000_000,
            930_600_000_000,
            u64::MAX,
        ] {
            assert!(ntime_to_ns(wrong).is_err(), "{wrong}");
        }
        assert!(ntime_from_ns(NS_PER_DAY).is_err());
    }

    #[test]
    fn local_time_stamp_and_nanoseconds_are_inverse() {
        let stamp = 20_260_720_093_000_123;
        assert_eq!(stamp_to_ns(stamp), Ok((20_260_720, 34_200_123_000_000)));
        assert_eq!(stamp_from_ns(20_260_720, 34_200_123_999_999), Ok(stamp));
        let leap = stamp_to_ns(20_161_231_235_960_000).unwrap();
        assert_eq!(leap, (20_161_231, NS_PER_DAY));
        for wrong in [
            -1,
            20_260_720_240_000_000,
            20_260_720_096_000_000,
            20_260_720_093_061_000,
        ] {
            assert!(stamp_to_ns(wrong).is_err(), "{wrong}");
        }
        assert!(stamp_from_ns(20_260_720, NS_PER_DAY).is_err());
        assert!(stamp_from_ns(100_000_000, 0).is_err());
    }

    #[test]
    fn unix_time_is_eight_hours_behind_shanghai() {
        // 2026-07-20 09:30:00 in Shanghai is 2026-07-20 01:30:00 UTC.
        assert_eq!(
            unix_ns(20_260_720, 34_200_000_000_000),
            Ok(1_784_511_000_000_000_000)
        );
        assert_eq!(
            date_and_ns(1_784_511_000_000_000_000),
            (20_260_720, 34_200_000_000_000)
        );
        assert_eq!(date_and_ns(0), (19_700_101, SHANGHAI_OFFSET_NS));
        for wrong in [
            20_260_229, 20_261_301, 20_260_001, 20_260_432, 20_260_400, 19_691_231,
        ] {
            assert!(unix_ns(wrong, 0).is_err(), "{wrong}");
        }
        assert!(
            unix_ns(19_700_101, 0).is_err(),
            "its first hours lie before the epoch"
        );
        assert!(unix_ns(99_991_231, 0).is_err(), "64 bits end before");
    }

    #[test]
    fn every_day_of_two_centuries_comes_back() {
        let mut ns = unix_ns(19_700_102, 7).unwrap();
        let mut before = 19_700_101;
        while ns < unix_ns(21_700_101, 7).unwrap() {
            let (date, ns_of_day) = date_and_ns(ns);
            assert!(date > before && ns_of_day == 7, "{date} after {before}");
            assert_eq!(unix_ns(date, ns_of_day), Ok(ns));
            before = date;
            ns += NS_PER_DAY;
        }
        assert_eq!(date_and_ns(ns).0, 21_700_101);
    }
}
