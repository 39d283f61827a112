//! From a seed to a plan.

mod faults;

use crate::chance::Chance;
use crate::day::{CALM_NS, CUSTOMERS, SECURITIES};
use crate::net::NetSetting;
use crate::plan::{Act, Durability, OrderAct, Plan, Setting, What};
use crate::queue::MS;

/// The plan of a seed.
#[must_use]
pub fn draw(seed: u64) -> Plan {
    let mut chance = Chance::branch(seed, "plan", 0);
    let setting = setting(&mut chance);
    let clients = setting.clients.iter().sum();
    let mut acts = Vec::new();
    for client in 0..clients {
        let mut chance = Chance::branch(seed, "client", client as u64);
        acts.extend(flow(&mut chance, client));
    }
    let trouble = faults::draw(seed, &setting, &acts);
    acts.extend(trouble);
    acts.sort_by_key(|act| act.at_ms);
    Plan {
        seed,
        setting,
        acts,
    }
}

fn setting(chance: &mut Chance) -> Setting {
    let latency = chance.of(&[(1_000, 50_000), (20_000, 2_000_000), (500_000, 40_000_000)]);
    let gateways = [chance.of(&[1, 2]), chance.of(&[1, 2])];
    Setting {
        // Two gateways with different partitions: whoever logs on before both are up must be told.
        streams_known: gateways[1] > 1 || chance.one_in(2),
        durability: chance.of(&[Durability::A, Durability::B, Durability::B, Durability::C]),
        segment_bytes: chance.of(&[16 << 10, 32 << 10, 64 << 10]),
        gateways,
        clients: [chance.of(&[1, 2]), chance.of(&[1, 2])],
        net: NetSetting {
            latency_ns: latency,
            window: chance.of(&[2 << 10, 8 << 10, 64 << 10]),
            cut_one_in: chance.of(&[0, 2, 10]),
        },
        sync_ns: chance.of(&[
            (20_000, 200_000),
            (100_000, 5_000_000),
            (1_000_000, 100_000_000),
            (200_000_000, 3_000_000_000),
        ]),
        timer_ms: chance.of(&[10, 20, 50]),
        client_backlog_bytes: chance.of(&[64 << 10, 8 << 20]),
        gateway_backlog_bytes: chance.of(&[4 << 10, 4 << 20]),
        parameters: Vec::new(),
    }
}

/// What an order system sends over the day.
fn flow(chance: &mut Chance, client: usize) -> Vec<Act> {
    let count = chance.from(10, 60);
    (0..count)
        .map(|_| {
            let what = match chance.below(20) {
                0..5 => What::Cancel {
                    client,
                    back: chance.place(6),
                },
                5 => What::Repeat {
                    client,
                    back: chance.place(4),
                    changed: chance.one_in(2),
                },
                _ => What::Order(order(chance, client)),
            };
            let at_ms = chance.from(1_000, CALM_NS / MS);
            Act { at_ms, what }
        })
        .collect()
}

/// An order near the middle price.
fn order(chance: &mut Chance, client: usize) -> OrderAct {
    OrderAct {
        client,
        pbu: chance.place(2),
        customer: u32::try_from(chance.from(1, CUSTOMERS.into())).unwrap_or(1),
        security: chance.place(SECURITIES),
        buy: chance.one_in(2),
        ticks: i64::try_from(chance.below(7)).unwrap_or(0) - 3,
        qty: chance.of(&[100, 200, 300, 1_000, 50, 250]),
    }
}
