//! Everything that goes into the engine.

use panshi_wire::layout::Layout;

use crate::record::catalogue::{RecordDesc, records};
use crate::record::flow::{
    CancelAll, CancelOrder, ClientState, Command, DayClose, GatewayState, GatewayStream, NewOrder,
    Quote, Report, SetState, Timer,
};
use crate::record::load::{
    DayOpen, LoadAccount, LoadBranch, LoadClient, LoadCustomer, LoadFee, LoadHolding, LoadLimit,
    LoadParam, LoadPbu, LoadPhase, LoadRule, LoadSchedule, LoadSecurity, LoadSwitch, LoadTerminal,
};

records! {
    /// One input. `time_ns` of a flow record is market time; reference rows carry none.
    pub enum Input {
        DayOpen,
        LoadRule,
        LoadPhase,
        LoadFee,
        LoadSecurity,
        LoadCustomer,
        LoadAccount,
        LoadHolding,
        LoadClient,
        LoadPbu,
        LoadBranch,
        LoadTerminal,
        LoadLimit,
        LoadSwitch,
        LoadParam,
        LoadSchedule,
        ClientState,
        NewOrder,
        CancelOrder,
        Report,
        Quote,
        GatewayState,
        Timer,
        Command,
        SetState,
        CancelAll,
        DayClose,
        GatewayStream,
    }
    longest Report
}

#[cfg(test)]
mod tests {
    use super::Input;

    #[test]
    fn types_are_unique_inputs_and_the_longest_is_known() {
        let mut last = 0;
        for record in Input::CATALOGUE {
            assert!(
                record.number > last && record.number < 100,
                "{}",
                record.name
            );
            assert!(record.len <= Input::MAX_LEN, "{}", record.name);
            last = record.number;
            let bytes = vec![0; record.len];
            let read = Input::read(record.number, &bytes).unwrap();
            assert_eq!(
                (read.record_type(), read.record_len()),
                (record.number, record.len)
            );
            assert_eq!(Input::read(record.number, &bytes[1..]), None);
            let mut out = vec![1; record.len];
            assert_eq!(read.write(&mut out), Some(record.len));
            assert_eq!(out, bytes);
        }
    }
}
