//! Has the program built again when the site that it embeds was built again.

fn main() {
    // What `cargo leptos` sets; a plain `cargo build` does not.
    println!("cargo:rerun-if-env-changed=LEPTOS_OUTPUT_NAME");
    println!("cargo:rerun-if-changed=build.rs");
    // A path that is not there would have the program built again every time.
    if std::path::Path::new("../target/site").is_dir() {
        println!("cargo:rerun-if-changed=../target/site");
    }
}
