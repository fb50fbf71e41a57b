//! The saved plan: Terraform's plan representation, so that the tools around it work unchanged, with the whole plan under `orgroster`.

mod redact;
mod representation;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{AccountId, Address, DateTime, FormatVersion, ProgramVersion, TERRAFORM_VERSION, Unserializable, json_line, json_value};

pub use redact::without_addresses;

use super::{Approval, Digest, Plan};
use representation::{AccountValues, Check, Configuration, ResourceChange, State, Values};

/// The version of the plan representation that is written. Newer minor versions of it are read.
const FORMAT_VERSION: &str = "1.2";

/// What `plan -out` writes and `show -json` prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlanFile {
    /// Version of this representation.
    #[schemars(with = "FormatVersion")]
    format_version: String,
    /// The Terraform version whose representation this is; not a version of orgroster.
    #[schemars(with = "ProgramVersion")]
    terraform_version: String,
    /// The variables that the plan was made with, without the sensitive ones.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    variables: BTreeMap<String, Variable>,
    /// Accounts as they will be.
    planned_values: Values,
    /// Declared members that are not in the organization, or not as they are declared.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    resource_drift: Vec<ResourceChange<AccountValues>>,
    /// One entry for every declared account that is live, those that nothing happens to included.
    resource_changes: Vec<ResourceChange<AccountValues>>,
    /// Accounts as they were observed.
    prior_state: State,
    /// The blocks.
    configuration: Configuration,
    /// The gates of every account that something is to be done to.
    checks: Vec<Check>,
    /// When the plan was made (RFC 3339).
    #[schemars(with = "DateTime")]
    timestamp: String,
    /// Whether an apply would carry out at least one act.
    applyable: bool,
    /// Whether every account was planned for; false with `-target`.
    complete: bool,
    /// Whether planning failed halfway; such plans are not written.
    errored: bool,
    /// The plan itself.
    pub orgroster: Plan,
    /// The digest of everything else in this file, so that whatever is shown of it is what was written.
    checksum: Digest,
}

/// A variable of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Variable {
    value: serde_json::Value,
}

/// Why a file can't be used as a plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanFileError {
    /// It is not JSON, or cut off.
    #[error("it is not a whole JSON document ({0}): it was cut off, or is no plan")]
    NotJson(String),
    /// It is JSON without `format_version` or `orgroster`.
    #[error("it is JSON, but no plan of orgroster: {0}")]
    NotAPlan(String),
    /// A version that this one does not read.
    #[error("its format_version is {0:?}, and this orgroster reads 1.x from 1.2 up; use the version that wrote it")]
    UnknownVersion(String),
    /// The plan does not have the digest that it claims.
    #[error("it was changed after it was written: its content has the digest {actual}, it claims {claimed}")]
    Changed {
        /// The digest in the file.
        claimed: Digest,
        /// The digest of its content.
        actual: Digest,
    },
    /// Something that approval is not about, and that is shown, was changed.
    #[error("it was changed after it was written: its content has the checksum {actual}, it claims {claimed}")]
    Edited {
        /// The checksum in the file.
        claimed: Digest,
        /// The checksum of its content.
        actual: Digest,
    },
    /// One account stands in it more than once.
    #[error("{0} stands in it more than once")]
    Duplicate(String),
    /// A part that programs read does not follow from the plan in it.
    #[error("its {0:?} does not follow from the plan in it")]
    Inconsistent(&'static str),
}

impl PlanFile {
    /// The file of a plan.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        Self {
            format_version: FORMAT_VERSION.to_owned(),
            terraform_version: TERRAFORM_VERSION.to_owned(),
            variables: BTreeMap::new(),
            planned_values: representation::planned_values(plan),
            resource_drift: representation::resource_drift(plan),
            resource_changes: representation::resource_changes(plan),
            prior_state: representation::prior_state(plan),
            configuration: representation::configuration(plan),
            checks: representation::checks(plan),
            timestamp: plan.planned_at.to_string(),
            applyable: plan.is_applyable(),
            complete: plan.complete,
            errored: false,
            orgroster: plan.clone(),
            checksum: Digest(String::new()),
        }
    }

    /// The same file with the variables that the plan was made with.
    #[must_use]
    pub fn with_variables(self, variables: &BTreeMap<String, serde_json::Value>) -> Self {
        let variables = variables.iter().map(|(name, value)| (name.clone(), Variable { value: value.clone() })).collect();
        Self { variables, ..self }
    }

    /// The variables that the plan was made with.
    #[must_use]
    pub fn variables(&self) -> BTreeMap<String, serde_json::Value> {
        self.variables.iter().map(|(name, variable)| (name.clone(), variable.value.clone())).collect()
    }

    /// One line of JSON and a newline.
    ///
    /// # Errors
    ///
    /// It has no form in JSON, so that nothing may be written.
    pub fn to_json(mut self) -> Result<String, Unserializable> {
        self.checksum = checksum(&json_value(&self)?);
        Ok(json_line(&self)? + "\n")
    }

    /// The same plan with every email address replaced, for showing. It is no plan to apply: its content no longer has its digest.
    ///
    /// # Errors
    ///
    /// Where what is left is no plan any more, which then can't be shown without addresses.
    pub fn without_emails(&self) -> Result<Self, PlanFileError> {
        let not_a_plan = |error: serde_json::Error| PlanFileError::NotAPlan(error.to_string());
        let mut value = serde_json::to_value(&self.orgroster).map_err(not_a_plan)?;
        let known = redact::known(&value);
        redact::emails(&mut value, &known);
        let mut variables = self.variables();
        variables.values_mut().for_each(|value| redact::emails(value, &known));
        let plan = serde_json::from_value(value).map_err(not_a_plan)?;
        Ok(Self::of(&plan).with_variables(&variables))
    }

    /// Reads a plan file from the bytes that were read once.
    ///
    /// # Errors
    ///
    /// Why the bytes are no plan, or not the plan that was written.
    pub fn parse(bytes: &[u8]) -> Result<Self, PlanFileError> {
        let value: serde_json::Value = serde_json::from_slice(bytes).map_err(|error| PlanFileError::NotJson(error.to_string()))?;
        let version = value.get("format_version").and_then(serde_json::Value::as_str);
        let version = version.ok_or_else(|| PlanFileError::NotAPlan("it has no format_version".to_owned()))?;
        if value.get("orgroster").is_none() {
            return Err(PlanFileError::NotAPlan("it has no key \"orgroster\", and may be one of Terraform's".to_owned()));
        }
        if !is_readable(version) {
            return Err(PlanFileError::UnknownVersion(version.to_owned()));
        }
        let checksum = checksum(&value);
        let file: Self = serde_json::from_value(value).map_err(|error| PlanFileError::NotAPlan(error.to_string()))?;
        file.check(checksum)?;
        Ok(file)
    }

    /// That this is what was written, as far as a file can say so itself: whoever can change it can compute all of this anew, which is why
    /// apply carries out only what it finds itself.
    fn check(&self, checksum: Digest) -> Result<(), PlanFileError> {
        let plan = &self.orgroster;
        let actual = Approval::of(plan).digest(plan.eligible());
        if actual != plan.digest {
            return Err(PlanFileError::Changed { claimed: plan.digest.clone(), actual });
        }
        if checksum != self.checksum {
            return Err(PlanFileError::Edited { claimed: self.checksum.clone(), actual: checksum });
        }
        if let Some(twice) = duplicate(plan) {
            return Err(PlanFileError::Duplicate(twice));
        }
        let derived = Self::of(plan);
        let parts = [
            ("planned_values", self.planned_values == derived.planned_values),
            ("resource_drift", self.resource_drift == derived.resource_drift),
            ("resource_changes", self.resource_changes == derived.resource_changes),
            ("prior_state", self.prior_state == derived.prior_state),
            ("configuration", self.configuration == derived.configuration),
            ("checks", self.checks == derived.checks),
            ("timestamp", self.timestamp == derived.timestamp),
            ("applyable", self.applyable == derived.applyable),
            ("complete", self.complete == derived.complete),
            ("errored", self.errored == derived.errored),
            ("variables", plan.variables.iter().all(|(name, value)| self.variables.get(name).is_some_and(|found| found.value == *value))),
        ];
        match parts.iter().find(|(_, follows)| !follows) {
            Some((part, _)) => Err(PlanFileError::Inconsistent(part)),
            None => Ok(()),
        }
    }
}

/// The digest of everything but the checksum itself.
fn checksum(file: &serde_json::Value) -> Digest {
    file.as_object().map_or_else(|| Digest::of_json(file), |members| Digest::of_json_without(members, "checksum"))
}

/// An account or a block that stands in more than one place.
fn duplicate(plan: &Plan) -> Option<String> {
    let ids = plan.accounts.iter().map(|one| one.id).chain(plan.unmanaged.iter().map(|one| one.id));
    let addresses = plan.accounts.iter().map(|one| &one.address);
    let (mut seen, mut blocks): (BTreeSet<AccountId>, BTreeSet<&Address>) = Default::default();
    let twice = ids.into_iter().find(|id| !seen.insert(*id)).map(|id| format!("account {id}"));
    twice.or_else(|| addresses.into_iter().find(|address| !blocks.insert(address)).map(|address| format!("the block {address}")))
}

/// Minor versions only add, so that newer ones are read; older ones lack what apply compares.
fn is_readable(version: &str) -> bool {
    matches!(version.split_once('.'), Some(("1", minor)) if minor.parse::<u32>().is_ok_and(|minor| minor >= 2))
}
