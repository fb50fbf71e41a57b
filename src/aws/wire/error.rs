//! Translates all SDK errors.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_sdk_sts::operation::assume_role_with_web_identity::AssumeRoleWithWebIdentityError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde_json::Value;

use crate::api::{ApiError, ApiErrorKind, Operation};

use crate::aws::wire::answers::{self, NoAnswer};

use crate::aws::wire::message::presentable;

/// Translates a failed call of `operation`, such as `organizations:ListAccounts`. The result may be shown and stored: it contains AWS's
/// message without the parts that repeat the request.
pub fn translate<E>(operation: impl AsRef<str>, error: &SdkError<E, HttpResponse>) -> ApiError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let translated = verbatim(operation.as_ref(), error);
    ApiError { message: presentable(&translated.message), ..translated }
}

fn verbatim<E>(operation: &str, error: &SdkError<E, HttpResponse>) -> ApiError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let api_error =
        |kind, message: String| ApiError { operation: operation.to_owned(), kind, code: None, reason: None, message, request_id: None };
    match error {
        SdkError::ServiceError(service) => answered(operation, service.err(), service.raw()),
        SdkError::ResponseError(response) => {
            let why = sources(error).find_map(|source| source.downcast_ref::<NoAnswer>()).map(ToString::to_string);
            let status = response.raw().status().as_u16();
            let why = why.unwrap_or_else(|| {
                if answers::is_page(response.raw()) {
                    page(status)
                } else {
                    format!("the answer, with HTTP status {status}, can't be read")
                }
            });
            ApiError { request_id: request_id(response.raw()), ..ApiError::malformed(operation, why) }
        }
        SdkError::TimeoutError(_) => api_error(ApiErrorKind::NoAnswer, "no answer arrived in time".to_owned()),
        other => match credentials_error(other) {
            Some(credentials) => without_credentials(operation, credentials),
            None if is_connection_failure(other) => api_error(ApiErrorKind::Unreachable, innermost(other)),
            None => api_error(ApiErrorKind::NoAnswer, innermost(other)),
        },
    }
}

/// The error for something in an answer that is missing or not usable.
pub fn malformed(operation: Operation, what: &str) -> ApiError {
    ApiError::malformed(operation, format!("the answer has no usable {what}"))
}

fn answered<E: ProvideErrorMetadata>(operation: &str, error: &E, response: &HttpResponse) -> ApiError {
    let code = error.code().map(str::to_owned);
    let status = response.status().as_u16();
    let message = match error.message() {
        Some(message) => message.to_owned(),
        None if answers::is_page(response) => page(status),
        None => format!("HTTP status {status} without a message"),
    };
    ApiError {
        operation: operation.to_owned(),
        kind: kind_of(code.as_deref().unwrap_or_default(), status),
        code,
        reason: reason(response),
        message,
        request_id: request_id(response),
    }
}

/// The message for a page in place of an answer.
fn page(status: u16) -> String {
    format!("HTTP status {status} with a page of HTML, which AWS does not send")
}

/// Classifies by code first, because Organizations throttles with status 400.
fn kind_of(code: &str, status: u16) -> ApiErrorKind {
    match code {
        "AccessDeniedException" | "AccessDenied" | "UnauthorizedOperation" => ApiErrorKind::AccessDenied,
        "ExpiredTokenException" | "ExpiredToken" | "RequestExpired" => ApiErrorKind::ExpiredCredentials,
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "IncompleteSignature"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "InvalidAccessKeyId" => ApiErrorKind::InvalidCredentials,
        "TooManyRequestsException" | "Throttling" | "ThrottlingException" | "RequestLimitExceeded" => ApiErrorKind::Throttled,
        "ConcurrentModificationException" => ApiErrorKind::Concurrent,
        "AWSOrganizationsNotInUseException" => ApiErrorKind::NotInOrganization,
        "AccountNotFoundException" => ApiErrorKind::AccountNotFound,
        "TargetNotFoundException" | "ChildNotFoundException" => ApiErrorKind::TargetNotFound,
        "ConstraintViolationException" | "HandshakeConstraintViolationException" => ApiErrorKind::Constraint,
        "HandshakeAlreadyInStateException" => ApiErrorKind::AlreadyInState,
        "ServiceException" => ApiErrorKind::ServiceFailure,
        _ if status >= 500 => ApiErrorKind::ServiceFailure,
        // AWS refuses with a code. An error without one comes from a server in between, and says nothing about what AWS did.
        "" => ApiErrorKind::Malformed,
        _ => ApiErrorKind::Other,
    }
}

/// `Reason` is in the body of some exceptions. The SDK's types for it are closed lists that lag behind AWS.
fn reason(response: &HttpResponse) -> Option<String> {
    let body: Value = serde_json::from_slice(response.body().bytes()?).ok()?;
    body.get("Reason")?.as_str().map(str::to_owned)
}

/// Whether a JSON answer is a throttle.
pub fn is_throttle(response: &HttpResponse) -> bool {
    let code = || -> Option<String> {
        let body: Value = serde_json::from_slice(response.body().bytes()?).ok()?;
        // A service may write its namespace before the code.
        body.get("__type")?.as_str()?.rsplit('#').next().map(str::to_owned)
    };
    let status = response.status();
    !status.is_success() && code().is_some_and(|code| kind_of(&code, status.as_u16()) == ApiErrorKind::Throttled)
}

pub(in crate::aws) fn request_id(response: &HttpResponse) -> Option<String> {
    let headers = response.headers();
    headers.get("x-amzn-requestid").or_else(|| headers.get("x-amz-request-id")).map(str::to_owned)
}

fn credentials_error<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e CredentialsError> {
    sources(error).find_map(|source| source.downcast_ref())
}

/// The error for missing credentials: STS's answer if a role leads to them, or else the last cause.
pub fn without_credentials(operation: &str, error: &CredentialsError) -> ApiError {
    type Refused<E> = SdkError<E, HttpResponse>;
    for source in sources(error) {
        if let Some(refused) = source.downcast_ref::<Refused<AssumeRoleError>>() {
            return translate(Operation::AssumeRole, refused);
        }
        if let Some(refused) = source.downcast_ref::<Refused<AssumeRoleWithWebIdentityError>>() {
            return translate("sts:AssumeRoleWithWebIdentity", refused);
        }
    }
    let kind = match error {
        CredentialsError::CredentialsNotLoaded(_) => ApiErrorKind::NoCredentials,
        _ if innermost(error).to_lowercase().contains("expired") => ApiErrorKind::ExpiredCredentials,
        _ => ApiErrorKind::NoCredentials,
    };
    ApiError { operation: operation.to_owned(), kind, code: None, reason: None, message: innermost(error), request_id: None }
}

/// Whether the failure happened before anything was sent. A connection that broke later does not count.
fn is_connection_failure<E, R>(error: &SdkError<E, R>) -> bool {
    match error {
        SdkError::ConstructionFailure(_) => true,
        SdkError::DispatchFailure(failure) => failure
            .as_connector_error()
            .is_some_and(|connector| connector.is_user() || connector.connection_metadata().is_none() && never_connected(connector)),
        _ => false,
    }
}

fn never_connected(error: &(dyn Error + 'static)) -> bool {
    sources(error).any(|source| {
        let refused = source.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::ConnectionRefused);
        refused || ["dns error", "tcp connect", "client error (Connect)"].iter().any(|text| source.to_string().contains(text))
    })
}

/// The error and all its causes.
fn sources<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'e (dyn Error + 'static)| (*error).source())
}

/// The text of the last cause, because the SDK's own text is only "dispatch failure".
fn innermost(error: &(dyn Error + 'static)) -> String {
    sources(error).last().map_or_else(String::new, ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_classified_by_what_a_caller_does_about_them() {
        let cases = [
            ("TooManyRequestsException", 400, ApiErrorKind::Throttled),
            ("ServiceException", 500, ApiErrorKind::ServiceFailure),
            ("SomethingNew", 503, ApiErrorKind::ServiceFailure),
            ("SomethingNew", 400, ApiErrorKind::Other),
            ("", 403, ApiErrorKind::Malformed),
            ("", 407, ApiErrorKind::Malformed),
            ("", 502, ApiErrorKind::ServiceFailure),
            ("AccessDeniedException", 400, ApiErrorKind::AccessDenied),
            ("AccessDenied", 403, ApiErrorKind::AccessDenied),
            ("ExpiredToken", 403, ApiErrorKind::ExpiredCredentials),
        ];
        for (code, status, kind) in cases {
            assert_eq!(kind_of(code, status), kind, "{code} {status}");
        }
    }
}
