//! The diagnostic codes, each with its fixed summary.

use std::fmt;

/// Declares every code with its printed text and its fixed summary.
macro_rules! codes {
    ($($(#[$meta:meta])* $variant:ident = $code:literal, $summary:literal;)+) => {
        /// The kind of a diagnostic. Its text is stable: scripts and people may rely on it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[$meta])* #[doc = $summary] $variant,)+
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The code as it is printed.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            /// The summary: fixed text without user data.
            #[must_use]
            pub const fn summary(self) -> &'static str {
                match self {
                    $(Self::$variant => $summary,)+
                }
            }
        }
    };
}

codes! {
    // Reading and syntax.
    SyntaxError = "syntax-error", "Invalid syntax";
    DuplicateArgument = "duplicate-argument", "Argument set twice";
    InvalidUtf8 = "invalid-utf8", "File is not UTF-8";
    UnreadableFile = "unreadable-file", "File can't be read";
    NoConfiguration = "no-configuration", "No configuration files";
    UnreadConfiguration = "unread-configuration", "Files are not read";
    UnknownBlock = "unknown-block", "Unknown block type";
    UnknownAttribute = "unknown-attribute", "Unsupported argument";
    WrongLabels = "wrong-labels", "Wrong number of block labels";
    DuplicateBlock = "duplicate-block", "Duplicate block";
    MissingBlock = "missing-block", "Missing block";
    MissingAttribute = "missing-attribute", "Missing required argument";
    WrongType = "wrong-type", "Incorrect value type";
    InvalidValue = "invalid-value", "Invalid value";
    UnsupportedExpression = "unsupported-expression", "Expression is not a literal value";
    NoEffect = "no-effect", "Setting has no effect";
    UndefinedReference = "undefined-reference", "Reference to undefined name";
    DuplicateName = "duplicate-name", "Name declared twice";
    ReferenceCycle = "reference-cycle", "Reference cycle";
    UndeclaredVariable = "undeclared-variable", "Value for undeclared variable";
    MissingVariable = "missing-variable", "No value for required variable";
    InvalidVariable = "invalid-variable", "Invalid value for variable";
    InvalidForEach = "invalid-for-each", "Invalid for_each argument";
    UnknownFunction = "unknown-function", "Call to unknown function";
    FunctionFailed = "function-failed", "Function call failed";
    WrongArguments = "wrong-arguments", "Wrong number of function arguments";
    NullValue = "null-value", "Value is null";
    NoSuchElement = "no-such-element", "No such element or attribute";
    ImpossibleNumber = "impossible-number", "Number can't be computed";
    InconsistentTypes = "inconsistent-types", "Results of a condition have different types";
    DuplicateKey = "duplicate-key", "Duplicate key";
    InvalidInterpolation = "invalid-interpolation", "Invalid template interpolation";
    InvalidType = "invalid-type", "Invalid type constraint";
    InvalidName = "invalid-name", "Invalid name";
    EvaluationLimit = "evaluation-limit", "Evaluation limit exceeded";
    SensitiveValue = "sensitive-value", "Sensitive value can't be used here";

    // Accounts.
    UnquotedAccountId = "unquoted-account-id", "Account id must be quoted";
    InvalidAccountId = "invalid-account-id", "Invalid account id";
    DuplicateAccountId = "duplicate-account-id", "Account declared twice";
    DuplicateAddress = "duplicate-address", "Duplicate account address";
    DetachedWithoutReason = "detached-without-reason", "Detached account without a reason";
    DetachedWithoutIdentity = "detached-without-identity", "Detached account without name or email";
    JoinWithoutIdentity = "join-without-identity", "Joining account without name or email";
    DetachedManagementAccount = "detached-management-account", "The management account can't be detached";
    RemoveNotAllowed = "remove-not-allowed", "Removal by the management account is not allowed";
    TransferNotAllowed = "transfer-not-allowed", "Transfer to this organization is not allowed";
    UnknownGate = "unknown-gate", "Unknown gate";
    GateCannotBeLowered = "gate-cannot-be-lowered", "Gate can't be lowered";
    UntrustedSetting = "untrusted-setting", "Setting differs from the trusted configuration";
    UnsupportedVersion = "unsupported-version", "Unsupported orgroster version";
    UnsupportedBackend = "unsupported-backend", "Unsupported backend";

    // Reaching AWS.
    NoCredentials = "no-credentials", "No AWS credentials found";
    CredentialSettings = "credential-settings", "AWS credential settings can't be used";
    ExpiredCredentials = "expired-credentials", "AWS credentials have expired";
    InvalidCredentials = "invalid-credentials", "AWS does not accept the credentials";
    AccessDenied = "access-denied", "AWS denied access";
    UnknownRegion = "unknown-region", "Unknown AWS region";
    Unreachable = "unreachable", "AWS can't be reached";
    Throttled = "throttled", "AWS throttled the requests";
    ApiError = "api-error", "AWS answered with an error";
    NoOrganization = "no-organization", "The account is not in an organization";
    WrongOrganization = "wrong-organization", "Wrong organization";
    ClockSkew = "clock-skew", "The local clock is wrong";
    MixedEndpoints = "mixed-endpoints", "Only some endpoints are overridden";

    // Plans.
    MemberDiffers = "member-differs", "Declared member differs from the live account";
    UnmanagedAccounts = "unmanaged-accounts", "Live accounts without a block";
    MemberMissing = "member-missing", "Declared member is not in the organization";
    MemberNotActive = "member-not-active", "Declared member is not ACTIVE";
    MemberElsewhere = "member-elsewhere", "Declared member is not in its unit";
    UnnamedInvitation = "unnamed-invitation", "Open invitation without a join block";
    GuardrailExceeded = "guardrail-exceeded", "Guardrail exceeded";
    AttestationProblem = "attestation-problem", "Attestation does not count";
    UnknownTarget = "unknown-target", "No such target";
    InvalidPlanFile = "invalid-plan-file", "Plan file can't be used";
    InvalidSnapshot = "invalid-snapshot", "Snapshot can't be used";
    AccountReference = "account-reference", "Configuration elsewhere names the account";
    StalePlan = "stale-plan", "Saved plan is stale";
    DigestMismatch = "digest-mismatch", "Plan digest mismatch";

    // Applying.
    DepartureBlocked = "departure-blocked", "Account can't leave yet";
    JoiningBlocked = "joining-blocked", "Account can't join yet";
    ApprovalRequired = "approval-required", "Approval required";
    ApproversMissing = "approvers-missing", "Too few approvers";
    ApprovalDeclined = "approval-declined", "Apply cancelled";
    RecordsWouldBeLost = "records-would-be-lost", "Departure records would be lost";
    RecordsMissing = "records-missing", "Departure records may be missing";
    Locked = "locked", "Another run holds the lock";
    BackendError = "backend-error", "Backend can't be used";
    AnotherOrganizationsBackend = "another-organizations-backend", "Backend belongs to another organization";
    DamagedJournal = "damaged-journal", "Journal or records were changed";
    ContradictedRecord = "contradicted-record", "CloudTrail contradicts a record";
    NotRecorded = "not-recorded", "No such departure";
    LockNotReleased = "lock-not-released", "Lock can't be released";
    HeldBack = "held-back", "Account held back";
    DepartureFailed = "departure-failed", "Account could not be detached";
    JoiningFailed = "joining-failed", "Account could not join";

    // The command line.
    InvalidArgument = "invalid-argument", "Invalid argument";
    EditorConnection = "editor-connection", "Connection to the editor failed";
    OutputError = "output-error", "Output can't be written";
    MissingFeature = "missing-feature", "This build lacks a feature";

    // The sandbox.
    SandboxFixture = "sandbox-fixture", "Invalid sandbox fixture";
    SandboxState = "sandbox-state", "Sandbox state can't be used";
    SandboxRefused = "sandbox-refused", "The sandbox is refused";
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_and_summaries_are_unique() {
        let codes: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        let summaries: BTreeSet<_> = Code::ALL.iter().map(|code| code.summary()).collect();
        assert_eq!((codes.len(), summaries.len()), (Code::ALL.len(), Code::ALL.len()));
    }
}
