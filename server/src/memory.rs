//! Keeps the process small.

/// The variable that sets glibc's threshold (`M_MMAP_THRESHOLD` of mallopt(3)).
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const VARIABLE: &str = "MALLOC_MMAP_THRESHOLD_";

/// From this size on, in bytes, memory goes back to the system as soon as it is free.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const LARGE: &str = "4194304";

/// Has glibc give large pieces of memory back once they are free. Checking a password takes 19 MiB for a moment; glibc
/// learns from that to keep such pieces for good, in every thread that ever did it, and an idle Slipway had 92 MB where
/// 32 MB are enough. The threshold can be fixed from outside only, so the process begins once more with it; its id, its
/// arguments and its open files stay. Where that fails, or the variable is set already, nothing happens.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn have_large_pieces_given_back() {
    use std::os::unix::process::CommandExt;
    let (None, Ok(program)) = (std::env::var_os(VARIABLE), std::env::current_exe()) else { return };
    let mut again = std::process::Command::new(program);
    let mut arguments = std::env::args_os();
    if let Some(name) = arguments.next() {
        again.arg0(name);
    }
    let error = again.args(arguments).env(VARIABLE, LARGE).exec();
    tracing::debug!(%error, "the process keeps large pieces of memory");
}

/// Other systems give large pieces back by themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn have_large_pieces_given_back() {}
