//! Roles that are identified by ARN. Such a role is in one account of one partition, and can't be used for any other.

use std::collections::BTreeSet;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::org::{AccountId, Desired, Message, SourceSpan, Spanned, is_partition, partition_of_region};

use super::blocks::declared::{DeclaredAccount, DeclaredVia};

/// The parsed ARN of an IAM role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleArn<'t> {
    /// The partition, one of AWS's.
    pub partition: &'t str,
    /// The account that the role is in.
    pub account: AccountId,
    /// The role's name with its path.
    pub name: &'t str,
}

impl<'t> RoleArn<'t> {
    /// Parses an ARN; `None` if the text is not the ARN of a role.
    pub fn parse(text: &'t str) -> Option<Self> {
        let parts: Vec<_> = text.splitn(6, ':').collect();
        let ["arn", partition, "iam", "", account, resource] = parts.as_slice() else { return None };
        let name = resource.strip_prefix("role/").filter(|name| !name.is_empty() && !name.ends_with('/'))?;
        is_partition(partition).then_some(Self { partition, account: account.parse().ok()?, name })
    }
}

/// The roles that provider blocks identify by ARN, and the region, which determines the partition.
#[derive(Debug, Default)]
pub struct ProviderRoles {
    /// `region`.
    pub region: Option<Spanned<String>>,
    /// `assume_role`: a role in any account.
    pub assume_role: Option<Spanned<String>>,
    /// `member_role`: the role in each member that has no block of its own.
    pub member_role: Option<Spanned<String>>,
    /// `member_read_role`: the role in each member that leaves.
    pub member_read_role: Option<Spanned<String>>,
}

/// Reports each ARN whose role is in another account than the one that it is for, or in another partition than the rest.
pub fn check(accounts: &[DeclaredAccount], provider: &ProviderRoles, diagnostics: &mut Diagnostics) {
    check_own(accounts, diagnostics);
    let leaves = |declared: &&DeclaredAccount| {
        let detached = declared.account.as_ref().is_some_and(|account| matches!(account.membership, Desired::Detached(_)));
        // A removal is the management account's call, and needs no role in the member.
        detached && !matches!(declared.via, DeclaredVia::Remove(_))
    };
    if let Some(role) = &provider.member_role {
        let without_own = accounts.iter().filter(leaves).find(|declared| declared.member_role.is_none() && is_elsewhere(role, declared));
        diagnostics.extend(without_own.map(|declared| in_another_account(role, declared, "member_role")));
    }
    if let Some(role) = &provider.member_read_role {
        let other = accounts.iter().filter(leaves).find(|declared| is_elsewhere(role, declared));
        diagnostics.extend(other.map(|declared| in_another_account(role, declared, "member_read_role")));
    }
    check_partitions(accounts, provider, diagnostics);
}

/// Checks the roles of account blocks. A block with `for_each` is reported once.
fn check_own(accounts: &[DeclaredAccount], diagnostics: &mut Diagnostics) {
    let mut reported: BTreeSet<&SourceSpan> = BTreeSet::new();
    for declared in accounts {
        if let Some(role) = &declared.accept_role
            && let Some(arn) = RoleArn::parse(&role.value).filter(|arn| arn.account != declared.id.value)
            && reported.insert(&role.span)
        {
            let detail = format!(
                "This role is in account {0}, but the block is about account {1}: only a role in the account itself can accept its invitation. \
                 Use a role in account {1}.",
                arn.account, declared.id.value
            );
            let found = Diagnostic::error(Code::InvalidValue, detail).at(role.span.clone());
            diagnostics.push(found.also(declared.id.span.clone(), "the account that this block is about"));
        }
        let Some(role) = &declared.member_role else { continue };
        let name = Spanned::new(role.value.name.clone(), role.span.clone());
        let Some(arn) = RoleArn::parse(&name.value).filter(|arn| arn.account != declared.id.value) else { continue };
        if reported.insert(&role.span) {
            let detail = Message::new(&format!(
                "This role is in account {0}, but the block is about account {1}: only a role in the account itself can make its call. \
                 Use a role in account {1}, or set only the role's name:",
                arn.account, declared.id.value
            ));
            let detail = detail.line("").command(&format!("name = \"{}\"", arn.name));
            let found = Diagnostic::error(Code::InvalidValue, detail).at(role.span.clone());
            diagnostics.push(found.also(declared.id.span.clone(), "the account that this block is about"));
        }
    }
}

fn is_elsewhere(role: &Spanned<String>, declared: &DeclaredAccount) -> bool {
    RoleArn::parse(&role.value).is_some_and(|arn| arn.account != declared.id.value)
}

/// The diagnostic for a role of the provider block that is not in an account that would use it.
fn in_another_account(role: &Spanned<String>, declared: &DeclaredAccount, block: &str) -> Diagnostic {
    let arn = RoleArn::parse(&role.value);
    let (account, name) = arn.map_or((String::new(), ""), |arn| (arn.account.to_string(), arn.name));
    let detail = Message::new(&format!(
        "The provider's {block} applies to each account that leaves, but this ARN identifies a role in account {account} only, and {} ({}) \
         would use it too. Set only the role's name:",
        declared.address, declared.id.value
    ));
    let detail = detail.line("").command(&format!("name = \"{name}\""));
    let found = Diagnostic::error(Code::InvalidValue, detail).at(role.span.clone());
    found.also(declared.id.span.clone(), "an account that would use it")
}

/// Checks that all roles and the region are in one partition: credentials are valid in one partition only.
fn check_partitions(accounts: &[DeclaredAccount], provider: &ProviderRoles, diagnostics: &mut Diagnostics) {
    let region = provider.region.as_ref().map(|region| (partition_of_region(&region.value), region));
    let provided = [&provider.assume_role, &provider.member_role, &provider.member_read_role].into_iter().flatten();
    let own = accounts.iter().filter_map(|declared| declared.member_role.as_ref());
    let own = own.map(|role| (role.value.name.as_str(), &role.span));
    let accepting = accounts.iter().filter_map(|declared| declared.accept_role.as_ref());
    let accepting = accepting.map(|role| (role.value.as_str(), &role.span));
    let roles = provided.map(|role| (role.value.as_str(), &role.span)).chain(own).chain(accepting);
    let mut expected = region.map(|(partition, region)| (partition, &region.span));
    let mut reported = BTreeSet::new();
    for (text, span) in roles {
        let Some(arn) = RoleArn::parse(text) else { continue };
        let (partition, because) = *expected.get_or_insert((arn.partition, span));
        if arn.partition != partition && reported.insert(span) {
            let detail = format!(
                "This role is in the partition {}, but the configuration is for the partition {partition}. A role can't be assumed from another \
                 partition. Correct the ARN or the region.",
                arn.partition
            );
            let found = Diagnostic::error(Code::InvalidValue, detail).at(span.clone());
            diagnostics.push(found.also(because.clone(), format!("this is in {partition}")));
        }
    }
}
