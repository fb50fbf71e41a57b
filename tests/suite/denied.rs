//! Reads that AWS denies: each gate that needs one reports AWS's answer, the permission that allows the read, and the command that prints
//! AWS's evaluation. If no gate depends on the read, the gate reports what it used instead.

use orgroster::gate::{GateResult, Verdict};
use orgroster::org::GateName;

use crate::departing::Scene;
use crate::worlds::{MANAGEMENT, head, plan_of, serve};

const MEMBER: &str = "222222222222";
/// AWS's text about the id of its evaluation.
const MESSAGE: &str = "no, or call the GetRequestAuthorizationDetails API with the following authorization id: 1a2b3c4d";

fn denial(operation: &str) -> String {
    format!(
        "fault {{\n  operation = \"{operation}\"\n  kind = \"error\"\n  code = \"AccessDeniedException\"\n  message = \"{MESSAGE}\"\n  count = 1000\n}}\n"
    )
}

/// The gates of an account that leaves if AWS denies an operation. A policy requires a tag of the role.
fn gates(operation: &str) -> Vec<GateResult> {
    let policy = r#"{"Statement":{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"frozen"}}}}"#;
    let role = |name: &str| format!("    role \"{name}\" {{\n      trusts = [\"{MANAGEMENT}\"]\n    }}\n");
    let fixture = format!(
        "sandbox {{\n  clock = \"2026-11-22T09:00:00Z\"\n{}}}\norganization \"o-exampleorgid\" {{\n  management_account_id = \"{MANAGEMENT}\"\n  root {{\n    id = \"r-ab12\"\n  }}\n  \
         policy \"p-guard00001\" {{\n    name = \"Guard\"\n    targets = [\"r-ab12\"]\n    content = <<-JSON\n      {policy}\n    JSON\n  }}\n  \
         account \"{MANAGEMENT}\" {{\n    name = \"m\"\n    email = \"m@example.com\"\n  }}\n  account \"{MEMBER}\" {{\n    name = \"shop\"\n    email = \"shop@example.com\"\n    \
         joined = \"2024-03-01T10:00:00Z\"\n{}{}  }}\n}}\n",
        denial(operation),
        role("Look"),
        role("OrganizationAccountAccessRole"),
    );
    let block =
        format!("account \"shop\" {{\n  id = \"{MEMBER}\"\n  name = \"shop\"\n  membership = \"detached\"\n  reason = \"sold\"\n}}\n");
    let conditions = "gate \"organization_conditions\" {\n  enforcement = \"mandatory\"\n}\n";
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let served = serve(&fixture).await;
        let plan = plan_of(&served, &format!("{}{block}{conditions}", head()), Some("Look")).await;
        plan.accounts[0].gates().to_vec()
    })
}

#[test]
fn a_denied_read_leads_to_an_unknown_with_what_allows_it_and_what_was_evaluated() {
    for (operation, gate) in [
        ("support:DescribeSeverityLevels", GateName::SupportPlan),
        ("payments:ListPaymentInstruments", GateName::PaymentMethod),
        ("account:GetContactInformation", GateName::ContactInformation),
        ("iam:GetRole", GateName::ServiceControlPolicy),
        ("iam:SimulatePrincipalPolicy", GateName::LeavePermission),
        ("iam:GetAccountAuthorizationDetails", GateName::OrganizationConditions),
        ("organizations:ListHandshakesForAccount", GateName::OpenHandshake),
    ] {
        let gates = gates(operation);
        let found = gates.iter().find(|result| result.gate == gate).unwrap();
        assert!(matches!(found.verdict, Verdict::Unknown { .. }) && found.is_blocking(), "{operation}: {found:?}");
        let why = format!("{operation} could not be read: AccessDenied");
        assert!(found.explanation().contains(&why), "{operation}: {}", found.explanation());
        let remedy = serde_json::to_string(found.remedy().unwrap()).unwrap();
        let allows = remedy.contains(&format!("Grant {operation} to ")) || remedy.contains(&format!("once {operation} succeeds"));
        assert!(allows, "{operation}: {remedy}");
        assert!(remedy.contains("\"get-request-authorization-details\",\"--authorization-id\",\"1a2b3c4d\""), "{operation}: {remedy}");
    }
}

/// The remedy of the gate that the same answer decides is the permission; the other gate still has its attestation.
#[test]
fn one_denied_read_of_two_gates_is_allowed_once_and_explained_at_both() {
    let gates = gates("account:GetContactInformation");
    let found = gates.iter().find(|result| result.gate == GateName::PhoneVerification).unwrap();
    assert!(
        matches!(found.verdict, Verdict::Unknown { .. }) && found.explanation().contains("account:GetContactInformation could not be read")
    );
    let remedy = serde_json::to_string(found.remedy().unwrap()).unwrap();
    assert!(remedy.contains("--authorization-id") && remedy.contains("attestation") && !remedy.contains("Grant account:"), "{remedy}");
}

/// The date of joining replaces the creation date, and the gate reports that.
#[test]
fn a_creation_date_that_can_not_be_read_is_reported_with_its_replacement() {
    let gates = gates("account:GetAccountInformation");
    let found = gates.iter().find(|result| result.gate == GateName::WaitingPeriod).unwrap();
    assert!(matches!(found.verdict, Verdict::Pass { .. }), "{found:?}");
    let said = found.explanation();
    assert!(said.contains("account:GetAccountInformation could not be read: AccessDenied") && said.contains("it joined counts"), "{said}");
}

/// Without the names of units, no plan can show the places of accounts: it ends with the permission that it needs.
#[test]
fn names_of_units_that_may_not_be_read_end_the_plan_with_the_permission_that_is_missing() {
    let fixture = format!(
        "sandbox {{\n{}}}\norganization \"o-exampleorgid\" {{\n  management_account_id = \"{MANAGEMENT}\"\n  account \"{MANAGEMENT}\" {{\n    name = \"m\"\n    email = \"m@example.com\"\n  }}\n  \
         organizational_unit \"Shops\" {{\n    id = \"ou-ab12-shops0000\"\n    account \"{MEMBER}\" {{\n      name = \"shop\"\n      email = \"shop@example.com\"\n    }}\n  }}\n}}\n",
        denial("organizations:DescribeOrganizationalUnit")
    );
    let configuration = head()
        + &format!("account \"shop\" {{\n  id = \"{MEMBER}\"\n  name = \"shop\"\n  membership = \"detached\"\n  reason = \"sold\"\n}}\n");
    let scene = Scene::of(vec![MEMBER.to_owned()], &configuration, fixture);
    let planned = scene.orgroster(&["plan"]).output().unwrap();
    let said = String::from_utf8_lossy(&planned.stderr).into_owned();
    assert_eq!(planned.status.code(), Some(1), "{said}");
    for wanted in ["organizations:DescribeOrganizationalUnit", "Allow the role to make this call", "--authorization-id 1a2b3c4d"] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
}
