//! Commands and questions of people, one JSON object a line.

use panshi_engine::code::Code;
use panshi_engine::input::Input;
use panshi_engine::kind::Proof;
use panshi_engine::record::flow::Command;
use panshi_engine::record::output::LoadRefused;
use serde_json::{Value, json};

use crate::command::Request;
use crate::convert::width;
use crate::gate::{Gate, load_passwords};
use crate::journaled_stops::SET_STATE;
use crate::persons::Persons;

/// The answer to a line of the control socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// One JSON object.
    pub text: String,
    /// Sequence that must be durable before it may be told, in every durability mode; 0: none.
    pub hold: u64,
}

impl Answer {
    /// The answer to what was not carried out.
    #[must_use]
    pub fn refused(reason: &str) -> Self {
        let text = json!({ "ok": false, "error": reason }).to_string();
        Self { text, hold: 0 }
    }
}

impl Gate {
    /// Carry out one line of the control socket.
    pub fn command(&mut self, line: impl AsRef<[u8]>) -> Answer {
        let before = self.journal.0.appended_seq();
        let answer = Request::read(line.as_ref()).and_then(|request| self.carry_out(&request));
        let mut answer = match answer {
            Ok(value) => Answer {
                text: json!({ "ok": true, "result": value }).to_string(),
                hold: 0,
            },
            Err(reason) => Answer::refused(&reason),
        };
        let appended = self.journal.0.appended_seq();
        if appended > before && self.failure().is_none() {
            answer.hold = appended;
            self.answers_hold = appended;
        }
        answer
    }

    fn carry_out(&mut self, request: &Request) -> Result<Value, String> {
        match request.verb.as_str() {
            "status" => return Ok(self.status()),
            "states" => return Ok(self.states()),
            "limits" => return Ok(self.limits()),
            "unknown" => return Ok(self.unknown_rows()),
            "codes" => return Ok(codes()),
            "mass-cancels" => return Ok(self.mass_cancels()),
            "day-end" => return Ok(self.day_end()),
            _ => {}
        }
        if let Some(reason) = self.failure() {
            return Err(format!("the gate has halted: {reason}"));
        }
        if request.verb == "grant" {
            return self.take_grants(&request.grants()?);
        }
        match request.verb.as_str() {
            SET_STATE => return self.set_state(request),
            "isolate" => return self.isolate(request),
            _ => {}
        }
        let proof = self.stops.persons.prove(request)?;
        let inputs = self.inputs_of(request)?;
        let secrets = match request.verb.as_str() {
            "reload" => {
                let persons = Persons::load(self.config.stop.persons.as_deref())?;
                Some((load_passwords(&self.config)?, persons))
            }
            _ => None,
        };
        let done = self.journal_command(request, (proof, 0), &inputs);
        if let Some((passwords, persons)) = secrets.filter(|_| self.failure().is_none()) {
            self.passwords = passwords;
            self.stops.persons.renew(&persons);
        }
        let seq = done?;
        match request.verb.as_str() {
            "reload" => self.heed_refused(),
            "shutdown" => self.stop(),
            "drill-begin" => self.begin_drill(request.centre()?),
            "drill-end" => self.end_drill(),
            "activate" => {
                let (gateways, by) = self.gateways_to_activate(request)?;
                for gateway in gateways {
                    self.activate(gateway, by);
                }
            }
            "close" => self.stop_and_seal(),
            "kick" => self.end_sessions_of(request.client()?),
            "switch" => {
                let (gateway, centre) = request.way()?;
                let changed = self.switch_gateway(gateway, centre);
                return Ok(json!({ "sequence": seq, "inputs": 0, "changed": changed }));
            }
            _ => {}
        }
        Ok(json!({ "sequence": seq, "inputs": inputs.len() }))
    }

    /// Journal who asked for what, how the name was proved and of which stop it is, and do it.
    pub(crate) fn journal_command(
        &mut self,
        request: &Request,
        (proof, stop): (Proof, u64),
        inputs: &[Input],
    ) -> Result<u64, String> {
        let command = Command {
            time_ns: self.now.market_ns,
            verb: width::text(&request.verb),
            who: width::text(&request.who),
            why: width::text(&request.why),
            stop,
            proof: proof.number(),
            ..Command::default()
        };
        let fields = json!({
            "verb": request.verb, "who": request.who, "why": request.why, "proof": proof.name(),
        });
        self.note("warning", "command", fields);
        let failed = "the journal failed, the gate halts";
        let before = self.refused_rows;
        self.first_refused = None;
        let seq = self.input(&Input::Command(command)).ok_or(failed)?;
        for input in inputs {
            self.input(input).ok_or(failed)?;
        }
        match &self.first_refused {
            None => Ok(seq),
            Some(row) => {
                let (rows, of) = (self.refused_rows - before, inputs.len());
                let what = refusal_text(row);
                Err(format!(
                    "{}: {rows} of {of} rows were not taken, all are in the log; the first: {what}",
                    request.verb
                ))
            }
        }
    }

    /// Say goodbye to a client on every platform.
    pub(crate) fn end_sessions_of(&mut self, client: u16) {
        let sessions = self.sessions.get(usize::from(client)).copied();
        for id in sessions.unwrap_or_default().into_iter().flatten() {
            let Some(Some(conn)) = self.conns.get(id) else {
                continue;
            };
            let market = self.market_of(conn.role);
            self.client_logout(id, market, panshi_wire::sse::code::NOT_READY);
        }
    }
}

/// A row that the engine did not take, in words.
pub(crate) fn refusal_text(row: &LoadRefused) -> String {
    let code = Code::from_number(row.code);
    let (name, zh, en) = code.map_or(("?", "", ""), |code| (code.name(), code.zh(), code.en()));
    let mut records = Input::CATALOGUE.iter();
    let kind = records.find(|record| record.number == row.input_type);
    let kind = kind.map_or("?", |record| record.name);
    format!(
        "{kind}, {} {name} ({zh} · {en}), must be {}, found {}",
        row.code, row.limit, row.found
    )
}

fn codes() -> Value {
    Code::ALL
        .iter()
        .map(|code| json!({ "code": code.number(), "name": code.name(), "zh": code.zh(), "en": code.en() }))
        .collect()
}
