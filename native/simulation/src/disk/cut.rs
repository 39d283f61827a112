//! A power cut: what was not synced is there, is not there, or is there in part.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use crate::chance::Chance;
use crate::disk::{Inode, Naming, PAGE, SimDisk, State};

/// Bytes that a disk writes whole or not at all.
const SECTOR: usize = 512;

/// What a power cut did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spared {
    /// Pages whose bytes had not been synced.
    pub unsynced: u64,
    /// Those of them that were lost, in whole or in part.
    pub lost: u64,
    /// Names of files that were lost or came back.
    pub names: u64,
}

/// How a power cut treats what was not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    /// All of it is lost.
    Nothing,
    /// All of it had reached the disk.
    Everything,
    /// Page by page.
    Mixed,
}

impl Inode {
    /// A sync, which a failing disk fails: it then gives the written pages up.
    pub(super) fn sync(&mut self, bytes: Vec<u8>, fails: bool) {
        let old = std::mem::take(&mut self.synced);
        let pages = bytes.len().div_ceil(PAGE);
        let page_of = |bytes: &[u8], page: usize| {
            let from = (page * PAGE).min(bytes.len());
            bytes[from..(from + PAGE).min(bytes.len())].to_vec()
        };
        if fails {
            for page in 0..pages {
                let now = page_of(&bytes, page);
                if now != page_of(&old, page) {
                    self.given_up.insert(page, now);
                }
            }
            self.synced = old;
            return;
        }
        self.synced = bytes;
        // A page that was given up and not written again is not written by this sync either.
        let synced = &mut self.synced;
        self.given_up.retain(|page, given_up| {
            if page_of(synced, *page) != *given_up {
                return false;
            }
            let before = page_of(&old, *page);
            let from = page * PAGE;
            for (at, byte) in synced[from..from + given_up.len()].iter_mut().enumerate() {
                *byte = before.get(at).copied().unwrap_or(0);
            }
            true
        });
    }
}

impl SimDisk {
    /// Cut the power. Nobody may have a file of the directory open.
    ///
    /// # Errors
    /// When the machine's own disk fails.
    pub fn cut_power(&self, chance: &mut Chance) -> io::Result<Spared> {
        let mut state = self.state();
        let mut spared = Spared::default();
        let names = surviving_names(&mut state, chance, &mut spared);
        let mut current: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
        for (path, number) in &state.names {
            current.insert(*number, std::fs::read(path)?);
        }
        for path in state.names.keys() {
            std::fs::remove_file(path)?;
        }
        let mood = [Mood::Nothing, Mood::Everything, Mood::Mixed][chance.weighted(&[1, 1, 3])];
        for (path, number) in &names {
            let Some(inode) = state.files.get_mut(number) else {
                continue;
            };
            let appended = path.extension().is_some_and(|suffix| suffix == "pjl");
            let now = current.get(number).unwrap_or(&inode.synced);
            let bytes = survive(&inode.synced, now, (mood, appended), chance, &mut spared);
            std::fs::write(path, &bytes)?;
            inode.synced = bytes;
            inode.given_up.clear();
        }
        (state.names, state.kept) = (names.clone(), names);
        state.naming.clear();
        state.forget_unnamed();
        Ok(spared)
    }
}

/// Names after the cut: changes of names reach the disk in their order, as far as it got.
fn surviving_names(
    state: &mut State,
    chance: &mut Chance,
    spared: &mut Spared,
) -> BTreeMap<PathBuf, u64> {
    let mut names = state.kept.clone();
    let naming = std::mem::take(&mut state.naming);
    let reached = chance.place(naming.len() + 1);
    spared.names += (naming.len() - reached) as u64;
    for change in naming.into_iter().take(reached) {
        match change {
            Naming::Made(path, number) => drop(names.insert(path, number)),
            Naming::Renamed(from, to, number) => {
                names.remove(&from);
                names.insert(to, number);
            }
            Naming::Removed(path) => drop(names.remove(&path)),
        }
    }
    names
}

/// Bytes of a file after the cut.
fn survive(
    synced: &[u8],
    now: &[u8],
    (mood, appended): (Mood, bool),
    chance: &mut Chance,
    spared: &mut Spared,
) -> Vec<u8> {
    let length = match mood {
        Mood::Nothing => synced.len(),
        Mood::Everything => now.len(),
        Mood::Mixed => chance.of(&[synced.len(), now.len()]),
    };
    let byte = |bytes: &[u8], at: usize| bytes.get(at).copied().unwrap_or(0);
    let mut bytes: Vec<u8> = (0..length).map(|at| byte(synced, at)).collect();
    for (page, place) in bytes.chunks_mut(PAGE).enumerate() {
        let from = page * PAGE;
        let fresh: Vec<u8> = (from..from + place.len()).map(|at| byte(now, at)).collect();
        if place == fresh {
            continue;
        }
        spared.unsynced += 1;
        let kind = match mood {
            Mood::Nothing => 0,
            Mood::Everything => 1,
            Mood::Mixed => chance.weighted(&[3, 3, 2]),
        };
        match kind {
            0 => {}
            1 => place.copy_from_slice(&fresh),
            // The page as it was at an earlier moment, when the append had not come so far.
            _ if appended && chance.one_in(2) => {
                let reached = chance.place(place.len());
                place[..reached].copy_from_slice(&fresh[..reached]);
            }
            _ => {
                for (old, new) in place.chunks_mut(SECTOR).zip(fresh.chunks(SECTOR)) {
                    if chance.one_in(2) {
                        old.copy_from_slice(new);
                    }
                }
            }
        }
        spared.lost += u64::from(place != fresh);
    }
    bytes
}
