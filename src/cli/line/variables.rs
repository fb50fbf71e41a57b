//! The external values of a configuration: `-var`, `-var-file`, `-trusted-config` and the environment.

use std::path::PathBuf;

use clap::ArgMatches;

use crate::cli::connection::clock::local_now;
use crate::cli::output::terminal::environment_from;
use crate::config::{Argument, ExternalValues, TERRAFORM_PREFIX, VARIABLE_PREFIX};

/// The values from the command line and the environment. The order of `-var` and `-var-file` matters, because later values win. The parsed
/// arguments have lost it, so it is taken from the matches.
pub fn given(matches: &ArgMatches) -> ExternalValues {
    let mut arguments = Vec::new();
    let mut trusted_config = None;
    let mut level = Some(matches);
    while let Some(matches) = level {
        let mut here: Vec<(usize, Argument)> = Vec::new();
        here.extend(placed::<String>(matches, "var").map(|(place, text)| (place, Argument::Value(text))));
        here.extend(placed::<PathBuf>(matches, "var_file").map(|(place, path)| (place, Argument::File(path))));
        here.sort_by_key(|(place, _)| *place);
        arguments.extend(here.into_iter().map(|(_, argument)| argument));
        trusted_config = trusted_config.or_else(|| matches.try_get_one::<PathBuf>("trusted_config").ok().flatten().cloned());
        level = matches.subcommand().map(|(_, below)| below);
    }
    ExternalValues {
        environment: environment_from(VARIABLE_PREFIX),
        terraform: environment_from(TERRAFORM_PREFIX).into_keys().collect(),
        arguments,
        trusted_config,
        time: Some(local_now()),
        time_is_chosen: false,
        open: Default::default(),
    }
}

/// The values of a flag with their positions. Empty for a command that does not have the flag.
fn placed<'m, T: Clone + Send + Sync + 'static>(matches: &'m ArgMatches, flag: &'m str) -> impl Iterator<Item = (usize, T)> + 'm {
    let values = matches.try_get_many::<T>(flag).ok().flatten();
    let places = values.is_some().then(|| matches.indices_of(flag)).flatten();
    places.into_iter().flatten().zip(values.into_iter().flatten().cloned())
}
