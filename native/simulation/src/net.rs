//! Connections between the processes: bytes come in order, late, in other pieces than they were
//! sent in, or not at all.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::chance::Chance;
use crate::queue::{Event, Queue};

/// Who holds an end of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// An order system, by its place.
    Client(usize),
    /// Somebody who uses the id of an order system, by its place.
    Intruder(usize),
    /// A connection of the gate.
    Gate(usize),
    /// A session of the exchange.
    Venue(usize),
}

/// How an end lets go of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closing {
    /// In order: what was sent arrives, then the other end is told.
    Finish,
    /// At once: what is under way is lost, and the other end is told.
    Reset,
    /// Without a word: the machine is gone, or the way to it.
    Silent,
}

/// What comes out of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parcel {
    /// Bytes.
    Bytes(Vec<u8>),
    /// The other end has closed.
    Closed,
}

/// How connections behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetSetting {
    /// Shortest and longest time on the way, ns.
    pub latency_ns: (u64, u64),
    /// Bytes that a writer may have under way.
    pub window: usize,
    /// One write in so many is cut into pieces; 0: none.
    pub cut_one_in: u64,
}

#[derive(Debug, Default)]
struct Way {
    flight: VecDeque<(u64, Parcel)>,
    bytes: usize,
    last_ns: u64,
    busy_until_ns: u64,
    wants_room: bool,
}

#[derive(Debug)]
struct Line {
    ends: [End; 2],
    ways: [Way; 2],
    open: [bool; 2],
    /// Nothing passes any more, and nobody is told.
    dark: bool,
    /// The machine of this end was started anew: whoever writes to it is told so.
    forgotten_by: Option<usize>,
    chance: Chance,
}

impl Line {
    /// Put a parcel on its way from an end.
    fn send(
        &mut self,
        (number, end): (usize, usize),
        parcel: Parcel,
        net: &NetSetting,
        queue: &mut Queue,
    ) {
        let latency = self.chance.from(net.latency_ns.0, net.latency_ns.1);
        let way = &mut self.ways[end];
        way.last_ns = way.last_ns.max(queue.now() + latency);
        way.flight.push_back((way.last_ns, parcel));
        let line = number;
        queue.at(way.last_ns, Event::Read { line, way: end });
    }

    /// Length of the next piece of a write.
    fn piece(&mut self, net: &NetSetting, length: usize) -> usize {
        if net.cut_one_in == 0 || !self.chance.one_in(net.cut_one_in) {
            return length;
        }
        match self.chance.below(3) {
            0 => 1,
            1 => 1 + self.chance.place(length.min(30)),
            _ => 1 + self.chance.place(length),
        }
    }

    fn darken(&mut self) {
        self.dark = true;
        self.ways = [Way::default(), Way::default()];
    }

    /// Let an end go.
    fn close(
        &mut self,
        (number, end): (usize, usize),
        how: Closing,
        net: &NetSetting,
        queue: &mut Queue,
    ) {
        if !std::mem::replace(&mut self.open[end], false) {
            return;
        }
        match how {
            Closing::Silent => self.darken(),
            _ if self.dark => {}
            Closing::Finish => self.send((number, end), Parcel::Closed, net, queue),
            Closing::Reset => {
                self.ways[end].flight.clear();
                self.ways[end].last_ns = 0;
                self.send((number, end), Parcel::Closed, net, queue);
            }
        }
    }
}

/// All connections.
#[derive(Debug)]
pub struct Net {
    setting: NetSetting,
    seed: u64,
    lines: Vec<Option<Line>>,
}

impl Net {
    /// No connections yet.
    #[must_use]
    pub const fn new(setting: NetSetting, seed: u64) -> Self {
        Self {
            setting,
            seed,
            lines: Vec::new(),
        }
    }

    /// A time on the way, drawn for something that is no line yet.
    pub fn latency(&self, chance: &mut Chance) -> u64 {
        chance.from(self.setting.latency_ns.0, self.setting.latency_ns.1)
    }

    /// Connect two ends; the first is the one that asked.
    pub fn connect(&mut self, ends: [End; 2]) -> usize {
        let number = self.lines.len();
        self.lines.push(Some(Line {
            ends,
            ways: [Way::default(), Way::default()],
            open: [true; 2],
            dark: false,
            forgotten_by: None,
            chance: Chance::branch(self.seed, "line", number as u64),
        }));
        number
    }

    fn line(&mut self, number: usize) -> Option<&mut Line> {
        self.lines.get_mut(number)?.as_mut()
    }

    /// Who reads what is written at the other end of a way; nothing once that end let go.
    #[must_use]
    pub fn reader(&self, number: usize, way: usize) -> Option<End> {
        let line = self.lines.get(number)?.as_ref()?;
        line.open[1 - way].then_some(line.ends[1 - way])
    }

    /// Who writes on a way; nothing once that end let go.
    #[must_use]
    pub fn writer(&self, number: usize, way: usize) -> Option<End> {
        let line = self.lines.get(number)?.as_ref()?;
        line.open[way].then_some(line.ends[way])
    }

    /// Write at an end; how many bytes were taken, or nothing when the line is closed there.
    pub fn write(
        &mut self,
        (number, end): (usize, usize),
        bytes: &[u8],
        queue: &mut Queue,
    ) -> Option<usize> {
        let net = self.setting;
        let line = self.line(number).filter(|line| line.open[end])?;
        let way = &mut line.ways[end];
        let count = bytes.len().min(net.window.saturating_sub(way.bytes));
        way.wants_room |= count < bytes.len();
        way.bytes += count;
        if line.forgotten_by == Some(1 - end) && count > 0 {
            (line.forgotten_by, line.dark) = (None, false);
            line.send((number, 1 - end), Parcel::Closed, &net, queue);
        } else if !line.dark {
            let mut rest = &bytes[..count];
            while !rest.is_empty() {
                let (now, later) = rest.split_at(line.piece(&net, rest.len()));
                line.send((number, end), Parcel::Bytes(now.to_vec()), &net, queue);
                rest = later;
            }
        }
        Some(count)
    }

    /// Read what has arrived on a way.
    pub fn read(&mut self, number: usize, way: usize, queue: &mut Queue) -> Vec<Parcel> {
        let mut parcels = Vec::new();
        let now = queue.now();
        let Some(line) = self
            .line(number)
            .filter(|line| !line.dark && line.open[1 - way])
        else {
            return parcels;
        };
        let row = &mut line.ways[way];
        if now < row.busy_until_ns {
            queue.at(row.busy_until_ns, Event::Read { line: number, way });
            return parcels;
        }
        while row.flight.front().is_some_and(|(at_ns, _)| *at_ns <= now) {
            let Some((_, parcel)) = row.flight.pop_front() else {
                break;
            };
            match (parcels.last_mut(), parcel) {
                (Some(Parcel::Bytes(before)), Parcel::Bytes(bytes)) => {
                    row.bytes -= bytes.len();
                    before.extend_from_slice(&bytes);
                }
                (_, parcel) => {
                    if let Parcel::Bytes(bytes) = &parcel {
                        row.bytes -= bytes.len();
                    }
                    parcels.push(parcel);
                }
            }
        }
        if row.wants_room && !parcels.is_empty() {
            row.wants_room = false;
            queue.after(self.setting.latency_ns.0, Event::Room { line: number, way });
        }
        parcels
    }

    /// Let an end of a line go.
    pub fn close(&mut self, (number, end): (usize, usize), how: Closing, queue: &mut Queue) {
        let net = self.setting;
        let Some(line) = self.line(number) else {
            return;
        };
        line.close((number, end), how, &net, queue);
        if line.open == [false; 2] {
            self.lines[number] = None;
        }
    }

    /// The reader of a way does not read until a moment.
    pub fn stall(&mut self, number: usize, way: usize, until_ns: u64) {
        if let Some(line) = self.line(number) {
            let row = &mut line.ways[way];
            row.busy_until_ns = row.busy_until_ns.max(until_ns);
        }
    }

    /// Nothing passes on a line any more, and nobody is told.
    pub fn darken(&mut self, number: usize) {
        if let Some(line) = self.line(number) {
            line.darken();
        }
    }

    /// The machine of an end is there again and does not know the line.
    pub fn forget(&mut self, number: usize, end: usize) {
        if let Some(line) = self.line(number) {
            line.forgotten_by = Some(end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Closing, End, Net, NetSetting, Parcel};
    use crate::queue::{Event, Queue};

    const ENDS: [End; 2] = [End::Client(0), End::Gate(0)];

    fn net(cut_one_in: u64, window: usize) -> Net {
        let setting = NetSetting {
            latency_ns: (10, 50),
            window,
            cut_one_in,
        };
        Net::new(setting, 1)
    }

    /// Everything that comes out at the gate's end until nothing is left.
    fn drain(net: &mut Net, queue: &mut Queue) -> Vec<Parcel> {
        let mut parcels = Vec::new();
        while let Some(event) = queue.next() {
            if let Event::Read { line, way: 0 } = event {
                parcels.extend(net.read(line, 0, queue));
            }
        }
        parcels
    }

    #[test]
    fn bytes_arrive_in_order_whatever_their_pieces_and_the_end_comes_last() {
        let (mut net, mut queue) = (net(2, 1000), Queue::default());
        let line = net.connect(ENDS);
        let sent: Vec<u8> = (0..200).collect();
        for part in sent.chunks(40) {
            assert_eq!(net.write((line, 0), part, &mut queue), Some(40));
        }
        net.close((line, 0), Closing::Finish, &mut queue);
        assert_eq!(net.write((line, 0), b"late", &mut queue), None);
        let parcels = drain(&mut net, &mut queue);
        assert!(parcels.len() > 3);
        assert_eq!(parcels.last(), Some(&Parcel::Closed));
        let bytes: Vec<u8> = parcels
            .into_iter()
            .filter_map(|parcel| match parcel {
                Parcel::Bytes(bytes) => Some(bytes),
                Parcel::Closed => None,
            })
            .flatten()
            .collect();
        assert_eq!(bytes, sent);
    }

    #[test]
    fn a_full_line_takes_no_more_until_its_reader_reads() {
        let (mut net, mut queue) = (net(0, 10), Queue::default());
        let line = net.connect(ENDS);
        assert_eq!(net.write((line, 0), &[1; 15], &mut queue), Some(10));
        assert_eq!(net.write((line, 0), &[1; 15], &mut queue), Some(0));
        net.stall(line, 0, 500);
        let mut room = None;
        while let Some(event) = queue.next() {
            match event {
                Event::Read { line, way } => drop(net.read(line, way, &mut queue)),
                Event::Room { .. } => room = Some(queue.now()),
                _ => {}
            }
        }
        assert_eq!(room, Some(510));
        assert_eq!(net.write((line, 0), &[1; 15], &mut queue), Some(10));
    }

    #[test]
    fn a_reset_loses_what_is_under_way_and_darkness_tells_nobody() {
        let (mut net, mut queue) = (net(0, 100), Queue::default());
        let line = net.connect(ENDS);
        net.write((line, 0), b"lost", &mut queue);
        net.close((line, 0), Closing::Reset, &mut queue);
        assert_eq!(drain(&mut net, &mut queue), [Parcel::Closed]);
        let line = net.connect(ENDS);
        net.write((line, 0), b"lost", &mut queue);
        net.darken(line);
        assert_eq!(net.write((line, 0), b"lost", &mut queue), Some(4));
        assert_eq!(drain(&mut net, &mut queue), []);
        net.forget(line, 1);
        net.write((line, 0), b"who?", &mut queue);
        let told = std::iter::from_fn(|| queue.next())
            .filter_map(|event| match event {
                Event::Read { line, way: 1 } => Some(line),
                _ => None,
            })
            .count();
        assert_eq!(told, 1);
    }
}
