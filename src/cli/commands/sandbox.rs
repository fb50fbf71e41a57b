//! `sandbox serve`, `sandbox reset` and `sandbox generate`.

use crate::cli::args::SandboxArgs;
use crate::cli::{Context, Exit};
use crate::diag::Diagnostics;
#[cfg(feature = "sandbox")]
use crate::render::Text;

/// Runs a command of the sandbox.
#[cfg(feature = "sandbox")]
pub fn sandbox(context: &mut Context, arguments: &SandboxArgs) -> Result<Exit, Diagnostics> {
    use crate::cli::args::SandboxCommand;

    match &arguments.command {
        SandboxCommand::Serve(arguments) => super::block_on(built_in::serve(context, arguments)),
        SandboxCommand::Reset(_) => built_in::reset(context),
        SandboxCommand::Generate(arguments) => {
            let clock = arguments.clock.as_deref().map(built_in::time).transpose()?;
            let fixture = match &arguments.from_snapshot {
                Some(path) => crate::render::fixture(&crate::cli::connection::observation::read_snapshot(path)?, clock),
                None => Text::verbatim(crate::sandbox::generate(arguments.accounts.unwrap_or(1), arguments.seed, clock)),
            };
            context.terminal.print(&fixture);
            Ok(Exit::Done)
        }
    }
}

/// Reports that this build has no sandbox.
#[cfg(not(feature = "sandbox"))]
pub fn sandbox(_: &mut Context, _: &SandboxArgs) -> Result<Exit, Diagnostics> {
    use crate::diag::{Code, Diagnostic};

    let detail = format!("There is no sandbox: {}", crate::cli::build::lacks("sandbox"));
    Err(Diagnostic::error(Code::SandboxRefused, detail).into())
}

#[cfg(feature = "sandbox")]
mod built_in {
    use std::{fs, io};

    use jiff::Timestamp;
    use tokio::net::TcpListener;

    use crate::cli::args::ServeArgs;
    use crate::cli::connection::workspace::{read_fixture, sandbox_folder};
    use crate::cli::{Context, Exit};
    use crate::diag::{Code, Diagnostic, Diagnostics};
    use crate::render::Text;
    use crate::render::text::text;
    use crate::sandbox::Sandbox;

    /// Serves until it is interrupted. Prints the endpoint once it accepts connections.
    pub async fn serve(context: &mut Context, arguments: &ServeArgs) -> Result<Exit, Diagnostics> {
        let fixture = match &arguments.fixture {
            Some(path) => Some(read_fixture(context, path)?),
            None => None,
        };
        let mut sandbox = Sandbox::open(&context.sources, fixture, arguments.state.clone())?;
        if arguments.expose {
            sandbox = sandbox.exposed();
        }
        set_at_start(&sandbox, arguments)?;
        let listener = TcpListener::bind(&arguments.listen).await.map_err(|error| {
            let detail = format!("-listen: can't listen on {}: {error}. Give ADDRESS:PORT, such as 127.0.0.1:4566.", arguments.listen);
            Diagnostic::error(Code::InvalidArgument, detail)
        })?;
        let address = listener.local_addr().map_err(|error| failed(&error))?;
        if !arguments.expose && !address.ip().is_loopback() {
            let detail = format!(
                "{address} is not a loopback address. Anyone who can reach it could read and change the sandbox; use -expose if that is intended."
            );
            return Err(Diagnostic::error(Code::InvalidArgument, detail).into());
        }
        context.terminal.print(&text!("Sandbox listening on http://{}\n", address));
        // Without this line, users would not learn the address.
        context.terminal.check()?;
        tokio::select! {
            served = sandbox.serve(listener) => served.map(|()| Exit::Done).map_err(|error| failed(&error).into()),
            interrupted = tokio::signal::ctrl_c() => interrupted.map(|()| Exit::Interrupted).map_err(|error| failed(&error).into()),
        }
    }

    /// Applies the flags for clock, weather and faults in the same way as the control endpoint.
    fn set_at_start(sandbox: &Sandbox, arguments: &ServeArgs) -> Result<(), Diagnostic> {
        let clock = arguments.clock.as_ref().map(|time| serde_json::json!({ "now": time }).to_string());
        let settings = [("clock", clock.as_ref()), ("weather", arguments.weather.as_ref()), ("faults", arguments.faults.as_ref())];
        for (name, body) in settings.into_iter().filter_map(|(name, body)| Some((name, body?))) {
            let (status, answer) = sandbox.control("POST", &format!("/{name}"), body);
            if status >= 400 {
                let why = serde_json::from_str::<serde_json::Value>(&answer).ok();
                let why = why.as_ref().and_then(|answer| answer.get("error")?.as_str()).unwrap_or(&answer);
                return Err(Diagnostic::error(Code::InvalidArgument, format!("-{name}: {}.", why.trim_end_matches('.'))));
            }
        }
        Ok(())
    }

    /// Parses a time from the command line.
    pub fn time(text: &str) -> Result<Timestamp, Diagnostic> {
        text.parse().map_err(|_| {
            let detail = format!("-clock: {text:?} is not a time. Give one such as 2026-12-01T09:00:00Z.");
            Diagnostic::error(Code::InvalidArgument, detail)
        })
    }

    fn failed(error: &io::Error) -> Diagnostic {
        Diagnostic::error(Code::Unreachable, format!("The sandbox can't serve: {error}."))
    }

    /// Removes the sandbox's folder and nothing else.
    pub fn reset(context: &mut Context) -> Result<Exit, Diagnostics> {
        let (roster, _) = context.configuration()?;
        let folder = sandbox_folder(&roster.backend);
        match fs::remove_dir_all(&folder) {
            Ok(()) => context.terminal.print(&text!("The sandbox was reset: {} was removed.\n", folder.display())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => context.terminal.print(&Text::ours("There is nothing to reset.\n")),
            Err(error) => {
                let detail = format!("{} can't be removed: {error}.", folder.display());
                return Err(Diagnostic::error(Code::OutputError, detail).into());
            }
        }
        Ok(Exit::Done)
    }
}
