//! Sessions inside member accounts.

use aws_credential_types::Credentials;
use aws_sdk_organizations::config::{Builder, SharedCredentialsProvider};
use aws_smithy_types::retry::RetryConfig;

use crate::api::{ApiError, ApiErrorKind, AssumeMember, MemberSession, Receipt};
use crate::org::{AccountId, MemberRole, OrganizationId};

use super::error::{malformed, translate};
use super::{Aws, AwsWriter};

/// How long a session lasts: the shortest that STS gives (STS API reference, AssumeRole).
const SESSION_SECONDS: i32 = 900;

/// What the session may do, whatever the role may. GetCallerIdentity needs no permission. Leaving also removes the service-linked role.
const SESSION_POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["organizations:LeaveOrganization","organizations:DescribeOrganization"],"Resource":"*"},{"Effect":"Allow","Action":"iam:DeleteServiceLinkedRole","Resource":"arn:*:iam::*:role/aws-service-role/organizations.amazonaws.com/AWSServiceRoleForOrganizations"}]}"#;

/// A session of the member role.
#[derive(Debug, Clone)]
pub struct MemberCredentials {
    aws: Aws,
}

impl AssumeMember for AwsWriter {
    type Session = MemberCredentials;

    async fn assume(&self, arn: &str, role: &MemberRole, run: &str) -> Result<MemberCredentials, ApiError> {
        const OPERATION: &str = "sts:AssumeRole";
        let Self(aws) = self;
        let request = aws
            .sts
            .assume_role()
            .role_arn(arn)
            .role_session_name(run)
            .duration_seconds(SESSION_SECONDS)
            .policy(SESSION_POLICY)
            .set_external_id(role.external_id.clone());
        let answer = request.send().await.map_err(|error| translate(OPERATION, &error))?;
        let Some(issued) = answer.credentials else {
            let message = "the answer has no Credentials".to_owned();
            return Err(ApiError {
                operation: OPERATION.to_owned(),
                kind: ApiErrorKind::Other,
                code: None,
                reason: None,
                message,
                request_id: None,
            });
        };
        let token = Some(issued.session_token);
        let credentials = Credentials::new(issued.access_key_id, issued.secret_access_key, token, None, "orgroster member session");
        let sdk = aws.sdk.to_builder().credentials_provider(SharedCredentialsProvider::new(credentials)).build();
        let session = Aws::new(sdk, aws.http.clone(), aws.meter.clone(), aws.pace.clone());
        Ok(MemberCredentials { aws: session })
    }
}

impl MemberSession for MemberCredentials {
    async fn account(&self) -> Result<AccountId, ApiError> {
        const OPERATION: &str = "sts:GetCallerIdentity";
        let identity = self.aws.sts.get_caller_identity().send().await.map_err(|error| translate(OPERATION, &error))?;
        identity.account().and_then(|id| id.parse().ok()).ok_or_else(|| malformed(OPERATION, "Account"))
    }

    async fn organization(&self) -> Result<Option<OrganizationId>, ApiError> {
        const OPERATION: &str = "organizations:DescribeOrganization";
        match self.aws.organizations.describe_organization().send().await {
            Ok(answer) => Ok(answer.organization.and_then(|found| found.id).and_then(|id| id.parse().ok())),
            Err(error) => match translate(OPERATION, &error) {
                error if error.kind == ApiErrorKind::NotInOrganization => Ok(None),
                error => Err(error),
            },
        }
    }

    async fn leave(&self) -> Result<Receipt, ApiError> {
        // Sent once: after a lost answer the executor asks before it repeats.
        let once = Builder::default().retry_config(RetryConfig::disabled());
        let answer = self.aws.organizations.leave_organization().customize().config_override(once).send().await;
        let answer = answer.map_err(|error| translate("organizations:LeaveOrganization", &error))?;
        Ok(Receipt { request_id: aws_sdk_organizations::operation::RequestId::request_id(&answer).map(str::to_owned) })
    }
}
