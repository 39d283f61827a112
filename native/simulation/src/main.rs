//! `run SEED`, `run --plan FILE`: play one run and say what was injected and what came of it.
//! `sweep FIRST COUNT`: play many seeds. `plan SEED`: write a seed's plan down. `reduce SEED` or
//! `reduce --plan FILE`: find the smallest plan that still breaks the same law.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use panshi_simulation::plan::Plan;
use panshi_simulation::trace::Detail;
use panshi_simulation::{Broken, Outcome, draw, play_guarded, reduce, sweep};

const USAGE: &str = "usage: panshi-simulation run (SEED | --plan FILE) [-v]
       panshi-simulation sweep FIRST COUNT [--jobs N] [--stop FAILURES]
       panshi-simulation plan SEED
       panshi-simulation reduce (SEED | --plan FILE) [--out FILE]";

/// The words of a command line.
struct Words {
    plain: Vec<String>,
    options: BTreeMap<String, String>,
    full: bool,
}

impl Words {
    fn read(words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut read = Self {
            plain: Vec::new(),
            options: BTreeMap::new(),
            full: std::env::var_os("PANSHI_SIM_VERBOSE").is_some(),
        };
        let mut words = words.peekable();
        while let Some(word) = words.next() {
            if word == "-v" {
                read.full = true;
            } else if let Some(name) = word.strip_prefix("--") {
                let value = words
                    .next()
                    .ok_or(format!("--{name} needs a value\n{USAGE}"))?;
                read.options.insert(name.to_owned(), value);
            } else {
                read.plain.push(word);
            }
        }
        Ok(read)
    }

    fn number(&self, at: usize) -> Result<u64, String> {
        let word = self.plain.get(at).ok_or(USAGE)?;
        word.parse()
            .map_err(|_| format!("must be a whole number, found {word:?}\n{USAGE}"))
    }

    fn option(&self, name: &str, usual: usize) -> Result<usize, String> {
        self.options.get(name).map_or(Ok(usual), |text| {
            let wrong = |_| format!("--{name} must be a whole number, found {text:?}\n{USAGE}");
            text.parse().map_err(wrong)
        })
    }

    fn plan(&self) -> Result<Plan, String> {
        let Some(path) = self.options.get("plan") else {
            return Ok(draw(self.number(1)?));
        };
        let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
        serde_json::from_str(&text).map_err(|error| format!("{path}: {error}"))
    }
}

/// A folder in memory if there is one: the disk is simulated, the files need not last.
fn folder() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let base = if memory.is_dir() {
        memory.to_path_buf()
    } else {
        std::env::temp_dir()
    };
    base.join(format!("panshi-simulation-{}", std::process::id()))
}

/// The commit that was built, as far as the source tree tells.
fn commit() -> String {
    let told = Command::new("git")
        .args(["-C", env!("CARGO_MANIFEST_DIR"), "rev-parse", "HEAD"])
        .output();
    told.ok()
        .filter(|told| told.status.success())
        .map_or("unknown".to_owned(), |told| {
            String::from_utf8_lossy(&told.stdout).trim().to_owned()
        })
}

fn main() -> ExitCode {
    match carry_out(std::env::args().skip(1)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::from(2)
        }
    }
}

fn carry_out(words: impl Iterator<Item = String>) -> Result<bool, String> {
    let words = Words::read(words)?;
    match words.plain.first().map(String::as_str) {
        Some("run") => run(&words),
        Some("sweep") => run_sweep(&words),
        Some("plan") => {
            println!("{}", written(&words.plan()?)?);
            Ok(true)
        }
        Some("reduce") => run_reduce(&words),
        _ => Err(USAGE.to_owned()),
    }
}

fn written(plan: &Plan) -> Result<String, String> {
    serde_json::to_string_pretty(plan).map_err(|error| error.to_string())
}

fn run(words: &Words) -> Result<bool, String> {
    let plan = words.plan()?;
    let detail = if words.full {
        Detail::Full
    } else {
        Detail::Compact
    };
    let outcome = play_guarded(&plan, &folder(), detail)?;
    println!("seed {}: {:?}", plan.seed, plan.setting);
    print!("{}", outcome.text);
    tell(plan.seed, &outcome);
    Ok(outcome.broken.is_empty())
}

fn tell(seed: u64, outcome: &Outcome) {
    for (what, times) in &outcome.counts {
        println!("{times:8} {what}");
    }
    println!("digest {:016x}", outcome.digest);
    match outcome.broken.first() {
        None => println!("seed {seed}: every law held"),
        Some(broken) => tell_broken(seed, broken),
    }
}

fn tell_broken(seed: u64, broken: &Broken) {
    println!("seed {seed}, commit {}: broken: {}", commit(), broken.law);
    println!("    {}", broken.text);
}

fn run_sweep(words: &Words) -> Result<bool, String> {
    let (first, count) = (words.number(1)?, words.number(2)?);
    let jobs = words.option("jobs", 1)?;
    let stop = words.option("stop", usize::MAX)?;
    // A panic is told as a broken law, with its seed.
    std::panic::set_hook(Box::new(|_| {}));
    let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut broken: BTreeMap<u64, Broken> = BTreeMap::new();
    sweep(
        first..first + count,
        jobs,
        &folder(),
        draw,
        |seed, outcome| {
            for (what, times) in outcome.counts {
                *counts.entry(what).or_default() += times;
            }
            broken.extend(outcome.broken.into_iter().next().map(|law| (seed, law)));
            broken.len() < stop
        },
    )?;
    for (what, times) in &counts {
        println!("{times:10} {what}");
    }
    for (seed, law) in &broken {
        tell_broken(*seed, law);
    }
    println!("{count} seeds from {first}, {} broke a law", broken.len());
    Ok(broken.is_empty())
}

fn run_reduce(words: &Words) -> Result<bool, String> {
    let plan = words.plan()?;
    std::panic::set_hook(Box::new(|_| {}));
    let told = |acts| eprintln!("{acts} acts are enough");
    let smallest = reduce(&plan, &folder(), told).ok_or("the plan breaks no law")?;
    let text = written(&smallest)?;
    match words.options.get("out") {
        Some(path) => {
            std::fs::write(path, text + "\n").map_err(|error| format!("{path}: {error}"))?;
        }
        None => println!("{text}"),
    }
    Ok(true)
}
