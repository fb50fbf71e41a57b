//! The `orgroster` program: exits with the code that [`orgroster::cli::run`] returns.

fn main() -> std::process::ExitCode {
    orgroster::cli::run(std::env::args_os().skip(1).collect())
}
