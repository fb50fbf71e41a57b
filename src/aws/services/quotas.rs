//! Service Quotas (API reference, version 2019-06-24): how many accounts an organization may have. The management account reads it in the
//! partition's home region.

use serde::Deserialize;
use serde_json::json;

use crate::api::{ApiError, Operation, Pages};

use crate::aws::Aws;
use crate::aws::wire::error::{malformed, translate};
use crate::aws::wire::json::Question;

const OPERATION: Operation = Operation::ListServiceQuotas;

const QUOTAS: Question = Question {
    operation: OPERATION,
    service_id: "Service Quotas",
    signing_name: "servicequotas",
    target: "ServiceQuotasV20190624.ListServiceQuotas",
    version: "1.1",
    homes: &[
        ("aws", "us-east-1", "amazonaws.com"),
        ("aws-cn", "cn-northwest-1", "amazonaws.com.cn"),
        ("aws-us-gov", "us-gov-west-1", "amazonaws.com"),
    ],
};

/// The quota's code. Codes may change (Organizations user guide, quotas), so the name is accepted too.
const CODE: &str = "L-E619E033";
const NAME: &str = "maximum number of accounts";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    quotas: Vec<Quota>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Quota {
    quota_code: String,
    quota_name: String,
    value: f64,
}

impl Aws {
    /// How many accounts the caller's organization may have.
    pub(in crate::aws) async fn quota_of_accounts(&self) -> Result<u64, ApiError> {
        let operation = self.question::<Page>(&QUOTAS)?;
        let mut pages = Pages::new(OPERATION);
        loop {
            self.pace.wait(OPERATION).await;
            let next = pages.token();
            let request = match &next {
                Some(next) => json!({ "ServiceCode": "organizations", "NextToken": next }),
                None => json!({ "ServiceCode": "organizations" }),
            };
            let page = operation.invoke(request).await.map_err(|error| translate(OPERATION, &error))?;
            let is_it = |quota: &&Quota| quota.quota_code == CODE || quota.quota_name.contains(NAME);
            if let Some(found) = page.quotas.iter().find(is_it) {
                return whole(found.value).ok_or_else(|| malformed(OPERATION, "Value of the quota of accounts"));
            }
            if !pages.turn(page.quotas.len(), page.next_token)? {
                return Err(malformed(OPERATION, "quota of accounts"));
            }
        }
    }
}

/// Converts a quota, which is a count, from AWS's floating-point number.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is in range")]
fn whole(value: f64) -> Option<u64> {
    (value.is_finite() && (0.0..=1e9).contains(&value)).then_some(value as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_a_count() {
        assert_eq!([10.0, 50_000.0, 0.0].map(whole), [Some(10), Some(50_000), Some(0)]);
        assert_eq!([f64::NAN, f64::INFINITY, -1.0, 1e300].map(whole), [None; 4]);
    }
}
