//! Roles that are named by their ARN. An ARN names one account of one partition, and fits no other.

use std::collections::BTreeSet;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::org::{AccountId, Desired, Message, SourceSpan, Spanned, is_partition, partition_of_region};

use super::blocks::declared::{DeclaredAccount, DeclaredVia};

/// The ARN of an IAM role, in parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleArn<'t> {
    /// The partition, one of those that AWS has.
    pub partition: &'t str,
    /// The account that the role is in.
    pub account: AccountId,
    /// The role's name with its path.
    pub name: &'t str,
}

impl<'t> RoleArn<'t> {
    /// Takes an ARN apart; `None` if the text is not the ARN of a role.
    pub fn parse(text: &'t str) -> Option<Self> {
        let parts: Vec<_> = text.splitn(6, ':').collect();
        let ["arn", partition, "iam", "", account, resource] = parts.as_slice() else { return None };
        let name = resource.strip_prefix("role/").filter(|name| !name.is_empty() && !name.ends_with('/'))?;
        is_partition(partition).then_some(Self { partition, account: account.parse().ok()?, name })
    }
}

/// The roles that provider blocks name by their ARN, and the region, which determines the partition.
#[derive(Debug, Default)]
pub struct ProviderRoles {
    /// `region`.
    pub region: Option<Spanned<String>>,
    /// `assume_role`: any account.
    pub assume_role: Option<Spanned<String>>,
    /// `member_role`: the role in each member that has no block of its own.
    pub member_role: Option<Spanned<String>>,
    /// `member_read_role`: the role in each member that leaves.
    pub member_read_role: Option<Spanned<String>>,
}

/// Reports each ARN that names a role of another account than the one that it is for, or of another partition than the rest.
pub fn check(accounts: &[DeclaredAccount], provider: &ProviderRoles, diagnostics: &mut Diagnostics) {
    check_own(accounts, diagnostics);
    let leaves = |declared: &&DeclaredAccount| {
        let detached = declared.account.as_ref().is_some_and(|account| matches!(account.membership, Desired::Detached(_)));
        // The management account's own call needs no role in the member.
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

/// The roles that account blocks name. A block with `for_each` is reported once.
fn check_own(accounts: &[DeclaredAccount], diagnostics: &mut Diagnostics) {
    let mut reported: BTreeSet<&SourceSpan> = BTreeSet::new();
    for declared in accounts {
        if let Some(role) = &declared.accept_role
            && let Some(arn) = RoleArn::parse(&role.value).filter(|arn| arn.account != declared.id.value)
            && reported.insert(&role.span)
        {
            let detail = format!(
                "This role is in account {0}, and the block takes in account {1}: only a role of the account itself can accept its invitation. \
                 Name a role of account {1}.",
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
                "This role is in account {0}, and the block is about account {1}: only a role of the account itself can make its call. \
                 Name a role of account {1}, or the role without its account:",
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

/// What is said of a role of the provider block that an account would use which it is not in.
fn in_another_account(role: &Spanned<String>, declared: &DeclaredAccount, block: &str) -> Diagnostic {
    let arn = RoleArn::parse(&role.value);
    let (account, name) = arn.map_or((String::new(), ""), |arn| (arn.account.to_string(), arn.name));
    let detail = Message::new(&format!(
        "The provider's {block} stands for the role in each account that leaves, and this ARN names one of account {account} only; {} ({}) \
         would be called with it. Name the role without its account:",
        declared.address, declared.id.value
    ));
    let detail = detail.line("").command(&format!("name = \"{name}\""));
    let found = Diagnostic::error(Code::InvalidValue, detail).at(role.span.clone());
    found.also(declared.id.span.clone(), "an account that would be called with it")
}

/// All roles and the region are of one partition: no credentials count in two.
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
                "This role is in the partition {}, and the configuration is about the partition {partition}. No role can be assumed from another \
                 partition. Correct the ARN or the region.",
                arn.partition
            );
            let found = Diagnostic::error(Code::InvalidValue, detail).at(span.clone());
            diagnostics.push(found.also(because.clone(), format!("this is in {partition}")));
        }
    }
}
