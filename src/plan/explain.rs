//! One account in full: every gate's evidence, and how to resolve it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use jiff::tz::TimeZone;
use serde_json::json;

use crate::gate::{GateResult, NotRead, Remedy, Setting, Step, Who, gate, not_read};
use crate::org::{AccountId, Address, FormatVersion, GateName};

use super::{Plan, PlannedAccount};

/// The version of the JSON format.
const FORMAT_VERSION: &str = "1.0";

/// Gates about requirements of a standalone account, none of which CreateAccount demands (Organizations user guide, "Remove a member
/// account").
const SIGN_UP: &[GateName] = &[
    GateName::CustomerAgreement,
    GateName::ContactInformation,
    GateName::PaymentMethod,
    GateName::PhoneVerification,
    GateName::SupportPlan,
    GateName::RootAccess,
];

/// The output of `explain` about an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Explained {
    /// An account with an act.
    Act(Box<Explanation>),
    /// An account without an act.
    Unchanged {
        /// The version of this format.
        #[schemars(with = "FormatVersion")]
        format_version: String,
        /// The account, with the reason that nothing happens to it.
        unchanged: Box<PlannedAccount>,
    },
}

impl Explained {
    /// The output for an account without an act.
    #[must_use]
    pub fn unchanged(unchanged: &PlannedAccount) -> Self {
        Self::Unchanged { format_version: FORMAT_VERSION.to_owned(), unchanged: Box::new(unchanged.clone()) }
    }
}

/// An account with an act, in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    /// The version of this format.
    #[schemars(with = "FormatVersion")]
    pub format_version: String,
    /// The account.
    pub account: PlannedAccount,
    /// Whether no gate blocks the act.
    pub eligible: bool,
    /// Every gate.
    pub gates: Vec<ExplainedGate>,
    /// How to complete the account's sign-up; absent if no gate about it blocks.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sign_up: Option<SignUp>,
    /// Facts that no gate reads; only for a live account that leaves.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub not_read: Vec<NotRead>,
}

/// A gate with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExplainedGate {
    /// The gate's question.
    pub asks: String,
    /// The answer, and the calls on which it is based.
    #[serde(flatten)]
    pub result: GateResult,
    /// Who can resolve the gate; absent if it needs no remedy.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub who: Option<Who>,
    /// The reference to AWS's documentation.
    pub documentation: String,
}

/// How to complete the sign-up of accounts, so that they can become standalone accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SignUp {
    /// The gates about the sign-up that block this account.
    pub open: Vec<GateName>,
    /// The steps, in order.
    pub steps: Vec<Remedy>,
    /// Every account of the plan whose sign-up is not complete.
    pub accounts: Vec<Unfinished>,
    /// One support case for all of these accounts.
    pub support_case: SupportCase,
}

/// An account whose sign-up is not complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unfinished {
    /// The address of the account's block or instance.
    pub address: Address,
    /// The account's id.
    pub id: AccountId,
    /// The gates about the sign-up that block the account.
    pub open: Vec<GateName>,
}

/// The content of a support case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SupportCase {
    /// The page on which to open the case.
    pub url: String,
    /// The choices: each a field and its value.
    pub choices: Vec<(String, String)>,
    /// The subject of the case.
    pub subject: String,
    /// The description.
    pub text: String,
}

impl Explanation {
    /// Explains an account of the plan.
    #[must_use]
    pub fn of(plan: &Plan, account: &PlannedAccount) -> Self {
        let explained = |result: &GateResult| {
            let row = gate(result.gate);
            ExplainedGate {
                asks: row.asks.to_owned(),
                who: result.remedy().map(|_| row.who),
                documentation: row.documentation.to_owned(),
                result: result.clone(),
            }
        };
        Self {
            format_version: FORMAT_VERSION.to_owned(),
            eligible: account.is_eligible(),
            gates: account.gates().iter().map(explained).collect(),
            sign_up: sign_up(plan, account),
            // Only an account that is in the organization and leaves it loses what depends on it.
            not_read: account.leaving().and(account.before.as_ref()).map(|_| not_read(account.id)).unwrap_or_default(),
            account: account.clone(),
        }
    }
}

fn sign_up(plan: &Plan, account: &PlannedAccount) -> Option<SignUp> {
    let needs = open(account);
    if needs.is_empty() {
        return None;
    }
    let unfinished = |planned: &PlannedAccount| {
        let open = open(planned);
        (!open.is_empty()).then(|| Unfinished { address: planned.address.clone(), id: planned.id, open })
    };
    let accounts: Vec<_> = plan.acts().into_iter().filter_map(unfinished).collect();
    Some(SignUp { steps: steps(plan, account, &needs), support_case: support_case(plan, &accounts), open: needs, accounts })
}

/// The gates about the sign-up that block the account.
fn open(account: &PlannedAccount) -> Vec<GateName> {
    let blocks = |gate: &GateName| account.blockers().any(|result| result.gate == *gate);
    SIGN_UP.iter().copied().filter(blocks).collect()
}

/// How to get the root user's password. "Forgot password" does not work if the organization deleted the credentials.
fn first_password(account: &PlannedAccount) -> &'static str {
    let is_central = |result: &GateResult| result.gate == GateName::RootCredentials && !result.does_not_apply();
    if account.gates().iter().any(is_central) {
        "The organization manages root credentials centrally: first follow the remedy of the gate root_credentials."
    } else {
        "An account that the organization created has no root password yet: set one with \"Forgot password\", which also proves control of \
         the mailbox."
    }
}

fn steps(plan: &Plan, account: &PlannedAccount, open: &[GateName]) -> Vec<Remedy> {
    let email = account.before.as_ref().map_or("the account's address", |facts| facts.email.as_str());
    let task = |gate: &GateName| match gate {
        GateName::CustomerAgreement => Some("accept the AWS Customer Agreement"),
        GateName::ContactInformation => Some("fill in the contact information"),
        GateName::PaymentMethod => Some("add a payment method that AWS supports"),
        GateName::PhoneVerification => Some("verify the phone number"),
        GateName::SupportPlan => Some("choose a support plan; the free plan is enough"),
        _ => None,
    };
    let tasks: Vec<_> = open.iter().filter_map(task).collect();
    let mut steps: Vec<Remedy> = vec![
        "If AWS does not offer the steps below for the account, first open the support case, and continue when AWS has answered it.".into(),
        format!("Sign in as the root user ({email}). {}", first_password(account)).into(),
    ];
    if !tasks.is_empty() {
        steps.push(format!("Still signed in, open https://portal.aws.amazon.com/billing/signup and {}.", tasks.join("; ")).into());
    }
    let kinds: Vec<_> = open.iter().filter(|gate| gate.attestation().is_some()).map(|gate| gate.as_str()).collect();
    if !kinds.is_empty() {
        let body = vec![
            Setting::argument("of", json!(kinds)),
            Setting::commented("by", "Your Name", "who checked it"),
            Setting::argument("on", plan.planned_at.to_zoned_datetime(TimeZone::UTC).date().to_string()),
        ];
        let block = Step::in_block(vec![Setting::block("attestation", &[], body)]);
        steps.push(Remedy::from(format!("Attest the facts that no AWS API reports, in the block of {}:", account.address)).then(block));
    }
    steps.push("Plan again. Do not press \"Leave organization\" in the console: the departure would have no record.".into());
    steps
}

fn support_case(plan: &Plan, accounts: &[Unfinished]) -> SupportCase {
    let choice = |field: &str, value: &str| (field.to_owned(), value.to_owned());
    let lines: Vec<_> = accounts
        .iter()
        .map(|account| {
            let open: Vec<_> = account.open.iter().map(|gate| gate.as_str().replace('_', " ")).collect();
            format!("- {}: {}", account.id, open.join(", "))
        })
        .collect();
    SupportCase {
        url: "https://console.aws.amazon.com/support/home#/case/create".to_owned(),
        choices: vec![choice("Regarding", "Account and billing"), choice("Service", "Billing"), choice("Category", "Consolidated billing")],
        subject: format!("Sign-up of member accounts that will leave organization {}", plan.organization.id),
        text: format!(
            "The following member accounts of organization {} (management account {}) will become standalone accounts. \
             Parts of their sign-up are missing or not confirmed. Please make it possible for their root users to complete it, \
             and tell us when they can.\n\n{}",
            plan.organization.id,
            plan.organization.management_account_id,
            lines.join("\n")
        ),
    }
}
