//! The whole state as sections: for a snapshot, for taking one up again, and for its hash.
//!
//! What follows from saved rows is not saved: indices, the open orders, the lists of possible self-matches. They are made
//! again from the rows, so that no byte of a snapshot can lead a search astray.

use panshi_wire::digest::Digest;
use panshi_wire::sections::{Loader, Saver, Sections, Unfit};

use crate::capacity::Capacity;
use crate::check::front::book_of;
use crate::engine::Engine;
use crate::table::tables::{Tables, account_key, holding_key, security_key};

panshi_wire::sections! {
    Tables {
        skip capacity;
        one "day" day;
        one "now" now_ns;
        numbered "rules" rules;
        part clock;
        numbered "fees" fees;
        list "securities" securities within capacity.securities as usize;
        skip security_index;
        numbered "customers" customers;
        list "accounts" accounts within capacity.accounts as usize;
        skip account_index;
        list "holdings" holdings within capacity.holdings as usize;
        skip holding_index;
        numbered "clients" clients;
        list "client order" client_order within clients.len();
        list "PBUs" pbus within usize::from(u8::MAX);
        part branches;
        numbered "terminals" terminals;
        numbered "gateways" gateways;
        part limits;
        part switches;
        part params;
        numbered "owner groups" owner_groups;
        numbered "desks" desks;
        one "firm" firm;
        one "state of the firm" firm_state;
        one "states of markets" market_states;
        numbered "states of owner groups" owner_group_states;
        numbered "states of strategies" strategy_states;
        part schedule;
        list "orders" orders within capacity.orders as usize;
        skip open;
        part ids;
        part fills;
        list "forwarded" forwarded within capacity.orders as usize;
        list "queue" queue within queue.capacity();
        list "mass cancels" mass within capacity.cancel_alls as usize;
        list "passes of mass cancels" passes within capacity.cancel_passes();
        part exchange_streams;
        part carriers;
        part client_streams;
        part rates;
        part identical;
        skip self_match;
        one "totals" totals;
        skip empty;
    }
}

/// Hash of everything that decides what the engine does next.
#[must_use]
pub fn state_hash(tables: &Tables) -> u64 {
    let mut digest = Digest::default();
    let mut sink = |piece: &[u8]| digest.add(piece);
    let mut saver = Saver::new(&mut sink);
    tables.save(&mut saver);
    saver.finish();
    digest.finish()
}

impl Tables {
    /// Make what follows from the saved rows.
    fn restore(&mut self) -> Result<(), Unfit> {
        self.params.restore();
        let keys = self.securities.iter();
        let known = self
            .security_index
            .restore(keys.map(|row| security_key(row.market, &row.code)));
        require(known, "securities", "name each code once")?;
        let keys = self.accounts.iter();
        let known = self
            .account_index
            .restore(keys.map(|row| account_key(row.market, &row.account)));
        require(known, "accounts", "name each code once")?;
        let keys = self.holdings.iter();
        let known = self
            .holding_index
            .restore(keys.map(|row| holding_key(row.account, row.security)));
        require(known, "holdings", "name each account and security once")?;
        require(self.branches.restore(), "branches", "name each code once")?;
        for streams in [&mut self.exchange_streams, &mut self.client_streams] {
            require(streams.restore(), "streams", "name each stream once")?;
        }
        require(self.fills.is_sound(), "fills", "name earlier fills only")?;
        self.restore_orders()
    }

    fn restore_orders(&mut self) -> Result<(), Unfit> {
        let orders = (0..).zip(&self.orders);
        let ids = orders.map(|(number, row)| (row.pbu, row.cl_ord_id, number));
        let fits = self.ids.restore(ids);
        require(fits, "cancels", "have room for every id")?;
        for (number, row) in (0..).zip(&self.orders) {
            let customer = self.customers.get(row.customer as usize);
            let owner_group = customer.map_or(0, |customer| customer.owner_group);
            self.open.set(number, row.is_open());
            let book = book_of(row.security, row.order_type);
            if row.is_open() {
                self.self_match
                    .add(number, owner_group, book, row.buy, row.price_e5);
            } else {
                let _ = self.self_match.pair(owner_group, book);
            }
        }
        Ok(())
    }
}

fn require(holds: bool, section: &str, must: &str) -> Result<(), Unfit> {
    if holds {
        Ok(())
    } else {
        Err(Unfit::new(section, must, "rows that do not"))
    }
}

impl Engine {
    /// Save the state, the sizes of its tables first.
    pub fn save(&self, to: &mut Saver<'_>) {
        to.one("capacity", &self.tables.capacity);
        self.tables.save(to);
    }

    /// An engine in a saved state. It takes up every input as the one that was saved would have.
    ///
    /// # Errors
    /// When the sections are not those of an engine with tables of this size.
    pub fn load(capacity: &Capacity, from: &mut Loader<'_>) -> Result<Self, Unfit> {
        let mut saved = Capacity::default();
        from.one("capacity", &mut saved)?;
        if saved != *capacity {
            let (must, found) = (format!("be {capacity:?}"), format!("{saved:?}"));
            return Err(Unfit::new("capacity", must, found));
        }
        let mut engine = Self::new(capacity);
        Sections::load(&mut engine.tables, from)?;
        engine.tables.restore()?;
        Ok(engine)
    }
}
