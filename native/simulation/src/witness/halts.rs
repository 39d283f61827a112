//! Trading states as the journal's commands and suspensions set them, kept apart from the engine's.

use std::collections::BTreeMap;

use panshi_engine::input::Input;
use panshi_engine::kind::Scope;
use panshi_engine::output::Output;
use panshi_engine::record::flow::NewOrder;

/// What a state is set for: scope, number, market and key.
type Place = (u8, u32, u8, [u8; 16]);

const SELL_ONLY: u8 = 1;

/// States by what they are set for.
#[derive(Clone, Debug, Default)]
pub struct Halts {
    pbus: Vec<(u8, [u8; 8])>,
    states: BTreeMap<Place, u8>,
    /// What the last command replaced, in case the engine does not take it.
    undo: Option<(u64, Place, u8)>,
}

fn place(scope: u8, id: u32, market: u8, key: [u8; 16]) -> Place {
    let keyed = scope == Scope::Account.number() || scope == Scope::Security.number();
    if keyed {
        (scope, 0, market, key)
    } else {
        (scope, id, 0, [b' '; 16])
    }
}

fn key(text: &[u8]) -> [u8; 16] {
    let mut key = [b' '; 16];
    let length = text.len().min(16);
    key[..length].copy_from_slice(&text[..length]);
    key
}

impl Halts {
    /// Everything is normal. PBUs are numbered by their place.
    #[must_use]
    pub fn new(pbus: &[(u8, [u8; 8])]) -> Self {
        Self {
            pbus: pbus.to_vec(),
            ..Self::default()
        }
    }

    /// A command.
    pub fn input(&mut self, seq: u64, input: &Input) {
        if let Input::SetState(row) = input {
            let place = place(row.scope, row.id, row.market, row.key);
            let before = self.states.insert(place, row.state).unwrap_or(0);
            self.undo = Some((seq, place, before));
        }
    }

    /// What the engine made of it, or did by itself.
    pub fn output(&mut self, output: &Output) {
        match output {
            Output::LoadRefused(row) => {
                if let Some((_, place, before)) = self.undo.filter(|undo| undo.0 == row.input_seq) {
                    self.states.insert(place, before);
                }
            }
            Output::StateChanged(row) if row.cause != 0 => {
                let state = self
                    .states
                    .entry(place(row.scope, row.id, row.market, row.key))
                    .or_default();
                *state = (*state).max(row.to);
            }
            _ => {}
        }
    }

    /// Why an order may not be sent on, if it may not.
    #[must_use]
    pub fn forbids(&self, order: &NewOrder) -> Option<String> {
        let number = self
            .pbus
            .iter()
            .position(|pbu| *pbu == (order.market, order.pbu));
        let number = number
            .and_then(|at| u32::try_from(at).ok())
            .unwrap_or(u32::MAX);
        let nobody = [b' '; 16];
        let places = [
            (Scope::Firm.number(), 0, 0, nobody),
            (Scope::Market.number(), order.market.into(), 0, nobody),
            (Scope::Pbu.number(), number, 0, nobody),
            (Scope::Client.number(), order.client.into(), 0, nobody),
            (
                Scope::Account.number(),
                0,
                order.market,
                key(&order.account),
            ),
            (
                Scope::Security.number(),
                0,
                order.market,
                key(&order.security_id),
            ),
        ];
        places.into_iter().find_map(|place| {
            let state = self.states.get(&place).copied().unwrap_or(0);
            let halted = state > SELL_ONLY || (state == SELL_ONLY && order.side == b'1');
            halted.then(|| format!("scope {} number {} has state {state}", place.0, place.1))
        })
    }
}
