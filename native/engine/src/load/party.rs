//! Customers, accounts, holdings, clients, PBUs, branches and terminals.

use super::{full, kept, within};
use crate::code::Code;
use crate::denied::Denied;
use crate::record::load::{
    LoadAccount, LoadBranch, LoadClient, LoadCustomer, LoadHolding, LoadPbu, LoadTerminal,
};
use crate::table::branch::BranchRow;
use crate::table::order::NONE;
use crate::table::party::{AccountRow, CustomerRow, PbuRow};
use crate::table::security::HoldingRow;
use crate::table::tables::{Tables, account_key, holding_key};

const PBUS: u32 = 64;

impl Tables {
    pub(super) fn load_customer(&mut self, row: &LoadCustomer) -> Result<(), Denied> {
        within(row.customer, 1, i64::from(self.capacity.customers))?;
        within(row.owner_group, 1, i64::from(self.capacity.owner_groups))?;
        within(row.desk, 1, i64::from(self.capacity.desks))?;
        within(row.cash_e5, 0, i64::MAX)?;
        let Some(slot) = self.customers.get_mut(row.customer as usize) else {
            return Err(full(self.capacity.customers));
        };
        let before = *slot;
        if before.loaded {
            kept(before.owner_group, row.owner_group)?;
            kept(before.desk, row.desk)?;
        }
        let money = if before.loaded {
            before
        } else {
            // Accounts may have been loaded before their customer.
            CustomerRow {
                opening_e5: row.cash_e5,
                available_e5: row.cash_e5,
                last_account: before.last_account,
                ..CustomerRow::default()
            }
        };
        *slot = CustomerRow {
            owner_group: row.owner_group,
            permissions: row.permissions,
            disclosures: row.disclosures,
            program_rate: row.program_rate,
            program_day: row.program_day,
            group: row.group,
            fee_group: row.fee_group,
            desk: row.desk,
            state: row.state,
            loaded: true,
            risk_grade: row.risk_grade,
            program_state: row.program_state,
            program_confirm: row.program_confirm,
            high_frequency: row.high_frequency,
            margin: row.margin,
            ..money
        };
        Ok(())
    }

    pub(super) fn load_account(&mut self, row: &LoadAccount) -> Result<(), Denied> {
        within(row.market, 1, 2)?;
        within(row.access, 0, 63)?;
        within(row.customer, 1, i64::from(self.capacity.customers))?;
        let key = account_key(row.market, &row.account);
        let at = if let Some(at) = self.account_index.get(&key) {
            if let Some(before) = self.accounts.get(at as usize) {
                kept(before.customer, row.customer)?;
            }
            at
        } else {
            let at = u32::try_from(self.accounts.len()).unwrap_or(u32::MAX);
            if at >= self.capacity.accounts || !self.account_index.insert(&key, at) {
                return Err(full(self.capacity.accounts));
            }
            let customer = self.customers.get_mut(row.customer as usize);
            let earlier = customer.map_or(NONE, |customer| {
                core::mem::replace(&mut customer.last_account, at + 1).wrapping_sub(1)
            });
            self.accounts.push(AccountRow {
                earlier,
                ..AccountRow::default()
            });
            at
        };
        if let Some(slot) = self.accounts.get_mut(at as usize) {
            *slot = AccountRow {
                account: row.account,
                market: row.market,
                state: row.state,
                access: row.access,
                branch: row.branch,
                pbu: row.pbu,
                customer: row.customer,
                permissions: row.permissions,
                owner_type: row.owner_type,
                strategy: row.strategy,
                program: row.program,
                ..*slot
            };
        }
        Ok(())
    }

    pub(super) fn load_holding(&mut self, row: &LoadHolding) -> Result<(), Denied> {
        within(row.total_qty, 0, i64::MAX)?;
        within(row.sellable_qty, 0, row.total_qty)?;
        let account = self
            .account_at(row.market, &row.account)
            .ok_or(Denied::plain(Code::AccountUnknown))?;
        let security = self
            .security_at(row.market, &row.code)
            .ok_or(Denied::plain(Code::SecurityUnknown))?;
        let at = match self.holding_at(account, security) {
            Some(at) => at,
            None => self
                .add_holding(account, security)
                .ok_or_else(|| full(self.capacity.holdings))?,
        };
        let Some(slot) = self.holdings.get_mut(at as usize) else {
            return Ok(());
        };
        let more_sellable = row.sellable_qty.saturating_sub(slot.opening_sellable_qty);
        let changed = HoldingRow {
            opening_qty: row.total_qty,
            opening_sellable_qty: row.sellable_qty,
            sellable_qty: slot.sellable_qty.saturating_add(more_sellable),
            ..*slot
        };
        within(changed.total_qty(), 0, i64::MAX)?;
        within(changed.sellable_qty, changed.frozen_qty, i64::MAX)?;
        *slot = changed;
        Ok(())
    }

    /// Add an empty holding row; nothing when the table is full.
    pub(crate) fn add_holding(&mut self, account: u32, security: u32) -> Option<u32> {
        let at = u32::try_from(self.holdings.len()).ok()?;
        let key = holding_key(account, security);
        if at >= self.capacity.holdings || !self.holding_index.insert(&key, at) {
            return None;
        }
        self.holdings.push(HoldingRow {
            account,
            security,
            ..HoldingRow::default()
        });
        Some(at)
    }

    pub(super) fn load_client(&mut self, row: &LoadClient) -> Result<(), Denied> {
        within(row.client, 1, i64::from(self.capacity.clients))?;
        within(row.market, 1, 2)?;
        within(row.prefix_len, 0, 4)?;
        for (at, len) in [
            (row.terminal_at, row.terminal_len),
            (row.strategy_at, row.strategy_len),
            (row.program_at, row.program_len),
        ] {
            within(u32::from(at) + u32::from(len), 0, 32)?;
        }
        within(row.terminal_len, 0, 9)?;
        within(row.strategy_len, 0, 9)?;
        let Some(slot) = self.clients.get_mut(usize::from(row.client)) else {
            return Err(full(self.capacity.clients));
        };
        if slot.loaded {
            kept(slot.row.market, row.market)?;
        } else {
            self.client_order.push(row.client);
        }
        slot.row = *row;
        slot.pbus |= row.pbu_mask;
        slot.loaded = true;
        Ok(())
    }

    pub(super) fn load_pbu(&mut self, row: &LoadPbu) -> Result<(), Denied> {
        within(row.market, 1, 2)?;
        within(row.pbu_no, 0, i64::from(PBUS) - 1)?;
        for gateway in [row.gateway, row.fixed_gateway] {
            within(gateway, 0, i64::from(self.capacity.gateways))?;
        }
        let holder = self.pbus.iter().position(|pbu| pbu.pbu_no == row.pbu_no);
        let known = self.pbu_at(row.market, &row.pbu).map(usize::from);
        if let Some(pbu) = known.and_then(|at| self.pbus.get_mut(at)) {
            kept(pbu.pbu_no, row.pbu_no)?;
            (pbu.gateway, pbu.fixed_gateway) = (row.gateway, row.fixed_gateway);
            self.note_carrier(row);
            return Ok(());
        }
        if holder.is_some() {
            let number = i64::from(row.pbu_no);
            return Err(Denied::new(Code::LoadInvalid, number, number));
        }
        if self.pbus.len() >= PBUS as usize {
            return Err(full(PBUS));
        }
        self.pbus.push(PbuRow {
            pbu: row.pbu,
            market: row.market,
            pbu_no: row.pbu_no,
            gateway: row.gateway,
            fixed_gateway: row.fixed_gateway,
            ..PbuRow::default()
        });
        self.note_carrier(row);
        Ok(())
    }

    /// Remember for the day that the gateways carry a PBU; gateway 0 is none.
    #[allow(
        clippy::trivially_copy_pass_by_ref,
        reason = "all loaders take rows alike"
    )]
    fn note_carrier(&mut self, row: &LoadPbu) {
        for number in [row.gateway, row.fixed_gateway] {
            let gateway = self.gateways.get_mut(usize::from(number));
            if let Some(gateway) = gateway.filter(|_| number != 0) {
                gateway.pbus |= 1 << (row.pbu_no & 63);
            }
        }
    }

    pub(super) fn load_branch(&mut self, row: &LoadBranch) -> Result<(), Denied> {
        within(row.state, 0, 1)?;
        let branch = BranchRow {
            branch: row.branch,
            open: row.state == 1,
        };
        if self.branches.load(branch) {
            Ok(())
        } else {
            Err(full(self.capacity.branches))
        }
    }

    #[allow(
        clippy::trivially_copy_pass_by_ref,
        reason = "all loaders take rows alike"
    )]
    pub(super) fn load_terminal(&mut self, row: &LoadTerminal) -> Result<(), Denied> {
        within(row.terminal, 1, i64::from(self.capacity.terminals))?;
        within(row.valid, 0, 1)?;
        if let Some(slot) = self.terminals.get_mut(row.terminal as usize) {
            *slot = 1 + row.valid;
        }
        Ok(())
    }
}
