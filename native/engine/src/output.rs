//! Everything that comes out of the engine.

use panshi_wire::layout::Layout;

use crate::record::catalogue::{RecordDesc, records};
use crate::record::output::{
    Anomaly, CancelAllDone, CancelMissed, CashTotal, DayTotal, Deliver, Ended, Forward,
    ForwardCancel, HoldingTotal, LoadRefused, Queued, Recovered, Refuse, StateChanged, Warning,
};

records! {
    /// One output: what the gate must do, say or write down.
    pub enum Output {
        Forward,
        ForwardCancel,
        Refuse,
        Deliver,
        Warning,
        StateChanged,
        Anomaly,
        Queued,
        Ended,
        Recovered,
        CashTotal,
        HoldingTotal,
        DayTotal,
        CancelAllDone,
        LoadRefused,
        CancelMissed,
    }
    longest HoldingTotal
}

#[cfg(test)]
mod tests {
    use super::Output;

    #[test]
    fn types_are_unique_outputs_and_the_longest_is_known() {
        let mut last = 99;
        for record in Output::CATALOGUE {
            assert!(
                record.number > last && record.number < 200,
                "{}",
                record.name
            );
            assert!(
                record.len <= Output::MAX_LEN,
                "{} {}",
                record.name,
                record.len
            );
            last = record.number;
            let bytes = vec![0; record.len];
            let read = Output::read(record.number, &bytes).unwrap();
            let mut out = vec![1; record.len];
            assert_eq!(read.write(&mut out), Some(record.len));
            assert_eq!((out, read.record_type()), (bytes, record.number));
        }
    }
}
