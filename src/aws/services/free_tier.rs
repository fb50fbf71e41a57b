//! AWS Free Tier (API reference, version 2023-09-07): whether the caller's account is on the free plan.

use serde::Deserialize;
use serde_json::json;

use crate::api::{ApiError, Operation};

use crate::aws::Aws;
use crate::aws::wire::error::translate;
use crate::aws::wire::json::Question;

const OPERATION: Operation = Operation::GetAccountPlanState;

const PLAN: Question = Question {
    operation: OPERATION,
    service_id: "FreeTier",
    signing_name: "freetier",
    target: "AWSFreeTierService.GetAccountPlanState",
    version: "1.0",
    homes: &[("aws", "us-east-1", "api.aws"), ("aws-cn", "cn-northwest-1", "api.amazonwebservices.com.cn")],
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct State {
    account_plan_type: String,
}

impl Aws {
    /// The plan of the caller's account: `FREE` or `PAID`, verbatim.
    pub(in crate::aws) async fn plan_of_account(&self) -> Result<String, ApiError> {
        self.pace.wait(OPERATION).await;
        let state = self.question::<State>(&PLAN)?.invoke(json!({})).await;
        state.map(|state| state.account_plan_type).map_err(|error| translate(OPERATION, &error))
    }
}
