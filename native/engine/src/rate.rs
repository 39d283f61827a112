//! Orders + cancels per scope: exact in the sliding second, and in the clock second, the clock minute and the day.

use std::collections::VecDeque;

use crate::conduct::Conduct;
use crate::table::tables::touched;

const SECOND_NS: u64 = 1_000_000_000;
const MINUTE_NS: u64 = 60 * SECOND_NS;
const PBUS: usize = 64;
const STRATEGIES: usize = 1 << 16;

panshi_wire::saved! {
    /// Counts of one scope number.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Counter {
        /// Events with time > now - 1 s.
        pub sliding: u32,
        /// Clock second that `in_second` counts.
        pub second: u32,
        /// Events of that second.
        pub in_second: u32,
        /// Clock minute that `in_minute` counts.
        pub minute: u32,
        /// Events of that minute.
        pub in_minute: u32,
        /// Events of the day.
        pub in_day: u32,
    }
}

/// Sliding second, clock second, clock minute and day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// In the order of the metrics.
    pub of: [u32; 4],
}

impl Counts {
    /// The larger of both second counts.
    #[inline]
    #[must_use]
    pub fn in_a_second(&self) -> u32 {
        let [sliding, second, ..] = self.of;
        sliding.max(second)
    }

    /// The day's count.
    #[inline]
    #[must_use]
    pub const fn in_day(&self) -> u32 {
        let [.., day] = self.of;
        day
    }
}

/// How many scopes keep rates.
pub const RATE_SCOPES: usize = 5;

panshi_wire::saved! {
    /// The counters that one order or cancel moves.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Places {
        /// Account, client, PBU, gateway, strategy; `u32::MAX`: none.
        pub of: [u32; RATE_SCOPES],
    }
}

/// Clock second and clock minute of a time of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    second: u32,
    minute: u32,
}

impl Tick {
    /// The second and the minute that run.
    #[inline]
    #[must_use]
    #[allow(
        clippy::cast_possible_truncation,
        reason = "a day has fewer than 2^32 seconds"
    )]
    pub const fn of(day_ns: u64) -> Self {
        Self {
            second: (day_ns / SECOND_NS) as u32,
            minute: (day_ns / MINUTE_NS) as u32,
        }
    }
}

panshi_wire::saved! {
    #[derive(Clone, Copy, Debug)]
    struct Event {
        /// Market time.
        time_ns: u64,
        /// The counters that it moved.
        places: Places,
    }
}

/// Whose counters an order or cancel moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Account row.
    pub account: u32,
    /// Client number.
    pub client: u16,
    /// Gateway number.
    pub gateway: u16,
    /// Strategy number; 0: none.
    pub strategy: u16,
    /// PBU row.
    pub pbu: u8,
}

/// All counters, and the events of the last second in one ring.
#[derive(Debug)]
pub struct Rates {
    counters: Vec<Counter>,
    /// Conduct of every place from the clients on; that of an account is kept in its row.
    conducts: Vec<Conduct>,
    clients_from: usize,
    pbus_from: usize,
    gateways_from: usize,
    strategies_from: usize,
    /// Events of the last second, oldest first.
    ring: VecDeque<Event>,
    room: usize,
}

panshi_wire::sections! {
    Rates {
        numbered "rate counters" counters;
        numbered "conduct" conducts;
        skip clients_from;
        skip pbus_from;
        skip gateways_from;
        skip strategies_from;
        list "events" ring within *room;
        skip room;
    }
}

impl Rates {
    /// Counters for these accounts, clients and gateways, every PBU and strategy number; room for the events of one
    /// second.
    #[must_use]
    pub fn new(accounts: u32, clients: u32, gateways: u32, events: u32) -> Self {
        let clients_from = accounts as usize;
        let pbus_from = clients_from + clients as usize + 1;
        let gateways_from = pbus_from + PBUS;
        let strategies_from = gateways_from + gateways as usize + 1;
        let places = strategies_from + STRATEGIES;
        let nothing = Event {
            time_ns: u64::MAX,
            places: Places {
                of: [u32::MAX; RATE_SCOPES],
            },
        };
        let ring = touched(events, &nothing);
        Self {
            counters: vec![Counter::default(); places],
            conducts: vec![Conduct::default(); places - clients_from],
            clients_from,
            pbus_from,
            gateways_from,
            strategies_from,
            ring: VecDeque::from(ring),
            room: events as usize,
        }
    }

    /// The counters of an order; strategy 0 has none.
    #[inline]
    #[must_use]
    #[allow(
        clippy::cast_possible_truncation,
        reason = "the table has fewer than 2^32 counters"
    )]
    pub const fn places(&self, who: &Counted) -> Places {
        let strategy = if who.strategy == 0 {
            u32::MAX
        } else {
            (self.strategies_from + who.strategy as usize) as u32
        };
        Places {
            of: [
                who.account,
                (self.clients_from + who.client as usize) as u32,
                (self.pbus_from + who.pbu as usize) as u32,
                (self.gateways_from + who.gateway as usize) as u32,
                strategy,
            ],
        }
    }

    /// Conduct of a place that is no account's; nothing for one that is.
    #[inline]
    #[must_use]
    pub fn conduct(&self, place: u32) -> Option<&Conduct> {
        let at = (place as usize).checked_sub(self.clients_from)?;
        self.conducts.get(at)
    }

    /// The same, to be changed.
    #[inline]
    #[must_use]
    pub fn conduct_mut(&mut self, place: u32) -> Option<&mut Conduct> {
        let at = (place as usize).checked_sub(self.clients_from)?;
        self.conducts.get_mut(at)
    }

    /// Forget the events that are a second old.
    #[inline]
    pub fn expire(&mut self, now_ns: u64) {
        while let Some(&event) = self.ring.front() {
            if now_ns.saturating_sub(event.time_ns) < SECOND_NS {
                return;
            }
            for place in event.places.of {
                if let Some(counter) = self.counters.get_mut(place as usize) {
                    counter.sliding = counter.sliding.saturating_sub(1);
                }
            }
            self.ring.pop_front();
        }
    }

    /// Whether the ring has no room for another event.
    #[inline]
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.ring.len() >= self.room
    }

    /// Counts of one place, one more event included; [`Rates::expire`] was called with this time.
    #[inline]
    #[must_use]
    pub fn with_next(&self, place: u32, tick: Tick) -> Counts {
        let counter = self
            .counters
            .get(place as usize)
            .copied()
            .unwrap_or_default();
        let Tick { second, minute } = tick;
        let in_second = if counter.second == second {
            counter.in_second
        } else {
            0
        };
        let in_minute = if counter.minute == minute {
            counter.in_minute
        } else {
            0
        };
        Counts {
            of: [counter.sliding, in_second, in_minute, counter.in_day]
                .map(|n| n.saturating_add(1)),
        }
    }

    /// Counts of one place right after [`Rates::count`] at this time.
    #[inline]
    #[must_use]
    pub fn present(&self, place: u32) -> Counts {
        let counter = self
            .counters
            .get(place as usize)
            .copied()
            .unwrap_or_default();
        Counts {
            of: [
                counter.sliding,
                counter.in_second,
                counter.in_minute,
                counter.in_day,
            ],
        }
    }

    /// Count one order or cancel. With a full ring it counts in all but the sliding second.
    #[inline]
    pub fn count(&mut self, places: Places, now_ns: u64, day_ns: u64) {
        let Tick { second, minute } = Tick::of(day_ns);
        let slides = !self.is_full();
        for place in places.of {
            let Some(counter) = self.counters.get_mut(place as usize) else {
                continue;
            };
            if counter.second != second {
                counter.second = second;
                counter.in_second = 0;
            }
            if counter.minute != minute {
                counter.minute = minute;
                counter.in_minute = 0;
            }
            counter.sliding = counter.sliding.saturating_add(u32::from(slides));
            counter.in_second = counter.in_second.saturating_add(1);
            counter.in_minute = counter.in_minute.saturating_add(1);
            counter.in_day = counter.in_day.saturating_add(1);
        }
        if slides {
            self.ring.push_back(Event {
                time_ns: now_ns,
                places,
            });
        }
    }

    /// Events of the last second.
    #[must_use]
    pub fn events(&self) -> usize {
        self.ring.len()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Counted, MINUTE_NS, Rates, SECOND_NS, Tick};

    fn who(account: u32, client: u16, pbu: u8, strategy: u16) -> Counted {
        Counted {
            account,
            client,
            gateway: u16::from(pbu % 2),
            strategy,
            pbu,
        }
    }

    /// The four counts by a list of all times, one more event included.
    fn oracle(times: &[u64], now: u64) -> [u32; 4] {
        [
            (now + 1).saturating_sub(SECOND_NS),
            now / SECOND_NS * SECOND_NS,
            now / MINUTE_NS * MINUTE_NS,
            0,
        ]
        .map(|from| {
            let seen = times.iter().filter(|&&time| time >= from).count();
            u32::try_from(seen).unwrap() + 1
        })
    }

    #[test]
    fn every_scope_agrees_with_a_list_of_all_times() {
        let mut rates = Rates::new(3, 2, 1, 512);
        let mut times: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
        let mut random = 7_u64;
        let mut chance = |below: u64| {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            u16::try_from((random >> 33) % below).unwrap()
        };
        let mut now = 0;
        for _ in 0..20_000 {
            let steps = [
                0,
                1,
                30_000_000,
                400_000_000,
                999_999_999,
                SECOND_NS,
                20 * SECOND_NS,
            ];
            now += steps[usize::from(chance(7))];
            rates.expire(now);
            let pbu = u8::try_from(chance(2)).unwrap();
            let places = rates.places(&who(u32::from(chance(3)), 1 + chance(2), pbu, chance(3)));
            for place in places.of {
                if place == u32::MAX {
                    continue;
                }
                let seen = times.entry(place).or_default();
                let expected = oracle(seen, now);
                assert_eq!(rates.with_next(place, Tick::of(now)).of, expected);
                seen.push(now);
            }
            rates.count(places, now, now);
            for place in places.of {
                if let Some(seen) = times.get(&place) {
                    assert_eq!(
                        rates.present(place).of,
                        oracle(&seen[..seen.len() - 1], now)
                    );
                }
            }
        }
        assert_eq!(times.len(), 3 + 2 + 2 + 2 + 2);
    }

    #[test]
    fn a_full_ring_says_so_and_counts_the_rest() {
        let mut rates = Rates::new(1, 1, 1, 1);
        let places = rates.places(&who(0, 1, 0, 0));
        rates.count(places, 0, 0);
        assert!(rates.is_full());
        rates.count(places, 5, 5);
        assert_eq!(rates.present(0).of, [1, 2, 2, 2]);
        rates.expire(SECOND_NS);
        assert_eq!((rates.present(0).of, rates.events()), ([0, 2, 2, 2], 0));
    }
}
