//! How much the engine holds; decided once, before the day.

panshi_wire::saved! {
    /// Rows of every table. Numbered things take numbers from 1 to their capacity.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Capacity {
        /// Customers; the largest customer number.
        pub customers: u32,
        /// Owner groups; the largest owner group number.
        pub owner_groups: u32,
        /// Desks; the largest desk number.
        pub desks: u32,
        /// Securities accounts.
        pub accounts: u32,
        /// Securities.
        pub securities: u32,
        /// Holdings: pairs of account and security, the ones that buys create included.
        pub holdings: u32,
        /// Orders of the day that are forwarded or queued.
        pub orders: u32,
        /// Cancels of the day that are forwarded or queued.
        pub cancels: u32,
        /// Orders and cancels within one second, all scopes together.
        pub events: u32,
        /// Client sessions; the largest client number.
        pub clients: u32,
        /// Exchange gateways; the largest gateway number.
        pub gateways: u32,
        /// Report streams, and as many streams toward clients.
        pub streams: u32,
        /// Rule classes; the largest rule number.
        pub rules: u32,
        /// Fee groups; the largest fee group number.
        pub fee_groups: u32,
        /// Windows of the session clock.
        pub phases: u32,
        /// Branches.
        pub branches: u32,
        /// Terminals; the largest terminal number.
        pub terminals: u32,
        /// Scope numbers with limit rows of their own, in each market.
        pub limit_sets: u32,
        /// Switch rows, and as many parameter rows of customer groups.
        pub switches: u32,
        /// Mass cancels that run at the same time.
        pub cancel_alls: u32,
        /// Schedule rows.
        pub schedules: u32,
        /// Booked fills of the day; no order passes any more when they are used up.
        pub fills: u32,
    }
}

impl Default for Capacity {
    fn default() -> Self {
        Self {
            customers: 10_000,
            owner_groups: 10_000,
            desks: 256,
            accounts: 20_000,
            securities: 10_000,
            holdings: 200_000,
            orders: 200_000,
            cancels: 100_000,
            events: 400_000,
            clients: 256,
            gateways: 64,
            streams: 4_096,
            rules: 256,
            fee_groups: 64,
            phases: 512,
            branches: 1_024,
            terminals: 100_000,
            limit_sets: 4_096,
            switches: 4_096,
            cancel_alls: 64,
            schedules: 256,
            fills: 800_000,
        }
    }
}

impl Capacity {
    /// Set one size by its name; false when there is no such size.
    #[must_use]
    pub fn set(&mut self, name: &str, rows: u32) -> bool {
        let size = match name {
            "customers" => &mut self.customers,
            "owner_groups" => &mut self.owner_groups,
            "desks" => &mut self.desks,
            "accounts" => &mut self.accounts,
            "securities" => &mut self.securities,
            "holdings" => &mut self.holdings,
            "orders" => &mut self.orders,
            "cancels" => &mut self.cancels,
            "events" => &mut self.events,
            "clients" => &mut self.clients,
            "gateways" => &mut self.gateways,
            "streams" => &mut self.streams,
            "rules" => &mut self.rules,
            "fee_groups" => &mut self.fee_groups,
            "phases" => &mut self.phases,
            "branches" => &mut self.branches,
            "terminals" => &mut self.terminals,
            "limit_sets" => &mut self.limit_sets,
            "switches" => &mut self.switches,
            "cancel_alls" => &mut self.cancel_alls,
            "schedules" => &mut self.schedules,
            "fills" => &mut self.fills,
            _ => return false,
        };
        *size = rows;
        true
    }

    /// Passes of mass cancels: each mass cancel has one for each gateway.
    #[must_use]
    pub const fn cancel_passes(&self) -> usize {
        (self.cancel_alls as usize).saturating_mul(self.gateways as usize)
    }

    /// The names of all sizes.
    pub const NAMES: &'static [&'static str] = &[
        "customers",
        "owner_groups",
        "desks",
        "accounts",
        "securities",
        "holdings",
        "orders",
        "cancels",
        "events",
        "clients",
        "gateways",
        "streams",
        "rules",
        "fee_groups",
        "phases",
        "branches",
        "terminals",
        "limit_sets",
        "switches",
        "cancel_alls",
        "schedules",
        "fills",
    ];
}

#[cfg(test)]
mod tests {
    use super::Capacity;

    #[test]
    fn every_size_has_a_name() {
        let mut capacity = Capacity::default();
        for name in Capacity::NAMES {
            assert!(capacity.set(name, 1), "{name}");
        }
        assert!(!capacity.set("colour", 1));
        assert_eq!((capacity.customers, capacity.cancel_alls), (1, 1));
        assert_eq!(core::mem::size_of::<Capacity>(), 4 * Capacity::NAMES.len());
    }
}
