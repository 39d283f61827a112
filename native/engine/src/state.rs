//! States that come as inputs: sessions, gateways, quotes, trading states by scope.

use panshi_wire::layout::Layout;

use crate::code::Code;
use crate::denied::Denied;
use crate::emit::Emit;
use crate::kind::{Scope, TradingState};
use crate::load;
use crate::mass::starts;
use crate::record::flow::{ClientState, GatewayState, Quote, SetState};
use crate::record::output::StateChanged;
use crate::report::Subject;
use crate::table::tables::Tables;
use crate::table::trading::TradingSlot;

impl Tables {
    /// A client logged in or out.
    pub(crate) fn set_client(&mut self, row: &ClientState, emit: &mut Emit<'_>) {
        let client = self.clients.get_mut(usize::from(row.client));
        match client.filter(|client| client.loaded) {
            Some(client) => client.online = row.online == 1,
            None => load::refuse(
                emit,
                ClientState::TYPE,
                Denied::new(Code::ClientUnknown, 0, i64::from(row.client)),
            ),
        }
    }

    /// A gateway changed its state.
    pub(crate) fn set_gateway(&mut self, row: &GatewayState, emit: &mut Emit<'_>) {
        let known = row.gateway != 0 && row.state <= 6;
        match self.gateways.get_mut(usize::from(row.gateway)) {
            Some(gateway) if known => {
                gateway.state = row.state;
                if row.state == 0 {
                    self.lose_cancels(row.gateway);
                }
                if row.silent_ms != 0 {
                    let (most, found) = (row.silent_max_ms.into(), row.silent_ms.into());
                    let denied = Denied::new(Code::GatewaySilent, most, found);
                    self.anomaly(&Subject::of_gateway(row.gateway), denied, emit);
                }
            }
            _ => load::refuse(
                emit,
                GatewayState::TYPE,
                Denied::new(Code::GatewayUnknown, 0, i64::from(row.gateway)),
            ),
        }
    }

    /// Best prices of a security.
    pub(crate) fn set_quote(&mut self, row: &Quote, emit: &mut Emit<'_>) {
        let least = row.bid_e5.min(row.ask_e5).min(row.last_e5);
        let at = self.security_at(row.market, &row.code);
        let security = at.and_then(|at| self.securities.get_mut(at as usize));
        let Some(security) = security else {
            let denied = Denied::plain(Code::SecurityUnknown);
            load::refuse(emit, Quote::TYPE, denied);
            return;
        };
        if least < 0 {
            let denied = Denied::new(Code::LoadInvalid, 0, least);
            load::refuse(emit, Quote::TYPE, denied);
            return;
        }
        security.bid_e5 = row.bid_e5;
        security.ask_e5 = row.ask_e5;
        security.last_e5 = row.last_e5;
    }

    /// Set the trading state of a scope.
    pub(crate) fn set_state(&mut self, row: &SetState, emit: &mut Emit<'_>) {
        let Some(state) = TradingState::from_number(row.state) else {
            let denied = Denied::new(Code::LoadInvalid, 3, i64::from(row.state));
            load::refuse(emit, SetState::TYPE, denied);
            return;
        };
        let Some(slot) = self.trading_slot(row.scope, row.id, row.market, &row.key) else {
            let denied = Denied::new(Code::LoadInvalid, i64::from(row.scope), i64::from(row.id));
            load::refuse(emit, SetState::TYPE, denied);
            return;
        };
        let before = slot.now();
        slot.set = state;
        let after = slot.now();
        emit.push(StateChanged {
            time_ns: emit.now_ns,
            input_seq: emit.seq,
            id: row.id,
            scope: row.scope,
            from: before.number(),
            to: after.number(),
            market: row.market,
            key: row.key,
            ..StateChanged::default()
        });
    }

    /// The trading state of a scope number; nothing when the scope has none or holds no such number.
    pub(crate) fn trading_slot(
        &mut self,
        scope: u8,
        id: u32,
        market: u8,
        key: &[u8; 16],
    ) -> Option<&mut TradingSlot> {
        let place = id as usize;
        match Scope::from_number(scope)? {
            Scope::Firm => Some(&mut self.firm_state),
            Scope::Market => self.market_states.get_mut(place).filter(|_| id != 0),
            Scope::Pbu => self
                .pbus
                .iter_mut()
                .find(|pbu| u32::from(pbu.pbu_no) == id)
                .map(|pbu| &mut pbu.trading),
            Scope::Client => self
                .clients
                .get_mut(place)
                .filter(|client| client.loaded)
                .map(|client| &mut client.trading),
            Scope::Account => {
                let (account, _) = key.split_first_chunk::<13>()?;
                let at = self.account_at(market, account)?;
                let account = self.accounts.get_mut(at as usize)?;
                starts(key, &account.account).then_some(&mut account.trading)
            }
            Scope::OwnerGroup => self.owner_group_states.get_mut(place).filter(|_| id != 0),
            Scope::Strategy => self.strategy_states.get_mut(place).filter(|_| id != 0),
            Scope::Security => {
                let (code, _) = key.split_first_chunk::<8>()?;
                let at = self.security_at(market, code)?;
                let security = self.securities.get_mut(at as usize)?;
                starts(key, &security.code).then_some(&mut security.trading)
            }
            Scope::Customer | Scope::Desk | Scope::Gateway => None,
        }
    }
}
