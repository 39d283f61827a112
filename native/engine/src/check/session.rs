//! Steps 1 to 4: the day, the session, the id, the fields.

use crate::code::Code;
use crate::context::Ctx;
use crate::denied::Denied;
use crate::found::Found;
use crate::kind::{Market, OrderType, Scope};
use crate::record::flow::NewOrder;
use crate::table::party::ClientRow;
use crate::table::tables::Tables;

const SSE_AUCTION: u32 = 100_010;
const SZSE_AUCTION: u32 = 10;
const SZSE_FIXED: u32 = 370;

/// Run steps 1 to 4.
///
/// # Errors
/// The first failing check.
pub fn check(ctx: &mut Ctx<'_>) -> Result<(), Denied> {
    let (tables, order) = (ctx.tables, ctx.order);
    if !tables.day.open {
        return Err(Denied::plain(Code::DayNotOpen));
    }
    ctx.check_state(Scope::Firm, tables.firm_state)?;
    if let Some(state) = tables.market_states.get(usize::from(order.market)) {
        ctx.check_state(Scope::Market, *state)?;
    }
    ctx.client = if ctx.is_recovered() {
        loaded_client(tables, order.client)?
    } else {
        find_client(tables, order.client)?
    };
    ctx.found = Found::of(tables, order);
    ctx.check_state(Scope::Client, ctx.client.trading)?;
    check_market(ctx.client, order.market)?;
    if let Some(param) = tables.params.missing(order.market) {
        let (market, param) = (i64::from(order.market), i64::from(param.number()));
        return Err(Denied::new(Code::ParamMissing, market, param));
    }
    check_id(ctx.client, &order.cl_ord_id, |code| ctx_fail(ctx, code))?;
    let at = find_pbu(tables, ctx.client, order.market, &order.pbu)?;
    if let Some(pbu) = tables.pbus.get(usize::from(at)) {
        ctx.pbu = pbu;
        ctx.pbu_at = u32::from(at);
    }
    ctx.check_state(Scope::Pbu, ctx.pbu.trading)?;
    if tables.id_at(at, &order.cl_ord_id).is_some() {
        return Err(Denied::plain(Code::ClOrdIdDuplicate));
    }
    check_fields(order)
}

fn ctx_fail(ctx: &mut Ctx<'_>, code: Code) -> Result<(), Denied> {
    ctx.fail(code, 0, 0)
}

/// The client of an order or cancel, logged in.
///
/// # Errors
/// `ClientUnknown` or `ClientOffline`.
pub fn find_client(tables: &Tables, client: u16) -> Result<&ClientRow, Denied> {
    let row = loaded_client(tables, client)?;
    if row.online {
        Ok(row)
    } else {
        Err(Denied::plain(Code::ClientOffline))
    }
}

fn loaded_client(tables: &Tables, client: u16) -> Result<&ClientRow, Denied> {
    tables
        .clients
        .get(usize::from(client))
        .filter(|row| row.loaded)
        .ok_or(Denied::plain(Code::ClientUnknown))
}

/// The session's market is the message's.
///
/// # Errors
/// `MarketMismatch`.
pub fn check_market(client: &ClientRow, market: u8) -> Result<(), Denied> {
    if client.row.market == market {
        Ok(())
    } else {
        Err(Denied::plain(Code::MarketMismatch))
    }
}

/// Form and prefix of an id; `fail` decides what a failed check does.
///
/// # Errors
/// `ClOrdIdForm` or `ClOrdIdPrefix`.
pub fn check_id(
    client: &ClientRow,
    id: &[u8; 10],
    mut fail: impl FnMut(Code) -> Result<(), Denied>,
) -> Result<(), Denied> {
    if !id.iter().all(u8::is_ascii_alphanumeric) {
        fail(Code::ClOrdIdForm)?;
    }
    let length = usize::from(client.row.prefix_len);
    let prefix = client
        .row
        .prefix
        .get(..length)
        .unwrap_or(&client.row.prefix);
    if !id.starts_with(prefix) {
        fail(Code::ClOrdIdPrefix)?;
    }
    Ok(())
}

/// Row number of the PBU, which belongs to the session.
///
/// # Errors
/// `PbuUnknown` or `PbuNotOfClient`.
pub fn find_pbu(
    tables: &Tables,
    client: &ClientRow,
    market: u8,
    pbu: &[u8; 8],
) -> Result<u8, Denied> {
    let at = tables
        .pbu_at(market, pbu)
        .ok_or(Denied::plain(Code::PbuUnknown))?;
    let number = tables
        .pbus
        .get(usize::from(at))
        .map_or(64, |row| row.pbu_no);
    let owned = client.row.pbu_mask.checked_shr(u32::from(number));
    if owned.is_some_and(|mask| mask & 1 == 1) {
        Ok(at)
    } else {
        Err(Denied::plain(Code::PbuNotOfClient))
    }
}

fn check_fields(order: &NewOrder) -> Result<(), Denied> {
    let sse = order.market == Market::Sse.number();
    let supported = if sse {
        order.biz == SSE_AUCTION
    } else {
        matches!(order.biz, SZSE_AUCTION | SZSE_FIXED)
    };
    if !supported {
        let business = i64::from(order.biz);
        return Err(Denied::new(Code::BusinessUnsupported, 0, business));
    }
    let side = matches!(order.side, b'1' | b'2');
    let own = if sse {
        order.time_in_force == b'0'
            && matches!(&order.credit_tag, b"  " | b"XY" | b"RZ" | b"RQ" | b"PC")
    } else {
        matches!(order.cash_margin, b'1' | b'2' | b'3')
    };
    let fixed = order.biz != SZSE_FIXED || order.order_type == OrderType::Fixed.number();
    if side && own && fixed && order.stop_px_e5 == 0 {
        Ok(())
    } else {
        Err(Denied::plain(Code::FieldInvalid))
    }
}
