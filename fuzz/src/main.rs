//! The fuzzer: libFuzzer over the target that `SLIPWAY_FUZZ_TARGET` names. `scripts/fuzz` starts it.
#![no_main]
#![allow(
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a tool; libFuzzer's macros make functions of their own"
)]

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use slipway_fuzz::{Target, corpus, mutation, named};
use std::{env, fs, path::PathBuf, sync::LazyLock};

/// Names the target.
const TARGET: &str = "SLIPWAY_FUZZ_TARGET";
/// Names the folder to put the kept inputs into, as the files that libFuzzer reads.
const INPUTS: &str = "SLIPWAY_FUZZ_INPUTS";

static FUZZED: LazyLock<&Target> = LazyLock::new(|| {
    let name = env::var(TARGET).unwrap_or_default();
    named(&name).unwrap_or_else(|| panic!("{TARGET} names no target: “{name}”"))
});

fn prepare() {
    // libFuzzer's own hook ends the process at every panic, also at those of an interpreter in a thread apart, which are
    // expected and answered with a sentence. A panic of the target ends it all the same.
    drop(std::panic::take_hook());
    let folder = PathBuf::from(env::var_os(INPUTS).unwrap_or_else(|| panic!("{INPUTS} names no folder")));
    for (number, input) in corpus::kept(&FUZZED).expect("the corpus").into_iter().enumerate() {
        fs::write(folder.join(format!("kept-{number:04}")), input.bytes).expect("a folder for the inputs");
    }
}

fuzz_target!(init: prepare(), |bytes: &[u8]| (FUZZED.run)(bytes));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    // Three of four zips are changed inside.
    if FUZZED.is_zip && !seed.is_multiple_of(4) {
        let mut mutate = |mut part: Vec<u8>| {
            let size = part.len();
            part.resize(size + 64, 0);
            let most = part.len();
            let size = fuzzer_mutate(&mut part, size, most);
            part.truncate(size);
            part
        };
        let changed = data.get(..size).and_then(|zip| mutation::repacked(zip, seed / 4, &mut mutate));
        if let Some(changed) = changed.filter(|changed| changed.len() <= max_size)
            && let Some(place) = data.get_mut(..changed.len())
        {
            place.copy_from_slice(&changed);
            return changed.len();
        }
    }
    fuzzer_mutate(data, size, max_size)
});
