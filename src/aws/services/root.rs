//! Root users of members, if the organization manages them centrally. The SDK crate of IAM is a cargo feature. Without it, a root user's
//! credentials are unknown.

use jiff::Timestamp;

use crate::api::{ApiError, AuditRoot};
use crate::org::{AccountId, RootUser};

use crate::aws::Aws;
use crate::aws::services::inside::where_built;

#[cfg_attr(not(feature = "iam"), allow(clippy::unused_async, unused_variables))]
impl AuditRoot for Aws {
    async fn manages_root(&self) -> Result<bool, ApiError> {
        where_built!("iam", ListOrganizationsFeatures, iam::manages_root(self).await)
    }

    async fn root_user(&self, account: AccountId) -> Result<(RootUser, Timestamp), ApiError> {
        where_built!("iam", GetLoginProfile, iam::root_user(self, account).await)
    }
}

#[cfg(feature = "iam")]
mod iam {
    use aws_credential_types::Credentials;
    use aws_sdk_iam::types::FeatureType;
    use aws_sdk_organizations::config::SharedCredentialsProvider;
    use aws_sdk_sts::types::PolicyDescriptorType;
    use jiff::Timestamp;

    use crate::api::{ApiError, Operation};
    use crate::aws::Aws;
    use crate::aws::wire::error::{malformed, translate};
    use crate::org::{AccountId, RootUser, partition_of_region, root_task};

    /// The task that allows a root session only to read credentials (IAM user guide, "AWS managed policies for root tasks").
    const AUDIT: &str = "IAMAuditRootUserCredentials";
    /// How long the session lasts: the maximum of STS (STS API reference, AssumeRoot).
    const SESSION_SECONDS: i32 = 900;

    fn client(aws: &Aws) -> aws_sdk_iam::Client {
        aws_sdk_iam::Client::from_conf(aws_sdk_iam::config::Builder::from(&aws.sdk).interceptor(aws.meter.clone()).build())
    }

    pub(super) async fn manages_root(aws: &Aws) -> Result<bool, ApiError> {
        const OPERATION: Operation = Operation::ListOrganizationsFeatures;
        aws.pace.wait(OPERATION).await;
        match client(aws).list_organizations_features().send().await {
            Ok(answer) => Ok(answer.enabled_features().contains(&FeatureType::RootCredentialsManagement)),
            Err(error) => match translate(OPERATION, &error) {
                error if error.code.as_deref() == Some("ServiceAccessNotEnabledException") => Ok(false),
                error => Err(error),
            },
        }
    }

    /// AssumeRoot has only regional endpoints, which the SDK uses.
    pub(super) async fn root_user(aws: &Aws, account: AccountId) -> Result<(RootUser, Timestamp), ApiError> {
        let session = assume_root(aws, account).await?;
        let password = has_password(&session).await?;
        let at = session.meter.answered(Operation::GetLoginProfile, None).ok_or_else(|| malformed(Operation::GetLoginProfile, "time"))?;
        let mfa_devices = mfa_devices(&session).await?;
        Ok((RootUser { password, mfa_devices }, at))
    }

    async fn assume_root(aws: &Aws, account: AccountId) -> Result<Aws, ApiError> {
        const OPERATION: Operation = Operation::AssumeRoot;
        aws.pace.wait(OPERATION).await;
        let partition = aws.sdk.region().map_or("aws", |region| partition_of_region(region.as_ref()));
        let task = PolicyDescriptorType::builder().arn(root_task(partition, AUDIT)).build();
        let request = aws.sts.assume_root().target_principal(account.to_string()).task_policy_arn(task).duration_seconds(SESSION_SECONDS);
        let answer = request.send().await.map_err(|error| translate(OPERATION, &error))?;
        let issued = answer.credentials.ok_or_else(|| malformed(OPERATION, "Credentials"))?;
        if issued.access_key_id.is_empty() || issued.secret_access_key.is_empty() || issued.session_token.is_empty() {
            return Err(malformed(OPERATION, "Credentials"));
        }
        let token = Some(issued.session_token);
        let credentials = Credentials::new(issued.access_key_id, issued.secret_access_key, token, None, "orgroster root audit");
        let sdk = aws.sdk.to_builder().credentials_provider(SharedCredentialsProvider::new(credentials)).build();
        Ok(Aws::new(sdk, aws.http.clone(), aws.meter.of_session(Some(account)), aws.pace.clone()))
    }

    /// A root user without a password has no login profile (IAM API reference, GetLoginProfile).
    async fn has_password(session: &Aws) -> Result<bool, ApiError> {
        const OPERATION: Operation = Operation::GetLoginProfile;
        session.pace.wait(OPERATION).await;
        match client(session).get_login_profile().send().await {
            Ok(_) => Ok(true),
            Err(error) => match translate(OPERATION, &error) {
                error if error.code.as_deref() == Some("NoSuchEntity") => Ok(false),
                error => Err(error),
            },
        }
    }

    /// One page is enough: a root user has at most eight devices (IAM user guide, "IAM and AWS STS quotas").
    async fn mfa_devices(session: &Aws) -> Result<u32, ApiError> {
        const OPERATION: Operation = Operation::ListMFADevices;
        session.pace.wait(OPERATION).await;
        let answer = client(session).list_mfa_devices().send().await.map_err(|error| translate(OPERATION, &error))?;
        u32::try_from(answer.mfa_devices().len()).map_err(|_| malformed(OPERATION, "MFADevices"))
    }
}
