//! What is known of a gate: a row of the table.

use crate::org::{Action, Enforcement, GateName};

use super::{Finding, GateFacts, JoiningFacts, Who};

/// A gate.
#[derive(Debug, Clone, Copy)]
pub struct Gate {
    /// Its name.
    pub name: GateName,
    /// The actions that it is about. Other ways to leave pass it, and say why.
    pub actions: &'static [Action],
    /// What it needs beside the configuration.
    pub needs: Needs,
    /// What its answer does unless a `gate` block says otherwise.
    pub default: DefaultEnforcement,
    /// What it asks of the facts.
    pub check: Check,
    /// The question, for people.
    pub asks: &'static str,
    /// Who can resolve it.
    pub who: Who,
    /// AWS's documentation.
    pub documentation: &'static str,
}

/// What a gate asks of the facts: of an account that leaves, of one that joins, or of both.
#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// Of an account that leaves.
    Leaving(fn(&GateFacts<'_>) -> Finding),
    /// Of one that joins.
    Joining(fn(&JoiningFacts<'_>) -> Finding),
    /// Of either.
    Either(fn(&GateFacts<'_>) -> Finding, fn(&JoiningFacts<'_>) -> Finding),
}

/// What a gate needs beside the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing of the account: it is asked of an id that names no live account as well.
    Organization,
    /// The live account, as it is seen from outside.
    Account,
    /// What is read in the account, or can be: apply asks again.
    Inside,
}

/// What a gate's answer does unless a `gate` block says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultEnforcement {
    /// The same for every account.
    Always(Enforcement),
    /// Mandatory for accounts that this organization created, because CreateAccount collects nothing that a standalone account needs
    /// (Organizations user guide, "Remove a member account"), and advisory for invited ones, which were standalone once.
    UnlessInvited,
    /// That nobody can sign in is a fact where it is seen; what is not known of it counts as the attestation that resolves it.
    AsRootAccess,
    /// Mandatory where the organization is seen to depend on the account.
    WhereReliedUpon,
}
