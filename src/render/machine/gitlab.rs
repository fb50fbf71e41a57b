//! Reports that GitLab shows in merge requests.

use serde_json::json;

use crate::plan::Plan;
use crate::render::Text;

/// `artifacts:reports:terraform`: what would be created, updated and deleted. GitLab reads and shows only these three counts.
/// Everyone with access to the project can read the file, so it contains nothing else. Acts that a guardrail holds back are not counted.
#[must_use]
pub fn gitlab_report(plan: &Plan) -> Text {
    let counts = plan.counts();
    Text::json(&json!({ "create": counts.add, "update": 0, "delete": counts.destroy }))
}
