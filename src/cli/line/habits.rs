//! Habits of Terraform's users, each with the equivalent here, or why there is none.

/// Terraform's commands that orgroster does not have, with the answer to each.
const COMMANDS: &[(&str, &str)] = &[
    (
        "destroy",
        "No command makes every account leave at once. To detach an account, set `membership = \"detached\"` and a `reason` in its block, and run:\n    orgroster plan",
    ),
    (
        "state",
        "There is no state: each run reads AWS, and only departures are recorded. To list every account, and those that have left, run:\n    orgroster plan -verbose\n    orgroster history list\n\nInstead of `state show`, use `orgroster explain ADDRESS`. Instead of `state mv`, change the label of the block. Instead of `state rm`, remove the block. Neither change affects the account.",
    ),
    (
        "output",
        "There are no outputs. To print a saved plan or the departures as JSON, run:\n    orgroster show -json FILE\n    orgroster history -json",
    ),
    ("refresh", "There is no stored state to refresh: each plan reads the live organization. Run:\n    orgroster plan"),
    ("taint", "Accounts are never recreated, so there is nothing to taint."),
    ("untaint", "Accounts are never recreated, so nothing is tainted."),
    (
        "workspace",
        "There are no workspaces: use one directory or one variable file for each organization. Run:\n    orgroster -chdir=DIR plan\n    orgroster plan -var-file=FILE",
    ),
    ("providers", "The only provider, AWS, is built in. To see the version, run:\n    orgroster version"),
    ("get", "There are no modules, and nothing is downloaded. To check the configuration, run:\n    orgroster validate"),
    ("modules", "There are no modules: a configuration consists of the files in one directory. To check it, run:\n    orgroster validate"),
    (
        "graph",
        "Accounts do not depend on each other. For a page with the organization's tree and every departure, run:\n    orgroster show -html FILE",
    ),
    ("login", "There is no service to log in to. orgroster uses the same credentials as the AWS CLI. For example, run:\n    aws sso login"),
    (
        "logout",
        "There is no service to log out of. orgroster uses the same credentials as the AWS CLI. For example, run:\n    aws sso logout",
    ),
    (
        "console",
        "There is no console for expressions. To see the result of a configuration, run:\n    orgroster validate\n    orgroster plan",
    ),
    (
        "test",
        "To test a configuration, rehearse it in the sandbox: name a fixture with `sandbox` in the provider block, and run:\n    orgroster plan",
    ),
    (
        "env",
        "There are no workspaces: use one directory or one variable file for each organization. Run:\n    orgroster -chdir=DIR plan\n    orgroster plan -var-file=FILE",
    ),
    ("stacks", "There are no stacks: a roster is one directory, for one organization. To plan, run:\n    orgroster plan"),
    (
        "query",
        "To list every account with its plan, or to write blocks for live members that have none, run:\n    orgroster plan -verbose\n    orgroster import",
    ),
    ("metadata", "JSON Schemas describe the formats of plans, snapshots, records and journals. To list them, run:\n    orgroster schema"),
];

/// Terraform's flags that orgroster does not have, by their long name without dashes.
const FLAGS: &[(&str, &str)] = &[
    (
        "destroy",
        "No command makes every account leave at once. To detach an account, set `membership = \"detached\"` and a `reason` in its block.",
    ),
    (
        "lock",
        "A plan takes no lock, and an apply always takes one: without it, two concurrent runs could record one departure twice. Leave the flag out; `apply -lock-timeout=3m` waits for another run.",
    ),
    (
        "refresh",
        "Every plan and every apply reads the live organization; there is no stored state to use instead. Leave the flag out. For a review, `plan -snapshot=FILE` plans from a file that `orgroster snapshot` wrote.",
    ),
    ("refresh-only", "There is no stored state to refresh. Every plan shows drift: leave the flag out."),
    ("generate-config-out", "To write blocks for live members that have none, run:\n    orgroster import -out=FILE"),
    ("replace", "Accounts are never recreated. Leave the flag out."),
    ("exclude", "Use -target=ADDRESS for the accounts to include instead."),
    (
        "state",
        "There is no state file: each run reads AWS, and only departures are recorded. Leave the flag out; a `backend` block sets where records are kept.",
    ),
    ("state-out", "There is no state file. Leave the flag out; a `backend` block sets where records are kept."),
    ("backup", "There is no state file, and records are only appended. Leave the flag out; `apply -records-to=DIR` copies them."),
    (
        "backend-config",
        "The backend is set in the configuration, in an `orgroster` block, which can't refer to variables of a run. Leave the flag out, or set a file with -trusted-config.",
    ),
    ("reconfigure", "No backend settings are stored, so there is nothing to reconfigure. Leave the flag out."),
    (
        "migrate-state",
        "There is no state to migrate. To continue with the records of another backend, copy its files or objects to the new one. Leave the flag out.",
    ),
    ("upgrade", "Nothing is downloaded: AWS's client is built in. Leave the flag out."),
    ("get", "Nothing is downloaded: AWS's client is built in. Leave the flag out."),
    ("get-plugins", "Nothing is downloaded: AWS's client is built in. Leave the flag out."),
    ("plugin-dir", "Nothing is downloaded: AWS's client is built in. Leave the flag out."),
    ("lockfile", "Nothing is downloaded, so no versions are locked. Leave the flag out."),
    (
        "backend",
        "Only commands that keep records use the backend. Leave the flag out; `orgroster validate` needs neither a backend nor AWS.",
    ),
    ("force-copy", "There is no state to copy. Leave the flag out."),
    (
        "from-module",
        "There are no modules. To start with a configuration of the live organization, run:\n    orgroster init -from-organization",
    ),
    ("parallelism", "Reads are paced by AWS's quotas. Leave the flag out; `apply` takes it, to limit concurrent departures."),
    ("detailed-exitcode", "Only `plan` takes the flag. The exit codes of this command are the same without it: leave the flag out."),
    ("auto-approve", "Only `apply` asks for approval: leave the flag out."),
    ("lock-timeout", "Only commands that write records take the lock: leave the flag out."),
    ("compact-warnings", "Only `plan` and `apply` take the flag. Leave it out."),
    ("input", "This command never asks for input: leave the flag out."),
    ("json", "This command has no JSON output: leave the flag out."),
    ("var", "This command uses no variables; a saved plan has the values that it was made with. Leave the flag out."),
    ("var-file", "This command uses no variables; a saved plan has the values that it was made with. Leave the flag out."),
    ("target", "Only `plan` and `apply` take the flag. Leave it out."),
    ("target-file", "Use -target=ADDRESS once for each account instead."),
    ("exclude-file", "Use -target=ADDRESS for the accounts to include instead."),
    ("concise", "A plan lists only changed, blocked and drifted accounts; `-verbose` lists every account. Leave the flag out."),
    ("show-sensitive", "No output contains sensitive values. Leave the flag out."),
    ("deprecation", "Nothing is deprecated. Leave the flag out."),
    (
        "allow-deferral",
        "Nothing is deferred to a later plan: a fact that can't be read blocks, and the reason is shown. Leave the flag out.",
    ),
    ("test-directory", "To test a configuration, name a fixture of the sandbox with `sandbox` in the provider block. Leave the flag out."),
    ("ignore-remote-version", "There is no remote backend with another version. Leave the flag out."),
    ("allow-missing-config", "An import needs only a block. To write blocks for members that have none, run:\n    orgroster import"),
];

/// The answer to a Terraform command.
pub fn command(name: &str) -> Option<&'static str> {
    find(COMMANDS, name)
}

/// The answer to a Terraform flag, as typed: `--refresh=false`, `--destroy`.
pub fn flag(written: &str) -> Option<&'static str> {
    let name = written.trim_start_matches('-');
    find(FLAGS, name.split_once('=').map_or(name, |(name, _)| name)).filter(|_| written.starts_with('-'))
}

/// The answer to `import ADDRESS ID`.
pub const IMPORT: &str = "Accounts are not imported by address: an `account` block with the account's id is enough. To write blocks for all members that have none, run:\n    orgroster import";

fn find(table: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    table.iter().find(|(known, _)| *known == name).map(|(_, answer)| *answer)
}
