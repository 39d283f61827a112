//! What the venue publishes is what the engine reads.
#![allow(clippy::unwrap_used)]

use panshi_engine::record::flow::Quote as EngineQuote;
use panshi_venue::quote::Quote;
use panshi_wire::layout::Layout;

#[test]
fn the_venue_and_the_engine_have_one_layout_of_quotes() {
    assert_eq!((Quote::TYPE, Quote::LEN), (34, 48));
    assert_eq!((EngineQuote::TYPE, EngineQuote::LEN), (34, 48));
    let fields = |fields: &[panshi_wire::layout::FieldDesc]| {
        fields
            .iter()
            .map(|field| (field.name, field.kind, field.offset))
            .collect::<Vec<_>>()
    };
    assert_eq!(fields(Quote::FIELDS), fields(EngineQuote::FIELDS));
}
