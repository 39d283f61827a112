//! The text form of messages: what it looks like, and what is said about bad input.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use panshi_wire::view::{self, decode_line};

const SSE: &str = include_str!("../../../tests/golden/wire/sse.txt");
const SZSE: &str = include_str!("../../../tests/golden/wire/szse.txt");

/// The hex digits of an object; a header without a number takes 1.
fn encode_line(protocol: &str, line: &str) -> Result<String, String> {
    view::encode_line(protocol, line, 1)
}

fn vector<'a>(text: &'a str, name: &str) -> &'a str {
    text.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
        .unwrap()
}

#[test]
fn an_order_is_shown_with_the_names_of_the_specification() {
    let expected = concat!(
        r#"{"type": 58, "message": "NewOrderSingle", "fields": {"BizID": 100010, "#,
        r#""BizPbu": "20001", "ClOrdID": "A000000001", "SecurityID": "600000", "#,
        r#""Account": "A123456789", "OwnerType": 0, "Side": "1", "Price": 1234000, "#,
        r#""OrderQty": 100000, "OrdType": "2", "TimeInForce": "0", "#,
        r#""TransactTime": 930001234567, "CreditTag": "", "ClearingFirm": "", "#,
        r#""BranchID": "00001", "UserInfo": "USER00000001"}, "seq": 3}"#
    );
    assert_eq!(decode_line("sse", vector(SSE, "SSE-05")), expected);
    assert_eq!(encode_line("sse", expected).unwrap(), vector(SSE, "SSE-05"));
}

#[test]
fn groups_are_lists() {
    let expected = concat!(
        r#"{"type": 208, "message": "ExecRptInfo", "fields": {"PlatformID": 0, "#,
        r#""Pbu": ["37167"], "SetID": [1, 2, 3, 4, 5, 6, 20, 991, 992]}, "seq": 76}"#
    );
    assert_eq!(decode_line("sse", vector(SSE, "captured-208")), expected);
    let expected = concat!(
        r#"{"type": 5, "message": "ReportSynchronization", "fields": {"NoPartitions": "#,
        r#"[{"PartitionNo": 1, "ReportIndex": 1}, {"PartitionNo": 2, "ReportIndex": 1}]}}"#
    );
    assert_eq!(decode_line("szse", vector(SZSE, "SZ-05")), expected);
    assert_eq!(
        encode_line("szse", expected).unwrap(),
        vector(SZSE, "SZ-05")
    );
}

#[test]
fn every_reference_message_comes_back() {
    for (protocol, text) in [("sse", SSE), ("szse", SZSE)] {
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (name, hex) = line.split_once(' ').unwrap();
            let shown = decode_line(protocol, hex);
            assert_eq!(
                encode_line(protocol, &shown).as_deref(),
                Ok(hex),
                "{name}: {shown}"
            );
            let spaced = format!("  {} {}\r\n", &hex[..10].to_uppercase(), &hex[10..]);
            assert_eq!(decode_line(protocol, &spaced), shown, "{name}");
        }
    }
}

#[test]
fn unknown_types_and_extra_bytes_are_kept() {
    let unknown = concat!(
        r#"{"type": 999, "message": "Unknown", "fields": {}, "seq": 9, "extra": "00ff", "#,
        r#""note": "unknown type: receivers ignore and log it"}"#
    );
    let hex = encode_line("sse", unknown).unwrap();
    assert_eq!(decode_line("sse", &hex), unknown);
    let extra = concat!(
        r#"{"type": 209, "message": "PlatformState", "fields": {"PlatformID": 0, "#,
        r#""PlatformState": 2}, "seq": 1, "extra": "2020"}"#
    );
    assert_eq!(
        decode_line("sse", &encode_line("sse", extra).unwrap()),
        extra
    );
}

/// Types without a table, and what is said of them.
const NUMBERS: &str = "
sse 301 registration, before v0.56
sse 308 network password
sse 32767 unknown type
szse 100405 quote;
szse 100517 quote request
szse 104110 quote response
szse 100709 indication of interest
szse 100503 trade capture report
szse 100421 multileg order
szse 102099 transfer of custody
szse 102197 vote
szse 102489 password service
szse 102587 margin query
szse 109901 new order of another business
szse 209902 confirm of another business
szse 200406 quote status report
szse 209915 fill of another business
szse 200526 alleged quote;
szse 200527 alleged quote response
szse 100499 unknown type
szse 200499 unknown type
szse 8 unknown type
";

#[test]
fn types_without_a_table_say_what_is_known_of_them() {
    for case in NUMBERS.lines().filter(|line| !line.is_empty()) {
        let mut cells = case.splitn(3, ' ');
        let (protocol, number) = (cells.next().unwrap(), cells.next().unwrap());
        let words = cells.next().unwrap();
        let line = format!(r#"{{"type": {number}, "extra": "01"}}"#);
        let shown = decode_line(protocol, &encode_line(protocol, &line).unwrap());
        assert!(shown.contains(r#""message": "Unknown", "fields": {}"#));
        let known = format!(r#""note": "known by number only: {words}"#);
        let unknown = format!(r#""note": "{words}"#);
        assert!(
            shown.contains(&known) || shown.contains(&unknown),
            "{shown}"
        );
    }
}

#[test]
fn fields_left_out_take_the_default_and_a_name_can_stand_for_the_type() {
    let hex = encode_line("sse", r#"{"message": "Logout"}"#).unwrap();
    let shown = concat!(
        r#"{"type": 41, "message": "Logout", "fields": {"SessionStatus": 0, "#,
        r#""Text": ""}, "seq": 1}"#
    );
    assert_eq!(decode_line("sse", &hex), shown);
    // Without groups: the required one is empty, the optional one absent.
    let hex = encode_line("szse", r#"{"type": 201202}"#).unwrap();
    assert!(decode_line("szse", &hex).ends_with(r#""NoSecurity": []}}"#));
}

#[test]
fn bytes_that_are_no_text_are_hex_digits() {
    let line = r#"{"type": 41, "fields": {"Text": {"hex": "ff00"}}}"#;
    let hex = encode_line("sse", line).unwrap();
    assert!(decode_line("sse", &hex).contains(r#""Text": {"hex": "ff00"}"#));
    let line = "{\"type\": 206302, \"fields\": {\"IMCRejectText\": \"拒绝 \\\"x\\u0007 \"}}";
    let hex = encode_line("szse", line).unwrap();
    assert!(decode_line("szse", &hex).contains("\"IMCRejectText\": \"拒绝 \\\"x\\u0007 \""));
}

/// Objects that are no message, and words that the error must have.
const BAD_OBJECTS: &str = r#"
sse [] => must be one JSON object
sse { => must be one JSON object
sse {"error": "x"} => message: must be an object with the keys type, message
sse {} => message: must be given, or its type
sse {"message": 5} => message: must be the name of a message, found 5
sse {"message": "Order"} => must be the name of a message of the protocol
szse {"message": "NewOrder"} => type: must be given, because several types
sse {"type": 58, "message": "Logon"} => must be NewOrderSingle for type 58
sse {"type": -1} => type: must be an integer from 0 to 4294967295
sse {"type": 33, "seq": 1.5} => seq: must be an integer
szse {"type": 3, "seq": 1} => seq: must be absent
sse {"type": 41, "fields": []} => fields: must be an object
sse {"type": 41, "fields": {"Txt": ""}} => made of SessionStatus, Text, found Txt
sse {"type": 33, "fields": {"A": 1}} => Heartbeat: must be without fields
sse {"type": 999, "fields": {"A": 1}} => unknown type: must be without fields
sse {"type": 41, "fields": {"Text": 5}} => fields.Text: must be text
sse {"type": 41, "fields": {"Text": {"hex": "0g"}}} => must be a hex digit
sse {"type": 41, "fields": {"Text": {"x": ""}}} => fields.Text: must be text or
sse {"type": 58, "fields": {"Side": "12"}} => at most 1 bytes, found 2 bytes
sse {"type": 58, "fields": {"OwnerType": 256}} => an integer from 0 to 255
szse {"type": 2, "fields": {"SessionStatus": 2147483648}} => -2147483648 to
sse {"type": 206, "fields": {"NoGroups": 5}} => fields.NoGroups: must be a list
sse {"type": 206, "fields": {"NoGroups": [5]}} => NoGroups[0]: must be an object
sse {"type": 206, "fields": {"NoGroups": [{"A": 1}]}} => made of Pbu, SetID
sse {"type": 208, "fields": {"SetID": [-1]}} => fields.SetID[0]: must be
sse {"type": 33, "extra": 5} => extra: must be hex digits
sse {"type": 33, "extra": "5"} => must come in pairs
tdgw {} => protocol: must be sse or szse
"#;

/// Lines that are no message, and words that the error must have.
const BAD_LINES: &str = "
sse zz => character 1: must be a hex digit, found 'z'
sse 012 => must come in pairs, found 3 digits
sse 00 => must begin with a whole header, found 1 bytes
sse 00000021000000000000000200000000000000 => the header says 20 bytes in all, found 19
sse 000000210000000000000002000000000000002300 => the header says 20 bytes in all, found 21
sse 0000002100000000000000020000000000000024 => byte sum modulo 256, 35, found 36
sse 0000002100000000000000020000100000000023 => at most 4096 bytes, this one says 4116
szse 0000000300000000000000 => says 12 bytes in all, found 11
bse 00 => protocol: must be sse or szse, found bse
sse 000000ce000000000000000100000002ffff000000cf => room for 0 entries, the count says 65535
sse 000000ce000000000000000100000001ff000000cf => NoGroups: needs at least 2 bytes of body, found 1
sse 000000d100000000000000010000000100000000d3 => needs at least 4 bytes of body, found 1
";

/// The protocol, the line and the words of each case.
fn cases(text: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    text.lines().filter(|line| !line.is_empty()).map(|case| {
        let (protocol, rest) = case.split_once(' ').unwrap();
        let (line, words) = rest.split_once(" => ").unwrap();
        (protocol, line, words)
    })
}

#[test]
fn a_bad_line_says_what_must_hold_and_what_was_found() {
    for (protocol, line, words) in cases(BAD_LINES) {
        let shown = decode_line(protocol, line);
        assert!(
            shown.starts_with(r#"{"error": ""#) && shown.contains(words),
            "{line}: {shown}"
        );
    }
    assert!(decode_line("sse", "").contains("found 0 bytes"));
}

#[test]
fn a_bad_object_says_where_it_is_bad() {
    for (protocol, line, words) in cases(BAD_OBJECTS) {
        let error = encode_line(protocol, line).unwrap_err();
        assert!(error.contains(words), "{line}: {error}");
    }
    let many = vec!["1"; 65_536].join(",");
    let line = format!(r#"{{"type": 208, "fields": {{"SetID": [{many}]}}}}"#);
    let error = encode_line("sse", &line).unwrap_err();
    assert!(
        error.contains("at most what 2 bytes can count, found 65536 entries"),
        "{error}"
    );
    let long = format!(r#"{{"type": 999, "extra": "{}"}}"#, "00".repeat(4077));
    let error = encode_line("sse", &long).unwrap_err();
    assert!(
        error.contains("at most 4096 bytes, this one says 4097"),
        "{error}"
    );
}
