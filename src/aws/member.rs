//! Sessions in member accounts.

use std::collections::BTreeMap;

use aws_credential_types::Credentials;
use aws_sdk_organizations::config::{Builder, SharedCredentialsProvider};
use aws_smithy_types::retry::RetryConfig;
use jiff::Timestamp;

use crate::api::{
    AcceptingSession, Answering, ApiError, ApiErrorKind, AssumeMember, MemberIdentity, MemberSession, Operation, ReadMember, Receipt,
    SessionNames, VisitMember,
};
use crate::org::{
    AccountId, Answers, ContactInformation, ContextEntry, Handshake, MemberRole, OrganizationConditions, OrganizationId, PaymentInstrument,
    ResourceShares, SessionIdentity, Simulation, SupportEvidence,
};

use super::permissions::{Duty, accepting_policy, session_policy, visiting_policy};
use super::wire::error::{malformed, translate};
use super::{Aws, AwsWriter};

/// How long a session lasts: the minimum of STS (STS API reference, AssumeRole).
const SESSION_SECONDS: i32 = 900;

/// A session of the member role.
#[derive(Debug, Clone)]
pub struct MemberCredentials {
    pub(super) aws: Aws,
    pub(super) identity: SessionIdentity,
}

/// A session of the member role that may accept one invitation. Its credentials are only available to the methods that accept.
#[derive(Debug, Clone)]
pub struct AcceptingCredentials(pub(super) MemberCredentials);

impl AssumeMember for AwsWriter {
    type Session = MemberCredentials;
    type Accepting = AcceptingCredentials;

    async fn assume(&self, arn: &str, role: &MemberRole, names: SessionNames<'_>) -> Result<MemberCredentials, ApiError> {
        self.0.enter(arn, role, names, Duty::Member).await
    }

    async fn assume_accepting(
        &self,
        arn: &str,
        role: &MemberRole,
        names: SessionNames<'_>,
        invitation: &str,
    ) -> Result<AcceptingCredentials, ApiError> {
        let (aws, identity) = self.0.assume_role_scoped(arn, role, names, accepting_policy(invitation)).await?;
        Ok(AcceptingCredentials(MemberCredentials { aws, identity }))
    }
}

impl VisitMember for Aws {
    type Visit = MemberCredentials;

    async fn visit(&self, arn: &str, role: &MemberRole, names: SessionNames<'_>) -> Result<MemberCredentials, ApiError> {
        let (aws, identity) = self.assume_role_scoped(arn, role, names, visiting_policy()).await?;
        Ok(MemberCredentials { aws, identity })
    }
}

impl Aws {
    /// A session of a role in a member that may do only what the duty needs, whatever the role may do.
    async fn enter(&self, arn: &str, role: &MemberRole, names: SessionNames<'_>, duty: Duty) -> Result<MemberCredentials, ApiError> {
        let (aws, identity) = self.assume_role_scoped(arn, role, names, session_policy(duty)).await?;
        Ok(MemberCredentials { aws, identity })
    }

    /// Clients with the credentials of a session that may do only what the policy allows, and the session's identity.
    pub(super) async fn assume_role_scoped(
        &self,
        arn: &str,
        role: &MemberRole,
        names: SessionNames<'_>,
        policy: impl Into<String>,
    ) -> Result<(Self, SessionIdentity), ApiError> {
        const OPERATION: Operation = Operation::AssumeRole;
        let request = self
            .sts
            .assume_role()
            .role_arn(arn)
            .role_session_name(names.session)
            .set_source_identity(names.source_identity.map(str::to_owned))
            .duration_seconds(SESSION_SECONDS)
            .policy(policy)
            .set_external_id(role.external_id.clone());
        let answer = request.send().await.map_err(|error| translate(OPERATION, &error))?;
        let identity =
            SessionIdentity { user_id: answer.assumed_role_user.map(|user| user.assumed_role_id), source_identity: answer.source_identity };
        let issued = answer.credentials.ok_or_else(|| malformed(OPERATION, "Credentials"))?;
        if issued.access_key_id.is_empty() || issued.secret_access_key.is_empty() || issued.session_token.is_empty() {
            return Err(malformed(OPERATION, "Credentials"));
        }
        let token = Some(issued.session_token);
        let credentials = Credentials::new(issued.access_key_id, issued.secret_access_key, token, None, "orgroster member session");
        let sdk = self.sdk.to_builder().credentials_provider(SharedCredentialsProvider::new(credentials)).build();
        Ok((Self::new(sdk, self.http.clone(), self.meter.of_session(account_of(arn)), self.pace.clone()), identity))
    }
}

/// The account in a role's ARN.
fn account_of(arn: &str) -> Option<AccountId> {
    arn.split(':').nth(4)?.parse().ok()
}

impl Answering for MemberCredentials {
    fn answers(&self) -> Answers {
        self.aws.meter.answers()
    }

    fn answered(&self, operation: Operation, subject: Option<&str>) -> Option<Timestamp> {
        self.aws.meter.answered(operation, subject)
    }
}

impl MemberIdentity for MemberCredentials {
    async fn account(&self) -> Result<AccountId, ApiError> {
        const OPERATION: Operation = Operation::GetCallerIdentity;
        let identity = self.aws.sts.get_caller_identity().send().await.map_err(|error| translate(OPERATION, &error))?;
        identity.account().and_then(|id| id.parse().ok()).ok_or_else(|| malformed(OPERATION, "Account"))
    }

    async fn organization(&self) -> Result<Option<OrganizationId>, ApiError> {
        const OPERATION: Operation = Operation::DescribeOrganization;
        match self.aws.organizations.describe_organization().send().await {
            // Only AWSOrganizationsNotInUseException means that an account is in no organization.
            Ok(answer) => {
                let id = answer.organization.and_then(|found| found.id).and_then(|id| id.parse().ok());
                Ok(Some(id.ok_or_else(|| malformed(OPERATION, "Id"))?))
            }
            Err(error) => match translate(OPERATION, &error) {
                error if error.kind == ApiErrorKind::NotInOrganization => Ok(None),
                error => Err(error),
            },
        }
    }

    fn identity(&self) -> SessionIdentity {
        self.identity.clone()
    }
}

impl ReadMember for MemberCredentials {
    async fn role_tags(&self, role_arn: &str) -> Result<BTreeMap<String, String>, ApiError> {
        self.aws.tags_of_role(role_arn).await
    }

    async fn simulate_leaving(&self, role_arn: &str, known: &[ContextEntry]) -> Result<Simulation, ApiError> {
        self.aws.simulation(role_arn, known).await
    }

    async fn open_handshakes(&self) -> Result<Vec<Handshake>, ApiError> {
        self.aws.pending_handshakes().await
    }

    async fn contact_information(&self) -> Result<ContactInformation, ApiError> {
        self.aws.contact(None).await
    }

    async fn created_at(&self) -> Result<Timestamp, ApiError> {
        self.aws.created(None).await
    }

    async fn support_evidence(&self) -> Result<SupportEvidence, ApiError> {
        self.aws.support().await
    }

    async fn own_name(&self) -> Result<String, ApiError> {
        self.aws.name().await
    }

    async fn account_plan(&self) -> Result<String, ApiError> {
        self.aws.plan_of_account().await
    }

    async fn payment_instruments(&self) -> Result<Vec<PaymentInstrument>, ApiError> {
        self.aws.payment_instruments().await
    }

    async fn organization_conditions(&self, organization: &OrganizationId) -> Result<OrganizationConditions, ApiError> {
        self.aws.organization_conditions(organization).await
    }

    async fn resource_shares(&self, regions: &[String]) -> Result<ResourceShares, ApiError> {
        self.aws.shares(regions).await
    }
}

impl MemberIdentity for AcceptingCredentials {
    async fn account(&self) -> Result<AccountId, ApiError> {
        self.0.account().await
    }

    async fn organization(&self) -> Result<Option<OrganizationId>, ApiError> {
        self.0.organization().await
    }

    fn identity(&self) -> SessionIdentity {
        self.0.identity()
    }
}

impl AcceptingSession for AcceptingCredentials {
    async fn accept(&self, handshake: &str) -> Result<Receipt, ApiError> {
        const OPERATION: Operation = Operation::AcceptHandshake;
        let Self(MemberCredentials { aws, .. }) = self;
        // Sent once: after a lost answer, the executor reads the state before it repeats the call.
        let once = Builder::default().retry_config(RetryConfig::disabled());
        let request = aws.organizations.accept_handshake().handshake_id(handshake);
        let answer = request.customize().config_override(once).send().await.map_err(|error| translate(OPERATION, &error))?;
        let request_id = aws_sdk_organizations::operation::RequestId::request_id(&answer).map(str::to_owned);
        let accepted = answer.handshake.filter(|found| found.id() == Some(handshake));
        let accepted = accepted.filter(|found| found.state().is_some_and(|state| state.as_str() == "ACCEPTED"));
        accepted.map(|_| Receipt { request_id }).ok_or_else(|| malformed(OPERATION, "State of this handshake"))
    }
}

impl MemberSession for MemberCredentials {
    async fn leave(&self) -> Result<Receipt, ApiError> {
        // Sent once: after a lost answer, the executor reads the state before it repeats the call.
        let once = Builder::default().retry_config(RetryConfig::disabled());
        let answer = self.aws.organizations.leave_organization().customize().config_override(once).send().await;
        let answer = answer.map_err(|error| translate(Operation::LeaveOrganization, &error))?;
        Ok(Receipt { request_id: aws_sdk_organizations::operation::RequestId::request_id(&answer).map(str::to_owned) })
    }
}
