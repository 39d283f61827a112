//! Branches (营业部) by their code.

use crate::index::Index;

panshi_wire::saved! {
    /// One branch.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct BranchRow {
        /// Code, space padded.
        pub branch: [u8; 8],
        /// Open.
        pub open: bool,
    }
}

/// All branches in the order of loading.
#[derive(Debug)]
pub struct BranchTable {
    index: Index<8>,
    rows: Vec<BranchRow>,
}

panshi_wire::sections! {
    BranchTable {
        skip index;
        list "branches" rows within usize::MAX;
    }
}

impl BranchTable {
    /// Room for this many branches.
    #[must_use]
    pub fn new(branches: u32) -> Self {
        Self {
            index: Index::new(branches),
            rows: Vec::with_capacity(branches as usize),
        }
    }

    /// Whether a branch is known and open.
    #[inline]
    #[must_use]
    pub fn is_open(&self, branch: &[u8; 8]) -> bool {
        let at = self.index.get(branch).unwrap_or(u32::MAX);
        self.rows.get(at as usize).is_some_and(|row| row.open)
    }

    /// Take a branch or its new state; false when there is no room for another one.
    pub fn load(&mut self, row: BranchRow) -> bool {
        let known = self.index.get(&row.branch);
        if let Some(old) = known.and_then(|at| self.rows.get_mut(at as usize)) {
            *old = row;
            return true;
        }
        let at = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let fits = self.index.insert(&row.branch, at);
        if fits {
            self.rows.push(row);
        }
        fits
    }

    /// Find the saved branches again; false when there is no room, or a code stands twice.
    pub(crate) fn restore(&mut self) -> bool {
        self.index.restore(self.rows.iter().map(|row| row.branch))
    }
}
