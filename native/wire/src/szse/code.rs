//! Codes of the Shenzhen gateway: `Logout.SessionStatus` and the reject reasons of spot trading.
//!
//! Source: SZSE Binary trading interface v1.32 (2025-02), 4.4.2; reject reasons from the order
//! reject code table v1.02 (2024-07). Reasons of other businesses are not listed.

/// The session goes on.
pub const SESSION_ACTIVE: i32 = 0;
/// Logout complete.
pub const SESSION_LOGOUT_COMPLETE: i32 = 4;
/// Wrong user or password.
pub const SESSION_BAD_LOGIN: i32 = 5;
/// Logon not allowed at this time.
pub const SESSION_NOT_NOW: i32 = 7;
/// Another reason.
pub const SESSION_OTHER: i32 = 101;
/// Invalid message.
pub const SESSION_INVALID_MESSAGE: i32 = 102;

/// The account was never opened.
pub const ACCOUNT_UNKNOWN: u16 = 20001;
/// The account is closed, lost or otherwise invalid.
pub const ACCOUNT_INVALID: u16 = 20002;
/// The account has no right for the product.
pub const ACCOUNT_RIGHT: u16 = 20003;
/// The business is switched off for the security.
pub const BUSINESS_OFF: u16 = 20005;
/// The current phase does not take this kind of order.
pub const PHASE: u16 = 20006;
/// The security is suspended.
pub const SUSPENDED: u16 = 20007;
/// The price is not on a tick.
pub const PRICE_TICK: u16 = 20008;
/// The price lies outside the limits or the valid range.
pub const PRICE_RANGE: u16 = 20009;
/// The quantity is not a multiple of the unit.
pub const QTY_UNIT: u16 = 20010;
/// The quantity or amount is outside its bounds.
pub const QTY_RANGE: u16 = 20011;
/// A short sale must be a limit order.
pub const SHORT_MARKET_ORDER: u16 = 20015;
/// The price of a short sale breaks the price rule.
pub const SHORT_PRICE: u16 = 20016;
/// Not enough shares.
pub const HOLDING: u16 = 20022;
/// The PBU does not exist.
pub const PBU_UNKNOWN: u16 = 20023;
/// The PBU has no right for the product.
pub const PBU_PRODUCT: u16 = 20024;
/// A market order could not trade and was cancelled.
pub const MARKET_ORDER_UNTRADED: u16 = 20046;
/// The participant's funds are not enough.
pub const FUNDS: u16 = 20064;
/// The platform is closed.
pub const PLATFORM_CLOSED: u16 = 20065;
/// `ClearingFirm` wrong.
pub const CLEARING_FIRM: u16 = 20068;
/// `TimeInForce`, `OrdType`, `MaxPriceLevels` and `MinQty` do not go together.
pub const ORDER_KIND: u16 = 20076;
/// A cancel request names another business or security than its order.
pub const CANCEL_DIFFERS: u16 = 20095;
/// The order cannot be cancelled.
pub const CANCEL_IMPOSSIBLE: u16 = 20096;
/// The order to cancel was not found.
pub const ORDER_UNKNOWN: u16 = 20097;
/// The order was sent before.
pub const DUPLICATE: u16 = 20099;
/// `ApplID` wrong.
pub const APPL_ID: u16 = 20101;
/// The security does not take part in the business.
pub const SECURITY: u16 = 20102;
/// The message could not be read.
pub const UNREADABLE: u16 = 20103;
/// The platform is not open; the order must be sent again when it is.
pub const PLATFORM_NOT_OPEN: u16 = 20104;
/// The gateway has no right for the PBU.
pub const PBU_GATEWAY: u16 = 20105;
/// A field's value is wrong.
pub const FIELD: u16 = 20106;
/// The message type is not supported.
pub const MESSAGE_TYPE: u16 = 20107;
/// The order belongs to another platform.
pub const PLATFORM: u16 = 20108;
/// Trading is halted temporarily.
pub const HALT: u16 = 20114;
/// Another reason.
pub const OTHER: u16 = 29999;
