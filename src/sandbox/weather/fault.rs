//! A schedule of faults by operation, account and count.

use serde::{Deserialize, Serialize};

use crate::org::AccountId;
use crate::sandbox::operations;
use crate::sandbox::state::words::words;
use crate::sandbox::wire::Refusal;

words! {
    /// The kind of a fault.
    FaultKind {
        /// `TooManyRequestsException`.
        Throttle = "throttle",
        /// `TooManyRequestsException` with the message for a write in progress.
        AnotherRequestInProgress = "another_request_in_progress",
        /// An internal error before the effect.
        InternalError = "internal_error",
        /// An internal error after the effect.
        InternalErrorAfterEffect = "internal_error_after_effect",
        /// `ConcurrentModificationException`.
        ConcurrentModification = "concurrent_modification",
        /// The connection is reset before the effect.
        ResetBeforeEffect = "reset_before_effect",
        /// The connection is reset after the effect.
        ResetAfterEffect = "reset_after_effect",
        /// The error in `code`.
        Error = "error",
    }
}

/// One entry of the schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// `service:Operation`, such as `organizations:LeaveOrganization`, or `*`.
    pub operation: String,
    /// The caller's account; if absent, every account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// How many requests it applies to.
    #[serde(default = "once")]
    pub count: u32,
    /// How many matching requests pass first.
    #[serde(default)]
    pub after: u32,
    /// The kind of the fault.
    pub kind: FaultKind,
    /// The error code, for `error`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The error's reason, for `error`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The error's message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The HTTP status, for `error`; 400 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}

const fn once() -> u32 {
    1
}

/// A mistake in an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Whether the operation's name is wrong; otherwise the kind does not fit the other fields.
    pub about_operation: bool,
    /// The mistake, in sentences.
    pub detail: String,
}

/// The effect of a fault on a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Refuses the request without running the operation.
    Refuse(Refusal),
    /// Runs the operation, then answers with this refusal anyway.
    RunThenRefuse(Refusal),
    /// Resets the connection without running the operation.
    Reset,
    /// Runs the operation, then resets the connection.
    RunThenReset,
}

impl Fault {
    /// Checks the entry; `None` if it is valid.
    #[must_use]
    pub fn mistake(&self) -> Option<Mistake> {
        if self.operation != "*" && !operations::exists(&self.operation) {
            let hint = operations::closest_name(&self.operation).map_or_else(String::new, |name| format!(" Did you mean {name:?}?"));
            let detail = format!(
                "`operation` is \"*\" or an operation of the sandbox, such as \"organizations:LeaveOrganization\"; {:?} is neither.{hint}",
                self.operation
            );
            return Some(Mistake { about_operation: true, detail });
        }
        let detail = if self.kind == FaultKind::Error {
            self.code.is_none().then(|| "A fault of the kind \"error\" needs `code`, such as \"InvalidInputException\".".to_owned())?
        } else {
            let only_of_errors = [("code", self.code.is_some()), ("reason", self.reason.is_some()), ("status", self.status.is_some())];
            let resets = matches!(self.kind, FaultKind::ResetBeforeEffect | FaultKind::ResetAfterEffect);
            let given = only_of_errors.iter().find(|(_, given)| *given).map(|(name, _)| *name);
            if let Some(name) = given {
                format!("`{name}` belongs to faults of the kind \"error\" only. Remove it, or change `kind`.")
            } else if resets && self.message.is_some() {
                "A fault that resets the connection has no `message`. Remove it, or change `kind`.".to_owned()
            } else {
                return None;
            }
        };
        Some(Mistake { about_operation: false, detail })
    }

    fn effect(&self) -> Effect {
        let say = |default: &str| self.message.clone().unwrap_or_else(|| default.to_owned());
        let internal = || {
            Refusal::service(say("AWS Organizations can't complete your request because of an internal service error. Try again later."))
        };
        match self.kind {
            FaultKind::Throttle => {
                Effect::Refuse(Refusal { message: say(&Refusal::too_many_requests().message), ..Refusal::too_many_requests() })
            }
            FaultKind::AnotherRequestInProgress => {
                let message =
                    "AWS Organizations can't complete your request because another request is already in progress. Try again later.";
                Effect::Refuse(Refusal { message: say(message), ..Refusal::too_many_requests() })
            }
            FaultKind::InternalError => Effect::Refuse(internal()),
            FaultKind::InternalErrorAfterEffect => Effect::RunThenRefuse(internal()),
            FaultKind::ConcurrentModification => {
                let message = "The target of the operation is currently being modified by a different request. Try again later.";
                Effect::Refuse(Refusal::new("ConcurrentModificationException", say(message)))
            }
            FaultKind::ResetBeforeEffect => Effect::Reset,
            FaultKind::ResetAfterEffect => Effect::RunThenReset,
            FaultKind::Error => {
                let code = self.code.clone().unwrap_or_else(|| "ServiceException".to_owned());
                let status = self.status.unwrap_or(if code == "ServiceException" { 500 } else { 400 });
                let mut refusal = Refusal::new(code, say("This error was scheduled.")).with_status(status);
                refusal.reason = self.reason.clone().map(Into::into);
                Effect::Refuse(refusal)
            }
        }
    }
}

/// The scheduled faults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schedule(Vec<Fault>);

impl Schedule {
    /// Creates a schedule of these faults.
    #[must_use]
    pub const fn new(faults: Vec<Fault>) -> Self {
        Self(faults)
    }

    /// Adds faults after the scheduled ones.
    pub fn extend(&mut self, faults: impl IntoIterator<Item = Fault>) {
        self.0.extend(faults);
    }

    /// Removes all faults.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The faults that are still scheduled.
    #[must_use]
    pub fn pending(&self) -> &[Fault] {
        &self.0
    }

    /// Returns the fault that applies to this request. Every matching entry counts the request; the first entry that is due applies.
    pub fn strike(&mut self, operation: &str, account: AccountId) -> Option<Effect> {
        let mut struck = None;
        for fault in &mut self.0 {
            let fits = (fault.operation == "*" || fault.operation == operation) && fault.account.is_none_or(|only| only == account);
            if !fits {
                continue;
            }
            if fault.after > 0 {
                fault.after -= 1;
            } else if struck.is_none() {
                fault.count = fault.count.saturating_sub(1);
                struck = Some(fault.effect());
            }
        }
        self.0.retain(|fault| fault.count > 0);
        struck
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAVE: &str = "organizations:LeaveOrganization";

    fn fault(kind: FaultKind) -> Fault {
        Fault { operation: LEAVE.into(), account: None, count: 1, after: 0, kind, code: None, reason: None, message: None, status: None }
    }

    fn account(id: &str) -> AccountId {
        id.parse().unwrap()
    }

    #[test]
    fn a_fault_applies_to_its_operation_and_account_as_often_as_its_count_says() {
        let three = account("333333333333");
        let mut schedule = Schedule::new(vec![Fault { account: Some(three), count: 2, after: 1, ..fault(FaultKind::Throttle) }]);
        assert_eq!(schedule.strike("organizations:ListAccounts", three), None);
        assert_eq!(schedule.strike(LEAVE, account("444444444444")), None);
        assert_eq!(schedule.strike(LEAVE, three), None);
        for _ in 0..2 {
            assert!(matches!(schedule.strike(LEAVE, three), Some(Effect::Refuse(refusal)) if refusal.status == 400));
        }
        assert_eq!(schedule.strike(LEAVE, three), None);
        assert!(schedule.pending().is_empty());
    }

    #[test]
    fn each_kind_has_its_effect() {
        let strike = |kind| Schedule::new(vec![fault(kind)]).strike(LEAVE, account("333333333333")).unwrap();
        assert_eq!(strike(FaultKind::ResetBeforeEffect), Effect::Reset);
        assert_eq!(strike(FaultKind::ResetAfterEffect), Effect::RunThenReset);
        assert!(matches!(strike(FaultKind::InternalErrorAfterEffect), Effect::RunThenRefuse(refusal) if refusal.status == 500));
        assert!(
            matches!(strike(FaultKind::ConcurrentModification), Effect::Refuse(refusal) if refusal.code == "ConcurrentModificationException")
        );
        assert!(
            matches!(strike(FaultKind::AnotherRequestInProgress), Effect::Refuse(refusal) if refusal.message.contains("already in progress"))
        );
    }

    #[test]
    fn an_entry_that_can_not_happen_is_a_mistake() {
        assert_eq!(fault(FaultKind::Throttle).mistake(), None);
        let unknown = Fault { operation: "organizations:LeaveOrganisation".into(), ..fault(FaultKind::Throttle) }.mistake().unwrap();
        assert!(unknown.about_operation && unknown.detail.contains("organizations:LeaveOrganization\"?"), "{}", unknown.detail);
        assert!(fault(FaultKind::Error).mistake().is_some());
        assert!(Fault { code: Some("X".into()), ..fault(FaultKind::Throttle) }.mistake().is_some());
    }
}
