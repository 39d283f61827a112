//! Gateway numbers are logged in only while they are claimed: before a logon, in every turn, and when a keeper says so.

use serde_json::{Map, Value, json};

use crate::centre::Cause;
use crate::conn::{Role, SECOND_NS};
use crate::exchange::Phase;
use crate::gate::Gate;
use crate::own::NumberClaim;

/// Time between two attempts to get a number.
const RETRY_NS: u64 = SECOND_NS / 20;
/// Furthest moment ahead that a grant may name: beyond it its clock is another one.
const AHEAD_MAX_NS: u64 = 600 * SECOND_NS;

/// What must be closed at once, without a further byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expired {
    /// A session.
    Conn(usize),
    /// The connection of a link that does not stand yet.
    Connecting(usize),
}

/// Something that a keeper says of one number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Name of the number.
    pub name: String,
    /// Moment up to which it may be relied on, on the clock since boot; 0 takes it back.
    pub until_ns: u64,
    /// Number of the lease's holding.
    pub token: u64,
}

impl Gate {
    /// Whether a link may log in now; what it lacks is told once.
    pub(crate) fn is_claimed(&mut self, link: usize) -> bool {
        let lease = self.config.claim.lease;
        let goodbye_ns = lease.map_or(0, |lease| lease.goodbye_ms * 1_000_000);
        // What runs out soon is not worth a logon, whose goodbye would follow at once.
        let needed_ns = self.now.boot_ns + 2 * goodbye_ns;
        let claim = &mut self.links[link].claim;
        let taken = if claim.lacks_lease(needed_ns) {
            claim.release_lock();
            Err("no lease".to_owned())
        } else {
            claim.take_lock()
        };
        let waits = taken.err();
        if claim.waits != waits {
            let held = waits.is_none();
            claim.waits.clone_from(&waits);
            self.tell_claim(link, held);
        }
        self.links[link].claim.waits.is_none()
    }

    /// A number that is not claimed yet is asked for again a little later.
    pub(crate) fn wait_for_claim(&mut self, link: usize) {
        self.links[link].phase = Phase::Down(self.now.mono_ns + RETRY_NS);
    }

    fn tell_claim(&mut self, link: usize, held: bool) {
        let row = &self.links[link];
        let (config, claim) = (&row.config, &row.claim);
        let change = NumberClaim {
            time_ns: self.now.market_ns,
            token: claim.token,
            gateway: config.number,
            platform: config.platform,
            market: config.market,
            held: held.into(),
            spare: [0; 2],
        };
        let fields = json!({
            "gateway": config.number, "claim": claim.name, "token": claim.token, "waits": claim.waits,
        });
        let (level, event) = if held {
            ("info", "gateway number claimed")
        } else {
            ("warning", "gateway number not claimed")
        };
        if claim.leased {
            self.append_own(&change);
        }
        self.note(level, event, fields);
    }

    /// Begin the goodbye of sessions whose lease runs out; what must be closed now, because it has.
    pub fn watch_claims(&mut self) -> Vec<Expired> {
        let Some(lease) = self.config.claim.lease else {
            return Vec::new();
        };
        let (boot_ns, now) = (self.now.boot_ns, self.now.mono_ns);
        let goodbye_ns = lease.goodbye_ms * 1_000_000;
        let mut expired = Vec::new();
        for link in 0..self.links.len() {
            let row = &mut self.links[link];
            let left_ns = row.claim.until_ns.saturating_sub(boot_ns);
            match (row.phase, row.conn) {
                (Phase::Connecting(_), _) if left_ns == 0 => {
                    expired.push(Expired::Connecting(link));
                    self.link_gone(link, Cause::Claim, "the lease has run out");
                }
                (_, Some(id)) if left_ns == 0 => {
                    // Nothing more is queued for it, and the next step closes it.
                    row.phase = Phase::Leaving(now);
                    row.ending = Some(Cause::Claim);
                    expired.push(Expired::Conn(id));
                }
                (Phase::Up, Some(id)) if left_ns <= goodbye_ns => {
                    self.leave_link(id, link, Cause::Claim);
                }
                _ => {}
            }
        }
        expired
    }

    /// Moment up to which a connection may be written to on the clock since boot; none: as long as it stands.
    pub(crate) fn relied_until(&self, id: usize) -> Option<u64> {
        self.config.claim.lease?;
        match self.conns.get(id)?.as_ref()?.role {
            Role::Link(link) => Some(self.links.get(link)?.claim.until_ns),
            Role::Client { .. } => None,
        }
    }

    /// Take what a keeper grants, and say how every number stands.
    ///
    /// # Errors
    /// When a number is not known, needs no lease, or the moment is on another clock; nothing is taken then.
    pub(crate) fn take_grants(&mut self, grants: &[Grant]) -> Result<Value, String> {
        let boot_ns = self.now.boot_ns;
        for grant in grants {
            let mut links = self.links.iter();
            let name = &grant.name;
            if !links.any(|link| link.claim.leased && link.claim.name == *name) {
                return Err(format!(
                    "grants: must name gateway numbers that need a lease, found {name:?}"
                ));
            }
            let ahead_ns = grant.until_ns.saturating_sub(boot_ns);
            if ahead_ns > AHEAD_MAX_NS {
                return Err(format!(
                    "grants: until_ns of {name} must be at most {AHEAD_MAX_NS} ns ahead on the clock since boot, found {ahead_ns}"
                ));
            }
        }
        for grant in grants {
            let mut links = self.links.iter_mut();
            if let Some(link) = links.find(|link| link.claim.name == grant.name) {
                (link.claim.until_ns, link.claim.token) = (grant.until_ns, grant.token);
            }
        }
        Ok(self.claim_rows())
    }

    /// How every number stands.
    fn claim_rows(&self) -> Value {
        let rows = self.links.iter().map(|link| {
            let claim = &link.claim;
            json!({
                "gateway": link.config.number, "name": claim.name,
                "path": claim.path, "leased": claim.leased,
                "locked": claim.is_locked(), "until_ns": claim.until_ns, "token": claim.token,
                "session": link.phase.name(), "waits": claim.waits,
            })
        });
        rows.collect()
    }
}

/// Read the grants of a request.
///
/// # Errors
/// When one is not whole.
pub fn read_grants(found: Option<&Value>) -> Result<Vec<Grant>, String> {
    let wrong = |found: &Value| {
        format!("grants: must be a list of name, until_ns and token, found {found}")
    };
    let Some(found) = found else {
        return Ok(Vec::new());
    };
    let one = |row: &Map<String, Value>| {
        Some(Grant {
            name: row.get("name")?.as_str()?.to_owned(),
            until_ns: row.get("until_ns")?.as_u64()?,
            token: row.get("token")?.as_u64()?,
        })
    };
    found
        .as_array()
        .ok_or_else(|| wrong(found))?
        .iter()
        .map(|row| row.as_object().and_then(one).ok_or_else(|| wrong(row)))
        .collect()
}
