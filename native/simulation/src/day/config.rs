//! What exchange and gate of the run are told at their start.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use panshi_gate::config::Config as GateConfig;
use panshi_venue::config::Config as VenueConfig;
use panshi_venue::fault::Fault;
use serde_json::{Value, json};

use crate::day::{
    BEGIN_NS, CALM_NS, CUSTOMERS, MARKETS, PHASES, PRICE_E5, SECURITIES, TRADE_DATE, gateways,
    security_code,
};
use crate::plan::{Act, Plan, Setting, What};
use crate::queue::{MS, SECOND};

/// Id of the firm at the exchange gateways.
const FIRM: &str = "FIRM";

/// Address of an exchange gateway: main or backup.
#[must_use]
pub fn address(gateway: u16, backup: bool) -> SocketAddr {
    let host = if backup { 2 } else { 1 };
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, host)), 9_000 + gateway)
}

fn sets_of(setting: &Setting, market: u8) -> Vec<u32> {
    let rows = gateways(setting).into_iter();
    rows.filter(|row| row.market == market)
        .flat_map(|row| row.sets)
        .collect()
}

fn comp_id(market: u8) -> &'static str {
    if market == 1 { "TDGW" } else { "TGW" }
}

/// The exchange.
///
/// # Errors
/// When a part of the configuration does not hold.
pub fn venue_config(plan: &Plan) -> Result<VenueConfig, String> {
    let setting = &plan.setting;
    let market = |number: u8| if number == 1 { "sse" } else { "szse" };
    let gateways: Vec<Value> = gateways(setting)
        .iter()
        .map(|row| {
            json!({
                "market": market(row.market), "addresses": [], "comp_id": comp_id(row.market),
                "pbus": [row.pbu], "sets": row.sets, "platform": row.market - 1,
            })
        })
        .collect();
    let securities: Vec<Value> = MARKETS
        .iter()
        .flat_map(|number| (0..SECURITIES).map(move |at| (*number, at)))
        .map(|(number, at)| {
            json!({
                "market": market(number), "code": security_code(number, at),
                "set_id": at + 1, "prev_close_e5": PRICE_E5,
                "limit_up_e5": PRICE_E5 * 11 / 10, "limit_down_e5": PRICE_E5 * 9 / 10,
            })
        })
        .collect();
    let steps: Vec<Value> = PHASES
        .iter()
        .map(|(second, phase, state, _, _)| {
            let at_ns = if *second == 0 {
                0
            } else {
                BEGIN_NS + second * SECOND
            };
            json!({ "at_ns": at_ns, "phase": phase, "state": state, "state_fixed": state })
        })
        .collect();
    let config = json!({
        "trade_date": TRADE_DATE, "gateways": gateways, "securities": securities,
        "sse": { "day": steps }, "szse": { "day": steps },
    });
    let config: VenueConfig =
        serde_json::from_value(config).map_err(|error| format!("venue: {error}"))?;
    let faults = plan.acts.iter().filter_map(fault).collect();
    Ok(VenueConfig { faults, ..config })
}

/// The row of the exchange's script that an act of the plan stands for.
fn fault(act: &Act) -> Option<Fault> {
    let What::Exchange {
        gateway,
        action,
        after,
        times,
    } = act.what
    else {
        return None;
    };
    Some(Fault {
        action,
        gateway: Some(gateway),
        at_ns_of_day: BEGIN_NS + act.at_ms * MS,
        until_ns_of_day: Some(BEGIN_NS + CALM_NS),
        msg_type: None,
        after,
        every: 1,
        times,
    })
}

/// The gate.
///
/// # Errors
/// When a part of the configuration does not hold.
pub fn gate_config(setting: &Setting, directory: &Path) -> Result<GateConfig, String> {
    let nowhere = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 1);
    let listen: Vec<Value> = MARKETS
        .iter()
        .map(|market| {
            json!({
                "market": market, "platform": market - 1, "address": nowhere,
                "comp_id": comp_id(*market),
                "streams": if setting.streams_known { sets_of(setting, *market) } else { Vec::new() },
            })
        })
        .collect();
    let gateways: Vec<Value> = gateways(setting)
        .iter()
        .map(|row| {
            json!({
                "number": row.number, "market": row.market, "platform": row.market - 1,
                "main": address(row.number, false), "backup": address(row.number, true),
                "comp_id": FIRM, "target_comp_id": comp_id(row.market), "heartbeat_s": 5,
            })
        })
        .collect();
    let config = json!({
        "journal": {
            "dir": directory, "segment_bytes": setting.segment_bytes,
            "durability": setting.durability.letter(),
        },
        "recovery": { "activate": "at_once" },
        "listen": listen, "gateways": gateways, "timer_ms": setting.timer_ms,
        "bounds": {
            "client_backlog_bytes": setting.client_backlog_bytes,
            "gateway_backlog_bytes": setting.gateway_backlog_bytes,
        },
        "capacity": {
            "customers": CUSTOMERS, "owner_groups": CUSTOMERS, "desks": 2, "accounts": 8,
            "securities": 4, "holdings": 32, "orders": 4_000, "cancels": 4_000,
            "events": 8_000, "clients": 4, "gateways": 4, "streams": 32, "rules": 2,
            "fee_groups": 1, "phases": 32, "branches": 2, "terminals": 1, "limit_sets": 64,
            "switches": 16, "cancel_alls": 4,
        },
    });
    serde_json::from_value(config).map_err(|error| format!("gate: {error}"))
}
