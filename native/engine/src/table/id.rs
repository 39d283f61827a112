//! Ids of orders and cancels, each taken once on its PBU.

use crate::index::Index;

/// Marks the order number of an id that belongs to a cancel.
pub const CANCEL_BIT: u32 = 1 << 31;

panshi_wire::saved! {
    /// The id of a cancel. Those of orders stand in their rows.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct CancelRow {
        /// Number of the order to cancel.
        pub order: u32,
        /// PBU row.
        pub pbu: u8,
        /// `ClOrdID`.
        pub cl_ord_id: [u8; 10],
    }
}

/// `ClOrdID` and PBU row to order number.
#[derive(Debug)]
pub struct IdTable {
    index: Index<11>,
    cancels: Vec<CancelRow>,
}

panshi_wire::sections! {
    IdTable {
        skip index;
        list "cancels" cancels within usize::MAX;
    }
}

impl IdTable {
    /// Room for the ids of this many orders and cancels.
    #[must_use]
    pub fn new(orders: u32, cancels: u32) -> Self {
        let nothing = CancelRow {
            order: 0,
            pbu: 0,
            cl_ord_id: [0; 10],
        };
        Self {
            index: Index::clustered(orders.saturating_add(cancels)),
            cancels: super::tables::touched(orders.saturating_add(cancels), &nothing),
        }
    }

    /// The order or cancel that took an id: order number, with [`CANCEL_BIT`] for a cancel.
    #[inline]
    #[must_use]
    pub fn get(&self, pbu: u8, id: &[u8; 10]) -> Option<u32> {
        self.index.get(&key(pbu, id))
    }

    /// Take the id of an order; false when there is no room.
    #[inline]
    pub fn take_order(&mut self, pbu: u8, id: &[u8; 10], order: u32) -> bool {
        self.index.insert(&key(pbu, id), order)
    }

    /// Take the id of a cancel of an order; false when there is no room.
    #[inline]
    pub fn take_cancel(&mut self, pbu: u8, id: &[u8; 10], order: u32) -> bool {
        let taken = self.index.insert(&key(pbu, id), order | CANCEL_BIT);
        if taken {
            self.cancels.push(CancelRow {
                order,
                pbu,
                cl_ord_id: *id,
            });
        }
        taken
    }

    /// Take the ids of saved orders, then those of the saved cancels; false when there is no room.
    pub(crate) fn restore(&mut self, orders: impl Iterator<Item = (u8, [u8; 10], u32)>) -> bool {
        let mut fits = true;
        for (pbu, id, order) in orders {
            fits &= self.take_order(pbu, &id, order);
        }
        for row in &self.cancels {
            let key = key(row.pbu, &row.cl_ord_id);
            fits &= self.index.insert(&key, row.order | CANCEL_BIT);
        }
        fits
    }

    /// Whether there is no room for another id.
    #[inline]
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.index.is_full()
    }

    /// Ids taken.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether no id was taken.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.index.is_empty()
    }
}

/// The key of an id; its last character comes last, for [`Index::clustered`].
#[inline]
fn key(pbu: u8, id: &[u8; 10]) -> [u8; 11] {
    let mut key = [pbu; 11];
    if let Some((_, tail)) = key.split_last_chunk_mut::<10>() {
        *tail = *id;
    }
    key
}
