//! Print the figures of the journal: `cargo run --release --example figures [DIR]`.

use std::path::PathBuf;

use panshi_journal::bench::{Plan, run};

fn main() {
    let dir = std::env::args()
        .nth(1)
        .map_or_else(std::env::temp_dir, PathBuf::from);
    match run(&dir, &Plan::default()) {
        Ok(figures) => println!("{figures:#?}"),
        Err(error) => eprintln!("{error}"),
    }
}
