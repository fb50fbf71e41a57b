//! Places between two durable effects where a test can kill the process. Compiled only for tests, with the feature `fail-points`.
//!
//! With `ORGROSTER_FAIL_POINT=N` in the environment, the process prints every place that it reaches on standard error, and waits at the Nth
//! until it is killed from outside. `0` only prints the places.

/// Marks a place between two durable effects. Does nothing unless the feature `fail-points` is enabled.
#[macro_export]
#[doc(hidden)]
macro_rules! fail_point {
    ($name:literal) => {
        #[cfg(feature = "fail-points")]
        $crate::failpoint::reach($name);
    };
}

#[cfg(all(feature = "fail-points", not(debug_assertions)))]
compile_error!("the feature `fail-points` is for tests: a release build must not wait to be killed");

/// Prints the place, and waits there if the environment selects it.
#[cfg(feature = "fail-points")]
#[allow(clippy::disallowed_methods)]
pub fn reach(name: &str) {
    use std::io::Write;
    use std::sync::atomic::{AtomicU64, Ordering};

    static REACHED: AtomicU64 = AtomicU64::new(0);
    let Some(last) = std::env::var("ORGROSTER_FAIL_POINT").ok().and_then(|text| text.parse::<u64>().ok()) else { return };
    let here = REACHED.fetch_add(1, Ordering::Relaxed) + 1;
    let _ = writeln!(std::io::stderr().lock(), "fail point {here}: {name}");
    if here == last {
        loop {
            std::thread::park();
        }
    }
}

/// The number by which pauses are divided while a test uses fail points, so that thousands of runs take only minutes.
#[must_use]
#[allow(clippy::disallowed_methods)]
pub fn test_speedup() -> u32 {
    if cfg!(feature = "fail-points") && std::env::var_os("ORGROSTER_FAIL_POINT").is_some() { 50 } else { 1 }
}
