//! Places between two durable effects at which a test lets the process die. Compiled for tests only: see the feature `fail-points`.
//!
//! With `ORGROSTER_FAIL_POINT=N` in the environment every place that is reached is named on standard error, and the process stays at the
//! Nth until it is killed from outside. `0` only names them.

/// Names a place between two durable effects. Nothing at all unless the feature `fail-points` is on.
#[macro_export]
#[doc(hidden)]
macro_rules! fail_point {
    ($name:literal) => {
        #[cfg(feature = "fail-points")]
        $crate::failpoint::reach($name);
    };
}

#[cfg(all(feature = "fail-points", not(debug_assertions)))]
compile_error!("the feature `fail-points` is for tests: a release never stops to be killed");

/// Names the place, and stays if it is the one to die at.
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

/// By how much pauses are divided while a test counts or kills, so that thousands of runs fit into minutes.
#[must_use]
#[allow(clippy::disallowed_methods)]
pub fn test_speedup() -> u32 {
    if cfg!(feature = "fail-points") && std::env::var_os("ORGROSTER_FAIL_POINT").is_some() { 50 } else { 1 }
}
