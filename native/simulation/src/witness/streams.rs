//! What goes to the order systems: reports in contiguous streams whose content never changes, and
//! nothing before the disk has it.

use std::collections::BTreeMap;

use panshi_venue::clients::Event;

use crate::day::ClientRow;
use crate::plan::Durability;
use crate::said::{Heard, NO_PBU, Said, StreamKey, name};
use crate::witness::books::subject;
use crate::witness::{Books, Broken, Departures, Ledger};

/// What two reports have in common that tell the same: kind, ids, trade number, price, shares, code.
type Facts = (u8, [u8; 10], [u8; 10], [u8; 16], i64, i64, u32);

fn facts(event: &Event) -> Facts {
    (
        event.kind,
        event.cl_ord_id,
        event.orig_cl_ord_id,
        event.exec_id,
        event.price_e5,
        event.qty_e3,
        event.code,
    )
}

/// How far a reader of a stream is.
#[derive(Debug, Default)]
struct Reading {
    last: u64,
    asked: Vec<u64>,
}

/// Reports and refusals on their way to the order systems.
#[derive(Debug, Default)]
pub struct Arrivals {
    /// Content of each report that was told, by client, stream and index.
    pub told: BTreeMap<(u16, StreamKey), BTreeMap<u64, Heard>>,
    reading: BTreeMap<(usize, StreamKey), Reading>,
    /// How often each refusal was told: client, id and code.
    refused: BTreeMap<(u16, [u8; 10], u32), usize>,
}

impl Arrivals {
    /// An order system asked for streams on a line.
    pub fn asked(&mut self, line: usize, wanted: &[(StreamKey, u64)]) {
        for (stream, begin) in wanted {
            self.reading
                .entry((line, *stream))
                .or_default()
                .asked
                .push(*begin);
        }
    }

    /// A message of the gate left for an order system.
    pub fn left(
        &mut self,
        client: &ClientRow,
        line: usize,
        heard: &Heard,
        ledger: &Ledger,
        durability: Durability,
    ) -> Vec<Broken> {
        match &heard.said {
            // Shenzhen's refusal of a message in which no id could be read: nothing was journaled.
            Said::Report(event) if event.report_index == 0 && event.cl_ord_id == [b' '; 10] => {
                Vec::new()
            }
            Said::Report(event) if event.report_index == 0 => {
                let of_refusal = (client.number, event.cl_ord_id, event.code);
                let times = self.refused.entry(of_refusal).or_default();
                *times += 1;
                let found = refused(of_refusal, *times, ledger, durability);
                found.into_iter().collect()
            }
            Said::Report(event) => {
                let pbu = if client.market == 1 {
                    event.stream_pbu
                } else {
                    NO_PBU
                };
                let place = ((pbu, event.set_id), event.report_index);
                self.report(client, line, place, heard, (ledger, durability))
            }
            Said::End(stream, index) => {
                self.report(client, line, (*stream, *index), heard, (ledger, durability))
            }
            _ => Vec::new(),
        }
    }

    /// The gate runs again on a journal that may have lost its tail. Only with syncs in the
    /// background may what was told be lost, and told anew with another content.
    pub fn after_restart(&mut self, ledger: &Ledger, durability: Durability) -> Vec<Broken> {
        let mut broken = Vec::new();
        for ((client, stream), told) in &mut self.told {
            let delivered = ledger
                .deliveries
                .get(&(*client, *stream))
                .map_or(0, Vec::len) as u64;
            if durability == Durability::A {
                told.retain(|index, _| *index <= delivered);
            } else if let Some(last) = told.keys().next_back().filter(|last| **last > delivered) {
                broken.push(Broken {
                    law: "a report that was told is not lost",
                    text: format!(
                        "client {client}, stream {stream:?}: {last} told, {delivered} left"
                    ),
                });
            }
        }
        for ((client, id, code), times) in &mut self.refused {
            let known = ledger.refusals.get(&(*client, *id));
            let known = known.map_or(0, |known| known.iter().filter(|row| row.0 == *code).count());
            if *times > known && durability == Durability::A {
                *times = known;
            } else if *times > known {
                let id = String::from_utf8_lossy(id);
                broken.push(Broken {
                    law: "a refusal that was told is not lost",
                    text: format!(
                        "client {client}, id {id}, code {code}: told {times}, {known} left"
                    ),
                });
            }
        }
        broken
    }

    /// Every stream was read from its first report: all of it must have been told.
    #[must_use]
    pub fn complete(&self, ledger: &Ledger) -> Vec<Broken> {
        let whole = ledger
            .deliveries
            .iter()
            .filter_map(|((client, stream), rows)| {
                let told = self.told.get(&(*client, *stream)).map_or(0, BTreeMap::len);
                (told != rows.len()).then(|| Broken {
                    law: "a stream can be read from its first report",
                    text: format!(
                        "client {client}, stream {stream:?}: {told} of {} told",
                        rows.len()
                    ),
                })
            });
        whole.collect()
    }

    /// Every report of the exchange about a client's order must be in that client's streams, once.
    #[must_use]
    pub fn compare(
        &self,
        books: &Books,
        ledger: &Ledger,
        departures: &Departures,
        owner_of: impl Fn(&[u8; 10]) -> Option<u16>,
    ) -> Vec<Broken> {
        let mut left: BTreeMap<(u16, Facts), i64> = BTreeMap::new();
        for ((client, _), told) in &self.told {
            for heard in told.values() {
                if let Said::Report(event) = &heard.said {
                    *left.entry((*client, facts(event))).or_default() += 1;
                }
            }
        }
        let mut broken = Vec::new();
        for (key, event) in &books.reports {
            if departures.lost_once.contains(key) {
                continue;
            }
            let Some(owner) = owner_of(&subject(event)) else {
                continue;
            };
            let count = left.entry((owner, facts(event))).or_default();
            *count -= 1;
            if *count < 0 {
                broken.push(Broken {
                    law: "every report of the exchange reaches its client once",
                    text: format!("client {owner}, order {}: lacks {event:?}", name(key)),
                });
            }
        }
        for ((client, facts), count) in left.into_iter().filter(|(_, count)| *count > 0) {
            if !ledger.ended_inside(client, &facts.1, &facts.2) && !departures.any_lost() {
                broken.push(Broken {
                    law: "a client is told nothing that did not happen",
                    text: format!("client {client} was told {count} times too often: {facts:?}"),
                });
            }
        }
        broken
    }

    fn report(
        &mut self,
        client: &ClientRow,
        line: usize,
        (stream, index): (StreamKey, u64),
        heard: &Heard,
        (ledger, durability): (&Ledger, Durability),
    ) -> Vec<Broken> {
        let mut broken = Vec::new();
        let at = format!(
            "client {}, stream {stream:?}, report {index}",
            client.number
        );
        let reading = self.reading.entry((line, stream)).or_default();
        if index != reading.last + 1 || reading.last == 0 {
            match reading.asked.iter().position(|begin| *begin == index) {
                Some(place) => drop(reading.asked.drain(..=place)),
                None => broken.push(Broken {
                    law: "a client's stream is contiguous",
                    text: format!(
                        "{at}: came after {}, asked for {:?}",
                        reading.last, reading.asked
                    ),
                }),
            }
        }
        reading.last = index;
        let record = usize::try_from(index - 1).ok().and_then(|place| {
            let records = ledger.deliveries.get(&(client.number, stream))?;
            records.get(place).copied()
        });
        match record {
            None => broken.push(Broken {
                law: "what a client is told was journaled before",
                text: format!("{at}: the journal delivers no such report"),
            }),
            Some(record) if durability != Durability::A && ledger.durable() < record => {
                broken.push(Broken {
                    law: "what a client is told was synced before (modes B, C)",
                    text: format!("{at}: record {record}, the disk has {}", ledger.durable()),
                });
            }
            Some(_) => {}
        }
        let told = self.told.entry((client.number, stream)).or_default();
        let before = told.entry(index).or_insert_with(|| heard.clone());
        if before != heard {
            broken.push(Broken {
                law: "a report never changes",
                text: format!("{at}: was {before:?}, is {heard:?}"),
            });
        }
        broken
    }
}

/// The n-th telling of a refusal outside the streams must be in the journal, and on the disk.
fn refused(
    (client, id, code): (u16, [u8; 10], u32),
    times: usize,
    ledger: &Ledger,
    durability: Durability,
) -> Option<Broken> {
    let told = ledger.refusals.get(&(client, id));
    let record = told.and_then(|told| {
        let same = told.iter().filter(|(known, _)| *known == code);
        same.map(|(_, record)| *record).nth(times - 1)
    });
    let at = format!(
        "client {client}, id {}, code {code}",
        String::from_utf8_lossy(&id)
    );
    match record {
        None => Some(Broken {
            law: "what a client is told was journaled before",
            text: format!("{at}: told {times} times, the journal refuses less often"),
        }),
        Some(record) if durability != Durability::A && ledger.durable() < record => Some(Broken {
            law: "what a client is told was synced before (modes B, C)",
            text: format!("{at}: record {record}, the disk has {}", ledger.durable()),
        }),
        Some(_) => None,
    }
}
