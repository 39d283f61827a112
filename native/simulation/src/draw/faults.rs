//! What goes wrong on the day of a seed.

use panshi_venue::fault::Action;

use crate::chance::Chance;
use crate::day::CALM_NS;
use crate::net::Closing;
use crate::plan::{Act, Begin, CrashAct, Garbage, Point, Reload, Setting, What};
use crate::queue::MS;

/// Draws one piece of trouble.
type Kind = fn(&mut Chance, &Setting) -> What;

/// Kinds of trouble, each with how many of it a day may have at most.
const KINDS: [(Kind, u64); 7] = [
    (client_trouble, 8),
    (link_trouble, 6),
    (exchange_trouble, 8),
    (crash, 4),
    (disk_trouble, 2),
    (command, 8),
    (reload, 3),
];

/// The faults of a seed, in no order.
pub fn draw(seed: u64, setting: &Setting, flow: &[Act]) -> Vec<Act> {
    let mut chance = Chance::branch(seed, "faults", 0);
    let mut acts: Vec<Act> = Vec::new();
    for (number, (kind, most)) in (0..).zip(KINDS) {
        // Most days have some kinds of trouble and not others: that keeps what one causes apart.
        if chance.one_in(2) {
            continue;
        }
        let mut chance = Chance::branch(seed, "fault", number);
        for _ in 0..chance.from(1, most) {
            // Trouble that comes just behind something else finds it unfinished.
            let near = if chance.one_in(2) { &acts[..] } else { flow };
            let at_ms = if near.is_empty() || chance.one_in(3) {
                chance.from(500, CALM_NS / MS - 1_000)
            } else {
                let first = near[chance.place(near.len())].at_ms;
                (first + chance.of(&[0, 1, 2, 5, 20, 100])).min(CALM_NS / MS - 1_000)
            };
            let what = kind(&mut chance, setting);
            acts.push(Act { at_ms, what });
        }
    }
    acts
}

fn client_trouble(chance: &mut Chance, setting: &Setting) -> What {
    let client = chance.place(setting.clients.iter().sum());
    match chance.below(7) {
        0 => What::Garbage {
            client,
            kind: chance.of(&[
                Garbage::Noise,
                Garbage::Checksum,
                Garbage::Oversize,
                Garbage::Unknown,
                Garbage::Half,
                Garbage::Logon,
                Garbage::Downlink,
            ]),
        },
        1 => What::Resync {
            client,
            from: match chance.below(5) {
                0 => Begin::First,
                1 => Begin::Next,
                2 => Begin::Beyond(chance.from(1, 5)),
                3 => Begin::Zero,
                _ => Begin::Part(chance.below(100)),
            },
        },
        2 => What::Leave { client },
        3 => What::ClientCut {
            client,
            how: closing(chance),
        },
        4 => What::ClientStall {
            client,
            ms: chance.from(100, 8_000),
        },
        5 => What::ClientFreeze {
            client,
            ms: chance.from(100, 15_000),
        },
        _ => What::SecondLogin { client },
    }
}

fn closing(chance: &mut Chance) -> Closing {
    chance.of(&[Closing::Finish, Closing::Reset, Closing::Silent])
}

fn link_trouble(chance: &mut Chance, setting: &Setting) -> What {
    let gateway = chance.place(setting.gateways.iter().sum());
    match chance.below(3) {
        0 => What::LinkCut {
            gateway,
            how: closing(chance),
        },
        1 => What::LinkStall {
            gateway,
            ms: chance.from(100, 6_000),
        },
        _ => What::Unreachable {
            gateway,
            ms: chance.from(100, 6_000),
        },
    }
}

fn exchange_trouble(chance: &mut Chance, setting: &Setting) -> What {
    let gateway = chance.place(setting.gateways.iter().sum());
    let action = match chance.below(12) {
        0 => Action::Delay(chance.from(10, 3_000)),
        1 => Action::Duplicate,
        2 => Action::BadChecksum,
        3 => Action::HalfMessage,
        4 => Action::Disconnect,
        5 => Action::HalfOpen,
        6 => Action::Slow(chance.of(&[300, 2_000, 20_000])),
        7 => Action::NotReady(chance.from(100, 6_000)),
        8 => Action::Reorder,
        9 => Action::RejectBurst(u32::try_from(chance.from(1, 6)).unwrap_or(1)),
        10 => Action::Drop,
        _ => Action::StateFlap {
            state: u16::try_from(chance.below(5)).unwrap_or(0),
            ms: chance.from(100, 4_000),
        },
    };
    let counted = matches!(
        action,
        Action::Delay(_)
            | Action::Duplicate
            | Action::Reorder
            | Action::Drop
            | Action::BadChecksum
            | Action::HalfMessage
    );
    What::Exchange {
        gateway,
        action,
        after: if counted { chance.below(4) } else { 0 },
        times: if counted { chance.from(1, 4) } else { 1 },
    }
}

fn crash(chance: &mut Chance, _: &Setting) -> What {
    let point = match chance.below(7) {
        0 => Point::Idle,
        1 | 2 => Point::Append(chance.below(100)),
        3 | 4 => Point::Write(chance.below(4)),
        5 => Point::Disk(chance.below(30)),
        _ => Point::Ordered,
    };
    What::Crash(CrashAct {
        point,
        power: chance.one_in(2),
        restart_ms: chance.from(1, 3_000),
    })
}

fn disk_trouble(chance: &mut Chance, _: &Setting) -> What {
    match chance.below(3) {
        0 => What::SyncFails,
        1 => What::DiskFull {
            ms: chance.from(100, 5_000),
        },
        _ => What::ClockStep {
            ms: i64::try_from(chance.below(4_000)).unwrap_or(0) - 2_000,
        },
    }
}

fn reload(chance: &mut Chance, _: &Setting) -> What {
    What::Reload(match chance.below(6) {
        0 => Reload::Same,
        1 => Reload::Customer {
            customer: 1,
            state: chance.of(&[1, 2, 3, 4]),
        },
        2 => Reload::Holding {
            customer: 2,
            more: chance.of(&[100, 10_000]),
        },
        3 => Reload::Conflicting,
        4 => Reload::Broken,
        _ => Reload::Missing,
    })
}

fn command(chance: &mut Chance, setting: &Setting) -> What {
    let (scope, id, market, key) = chance.of(&[
        ("firm", 0, 0, ""),
        ("market", 1, 0, ""),
        ("market", 2, 0, ""),
        ("pbu", 0, 0, ""),
        ("pbu", 1, 0, ""),
        ("client", 1, 0, ""),
        ("client", 3, 0, ""),
        ("account", 0, 1, "A000000001"),
        ("security", 0, 1, "600000"),
        ("security", 0, 2, "000001"),
        ("client", 77, 0, ""),
        ("planet", 0, 0, ""),
    ]);
    let state = chance.of(&[
        "normal",
        "normal",
        "sell-only",
        "cancel-only",
        "halted",
        "halted",
    ]);
    let client = 1 + chance.place(setting.clients.iter().sum());
    let place = format!(r#""scope":"{scope}","id":{id},"market":{market},"key":"{key}""#);
    let rest = match chance.below(11) {
        0..4 => format!(r#""verb":"set-state",{place},"state":"{state}""#),
        4 | 5 => format!(r#""verb":"cancel-all",{place}"#),
        6 => format!(
            r#""verb":"set-limit","scope":"account","id":0,"metric":{},"block":{}"#,
            chance.from(1, 16),
            chance.of(&[3, 1_000_000, i64::MAX])
        ),
        7 if chance.one_in(3) => format!(r#""verb":"isolate","client":{client}"#),
        7 => format!(r#""verb":"kick","client":{client}"#),
        8 => r#""verb":"status""#.to_owned(),
        9 => format!(
            r#""verb":"switch","gateway":{},"centre":"{}""#,
            chance.from(1, 5),
            chance.of(&["main", "backup"])
        ),
        _ => return What::Command("{\"verb\":\"halt\",\"who\":1}".to_owned()),
    };
    // Whoever stopped may not let trade again.
    let who = if chance.one_in(10) {
        ""
    } else {
        chance.of(&["operator", "second", "third"])
    };
    What::Command(format!(r#"{{{rest},"who":"{who}","why":"simulated"}}"#))
}
