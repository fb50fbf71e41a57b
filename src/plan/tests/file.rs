//! The saved plan.

use super::*;

#[test]
fn a_plan_file_reads_back_and_a_changed_one_is_refused() {
    let plan = World::new(&(detached("crm", CRM.0) + &member("gone", "555555555555")), &[CRM, SHOP]).only_plan();
    let json = PlanFile::of(&plan).to_json().unwrap();
    assert_eq!(PlanFile::parse(json.as_bytes()).unwrap().orgroster, plan);
    assert!(json.ends_with("}\n") && json.matches('\n').count() == 1);

    let error = |text: &str| PlanFile::parse(text.as_bytes()).unwrap_err();
    assert!(matches!(error(&json.replace("Divested", "Stolen")), PlanFileError::Changed { .. }));
    assert!(matches!(error(&json[..json.len() / 2]), PlanFileError::NotJson(_)));
    assert!(matches!(error(r#"{"format_version":"1.2","resource_changes":[]}"#), PlanFileError::NotAPlan(_)));
    assert!(matches!(error(&json.replace("\"format_version\":\"1.2\"", "\"format_version\":\"2.0\"")), PlanFileError::UnknownVersion(_)));
    assert!(matches!(error(&json.replace("\"format_version\":\"1.2\"", "\"format_version\":\"1.1\"")), PlanFileError::UnknownVersion(_)));
}

#[test]
fn a_newer_minor_version_is_read_with_keys_that_this_one_does_not_know() {
    let plan = World::new(&detached("crm", CRM.0), &[CRM]).only_plan();
    let mut newer: serde_json::Value = serde_json::from_str(&PlanFile::of(&plan).to_json().unwrap()).unwrap();
    newer["format_version"] = "1.9".into();
    newer["deferred_changes"] = serde_json::json!([]);
    newer["orgroster"]["weather"] = "fair".into();
    newer["orgroster"]["accounts"][0]["before"]["colour"] = "red".into();
    newer["resource_changes"][0]["change"]["importing"] = serde_json::json!({ "id": "x" });
    newer.as_object_mut().unwrap().remove("checksum");
    newer["checksum"] = Digest::of_json(&newer).0.into();
    assert_eq!(PlanFile::parse(newer.to_string().as_bytes()).unwrap().orgroster, plan);
}

#[test]
fn the_plan_file_tells_departures_as_deletes_and_everything_else_as_no_ops() {
    let blocks = detached("crm", CRM.0) + &detached("unknown", "999999999999") + &member("shop", SHOP.0) + &member("gone", "555555555555");
    let plan = World::new(&blocks, &[CRM, SHOP]).only_plan();
    let file: serde_json::Value = serde_json::from_str(&PlanFile::of(&plan).to_json().unwrap()).unwrap();
    let changes = file["resource_changes"].as_array().unwrap();
    let actions: Vec<_> =
        changes.iter().map(|change| (change["address"].as_str().unwrap(), change["change"]["actions"][0].as_str().unwrap())).collect();
    // An account that is not in the organization has no values, and therefore no change.
    assert_eq!(actions, [("orgroster_account.crm", "delete"), ("orgroster_account.shop", "no-op")]);
    let has_values = |change: &serde_json::Value| !change["change"]["before"].is_null() || !change["change"]["after"].is_null();
    assert!(changes.iter().chain(file["resource_drift"].as_array().unwrap()).all(has_values), "{file}");
    assert_eq!(changes[0]["change"]["before"]["membership"], "member");
    assert_eq!(file["planned_values"]["root_module"]["resources"].as_array().unwrap().len(), 1);
    assert_eq!(file["prior_state"]["values"]["root_module"]["resources"].as_array().unwrap().len(), 2);
    assert_eq!(file["checks"][0]["status"], "unknown", "member_access is deferred");
    assert_eq!(file["checks"][1]["status"], "fail");
    assert_eq!(file["resource_drift"][0]["address"], "orgroster_account.gone");
}
