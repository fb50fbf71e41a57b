//! Reports that GitLab shows in merge requests.

use serde_json::json;

use super::Text;
use crate::plan::{Outcome, Plan};

/// `artifacts:reports:terraform`: what would be created, updated and deleted. GitLab wants these three counts and shows no more; whoever
/// may see the project may see the file, so that nothing else belongs in it. Departures that a guardrail holds back are not counted.
#[must_use]
pub fn gitlab_report(plan: &Plan) -> Text {
    let delete = if plan.outcome() == Outcome::Departures { plan.departures.len() } else { 0 };
    Text::json(&json!({ "create": 0, "update": 0, "delete": delete }))
}
