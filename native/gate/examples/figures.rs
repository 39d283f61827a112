//! Prints the figures of `panshi bench gate` without Python; the gate's port is the argument.

fn main() {
    let Some(port) = std::env::args().nth(1).and_then(|it| it.parse().ok()) else {
        return eprintln!("figures: must be told a port of loopback that is free, found none");
    };
    let dir = std::env::temp_dir().join(format!("panshi-bench-{}", std::process::id()));
    let amount = panshi_gate::bench::Amount {
        rounds: 5,
        single: 2_000,
        flood: 50_000,
    };
    match panshi_gate::bench::run(&dir, port, amount) {
        Ok(figures) => println!("{figures:#}"),
        Err(reason) => eprintln!("{reason}"),
    }
}
