//! Arguments of the commands about the program itself and what it needs.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::org::AccountId;

use super::VariableArgs;

/// Parses the ARN of a role or user (IAM User Guide, "IAM identifiers").
fn principal(text: &str) -> Result<String, String> {
    let [arn, partition, iam, region, account, name] = text.splitn(6, ':').collect::<Vec<_>>()[..] else {
        return Err(NO_PRINCIPAL.to_owned());
    };
    let named = ["role/", "user/"].iter().any(|kind| name.strip_prefix(kind).is_some_and(is_name_with_path));
    let is_valid =
        arn == "arn" && partition.starts_with("aws") && iam == "iam" && region.is_empty() && account.parse::<AccountId>().is_ok();
    if named && is_valid { Ok(text.to_owned()) } else { Err(NO_PRINCIPAL.to_owned()) }
}

const NO_PRINCIPAL: &str = "write the ARN of a role or user, such as arn:aws:iam::111111111111:role/OrgrosterApply";

/// Whether the text is an IAM name, with or without a path. A wildcard would trust more than one principal.
fn is_name_with_path(text: &str) -> bool {
    let is_allowed = |character: char| character.is_ascii_alphanumeric() || "/_+=,.@-".contains(character);
    !text.is_empty() && !text.starts_with('/') && !text.ends_with('/') && text.chars().all(is_allowed)
}

#[derive(Debug, Args)]
pub struct IamPolicyArgs {
    #[command(flatten)]
    pub variables: VariableArgs,
    /// The role that needs the policy
    pub role: PolicyFor,
    /// Print the role's trust policy instead of its permissions policy
    #[arg(long)]
    pub trust: bool,
    /// A role or user that may assume the role, instead of the whole account that orgroster runs in; repeatable
    #[arg(long, value_name = "ARN", requires = "trust", value_parser = principal)]
    pub principal: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PolicyFor {
    /// Plans, in the management account or a delegated administrator account
    Plan,
    /// Applies, in the management account
    Apply,
    /// Like apply, and also calls RemoveAccountFromOrganization
    Remove,
    /// The role in each member account that makes the call
    Member,
    /// The role in each member account that plan uses to read
    MemberRead,
    /// Like apply, and also invites accounts, tags and places them
    Join,
    /// The role in an account that accepts this organization's invitation
    Accept,
}

#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// plan, explanation, snapshot, record, journal, head, lock, refusal or references; omit it to list the names
    pub name: Option<String>,
}

#[derive(Debug, Args)]
pub struct CompletionArgs {
    #[command(flatten)]
    pub variables: VariableArgs,
    /// The shell to print the script for
    #[arg(required_unless_present = "addresses")]
    pub shell: Option<clap_complete::Shell>,
    /// Print the configuration's addresses, which the completion scripts offer
    #[arg(long, hide = true, conflicts_with = "shell")]
    pub addresses: bool,
}

#[derive(Debug, Args)]
pub struct LspArgs {
    #[command(flatten)]
    pub variables: VariableArgs,
    /// Use standard input and output, the only supported transport; editors pass this flag
    #[arg(long, hide = true)]
    pub stdio: bool,
}

#[derive(Debug, Args)]
pub struct ManArgs {
    /// The directory to write to, which must exist
    pub directory: PathBuf,
}

#[derive(Debug, Args)]
pub struct VersionArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
