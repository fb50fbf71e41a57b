//! The saved plan: Terraform's plan representation, so that tools for Terraform work unchanged, with the whole plan under `orgroster`.

mod redact;
mod representation;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{AccountId, Address, DateTime, FormatVersion, ProgramVersion, TERRAFORM_VERSION, Unserializable, json_line, json_value};

pub use redact::without_addresses;

use crate::plan::{Approval, Digest, Plan};
use representation::{AccountValues, Check, Configuration, ResourceChange, State, Values};

/// The version of the plan representation that this program writes. It also reads newer minor versions.
const FORMAT_VERSION: &str = "1.2";

/// The plan that `plan -out` writes and `show -json` prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlanFile {
    /// The version of this representation.
    #[schemars(with = "FormatVersion")]
    format_version: String,
    /// The Terraform version whose representation this is; not a version of orgroster.
    #[schemars(with = "ProgramVersion")]
    terraform_version: String,
    /// The variables with which the plan was made, without sensitive ones.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    variables: BTreeMap<String, Variable>,
    /// The accounts after an apply of the plan.
    planned_values: Values,
    /// Declared members that are missing from the organization or differ from their blocks.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    resource_drift: Vec<ResourceChange<AccountValues>>,
    /// One entry for every declared account that is live, joins or is invited, including accounts without an act.
    resource_changes: Vec<ResourceChange<AccountValues>>,
    /// The accounts as observed.
    prior_state: State,
    /// The account blocks.
    configuration: Configuration,
    /// The gates of every account with an act.
    checks: Vec<Check>,
    /// When the plan was made (RFC 3339).
    #[schemars(with = "DateTime")]
    timestamp: String,
    /// Whether an apply would carry out at least one act.
    applyable: bool,
    /// Whether the plan is for every account; false with `-target`.
    complete: bool,
    /// Whether planning failed; always false, because such plans are not written.
    errored: bool,
    /// The plan itself.
    pub orgroster: Plan,
    /// The digest of everything else in this file, with which changes to it are detected.
    checksum: Digest,
}

/// A variable of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Variable {
    value: serde_json::Value,
}

/// The reason that a file can't be used as a plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanFileError {
    /// The file is not JSON, or truncated.
    #[error("it is not a whole JSON document ({0}): it was truncated, or is not a plan")]
    NotJson(String),
    /// The file is JSON without `format_version` or `orgroster`.
    #[error("it is JSON, but not a plan of orgroster: {0}")]
    NotAPlan(String),
    /// This program does not read the file's version.
    #[error("its format_version is {0:?}, but this version of orgroster reads 1.2 and newer 1.x; use the version that wrote it")]
    UnknownVersion(String),
    /// The plan's digest is not the one that the file claims.
    #[error("it was changed after it was written: its content has the digest {actual}, but it claims {claimed}")]
    Changed {
        /// The digest in the file.
        claimed: Digest,
        /// The digest of its content.
        actual: Digest,
    },
    /// A part that the digest does not cover was changed.
    #[error("it was changed after it was written: its content has the checksum {actual}, but it claims {claimed}")]
    Edited {
        /// The checksum in the file.
        claimed: Digest,
        /// The checksum of its content.
        actual: Digest,
    },
    /// The file contains an account or a block more than once.
    #[error("{0} is in it more than once")]
    Duplicate(String),
    /// A part for other programs differs from the plan in the file.
    #[error("its {0:?} does not match the plan in it")]
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

    /// The same file with the variables with which the plan was made.
    #[must_use]
    pub fn with_variables(self, variables: &BTreeMap<String, serde_json::Value>) -> Self {
        let variables = variables.iter().map(|(name, value)| (name.clone(), Variable { value: value.clone() })).collect();
        Self { variables, ..self }
    }

    /// The variables with which the plan was made.
    #[must_use]
    pub fn variables(&self) -> BTreeMap<String, serde_json::Value> {
        self.variables.iter().map(|(name, variable)| (name.clone(), variable.value.clone())).collect()
    }

    /// The file's text: one line of JSON and a newline.
    ///
    /// # Errors
    ///
    /// Returns an error if the file can't be written as JSON.
    pub fn to_json(mut self) -> Result<String, Unserializable> {
        self.checksum = checksum(&json_value(&self)?);
        Ok(json_line(&self)? + "\n")
    }

    /// The same plan with every email address replaced, for display. It can't be applied, because its content no longer has its digest.
    ///
    /// # Errors
    ///
    /// Returns an error if the result is no longer a valid plan.
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
    /// Returns an error if the bytes are not a plan, or not the plan that was written.
    pub fn parse(bytes: &[u8]) -> Result<Self, PlanFileError> {
        let value: serde_json::Value = serde_json::from_slice(bytes).map_err(|error| PlanFileError::NotJson(error.to_string()))?;
        let version = value.get("format_version").and_then(serde_json::Value::as_str);
        let version = version.ok_or_else(|| PlanFileError::NotAPlan("it has no format_version".to_owned()))?;
        if value.get("orgroster").is_none() {
            return Err(PlanFileError::NotAPlan("it has no key \"orgroster\", and may be one of Terraform's plans".to_owned()));
        }
        if !is_readable(version) {
            return Err(PlanFileError::UnknownVersion(version.to_owned()));
        }
        let checksum = checksum(&value);
        let file: Self = serde_json::from_value(value).map_err(|error| PlanFileError::NotAPlan(error.to_string()))?;
        file.check(checksum)?;
        Ok(file)
    }

    /// Checks that the file was not changed after it was written. Someone who changes it on purpose can recompute all of this; therefore
    /// apply plans again and carries out only what both plans contain.
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

/// The digest of everything except the checksum itself.
fn checksum(file: &serde_json::Value) -> Digest {
    file.as_object().map_or_else(|| Digest::of_json(file), |members| Digest::of_json_without(members, "checksum"))
}

/// Returns an account or a block that the plan contains more than once.
fn duplicate(plan: &Plan) -> Option<String> {
    let ids = plan.accounts.iter().map(|one| one.id).chain(plan.unmanaged.iter().map(|one| one.id));
    let addresses = plan.accounts.iter().map(|one| &one.address);
    let (mut seen, mut blocks): (BTreeSet<AccountId>, BTreeSet<&Address>) = Default::default();
    let twice = ids.into_iter().find(|id| !seen.insert(*id)).map(|id| format!("account {id}"));
    twice.or_else(|| addresses.into_iter().find(|address| !blocks.insert(address)).map(|address| format!("the block {address}")))
}

/// Minor versions only add, so newer ones can be read. Older ones lack values that apply compares.
fn is_readable(version: &str) -> bool {
    matches!(version.split_once('.'), Some(("1", minor)) if minor.parse::<u32>().is_ok_and(|minor| minor >= 2))
}
