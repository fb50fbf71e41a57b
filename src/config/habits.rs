//! Names that Terraform's users write out of habit, each with its equivalent here, or the reason why there is none.

/// A name of Terraform's language, and what to write instead.
pub type Habit = (&'static str, &'static str);

/// Top-level blocks.
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
        "Nothing is looked up in AWS while a configuration is read. To read data from files in its directory, use functions such as csvdecode(file(\"accounts.csv\")). `orgroster import` writes blocks for the live accounts.",
    ),
    (
        "module",
        "There are no modules: a configuration consists of the files of one directory. For many accounts, use `for_each`. For several organizations, use a directory each.",
    ),
    (
        "output",
        "There are no outputs. `orgroster show -json FILE` prints a saved plan as JSON, and `orgroster history -json` prints the departures.",
    ),
    (
        "moved",
        "No `moved` block is needed: no state is stored under an address, so a block can be renamed by changing its label. The account's id identifies it.",
    ),
    (
        "removed",
        "No `removed` block is needed: remove the `account` block. The account stays in the organization and is listed as unmanaged. To make it leave, keep the block and set `membership = \"detached\"`.",
    ),
    (
        "import",
        "No block is needed to import: an `account` block with the account's id is enough. `orgroster import` writes blocks for all members that have none.",
    ),
    ("check", "Gates are the checks that an account must pass before it leaves. A `gate` block sets the enforcement of one gate."),
    (
        "ephemeral",
        "Nothing is opened or looked up while a configuration is read. Values come from variables, locals and files in the directory.",
    ),
];

/// Arguments and blocks within an `account` block.
pub const IN_ACCOUNT: &[Habit] = &[
    ("count", "Use `for_each` with a map or a set: with a count, removing one account would change the address of every later one."),
    (
        "lifecycle",
        "A change of this block creates, replaces or destroys nothing. To prevent an account from leaving, list its id in `protected_accounts` of the guardrails block.",
    ),
    ("prevent_destroy", "To prevent an account from leaving, list its id in `protected_accounts` of the guardrails block."),
    ("depends_on", "Accounts leave independently of each other, in the order of the plan; remove the argument."),
    ("provider", "There is one provider, \"aws\", and one organization in each directory; remove the argument."),
    ("providers", "There is one provider, \"aws\", and one organization in each directory; remove the argument."),
    (
        "provisioner",
        "Nothing is run when an account leaves. A pipeline can run a step after `orgroster apply`, whose result is printed as JSON with -json.",
    ),
    ("connection", "Nothing is run when an account leaves; remove the block."),
    (
        "close_on_deletion",
        "No account is closed: it leaves the organization and continues as a standalone account. To make it leave, set `membership = \"detached\"`.",
    ),
    ("iam_user_access_to_billing", "orgroster changes no settings in an account; remove the argument."),
    (
        "role_name",
        "The role that makes the account's call is set in a block:\n\n    member_role {\n      name = \"OrganizationAccountAccessRole\"\n    }",
    ),
    ("parent_id", "Accounts are not moved between organizational units. For an account that joins, set `unit` in its `join` block."),
    ("tags", "Tags of members are read and never set. For an account that joins, set `tags` in its `join` block."),
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
    (
        "allowed_account_ids",
        "The `organization` block identifies the organization and its management account; any other is refused. Remove the argument.",
    ),
    (
        "forbidden_account_ids",
        "The `organization` block identifies the organization and its management account; any other is refused. Remove the argument.",
    ),
    ("default_tags", "orgroster creates nothing, so it has nothing to tag; remove the block."),
    ("ignore_tags", "orgroster creates nothing, so it has nothing to tag; remove the block."),
    ("endpoints", "Set the environment variables AWS_ENDPOINT_URL or AWS_ENDPOINT_URL_ORGANIZATIONS, as for the AWS CLI."),
    ("max_retries", "Requests are retried while AWS throttles them. `api_share` sets which share of AWS's quotas is used."),
    ("assume_role_with_web_identity", "Set the environment variables AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE, as for the AWS CLI."),
];

/// Arguments and blocks within the `orgroster` block.
pub const IN_TOOL: &[Habit] = &[
    ("required_providers", "There is one provider, \"aws\", and it is built in; remove the block."),
    ("cloud", "There is no remote service: runs take place where the program is started, and a `backend` stores the records."),
    ("experiments", "There are no experiments to turn on; remove the argument."),
];

/// Arguments within a `variable` block.
pub const IN_VARIABLE: &[Habit] =
    &[("ephemeral", "A saved plan contains the values of variables unless they are `sensitive`. Set `sensitive = true`.")];

/// First names of references.
pub const ROOTS: &[Habit] = &[
    (
        "data",
        "Nothing is looked up in AWS while a configuration is read. To read data from files, use functions such as csvdecode(file(\"accounts.csv\")).",
    ),
    ("module", "There are no modules; values come from `var`, `local` and `each`."),
    (
        "terraform",
        "There are no workspaces, and plan and apply evaluate the same values. Use a directory or a file of values for each organization, and variables for the differences.",
    ),
    ("count", "There is no `count`; use `for_each`, and `each.key` and `each.value`."),
    ("self", "A block can't refer to itself; use a local value."),
    ("resource", "There are no resources to refer to; values come from `var`, `local` and `each`."),
    ("account", "Accounts can't be referred to; put what they share into a local value."),
];

/// Attributes of `path`.
pub const IN_PATH: &[Habit] = &[(
    "cwd",
    "A configuration must mean the same on every machine, so it can't refer to the working directory. Paths are relative to the configuration's directory: leave it out, or write `path.module`, which is `.`.",
)];

/// What to write instead of a name, if it is one of these habits.
pub fn answer(habits: &'static [Habit], name: &str) -> Option<&'static str> {
    habits.iter().find(|(habit, _)| *habit == name).map(|(_, answer)| *answer)
}
