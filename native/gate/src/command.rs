//! What a person asks for, checked before anything of it is journaled.

use std::io::Read;
use std::path::Path;

use panshi_engine::input::Input;
use panshi_engine::kind::{Market, Metric, Scope, TradingState};
use panshi_engine::record::flow::CancelAll;
use panshi_engine::record::load::LoadLimit;
use serde_json::{Map, Value};

use crate::centre::Centre;
use crate::claims::{Grant, read_grants};
use crate::day::read_day;
use crate::gate::Gate;
use crate::plain_file;
use crate::target::Target;

/// Verbs that change something, and the keys that each takes beside `who`, `why` and `secret`.
const CHANGES: [(&str, &[&str]); 14] = [
    (
        "set-state",
        &["scope", "id", "market", "key", "state", "cancel_all"],
    ),
    ("isolate", &["client"]),
    (
        "set-limit",
        &["scope", "id", "market", "metric", "warn", "block"],
    ),
    ("cancel-all", &["scope", "id", "market", "key"]),
    ("reload", &["path"]),
    ("kick", &["client"]),
    ("switch", &["gateway", "centre"]),
    ("activate", &["gateway", "unsynced"]),
    ("resolve", &["order", "cl_ord_id"]),
    ("drill-begin", &["centre"]),
    ("drill-end", &[]),
    ("day-close", &[]),
    ("close", &["force"]),
    ("shutdown", &[]),
];
/// Verbs that only ask.
const QUESTIONS: [&str; 7] = [
    "status",
    "states",
    "limits",
    "unknown",
    "codes",
    "mass-cancels",
    "day-end",
];
/// What a program says again and again, without a person behind it.
const GRANT: &str = "grant";
/// Longest name of a person, as its field in the journal.
const WHO_BYTES: usize = 32;

/// Metrics that a person may limit in a scope: all that the engine keeps there.
fn limited(scope: Scope) -> Vec<Metric> {
    let kept = |metric: &Metric| metric.is_kept_for(scope);
    Metric::ALL.iter().copied().filter(kept).collect()
}

/// A person's secret; it is never shown.
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// One request: its verb and its other keys.
#[derive(Debug)]
pub struct Request {
    /// What is asked.
    pub verb: String,
    /// Named person.
    pub who: String,
    /// Reason.
    pub why: String,
    /// What shows that the person is the named one.
    pub secret: Option<Secret>,
    rest: Map<String, Value>,
}

impl Request {
    /// Read a line.
    ///
    /// # Errors
    /// When it is no JSON object, its verb is not known, or a key is not one of the verb's.
    pub fn read(line: &[u8]) -> Result<Self, String> {
        let mut rest: Map<String, Value> = serde_json::from_slice(line)
            .map_err(|error| format!("request: must be one JSON object on one line: {error}"))?;
        let verb = match rest.remove("verb") {
            Some(Value::String(verb)) => verb,
            found => return Err(found_instead("verb", "a text", found.as_ref())),
        };
        let keys = if QUESTIONS.contains(&verb.as_str()) {
            &[][..]
        } else if verb == GRANT {
            &["grants"][..]
        } else if let Some((_, keys)) = CHANGES.iter().find(|(name, _)| *name == verb) {
            keys
        } else {
            let names = CHANGES.iter().map(|(name, _)| *name);
            let names: Vec<&str> = QUESTIONS.into_iter().chain(names).collect();
            let names = names.join(", ");
            return Err(format!("verb: must be one of {names}, found {verb:?}"));
        };
        let mut request = Self {
            verb,
            who: String::new(),
            why: String::new(),
            secret: None,
            rest,
        };
        if !request.is_question() && request.verb != GRANT {
            request.who = request.take_person("who")?;
            request.why = request.take_person("why")?;
            if request.who.len() > WHO_BYTES {
                let found = request.who.len();
                return Err(format!(
                    "who: must be at most {WHO_BYTES} bytes of UTF-8, found {found}"
                ));
            }
            request.secret = match request.rest.remove("secret") {
                None | Some(Value::Null) => None,
                Some(Value::String(text)) => Some(Secret(text)),
                // What was given instead may hold the secret.
                Some(_) => return Err("secret: must be a text, found something else".to_owned()),
            };
        }
        if let Some(key) = request
            .rest
            .keys()
            .find(|key| !keys.contains(&key.as_str()))
        {
            let verb = &request.verb;
            let known = if keys.is_empty() {
                "no further key".to_owned()
            } else {
                keys.join(", ")
            };
            return Err(format!("{key}: is no key of {verb}, which takes {known}"));
        }
        Ok(request)
    }

    /// Whether it changes nothing and needs no name.
    #[must_use]
    pub fn is_question(&self) -> bool {
        QUESTIONS.contains(&self.verb.as_str())
    }

    fn take_person(&mut self, key: &str) -> Result<String, String> {
        match self.rest.remove(key) {
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
            found => {
                let must = format!("given with {}: a named person and a reason", self.verb);
                Err(found_instead(key, &must, found.as_ref()))
            }
        }
    }

    pub(crate) fn number<T: TryFrom<i64>>(&self, key: &str, usual: Option<T>) -> Result<T, String> {
        let found = self.rest.get(key).filter(|value| !value.is_null());
        match (found, usual) {
            (None, Some(usual)) => Ok(usual),
            (found, _) => found
                .and_then(Value::as_i64)
                .and_then(|number| T::try_from(number).ok())
                .ok_or_else(|| found_instead(key, "a whole number in its range", found)),
        }
    }

    pub(crate) fn text(&self, key: &str) -> Result<&str, String> {
        match self.rest.get(key) {
            None | Some(Value::Null) => Ok(""),
            Some(Value::String(text)) => Ok(text),
            found => Err(found_instead(key, "a text", found)),
        }
    }

    /// The word of a list that a key names, by its name or number.
    fn word<T: Copy>(
        &self,
        key: &str,
        all: &[T],
        name: impl Fn(T) -> &'static str,
        number: impl Fn(T) -> i64,
    ) -> Result<T, String> {
        let found = self.rest.get(key);
        let same = |word: T| match found {
            Some(Value::String(text)) => {
                name(word).eq_ignore_ascii_case(&text.replace(['-', '_'], ""))
            }
            Some(value) => value.as_i64() == Some(number(word)),
            None => false,
        };
        all.iter().copied().find(|word| same(*word)).ok_or_else(|| {
            let names: Vec<&str> = all.iter().map(|word| name(*word)).collect();
            found_instead(key, &format!("one of {}", names.join(", ")), found)
        })
    }

    pub(crate) fn scope(&self, all: &[Scope]) -> Result<Scope, String> {
        self.word("scope", all, Scope::name, |scope| scope.number().into())
    }

    /// The trading state that a request names.
    ///
    /// # Errors
    /// When it names none.
    pub fn state(&self) -> Result<TradingState, String> {
        self.word("state", TradingState::ALL, TradingState::name, |state| {
            state.number().into()
        })
    }

    /// A key that says yes or no; left out it says no.
    ///
    /// # Errors
    /// When it says something else.
    pub fn flag(&self, key: &str) -> Result<bool, String> {
        match self.rest.get(key) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(yes)) => Ok(*yes),
            found => Err(found_instead(key, "true or false", found)),
        }
    }

    /// Gateway and centre that a `switch` names.
    ///
    /// # Errors
    /// When one is missing.
    pub fn way(&self) -> Result<(u16, Centre), String> {
        let gateway = self.number("gateway", None)?;
        let centre = self.centre()?;
        Ok((gateway, centre))
    }

    /// What a `grant` grants.
    ///
    /// # Errors
    /// When it is not whole.
    pub fn grants(&self) -> Result<Vec<Grant>, String> {
        read_grants(self.rest.get("grants"))
    }

    /// The data centre that is named.
    ///
    /// # Errors
    /// When there is none.
    pub fn centre(&self) -> Result<Centre, String> {
        self.word("centre", Centre::ALL, Centre::name, |centre| {
            centre.number().into()
        })
    }

    /// Number of the client that a `kick` or `isolate` names.
    ///
    /// # Errors
    /// When there is none.
    pub fn client(&self) -> Result<u16, String> {
        self.number("client", None)
    }
}

fn found_instead(key: &str, must: &str, found: Option<&Value>) -> String {
    let found = found.map_or_else(|| "nothing".to_owned(), Value::to_string);
    format!("{key}: must be {must}, found {found}")
}

impl Gate {
    /// The inputs that carry a request out.
    ///
    /// # Errors
    /// When it names something that is not there, or leaves out what it needs.
    pub(crate) fn inputs_of(&mut self, request: &Request) -> Result<Vec<Input>, String> {
        Ok(match request.verb.as_str() {
            "cancel-all" => {
                let target = self.target(request, Scope::ALL)?;
                vec![Input::CancelAll(self.cancel_all(&target)?)]
            }
            "set-limit" => vec![Input::LoadLimit(limit_of(request)?)],
            "reload" => self.reload_of(request)?,
            "close" => self.closing(request.number("force", Some(0))? != 0)?,
            "day-close" => vec![self.day_close()?],
            "switch" => {
                let (gateway, centre) = request.way()?;
                self.require_reachable(gateway, centre)?;
                Vec::new()
            }
            "drill-begin" => {
                self.require_drillable(request.centre()?)?;
                Vec::new()
            }
            "resolve" => vec![self.resolution(request)?],
            "activate" => {
                self.gateways_to_activate(request)?;
                Vec::new()
            }
            "kick" => {
                let client = request.client()?;
                let sessions = self.sessions.get(usize::from(client));
                if sessions.is_none_or(|row| row.iter().all(Option::is_none)) {
                    return Err(format!(
                        "client: must be a client that is logged on, found {client}"
                    ));
                }
                Vec::new()
            }
            _ => Vec::new(),
        })
    }

    /// The input that cancels every open order of a target.
    ///
    /// # Errors
    /// When no ids can be had for the cancels.
    pub(crate) fn cancel_all(&mut self, target: &Target) -> Result<CancelAll, String> {
        let prefix = self.config.cancel_prefix.as_bytes();
        let prefix = <[u8; 2]>::try_from(prefix)
            .map_err(|_| "cancel_prefix: must be two characters".to_owned())?;
        // As many ids as there can be open orders; the engine numbers them from the first.
        let count = self.book.counts.forwarded + 1;
        let first_id = self.ids.take(count).map_err(|error| error.to_string())?;
        Ok(CancelAll {
            time_ns: self.now.market_ns,
            scope: target.scope.number(),
            market: target.market,
            spare: [0; 6],
            id: target.id,
            spare2: 0,
            key: target.key,
            first_id,
            prefix,
            spare3: [0; 6],
        })
    }

    fn reload_of(&self, request: &Request) -> Result<Vec<Input>, String> {
        let path = request.text("path")?;
        let wrong = |error: String| format!("path: {path}: {error}");
        let mut bytes = Vec::new();
        plain_file::open(Path::new(path))
            .and_then(|mut file| file.read_to_end(&mut bytes))
            .map_err(|error| wrong(error.to_string()))?;
        let rows = read_day(&bytes).map_err(wrong)?;
        let date = self.book.trade_date;
        let other = rows.iter().find_map(|row| match row {
            Input::DayOpen(day) if day.trade_date != date => Some(day.trade_date),
            _ => None,
        });
        if let Some(found) = other {
            return Err(format!(
                "path: {path}: must be of trade date {date}, found {found}"
            ));
        }
        // The day is open; its row would only change the run number.
        Ok(rows
            .into_iter()
            .filter(|row| !matches!(row, Input::DayOpen(_)))
            .collect())
    }
}

fn limit_of(request: &Request) -> Result<LoadLimit, String> {
    let scope = request.scope(Scope::ALL)?;
    let metrics = limited(scope);
    if metrics.is_empty() {
        let name = scope.name();
        return Err(format!("scope: must be one that has limits, found {name}"));
    }
    let metric = request.word("metric", &metrics, Metric::name, |metric| {
        metric.number().into()
    })?;
    let (warn, block) = (
        request.number("warn", Some(i64::MAX))?,
        request.number("block", None)?,
    );
    if warn < 0 || block < 0 {
        return Err(format!(
            "block: warn and block must not be negative, found {warn} and {block}"
        ));
    }
    let market = request.number("market", Some(0))?;
    if market != 0 && Market::from_number(market).is_none() {
        return Err(format!(
            "market: must be 1, 2 or 0 for both, found {market}"
        ));
    }
    Ok(LoadLimit {
        scope: scope.number(),
        metric: metric.number(),
        market,
        spare: 0,
        id: request.number("id", Some(0))?,
        warn,
        block,
    })
}

#[cfg(test)]
mod tests {
    use super::Request;

    #[test]
    fn a_request_says_what_is_wrong_with_it() {
        let whole = r#","who":"a","why":"b"}"#;
        for (line, reason) in [
            ("nonsense", "request: must be one JSON object"),
            ("[]", "request: must be one JSON object"),
            ("{}", "verb: must be a text, found nothing"),
            (r#"{"verb":7}"#, "verb: must be a text, found 7"),
            (r#"{"verb":"fly"}"#, "verb: must be one of status, states"),
            (
                r#"{"verb":"status","id":1}"#,
                "id: is no key of status, which takes no further key",
            ),
            (r#"{"verb":"shutdown"}"#, "who: must be given with shutdown"),
            (
                r#"{"verb":"shutdown","who":" ","why":"x"}"#,
                "who: must be given",
            ),
            (r#"{"verb":"shutdown","who":"x"}"#, "why: must be given"),
            (
                &format!(r#"{{"verb":"kick","state":1{whole}"#),
                "state: is no key of kick, which takes client",
            ),
            (
                &format!(r#"{{"verb":"kick","who":"{}","why":"x"}}"#, "x".repeat(33)),
                "who: must be at most 32 bytes",
            ),
        ] {
            let found = Request::read(line.as_bytes()).unwrap_err();
            assert!(found.starts_with(reason), "{line}: {found}");
        }
        assert!(
            Request::read(br#"{"verb":"status"}"#)
                .unwrap()
                .is_question()
        );
    }
}
