//! The `orgroster` program: exits with what [`orgroster::cli::run`] answers.

fn main() -> std::process::ExitCode {
    orgroster::cli::run(std::env::args_os().skip(1).collect())
}
