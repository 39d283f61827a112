//! What a gate is told of the gate that stands by for it, or that it stands by for.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;

use crate::address::Range;
use crate::config::Tls;
use crate::shared_secret::SharedSecret;
use crate::together::Without;

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
    /// File of the secret that both sides of the line must have; only its owner may read it.
    pub secret: Option<PathBuf>,
    /// TLS where standbys connect to; none: plain TCP.
    pub publish_tls: Option<Tls>,
    /// TLS toward the primary; none: plain TCP.
    pub follow_tls: Option<FollowTls>,
    /// What is done in mode D while no standby follows closely enough.
    pub without: Without,
    /// Milliseconds for which a standby may acknowledge nothing in mode D before it counts as none.
    pub lag_ms: u64,
    /// Milliseconds without a word of the primary after which the line to it counts as lost.
    pub silence_ms: u64,
    /// Milliseconds for which this gate's serving loop may stand still while a standby follows, before the gate ends
    /// itself; 0: for ever.
    pub stuck_ms: u64,
}

/// TLS toward a primary.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FollowTls {
    /// File with the authorities of the primary's certificate, PEM.
    pub ca: PathBuf,
    /// Name or address in that certificate.
    pub name: String,
}

impl StandbyConfig {
    /// Read the secret.
    ///
    /// # Errors
    /// When none is named, or its file may not be used.
    pub fn load_secret(&self) -> Result<SharedSecret, String> {
        let path = self.secret.as_ref().ok_or(
            "standby.secret: must name a file beside standby.publish and standby.follow, found none",
        )?;
        SharedSecret::load(path)
    }
}

impl Default for StandbyConfig {
    fn default() -> Self {
        Self {
            publish: None,
            allow: Vec::new(),
            follow: None,
            automatic: false,
            secret: None,
            publish_tls: None,
            follow_tls: None,
            without: Without::Halt,
            lag_ms: 1_000,
            silence_ms: 3_000,
            stuck_ms: 5_000,
        }
    }
}
