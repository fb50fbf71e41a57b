//! What a run does to an account. How an action is called, counted and described is said here and nowhere else.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ActionReason;

/// What a run does to an account. Journal, records, digests and plans carry it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The member account calls LeaveOrganization.
    Leave,
    /// The management account calls RemoveAccountFromOrganization; service control policies can't restrict that.
    Remove,
    /// The member account accepts the invitation of another organization, and leaves by that.
    Transfer,
    /// The account is taken into the organization, from this step on.
    #[serde(untagged)]
    Join(JoinStep),
}

/// A step of taking an account in. A run goes from one to the next as far as it can; what comes next follows from AWS and the journal.
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

/// Where an account is once an action took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// In no organization.
    Standalone,
    /// In the organization that it was to move to.
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

/// The words of an action: Terraform's, which its readers look for, and our own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verbs {
    /// The symbol of Terraform's plans.
    pub symbol: &'static str,
    /// What it stands for.
    pub legend: &'static str,
    /// `# ADDRESS will be …`.
    pub will_be: &'static str,
    /// `ADDRESS: …... [id=…]`, when it begins.
    pub begins: &'static str,
    /// `ADDRESS: …... [10s elapsed]`, while AWS is not done.
    pub goes_on: &'static str,
    /// The noun of Terraform's `… complete` and `… errored`.
    pub process: &'static str,
    /// What the account does, as in `it can …`.
    pub infinitive: &'static str,
    /// The same, as in `when it …`.
    pub present: &'static str,
    /// The same, as in `… deletes no role`.
    pub gerund: &'static str,
    /// What it means, as `account ID …` goes on; the organization's id follows.
    pub means: &'static str,
    /// What is true of the account afterwards.
    pub becomes: &'static str,
    /// The count of a plan, as in `2 departing`.
    pub counted_as: &'static str,
    /// One of them.
    pub noun: &'static str,
    /// What somebody approves, before the account's name or a number.
    pub approve: &'static str,
    /// What happened, in the past tense.
    pub past: &'static str,
    /// What AWS is asked once the call was sent.
    pub question: &'static str,
    /// Where AWS shows an account to which it has not happened.
    pub before: &'static str,
}

impl Verbs {
    /// The words of an account to which nothing is done.
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
    question: "whether the account is out",
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
    before: "as no member",
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
    /// Every action, in the order in which counts name them.
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

    /// The word in the names of records. A joining has one record, whichever step its last run began with.
    #[must_use]
    pub const fn recorded_as(self) -> &'static str {
        match self {
            Self::Leave | Self::Remove | Self::Transfer => self.as_str(),
            Self::Join(_) => "join",
        }
    }

    /// Whether it takes an account in.
    #[must_use]
    pub const fn is_joining(self) -> bool {
        matches!(self, Self::Join(_))
    }

    /// What Terraform calls it.
    #[must_use]
    pub const fn terraform(self) -> TerraformAction {
        match self {
            Self::Leave | Self::Remove | Self::Transfer => TerraformAction::Delete,
            Self::Join(_) => TerraformAction::Create,
        }
    }

    /// Why Terraform's readers are to find it planned.
    #[must_use]
    pub const fn reason(self) -> Option<ActionReason> {
        match self {
            Self::Leave | Self::Remove | Self::Transfer => Some(ActionReason::DeleteBecauseDetached),
            Self::Join(_) => None,
        }
    }

    /// Its words.
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

    /// Whether a member makes the call itself, so that what restricts its role and shows in its own trail matters.
    #[must_use]
    pub const fn is_called_by_member(self) -> bool {
        match self {
            Self::Leave | Self::Transfer => true,
            Self::Remove | Self::Join(_) => false,
        }
    }

    /// Whether what is read for this action is all that another one needs.
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

    /// Why gates about leaving by an own call don't apply to it; `None` for leaving itself, and for joining, which has gates of its own.
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

/// What Terraform's plan representation and events call a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TerraformAction {
    /// The account leaves.
    Delete,
    /// The account joins.
    Create,
}

impl TerraformAction {
    /// What Terraform's event says of a planned change.
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

/// How many acts there are, as Terraform counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Accounts that come.
    pub add: usize,
    /// Accounts that go.
    pub destroy: usize,
}

impl Counts {
    /// All of them.
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
