//! One account in full: what every gate saw, and what resolves it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use jiff::tz::TimeZone;
use serde_json::json;

use crate::gate::{GateResult, NotRead, Remedy, Setting, Step, Who, gate, not_read};
use crate::org::{AccountId, Address, FormatVersion, GateName};

use super::{Plan, PlannedAccount};

/// The version of what is printed as JSON.
const FORMAT_VERSION: &str = "1.0";

/// Gates about what a standalone account must have; CreateAccount asks for none of it (Organizations user guide, "Remove a member
/// account").
const SIGN_UP: &[GateName] = &[
    GateName::CustomerAgreement,
    GateName::ContactInformation,
    GateName::PaymentMethod,
    GateName::PhoneVerification,
    GateName::SupportPlan,
    GateName::RootAccess,
];

/// What `explain` prints about an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Explained {
    /// Something is to be done to it: every gate.
    Act(Box<Explanation>),
    /// Nothing happens to it.
    Unchanged {
        /// Version of this format.
        #[schemars(with = "FormatVersion")]
        format_version: String,
        /// The account, and why nothing happens.
        unchanged: Box<PlannedAccount>,
    },
}

impl Explained {
    /// An account that nothing happens to.
    #[must_use]
    pub fn unchanged(unchanged: &PlannedAccount) -> Self {
        Self::Unchanged { format_version: FORMAT_VERSION.to_owned(), unchanged: Box::new(unchanged.clone()) }
    }
}

/// An account that something is to be done to, in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    /// Version of this format.
    #[schemars(with = "FormatVersion")]
    pub format_version: String,
    /// The account.
    pub account: PlannedAccount,
    /// Whether that would be done.
    pub eligible: bool,
    /// Every gate.
    pub gates: Vec<ExplainedGate>,
    /// What is left of the sign-up, where something is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sign_up: Option<SignUp>,
    /// What no gate reads, for an account that is live.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub not_read: Vec<NotRead>,
}

/// A gate's answer with what surrounds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExplainedGate {
    /// The question.
    pub asks: String,
    /// The answer, and the calls it rests on.
    #[serde(flatten)]
    pub result: GateResult,
    /// Who can resolve it, where something has to be.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub who: Option<Who>,
    /// AWS's documentation.
    pub documentation: String,
}

/// How accounts with incomplete sign-up become able to stand alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SignUp {
    /// What this account still needs.
    pub open: Vec<GateName>,
    /// The steps, in order.
    pub steps: Vec<Remedy>,
    /// Every account of the plan that needs some of it.
    pub accounts: Vec<Unfinished>,
    /// The text of one support case for all of them.
    pub support_case: SupportCase,
}

/// An account whose sign-up is not complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unfinished {
    /// The block.
    pub address: Address,
    /// The account.
    pub id: AccountId,
    /// What it still needs.
    pub open: Vec<GateName>,
}

/// What to write into a support case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SupportCase {
    /// Where it is opened.
    pub url: String,
    /// What to choose, field by field.
    pub choices: Vec<(String, String)>,
    /// The subject.
    pub subject: String,
    /// The text.
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
            // What depends on the organization is lost by those alone who are in it, and go.
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

/// What keeps the account from leaving and belongs to its sign-up.
fn open(account: &PlannedAccount) -> Vec<GateName> {
    let blocks = |gate: &GateName| account.blockers().any(|result| result.gate == *gate);
    SIGN_UP.iter().copied().filter(blocks).collect()
}

/// Where the password of the root user comes from. "Forgot password" gives none where the organization deleted the credentials.
fn first_password(account: &PlannedAccount) -> &'static str {
    let is_central = |result: &GateResult| result.gate == GateName::RootCredentials && !result.does_not_apply();
    if account.gates().iter().any(is_central) {
        "The organization manages root credentials centrally: what root_credentials says comes first."
    } else {
        "An account that the organization created has no password yet: have one sent with \"Forgot password\", which proves control of the \
         mailbox too."
    }
}

fn steps(plan: &Plan, account: &PlannedAccount, open: &[GateName]) -> Vec<Remedy> {
    let email = account.before.as_ref().map_or("the account's address", |facts| facts.email.as_str());
    let task = |gate: &GateName| match gate {
        GateName::CustomerAgreement => Some("accept the AWS Customer Agreement"),
        GateName::ContactInformation => Some("fill in the contact information"),
        GateName::PaymentMethod => Some("add a payment method that AWS supports"),
        GateName::PhoneVerification => Some("verify the phone number"),
        GateName::SupportPlan => Some("choose a support plan; the free one will do"),
        _ => None,
    };
    let tasks: Vec<_> = open.iter().filter_map(task).collect();
    let mut steps: Vec<Remedy> = vec![
        "If AWS does not offer the steps below to the account, open the support case first, and go on when it is answered.".into(),
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
            Setting::argument("on", plan.planned_at.to_zoned(TimeZone::UTC).date().to_string()),
        ];
        let block = Step::in_block(vec![Setting::block("attestation", &[], body)]);
        steps.push(Remedy::from(format!("Attest what no AWS API reports, in the block of {}:", account.address)).then(block));
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
        subject: format!("Sign-up of member accounts that are to leave organization {}", plan.organization.id),
        text: format!(
            "The following member accounts of organization {} (management account {}) are to become standalone accounts. \
             Parts of their sign-up are missing or not confirmed. Please make it possible for their root users to complete it, \
             and tell us when they can.\n\n{}",
            plan.organization.id,
            plan.organization.management_account_id,
            lines.join("\n")
        ),
    }
}
