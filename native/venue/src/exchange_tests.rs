use super::{Event, Exchange};
use crate::auction::TieRule;
use crate::cause::{Cause, Market};
use crate::order::{Kind, NONE, Order, Side, State};
use crate::phase::Phase;
use crate::security::Security;

const YUAN: i64 = 100_000;

fn market(market: Market, phase: Phase) -> Exchange {
    let security = Security {
        prev_close_e5: 10 * YUAN,
        fixed_price: true,
        ..Security::unlimited(market, "600000")
    };
    let mut exchange = Exchange::new(market, vec![security], TieRule::Nearest);
    exchange.phase = phase;
    exchange
}

fn send(
    exchange: &mut Exchange,
    side: Side,
    kind: Kind,
    yuan: i64,
    qty: i64,
) -> Result<u32, Cause> {
    exchange.submit(Order::new(0, side, kind, yuan * YUAN, qty))
}

fn asks(exchange: &mut Exchange, prices: std::ops::RangeInclusive<i64>) {
    for price in prices {
        send(exchange, Side::Sell, Kind::Limit, price, 100).unwrap();
    }
    exchange.events.clear();
}

fn ack(exchange: &Exchange) -> (i64, i64) {
    let found = exchange.events.iter().find_map(|event| match event {
        Event::Accepted {
            converted,
            cancelled,
            ..
        } => Some((*converted, *cancelled)),
        _ => None,
    });
    found.unwrap()
}

#[test]
fn best_five_cancels_the_rest_and_says_so_before_the_fills() {
    let mut exchange = market(Market::Sse, Phase::Continuous);
    asks(&mut exchange, 10..=16);
    let order = send(&mut exchange, Side::Buy, Kind::BestFiveIoc, 99, 1000).unwrap();
    assert_eq!(ack(&exchange), (0, 500));
    assert!(matches!(exchange.events[0], Event::Accepted { .. }));
    assert_eq!(
        (
            exchange.orders.get(order).cum,
            exchange.orders.get(order).state
        ),
        (500, State::Cancelled)
    );
    // The protection price bounds the next one to a single level.
    send(&mut exchange, Side::Buy, Kind::BestFiveIoc, 15, 1000).unwrap();
    assert_eq!(exchange.book(0).best_e5(Side::Sell), Some(16 * YUAN));
}

#[test]
fn best_five_to_limit_rests_at_its_last_price() {
    let mut exchange = market(Market::Sse, Phase::Continuous);
    asks(&mut exchange, 10..=16);
    send(&mut exchange, Side::Buy, Kind::BestFiveLimit, 99, 1000).unwrap();
    assert_eq!(ack(&exchange), (500, 0));
    assert_eq!(exchange.book(0).best_e5(Side::Buy), Some(14 * YUAN));
}

#[test]
fn own_best_and_counter_best_take_the_price_of_their_side() {
    let mut exchange = market(Market::Sse, Phase::Continuous);
    asks(&mut exchange, 12..=13);
    send(&mut exchange, Side::Buy, Kind::Limit, 10, 100).unwrap();
    exchange.events.clear();
    send(&mut exchange, Side::Buy, Kind::OwnBest, 99, 300).unwrap();
    assert_eq!(ack(&exchange), (300, 0));
    assert_eq!(exchange.book(0).available(Side::Sell, Some(10 * YUAN)), 400);
    exchange.events.clear();
    send(&mut exchange, Side::Buy, Kind::CounterBest, 99, 300).unwrap();
    assert_eq!(ack(&exchange), (200, 0));
    assert_eq!(exchange.book(0).best_e5(Side::Buy), Some(12 * YUAN));
    assert_eq!(exchange.book(0).best_e5(Side::Sell), Some(13 * YUAN));
}

#[test]
fn shanghai_refuses_market_orders_without_a_side_or_beyond_protection() {
    let mut exchange = market(Market::Sse, Phase::Continuous);
    for (kind, cause) in [
        (Kind::BestFiveIoc, Cause::NoCounterIoc),
        (Kind::BestFiveLimit, Cause::NoCounterLimit),
        (Kind::OwnBest, Cause::NoOwn),
        (Kind::CounterBest, Cause::NoCounter),
    ] {
        assert_eq!(send(&mut exchange, Side::Buy, kind, 99, 100), Err(cause));
    }
    asks(&mut exchange, 10..=10);
    for kind in [Kind::CounterBest, Kind::BestFiveIoc, Kind::BestFiveLimit] {
        assert_eq!(
            send(&mut exchange, Side::Buy, kind, 9, 100),
            Err(Cause::OverProtection)
        );
    }
    assert!(exchange.events.is_empty());
}

#[test]
fn shenzhen_takes_and_cancels_what_cannot_trade() {
    let mut exchange = market(Market::Szse, Phase::Continuous);
    let order = send(&mut exchange, Side::Buy, Kind::Ioc, 0, 100).unwrap();
    let by_rule = Event::Cancelled {
        order,
        qty: 100,
        request: NONE,
        cause: Some(Cause::Untraded),
    };
    assert_eq!(exchange.events.last(), Some(&by_rule));
    asks(&mut exchange, 10..=16);
    let order = send(&mut exchange, Side::Buy, Kind::Fok, 0, 800).unwrap();
    assert_eq!(
        (
            exchange.orders.get(order).cum,
            exchange.orders.get(order).cancelled
        ),
        (0, 800)
    );
    let order = send(&mut exchange, Side::Buy, Kind::Fok, 0, 700).unwrap();
    assert_eq!(exchange.orders.get(order).state, State::Filled);
}

#[test]
fn an_auction_trades_at_one_price_when_its_phase_ends() {
    let mut exchange = market(Market::Sse, Phase::OpeningCall);
    for (side, price, qty) in [
        (Side::Buy, 11, 300),
        (Side::Sell, 9, 100),
        (Side::Sell, 10, 100),
    ] {
        send(&mut exchange, side, Kind::Limit, price, qty).unwrap();
    }
    exchange.events.clear();
    exchange.enter_phase(Phase::OpeningCallNoCancel);
    assert!(exchange.events.is_empty(), "the auction goes on");
    assert_eq!(exchange.cancel(0, NONE), Err(Cause::CancelOpening));
    exchange.enter_phase(Phase::OpeningPause);
    let fills = exchange.events.iter().filter_map(|event| match *event {
        Event::Fill {
            order,
            price_e5,
            qty,
            cum,
            ..
        } => Some((order, price_e5 / YUAN, qty, cum)),
        _ => None,
    });
    let fills: Vec<_> = fills.collect();
    // At 10 the buyer, whose limit is better, would not trade whole.
    assert_eq!(
        fills,
        [
            (0, 11, 100, 100),
            (1, 11, 100, 100),
            (0, 11, 100, 200),
            (2, 11, 100, 100)
        ]
    );
    assert_eq!(exchange.last_e5(0), 11 * YUAN);
    assert_eq!(exchange.book(0).best_e5(Side::Buy), Some(11 * YUAN));
}

#[test]
fn cancels_are_answered_by_phase_and_state() {
    let mut exchange = market(Market::Sse, Phase::Continuous);
    let order = send(&mut exchange, Side::Sell, Kind::Limit, 10, 300).unwrap();
    send(&mut exchange, Side::Buy, Kind::Limit, 10, 100).unwrap();
    exchange.phase = Phase::ClosingCall;
    assert_eq!(exchange.cancel(order, 7), Err(Cause::CancelPhase));
    exchange.phase = Phase::Continuous;
    assert_eq!(exchange.cancel(order, 7), Ok(()));
    let gone = Event::Cancelled {
        order,
        qty: 200,
        request: 7,
        cause: None,
    };
    assert_eq!(exchange.events.last(), Some(&gone));
    assert_eq!(exchange.cancel(order, 8), Err(Cause::CancelDone));
    assert!(exchange.book(0).asks.best().is_none());
}

#[test]
fn fixed_price_matches_at_the_close_in_order_of_time() {
    let mut exchange = market(Market::Szse, Phase::Noon);
    let high = send(&mut exchange, Side::Buy, Kind::Fixed, 11, 100).unwrap();
    let low = send(&mut exchange, Side::Buy, Kind::Fixed, 9, 100).unwrap();
    exchange.enter_phase(Phase::FixedPrice);
    assert_eq!(
        exchange.orders.get(low).state,
        State::Cancelled,
        "9 does not reach the close"
    );
    assert_eq!(
        send(&mut exchange, Side::Sell, Kind::Fixed, 11, 100),
        Err(Cause::Range)
    );
    exchange.events.clear();
    let sale = send(&mut exchange, Side::Sell, Kind::Fixed, 8, 300).unwrap();
    assert_eq!(
        (exchange.orders.get(sale).cum, exchange.orders.get(high).cum),
        (100, 100)
    );
    let at_close =
        |event: &&Event| matches!(event, Event::Fill { price_e5, .. } if *price_e5 == 10 * YUAN);
    assert_eq!(exchange.events.iter().filter(at_close).count(), 2);
    assert_eq!(exchange.cancel(sale, 0), Ok(()));
}

#[test]
fn a_limit_outside_the_cage_is_refused_in_continuous_trading_only() {
    let listed = Security {
        prev_close_e5: 10 * YUAN,
        cage_bp: 200,
        cage_ticks: 10,
        ..Security::unlimited(Market::Sse, "600000")
    };
    let mut exchange = Exchange::new(Market::Sse, vec![listed], TieRule::Middle);
    exchange.phase = Phase::Continuous;
    assert_eq!(
        send(&mut exchange, Side::Buy, Kind::Limit, 11, 100),
        Err(Cause::Range)
    );
    exchange.phase = Phase::OpeningCall;
    assert!(send(&mut exchange, Side::Sell, Kind::Limit, 11, 100).is_ok());
    exchange.phase = Phase::Continuous;
    let at_ask = send(&mut exchange, Side::Buy, Kind::Limit, 11, 100);
    assert!(at_ask.is_ok(), "the best ask is the reference");
}
