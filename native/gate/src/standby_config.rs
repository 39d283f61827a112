//! What a gate is told of the gate that stands by for it, or that it stands by for.

use std::net::SocketAddr;

use serde::Deserialize;

use crate::address::Range;

/// A second gate that can go on in the place of the first.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StandbyConfig {
    /// Where standbys may follow this gate's journal; none: nowhere.
    pub publish: Option<SocketAddr>,
    /// Whose connections are taken there; none: those of this machine.
    pub allow: Vec<Range>,
    /// The gate that this one follows until it takes over; none: it serves at once.
    pub follow: Option<SocketAddr>,
    /// Take over by itself when the primary is lost and every gateway number can be claimed.
    pub automatic: bool,
    /// Milliseconds without a word of the primary after which the line to it counts as lost.
    pub silence_ms: u64,
    /// Milliseconds for which this gate's serving loop may stand still while a standby follows, before the gate ends
    /// itself; 0: for ever.
    pub stuck_ms: u64,
}

impl Default for StandbyConfig {
    fn default() -> Self {
        Self {
            publish: None,
            allow: Vec::new(),
            follow: None,
            automatic: false,
            silence_ms: 3_000,
            stuck_ms: 5_000,
        }
    }
}
