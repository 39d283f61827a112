//! Prints the engine's figures: `cargo run --release -p panshi-engine --example bench [HOT COLD]`.

fn main() {
    let mut sizes = std::env::args()
        .skip(1)
        .filter_map(|text| text.parse().ok());
    let hot = sizes.next().unwrap_or(400_000);
    let cold = sizes.next().unwrap_or(400_000);
    println!("{:#?}", panshi_engine::bench::run(hot, cold, 1));
    let flow = panshi_engine::bench::orders::OrderFlow::new(10_000, 1);
    println!("{:#?}", flow.measure());
}
