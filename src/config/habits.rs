//! What Terraform's users write out of habit, each with what does that here, or why nothing does.

/// A name of Terraform's language, and the answer to it.
pub type Habit = (&'static str, &'static str);

/// Blocks of the top level.
pub const BLOCKS: &[Habit] = &[
    (
        "terraform",
        "The settings of a configuration are in an `orgroster` block:\n\n    orgroster {\n      required_version = \">= 0.1\"\n\n      backend \"local\" {\n        path = \".orgroster\"\n      }\n    }",
    ),
    (
        "resource",
        "There are no resources: an account is declared by an `account` block, and nothing else is managed:\n\n    account \"crm\" {\n      id         = \"123456789012\"\n      membership = \"member\"\n    }",
    ),
    (
        "data",
        "Nothing is looked up in AWS while a configuration is read. Data in files of its directory is read with functions, such as csvdecode(file(\"accounts.csv\")); `orgroster import` writes blocks of the live accounts.",
    ),
    (
        "module",
        "There are no modules: a configuration is the files of one directory. For many accounts use `for_each`; for several organizations, a directory each.",
    ),
    (
        "output",
        "There are no outputs. `orgroster show -json FILE` prints a saved plan as JSON, and `orgroster history -json` the departures.",
    ),
    (
        "moved",
        "Nothing needs to be moved: no state is kept under an address, so that a block can be renamed by changing its label. The account's id is what counts.",
    ),
    (
        "removed",
        "Nothing else is needed: remove the `account` block. The account stays in the organization, and is listed as unmanaged. To let it leave, keep the block and set `membership = \"detached\"`.",
    ),
    (
        "import",
        "No block is needed to import: an `account` block with the account's id is all. `orgroster import` writes the blocks of all members that have none.",
    ),
    ("check", "What an account must pass before it leaves are the gates; a `gate` block sets how much one of them counts."),
    (
        "ephemeral",
        "Nothing is opened or looked up while a configuration is read. Values come from variables, locals and files of the directory.",
    ),
];

/// Arguments and blocks within an `account` block.
pub const IN_ACCOUNT: &[Habit] = &[
    ("count", "Use `for_each` with a map or a set: with a count, each account would have another address when one before it is removed."),
    (
        "lifecycle",
        "Nothing is created, replaced or destroyed by a change of this block. To rule out that an account leaves, list its id in `protected_accounts` of the guardrails block.",
    ),
    ("prevent_destroy", "To rule out that an account leaves, list its id in `protected_accounts` of the guardrails block."),
    ("depends_on", "Accounts leave independently of each other, in the order of the plan; remove the argument."),
    ("provider", "There is one provider, \"aws\", and one organization in each directory; remove the argument."),
    ("providers", "There is one provider, \"aws\", and one organization in each directory; remove the argument."),
    (
        "provisioner",
        "Nothing is run when an account leaves. A pipeline can run something after `orgroster apply`, which prints its result with -json.",
    ),
    ("connection", "Nothing is run when an account leaves; remove the block."),
    (
        "close_on_deletion",
        "No account is closed: it leaves the organization and goes on as a standalone account. To let it leave, set `membership = \"detached\"`.",
    ),
    ("iam_user_access_to_billing", "Nothing is set inside an account; remove the argument."),
    (
        "role_name",
        "The role that makes the account's call is named in a block:\n\n    member_role {\n      name = \"OrganizationAccountAccessRole\"\n    }",
    ),
    ("parent_id", "Accounts are not moved between organizational units. Where one that joins is placed is the `unit` of its `join` block."),
    ("tags", "Tags of members are read, and never set. Those of an account that joins are the `tags` of its `join` block."),
];

/// Arguments and blocks within the `provider` block.
pub const IN_PROVIDER: &[Habit] = &[
    (
        "access_key",
        "Credentials are never part of a configuration. They come from the environment, a profile or the machine, as for the AWS CLI.",
    ),
    (
        "secret_key",
        "Credentials are never part of a configuration. They come from the environment, a profile or the machine, as for the AWS CLI.",
    ),
    (
        "token",
        "Credentials are never part of a configuration. They come from the environment, a profile or the machine, as for the AWS CLI.",
    ),
    ("shared_credentials_files", "Set the environment variable AWS_SHARED_CREDENTIALS_FILE, as for the AWS CLI."),
    ("shared_config_files", "Set the environment variable AWS_CONFIG_FILE, as for the AWS CLI."),
    ("alias", "There is one provider in each directory. For another organization, use another directory."),
    ("version", "AWS's client is built in. To require a version of orgroster, set `required_version` in an `orgroster` block."),
    ("allowed_account_ids", "The `organization` block says which organization and management account are meant; any other is refused."),
    ("forbidden_account_ids", "The `organization` block says which organization and management account are meant; any other is refused."),
    ("default_tags", "Nothing is created, and so nothing tagged; remove the block."),
    ("ignore_tags", "Nothing is created, and so nothing tagged; remove the block."),
    ("endpoints", "Set the environment variables AWS_ENDPOINT_URL or AWS_ENDPOINT_URL_ORGANIZATIONS, as for the AWS CLI."),
    ("max_retries", "Requests are repeated while AWS is busy; `api_share` sets which share of AWS's quotas is used."),
    ("assume_role_with_web_identity", "Set the environment variables AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE, as for the AWS CLI."),
];

/// Arguments and blocks within the `orgroster` block.
pub const IN_TOOL: &[Habit] = &[
    ("required_providers", "There is one provider, \"aws\", and it is built in; remove the block."),
    ("cloud", "There is no remote service: runs take place where the program is started, and records are kept by a `backend`."),
    ("experiments", "There are no experiments to turn on; remove the argument."),
];

/// Arguments within a `variable` block.
pub const IN_VARIABLE: &[Habit] =
    &[("ephemeral", "Values of variables are part of a saved plan unless they are `sensitive`; set `sensitive = true`.")];

/// Roots of references.
pub const ROOTS: &[Habit] = &[
    (
        "data",
        "Nothing is looked up in AWS while a configuration is read. Data in files is read with functions such as csvdecode(file(\"accounts.csv\")).",
    ),
    ("module", "There are no modules; values come from `var`, `local` and `each`."),
    (
        "terraform",
        "There are no workspaces, and nothing differs between planning and applying: use a directory, or a file of values, for each organization, and a variable for what differs.",
    ),
    ("count", "There is no `count`; use `for_each`, and `each.key` and `each.value`."),
    ("self", "A block can't refer to itself; use a local value."),
    ("resource", "There are no resources to refer to; values come from `var`, `local` and `each`."),
    ("account", "Accounts can't be referred to; put what they share into a local value."),
];

/// Attributes of `path`.
pub const IN_PATH: &[Habit] = &[(
    "cwd",
    "Where the program is started is no part of a configuration, which means the same on every machine. Paths are relative to the configuration's directory: leave it out, or write `path.module`, which is `.`.",
)];

/// The answer to a name, if it is a habit.
pub fn answer(habits: &'static [Habit], name: &str) -> Option<&'static str> {
    habits.iter().find(|(habit, _)| *habit == name).map(|(_, answer)| *answer)
}
