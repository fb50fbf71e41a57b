//! A row of the table of gates.

use crate::org::{Action, Enforcement, GateName};

use super::{Finding, GateFacts, JoiningFacts, Who};

/// A gate.
#[derive(Debug, Clone, Copy)]
pub struct Gate {
    /// Its name.
    pub name: GateName,
    /// The actions that the gate concerns. For other ways to leave, it passes as not applicable, with the reason.
    pub actions: &'static [Action],
    /// What it needs in addition to the configuration.
    pub needs: Needs,
    /// What its answer does unless a `gate` block says otherwise.
    pub default: DefaultEnforcement,
    /// The function that answers it.
    pub check: Check,
    /// The question, for people.
    pub asks: &'static str,
    /// Who can resolve it.
    pub who: Who,
    /// AWS's documentation.
    pub documentation: &'static str,
}

/// The function that answers a gate: for accounts that leave, for accounts that join, or one for each.
#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// For an account that leaves.
    Leaving(fn(&GateFacts<'_>) -> Finding),
    /// For an account that joins.
    Joining(fn(&JoiningFacts<'_>) -> Finding),
    /// One for each.
    Either(fn(&GateFacts<'_>) -> Finding, fn(&JoiningFacts<'_>) -> Finding),
}

/// What a gate needs in addition to the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing about the account: the gate is evaluated even if no live account has the id.
    Organization,
    /// The live account, as read from outside it.
    Account,
    /// Reads in the account, which plan may be unable to make: apply evaluates the gate again.
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
    /// Mandatory if the root user was seen to have no password. Otherwise the same as `root_access`, whose attestation resolves it.
    AsRootAccess,
    /// Mandatory if the organization was seen to depend on the account, and otherwise advisory.
    WhereReliedUpon,
}
