//! What Terraform's users type out of habit, each with what does that here, or why nothing does.

/// Terraform's commands that orgroster does not have, by their name.
const COMMANDS: &[(&str, &str)] = &[
    (
        "destroy",
        "Nothing lets every account leave at once. An account leaves when its block says so: set `membership = \"detached\"` with a `reason`, and run:\n    orgroster plan",
    ),
    (
        "state",
        "There is no state: AWS is asked in each run, and only departures are recorded. To list every account, and what has left, run:\n    orgroster plan -verbose\n    orgroster history list\n\nInstead of `state show` there is `orgroster explain ADDRESS`. Instead of `state mv` change the label of the block, and instead of `state rm` remove the block; neither does anything to the account.",
    ),
    (
        "output",
        "There are no outputs. To print a saved plan or the departures as JSON, run:\n    orgroster show -json FILE\n    orgroster history -json",
    ),
    ("refresh", "Nothing is stored that could be refreshed: each plan reads the live organization. Run:\n    orgroster plan"),
    ("taint", "Nothing is created again: an account stays, or leaves. Nothing needs to be marked."),
    ("untaint", "Nothing is created again: an account stays, or leaves. Nothing is marked."),
    (
        "workspace",
        "There are no workspaces: each organization has a directory of its own, or a file of values. Run:\n    orgroster -chdir=DIR plan\n    orgroster plan -var-file=FILE",
    ),
    ("providers", "The only provider, AWS, is built in. To see the version, run:\n    orgroster version"),
    ("get", "There are no modules, and nothing is downloaded. To check the configuration, run:\n    orgroster validate"),
    ("modules", "There are no modules: a configuration is the files of one directory. To check it, run:\n    orgroster validate"),
    (
        "graph",
        "Accounts do not depend on each other. For a page with the organization's tree and every departure, run:\n    orgroster show -html FILE",
    ),
    ("login", "There is no service to log in to. Credentials come from where the AWS CLI has them, such as:\n    aws sso login"),
    ("logout", "There is no service to log out of. Credentials come from where the AWS CLI has them, such as:\n    aws sso logout"),
    (
        "console",
        "Expressions can't be tried by themselves. To see what comes of a configuration, run:\n    orgroster validate\n    orgroster plan",
    ),
    (
        "test",
        "A configuration is tried on an embedded organization: name a fixture by `sandbox` in the provider block, and run:\n    orgroster plan",
    ),
    (
        "env",
        "There are no workspaces: each organization has a directory of its own, or a file of values. Run:\n    orgroster -chdir=DIR plan\n    orgroster plan -var-file=FILE",
    ),
    ("stacks", "There are no stacks: a roster is one directory, and one organization. To plan, run:\n    orgroster plan"),
    (
        "query",
        "To list every account with what is planned for it, or to write blocks of live members that have none, run:\n    orgroster plan -verbose\n    orgroster import",
    ),
    (
        "metadata",
        "The formats of plans, snapshots, records and journals are described by JSON Schemas. To list them, run:\n    orgroster schema",
    ),
];

/// Terraform's flags that orgroster does not have, by their long name without dashes.
const FLAGS: &[(&str, &str)] = &[
    (
        "destroy",
        "Nothing lets every account leave at once. An account leaves when its block says so: set `membership = \"detached\"` with a `reason`.",
    ),
    (
        "lock",
        "A plan takes no lock, and an apply never goes on without one: two runs at once could record one departure twice. Leave the flag out; `apply -lock-timeout=3m` waits for another run.",
    ),
    (
        "refresh",
        "Every plan and every apply reads the live organization; nothing is stored that could be used instead. Leave the flag out. `plan -snapshot=FILE` plans from a file that `orgroster snapshot` wrote, for review.",
    ),
    ("refresh-only", "Nothing is stored that could be refreshed. Drift is part of every plan: leave the flag out."),
    ("generate-config-out", "Blocks of live members that have none are written by:\n    orgroster import -out=FILE"),
    ("replace", "Nothing is created again: an account stays, or leaves. Leave the flag out."),
    ("exclude", "Name what is wanted instead, with -target=ADDRESS."),
    (
        "state",
        "There is no state file: AWS is asked in each run, and only departures are recorded. Leave the flag out; a `backend` block says where records are kept.",
    ),
    ("state-out", "There is no state file. Leave the flag out; a `backend` block says where records are kept."),
    ("backup", "There is no state file, and records are only added to. Leave the flag out; `apply -records-to=DIR` copies them."),
    (
        "backend-config",
        "The backend is set in the configuration, by an `orgroster` block, which can't refer to variables of a run. Leave the flag out, or name a file with -trusted-config.",
    ),
    ("reconfigure", "Nothing is remembered of a backend that could be configured again. Leave the flag out."),
    (
        "migrate-state",
        "There is no state to migrate. To go on with the records of another backend, copy its files or objects there. Leave the flag out.",
    ),
    ("upgrade", "Nothing is downloaded: AWS's client is built in. Leave the flag out."),
    ("get", "Nothing is downloaded: AWS's client is built in. Leave the flag out."),
    ("get-plugins", "Nothing is downloaded: AWS's client is built in. Leave the flag out."),
    ("plugin-dir", "Nothing is downloaded: AWS's client is built in. Leave the flag out."),
    ("lockfile", "Nothing is downloaded, so that no versions are locked. Leave the flag out."),
    (
        "backend",
        "Only commands that keep records use the backend. Leave the flag out; `orgroster validate` needs neither a backend nor AWS.",
    ),
    ("force-copy", "There is no state to copy. Leave the flag out."),
    (
        "from-module",
        "There are no modules. To begin with a configuration of the live organization, run:\n    orgroster init -from-organization",
    ),
    (
        "parallelism",
        "Reads are paced by AWS's quotas. Leave the flag out; `apply` takes it, for the departures that are under way at one time.",
    ),
    ("detailed-exitcode", "`plan` takes the flag. The exit codes of this command are the same without it: leave the flag out."),
    ("auto-approve", "Only `apply` asks before it acts: leave the flag out."),
    ("lock-timeout", "Only commands that write records take the lock: leave the flag out."),
    ("compact-warnings", "`plan` and `apply` take the flag. Leave it out."),
    ("input", "This command asks for no values: leave the flag out."),
    ("json", "This command has no output as JSON: leave the flag out."),
    ("var", "This command uses no variables; a saved plan has the values that it was made with. Leave the flag out."),
    ("var-file", "This command uses no variables; a saved plan has the values that it was made with. Leave the flag out."),
    ("target", "`plan` and `apply` take the flag. Leave it out."),
    ("target-file", "Name the accounts one by one instead, with -target=ADDRESS."),
    ("exclude-file", "Name what is wanted instead, with -target=ADDRESS."),
    ("concise", "A plan lists what changes, what is blocked and what drifted; `-verbose` lists every account. Leave the flag out."),
    ("show-sensitive", "Sensitive values are in no output. Leave the flag out."),
    ("deprecation", "Nothing is deprecated. Leave the flag out."),
    ("allow-deferral", "Nothing is deferred to a later plan: what can't be read blocks, and the reason is shown. Leave the flag out."),
    (
        "test-directory",
        "A configuration is tried on an embedded organization, which `sandbox` in the provider block names. Leave the flag out.",
    ),
    ("ignore-remote-version", "There is no remote backend of another version. Leave the flag out."),
    ("allow-missing-config", "A block is all that an import needs. To write blocks for members that have none, run:\n    orgroster import"),
];

/// The answer to a command of Terraform's.
pub fn command(name: &str) -> Option<&'static str> {
    find(COMMANDS, name)
}

/// The answer to a flag of Terraform's, as it was written: `--refresh=false`, `--destroy`.
pub fn flag(written: &str) -> Option<&'static str> {
    let name = written.trim_start_matches('-');
    find(FLAGS, name.split_once('=').map_or(name, |(name, _)| name)).filter(|_| written.starts_with('-'))
}

/// What `import ADDRESS ID` is answered.
pub const IMPORT: &str = "Nothing needs to be imported by its address: an `account` block with the account's id is all. To write blocks for all members that have none, run:\n    orgroster import";

fn find(table: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    table.iter().find(|(known, _)| *known == name).map(|(_, answer)| *answer)
}
