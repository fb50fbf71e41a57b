//! What a run does to an account. This is the only place that defines how an action is named, counted and described.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ActionReason;

/// What a run does to an account. The journal, records, digests and plans contain it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The member account calls LeaveOrganization.
    Leave,
    /// The management account calls RemoveAccountFromOrganization; service control policies can't restrict that.
    Remove,
    /// The member account accepts the invitation of another organization, and thereby leaves this one.
    Transfer,
    /// The account joins the organization, beginning with this step.
    #[serde(untagged)]
    Join(JoinStep),
}

/// A step of joining. A run takes as many steps as it can; AWS and the journal determine the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum JoinStep {
    /// The management account invites it.
    Invite,
    /// The account accepts the invitation.
    Accept,
    /// The management account tags it and moves it to its organizational unit.
    Place,
}

/// Where an account is after an action took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// In no organization.
    Standalone,
    /// In the organization to which it was transferred.
    OtherOrganization,
    /// In this organization, or invited to it.
    Member,
}

impl After {
    /// Whether it is no longer a member of the organization.
    #[must_use]
    pub const fn is_out(self) -> bool {
        match self {
            Self::Standalone | Self::OtherOrganization => true,
            Self::Member => false,
        }
    }
}

/// The words of an action: Terraform's, which its users look for, and our own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verbs {
    /// The symbol of Terraform's plans.
    pub symbol: &'static str,
    /// What the symbol means, for the legend.
    pub legend: &'static str,
    /// `# ADDRESS will be …`.
    pub will_be: &'static str,
    /// `ADDRESS: …... [id=…]`, when the action begins.
    pub begins: &'static str,
    /// `ADDRESS: …... [10s elapsed]`, until AWS is done.
    pub goes_on: &'static str,
    /// The noun of Terraform's `… complete` and `… errored`.
    pub process: &'static str,
    /// What the account does, as in `it can …`.
    pub infinitive: &'static str,
    /// The same verb, as in `when it …`.
    pub present: &'static str,
    /// The same verb, as in `… deletes no role`.
    pub gerund: &'static str,
    /// What the action means: the words between `account ID` and the organization's id.
    pub means: &'static str,
    /// What is true of the account afterwards.
    pub becomes: &'static str,
    /// The count of a plan, as in `2 departing`.
    pub counted_as: &'static str,
    /// The noun for one action, as in `1 departure`.
    pub noun: &'static str,
    /// The verb of the approval prompt, before the account's name or a number.
    pub approve: &'static str,
    /// The verb in the past tense.
    pub past: &'static str,
    /// The question that orgroster asks AWS after the call.
    pub question: &'static str,
    /// How AWS shows an account before the action took effect.
    pub before: &'static str,
}

impl Verbs {
    /// The words for an account without an action.
    pub const NONE: Self = Self {
        symbol: " ",
        legend: "no action",
        will_be: "left as it is",
        begins: "Nothing to do",
        goes_on: "Nothing to do",
        process: "Nothing",
        infinitive: "stay",
        present: "stays",
        gerund: "staying",
        means: "stays in organization",
        becomes: "stays as it is",
        counted_as: "unchanged",
        noun: "account",
        approve: "leave unchanged",
        past: "unchanged",
        question: "what became of the account",
        before: "as it was",
    };
}

const LEAVING: Verbs = Verbs {
    symbol: "-",
    legend: "destroy (the account leaves the organization; the account itself stays)",
    will_be: "destroyed",
    begins: "Destroying",
    goes_on: "Still destroying",
    process: "Destruction",
    infinitive: "leave",
    present: "leaves",
    gerund: "leaving",
    means: "leaves organization",
    becomes: "becomes a standalone account",
    counted_as: "departing",
    noun: "departure",
    approve: "detach",
    past: "left",
    question: "whether the account has left",
    before: "as a member",
};

const TRANSFERRING: Verbs = Verbs {
    infinitive: "move",
    present: "moves",
    gerund: "moving",
    becomes: "joins another organization directly",
    counted_as: "transferring",
    noun: "transfer",
    approve: "transfer",
    past: "moved",
    ..LEAVING
};

const JOINING: Verbs = Verbs {
    symbol: "+",
    legend: "create (the account joins the organization)",
    will_be: "created",
    begins: "Creating",
    goes_on: "Still creating",
    process: "Creation",
    infinitive: "join",
    present: "joins",
    gerund: "joining",
    means: "joins organization",
    becomes: "is placed in its organizational unit",
    counted_as: "joining",
    noun: "joining",
    approve: "invite",
    past: "joined",
    question: "whether the account has joined",
    before: "as a non-member",
};

const INVITING: Verbs = Verbs { question: "whether the account is invited", before: "without an invitation", ..JOINING };

const ACCEPTING: Verbs = Verbs { approve: "accept", before: "as invited", ..JOINING };

const PLACING: Verbs = Verbs {
    means: "is a member of organization",
    approve: "place",
    question: "whether the account is in its organizational unit",
    before: "in the root",
    ..JOINING
};

impl Action {
    /// Every action, in the order in which counts list them.
    pub const ALL: &[Self] = &[
        Self::Leave,
        Self::Remove,
        Self::Transfer,
        Self::Join(JoinStep::Invite),
        Self::Join(JoinStep::Accept),
        Self::Join(JoinStep::Place),
    ];

    /// The name in files and in a configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Leave => "leave",
            Self::Remove => "remove",
            Self::Transfer => "transfer",
            Self::Join(JoinStep::Invite) => "invite",
            Self::Join(JoinStep::Accept) => "accept",
            Self::Join(JoinStep::Place) => "place",
        }
    }

    /// The word in the names of records. A joining has one record, regardless of the step with which its last run began.
    #[must_use]
    pub const fn recorded_as(self) -> &'static str {
        match self {
            Self::Leave | Self::Remove | Self::Transfer => self.as_str(),
            Self::Join(_) => "join",
        }
    }

    /// Whether the action is a step of joining.
    #[must_use]
    pub const fn is_joining(self) -> bool {
        matches!(self, Self::Join(_))
    }

    /// Terraform's name for the action.
    #[must_use]
    pub const fn terraform(self) -> TerraformAction {
        match self {
            Self::Leave | Self::Remove | Self::Transfer => TerraformAction::Delete,
            Self::Join(_) => TerraformAction::Create,
        }
    }

    /// The reason that the plan representation gives to Terraform's tools.
    #[must_use]
    pub const fn reason(self) -> Option<ActionReason> {
        match self {
            Self::Leave | Self::Remove | Self::Transfer => Some(ActionReason::DeleteBecauseDetached),
            Self::Join(_) => None,
        }
    }

    /// The words of the action.
    #[must_use]
    pub const fn verbs(self) -> &'static Verbs {
        match self {
            Self::Leave | Self::Remove => &LEAVING,
            Self::Transfer => &TRANSFERRING,
            Self::Join(JoinStep::Invite) => &INVITING,
            Self::Join(JoinStep::Accept) => &ACCEPTING,
            Self::Join(JoinStep::Place) => &PLACING,
        }
    }

    /// The Organizations operation that takes effect.
    #[must_use]
    pub const fn operation(self) -> &'static str {
        match self {
            Self::Leave => "LeaveOrganization",
            Self::Remove => "RemoveAccountFromOrganization",
            Self::Transfer | Self::Join(JoinStep::Accept) => "AcceptHandshake",
            Self::Join(JoinStep::Invite) => "InviteAccountToOrganization",
            Self::Join(JoinStep::Place) => "MoveAccount",
        }
    }

    /// Where the account is afterwards.
    #[must_use]
    pub const fn after(self) -> After {
        match self {
            Self::Leave | Self::Remove => After::Standalone,
            Self::Transfer => After::OtherOrganization,
            Self::Join(_) => After::Member,
        }
    }

    /// Whether the member makes the call itself: then the restrictions on its role and the events in its own trail matter.
    #[must_use]
    pub const fn is_called_by_member(self) -> bool {
        match self {
            Self::Leave | Self::Transfer => true,
            Self::Remove | Self::Join(_) => false,
        }
    }

    /// Whether the facts that are read for this action include every fact that the other one needs.
    #[must_use]
    pub const fn reads_for(self, other: Self) -> bool {
        match (self, other) {
            (Self::Leave, Self::Leave | Self::Remove | Self::Transfer)
            | (Self::Remove, Self::Remove)
            | (Self::Transfer, Self::Transfer)
            | (Self::Join(_), Self::Join(_)) => true,
            (Self::Leave, Self::Join(_))
            | (Self::Remove, Self::Leave | Self::Transfer | Self::Join(_))
            | (Self::Transfer, Self::Leave | Self::Remove | Self::Join(_))
            | (Self::Join(_), Self::Leave | Self::Remove | Self::Transfer) => false,
        }
    }

    /// Why gates about the member's own call don't apply. `None` for leaving, to which they apply, and for joining, which has its own.
    #[must_use]
    pub const fn spares(self) -> Option<&'static str> {
        match self {
            Self::Leave | Self::Join(_) => None,
            Self::Remove => Some("the management account makes the call, which no service control policy can deny"),
            Self::Transfer => Some("the account moves to another organization directly, and is never a standalone account"),
        }
    }

    /// The service event in the management account's CloudTrail (Organizations user guide, "Logging and monitoring").
    #[must_use]
    pub const fn trail_event(self) -> &'static str {
        match self {
            Self::Leave | Self::Transfer | Self::Remove => "AccountDepartedOrganization",
            Self::Join(_) => "AccountJoinedOrganization",
        }
    }

    /// `departureMethod` or `joinedMethod` of the management account's CloudTrail event.
    #[must_use]
    pub const fn trail_method(self) -> &'static str {
        match self {
            Self::Leave | Self::Transfer => "LEFT",
            Self::Remove => "REMOVED",
            Self::Join(_) => "INVITED",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl FromStr for Action {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|action| action.as_str() == text).ok_or(())
    }
}

/// The name of a change in Terraform's plan representation and events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TerraformAction {
    /// The account leaves.
    Delete,
    /// The account joins.
    Create,
}

impl TerraformAction {
    /// The words of Terraform's event about a planned change.
    #[must_use]
    pub const fn planned(self) -> &'static str {
        match self {
            Self::Delete => "Plan to delete",
            Self::Create => "Plan to create",
        }
    }

    /// The word in `actions`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Create => "create",
        }
    }
}

/// The number of acts, as Terraform counts changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Accounts that join.
    pub add: usize,
    /// Accounts that leave.
    pub destroy: usize,
}

impl Counts {
    /// The sum.
    #[must_use]
    pub const fn total(self) -> usize {
        self.add + self.destroy
    }

    /// `0 to add, 0 to change, 2 to destroy`. Nothing that orgroster does is a change in Terraform's sense.
    #[must_use]
    pub fn to_do(self) -> String {
        format!("{} to add, 0 to change, {} to destroy", self.add, self.destroy)
    }

    /// `0 added, 0 changed, 2 destroyed`.
    #[must_use]
    pub fn done(self) -> String {
        format!("{} added, 0 changed, {} destroyed", self.add, self.destroy)
    }
}

impl FromIterator<Action> for Counts {
    fn from_iter<I: IntoIterator<Item = Action>>(actions: I) -> Self {
        actions.into_iter().fold(Self::default(), |mut counts, action| {
            match action.terraform() {
                TerraformAction::Delete => counts.destroy += 1,
                TerraformAction::Create => counts.add += 1,
            }
            counts
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_read_back_from_its_name_and_from_json() {
        for action in Action::ALL {
            assert_eq!(action.as_str().parse(), Ok(*action));
            assert_eq!(serde_json::to_value(action).unwrap(), action.as_str());
        }
        assert_eq!("detach".parse::<Action>(), Err(()));
    }

    #[test]
    fn counts_are_those_of_terraform() {
        let counts: Counts = Action::ALL.iter().copied().collect();
        assert_eq!(
            (counts.to_do().as_str(), counts.done().as_str()),
            ("3 to add, 0 to change, 3 to destroy", "3 added, 0 changed, 3 destroyed")
        );
    }
}
