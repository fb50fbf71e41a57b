//! Reports that GitLab shows in merge requests.

use serde_json::json;

use crate::plan::Plan;
use crate::render::Text;

/// `artifacts:reports:terraform`: what would be created, updated and deleted. GitLab wants these three counts and shows no more; whoever
/// may see the project may see the file, so that nothing else belongs in it. What a guardrail holds back is not counted.
#[must_use]
pub fn gitlab_report(plan: &Plan) -> Text {
    let counts = plan.counts();
    Text::json(&json!({ "create": counts.add, "update": 0, "delete": counts.destroy }))
}
