//! Prints the figures of `panshi bench gate` without Python.

fn main() {
    let dir = std::env::temp_dir().join(format!("panshi-bench-{}", std::process::id()));
    let amount = panshi_gate::bench::Amount {
        rounds: 5,
        single: 2_000,
        flood: 50_000,
    };
    match panshi_gate::bench::run(&dir, amount) {
        Ok(figures) => println!("{figures:#}"),
        Err(reason) => eprintln!("{reason}"),
    }
}
