//! The part of the market that a command is about.

use panshi_engine::kind::Scope;
use panshi_engine::record::flow::SetState;

use crate::command::Request;
use crate::convert::width;
use crate::gate::Gate;
use crate::latch::Stop;

/// Scopes that have a trading state.
pub const STATES: [Scope; 8] = [
    Scope::Firm,
    Scope::Market,
    Scope::Pbu,
    Scope::Client,
    Scope::Account,
    Scope::OwnerGroup,
    Scope::Strategy,
    Scope::Security,
];

/// A part of the market, as a request names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// What kind of part.
    pub scope: Scope,
    /// Number within the scope where it has one.
    pub id: u32,
    /// Market of an account or security.
    pub market: u8,
    /// Account or security code where the scope has one.
    pub key: [u8; 16],
}

impl Target {
    /// Read what a request names; whether there is such a part only a gate knows.
    ///
    /// # Errors
    /// When something is left out, or said that the scope does not use.
    pub fn read(request: &Request, scopes: &[Scope]) -> Result<Self, String> {
        let scope = request.scope(scopes)?;
        let (mut id, mut market) = (
            request.number("id", Some(0))?,
            request.number("market", Some(0))?,
        );
        let key = request.text("key")?;
        if scope == Scope::Market && id == 0 {
            (id, market) = (u32::from(market), 0);
        }
        // Two spellings of one code would be two targets, and the second person of the one the first of the other.
        if key.bytes().any(|byte| !byte.is_ascii_alphanumeric()) {
            return Err(format!("key: must be letters and digits, found {key:?}"));
        }
        let name = scope.name();
        let by_key = matches!(scope, Scope::Account | Scope::Security);
        // A key that the scope does not use is a slip that would hit far more than was meant.
        if !by_key && (!key.is_empty() || market != 0) {
            return Err(format!(
                "key: must be left out with scope {name}, found {key:?} and market {market}"
            ));
        }
        if id != 0 && (by_key || scope == Scope::Firm) {
            return Err(format!(
                "id: must be left out with scope {name}, found {id}"
            ));
        }
        Ok(Self {
            scope,
            id,
            market,
            key: width::text(key),
        })
    }

    /// The target of a stop; none: its scope is no scope of today's.
    #[must_use]
    pub fn of(stop: &Stop) -> Option<Self> {
        Some(Self {
            scope: Scope::from_number(stop.scope)?,
            id: stop.id,
            market: stop.market,
            key: stop.key,
        })
    }

    /// The input that sets the target's trading state.
    #[must_use]
    pub fn set_state(&self, state: u8, time_ns: u64) -> SetState {
        SetState {
            time_ns,
            scope: self.scope.number(),
            state,
            market: self.market,
            spare: [0; 5],
            id: self.id,
            spare2: 0,
            key: self.key,
        }
    }
}

impl Gate {
    /// The part of the market that a request names, which must be there.
    ///
    /// # Errors
    /// When it is not.
    pub(crate) fn target(&self, request: &Request, scopes: &[Scope]) -> Result<Target, String> {
        let target = Target::read(request, scopes)?;
        self.require_known(&target)?;
        Ok(target)
    }

    /// Refuse a target that is not there.
    ///
    /// # Errors
    /// When nothing has this number or key.
    pub(crate) fn require_known(&self, target: &Target) -> Result<(), String> {
        let Target {
            scope,
            id,
            market,
            key,
        } = *target;
        let clients = &self.book.clients;
        let mut pbus = self.book.pbus.iter();
        let known = match scope {
            Scope::Firm => true,
            Scope::Market => matches!(id, 1 | 2),
            Scope::Pbu => pbus.any(|pbu| u32::from(pbu.pbu_no) == id),
            Scope::Client => clients.get(id as usize).is_some_and(Option::is_some),
            Scope::Customer => self.engine.customer(id).is_some(),
            Scope::Gateway => self
                .links
                .iter()
                .any(|link| u32::from(link.config.number) == id),
            Scope::OwnerGroup | Scope::Desk | Scope::Strategy => id != 0,
            Scope::Account => self.engine.account(market, &width::fit(key)).is_some(),
            Scope::Security => self.engine.security(market, &width::fit(key)).is_some(),
        };
        if known {
            return Ok(());
        }
        let name = scope.name();
        Err(match scope {
            Scope::Account | Scope::Security => {
                let key = String::from_utf8_lossy(panshi_wire::text::trim(&key)).into_owned();
                format!(
                    "key: must be a known {name} of market 1 or 2, found {key:?} of market {market}"
                )
            }
            _ => format!("id: must be the number of a known {name}, found {id}"),
        })
    }
}
