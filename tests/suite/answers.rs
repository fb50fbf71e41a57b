//! What AWS answers about phone numbers, payment instruments and root users: read over the wire, as far as it decides, and for each departure
//! once.

use std::collections::BTreeMap;

use orgroster::api::Operation;
use orgroster::config::{self, ExternalValues};
use orgroster::diag::{Code, SourceMap};
use orgroster::gate::{Because, GateResult, Verdict};
use orgroster::org::GateName;
use orgroster::plan::Plan;

use crate::departing::Scene;
use crate::worlds::{MANAGEMENT, head, plan_of, serve};

const READER: &str = "Look";
const ID: &str = "200000000000";

fn id(index: usize) -> String {
    format!("2{index:011}")
}

/// An organization whose members all have `settings`.
fn fixture(members: usize, organization: &str, settings: &str) -> String {
    let account = |index: usize| {
        let id = id(index);
        format!(
            "  account \"{id}\" {{\n    name = \"name-{id}\"\n    email = \"{id}@example.com\"\n    {settings}\n    role \"{READER}\" {{\n      trusts = [\"{MANAGEMENT}\"]\n    }}\n  }}\n"
        )
    };
    format!(
        "sandbox {{\n  clock = \"2026-11-22T09:00:00Z\"\n}}\norganization \"o-exampleorgid\" {{\n  management_account_id = \"{MANAGEMENT}\"\n  {organization}\n  \
         account \"{MANAGEMENT}\" {{\n    name = \"management\"\n    email = \"m@example.com\"\n  }}\n{}}}\n",
        (0..members).map(account).collect::<String>()
    )
}

fn configuration(members: usize, provider: &str, block: &str) -> String {
    let account = |index: usize| {
        let id = id(index);
        format!(
            "account \"a{index}\" {{\n  id = \"{id}\"\n  name = \"name-{id}\"\n  membership = \"detached\"\n  reason = \"x\"\n{block}\n}}\n"
        )
    };
    format!("{}provider \"aws\" {{\n{provider}\n}}\n{}", head(), (0..members).map(account).collect::<String>())
}

fn planned(fixture: &str, configuration: &str, reader: Option<&str>) -> (Plan, BTreeMap<String, u64>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let served = serve(fixture).await;
        let plan = plan_of(&served, configuration, reader).await;
        (plan, served.sandbox.requests())
    })
}

fn attested(kind: &str) -> String {
    format!("attestation {{\n  of = [\"{kind}\"]\n  by = \"x\"\n  on = \"2026-11-20\"\n}}")
}

fn answer(plan: &Plan, gate: GateName) -> &GateResult {
    let all = plan.accounts.iter().find(|planned| planned.id.to_string() == ID).unwrap();
    all.gates().iter().find(|result| result.gate == gate).unwrap()
}

const TRUSTED: &str = "service_access = [\"account.amazonaws.com\"]";
const MANAGED: &str = "root_features = [\"RootCredentialsManagement\"]";

#[test]
fn a_verification_status_is_read_from_the_management_account_at_no_further_request() {
    for (settings, passes, says) in [
        ("phone_verified = true", true, "VERIFIED"),
        ("phone_verified = false", false, "UNVERIFIED"),
        ("verification_status = \"PENDING\"", false, "PENDING"),
        ("verification_status = \"VERIFIED_BY_PIGEON\"", false, "VERIFIED_BY_PIGEON"),
    ] {
        let (plan, requests) = planned(&fixture(1, TRUSTED, settings), &configuration(1, "", ""), None);
        let found = answer(&plan, GateName::PhoneVerification);
        assert_eq!(matches!(found.verdict, Verdict::Pass { .. }), passes, "{settings}");
        assert!(found.explanation().contains(says), "{settings}: {}", found.explanation());
        assert_eq!(found.evidence[0].account.to_string(), MANAGEMENT);
        assert_eq!(requests.get("account:GetContactInformation"), Some(&1));
    }
}

#[test]
fn payment_instruments_are_asked_for_only_where_nobodys_word_counts() {
    let cases = [
        ("payment_method = \"valid\"", "", true, Some(1)),
        ("payment_method = \"none\"", "", false, Some(1)),
        ("payment_instruments = { CARD = \"INVALID\", UPI = \"SETUP_IN_PROGRESS\" }", "", false, Some(1)),
        ("payment_instruments = { BARTER = \"ACTIVE\" }", "", true, Some(1)),
        ("payment_method = \"none\"", "payment_method", true, None),
    ];
    for (settings, word, passes, asked) in cases {
        let block = if word.is_empty() { String::new() } else { attested(word) };
        let (plan, requests) = planned(&fixture(1, "", settings), &configuration(1, "", &block), Some(READER));
        let found = answer(&plan, GateName::PaymentMethod);
        assert_eq!(matches!(found.verdict, Verdict::Pass { .. }), passes, "{settings}: {}", found.explanation());
        assert_eq!(requests.get("payments:ListPaymentInstruments").copied(), asked, "{settings}");
    }
}

#[test]
fn a_root_user_is_audited_by_plan_only_where_the_configuration_lets_it() {
    for (settings, provider, blocks, sessions) in [
        ("", "", false, None),
        ("", "root_audit = true", true, Some(1)),
        ("root_password = true\nroot_mfa_devices = 2", "root_audit = true", false, Some(1)),
    ] {
        let (plan, requests) = planned(&fixture(1, MANAGED, settings), &configuration(1, provider, ""), None);
        let found = answer(&plan, GateName::RootCredentials);
        assert_eq!(matches!(found.verdict, Verdict::Block { .. }), blocks, "{settings} {provider}: {}", found.explanation());
        assert_eq!(found.is_deferred(), provider.is_empty());
        assert_eq!(requests.get("sts:AssumeRoot").copied(), sessions);
        assert_eq!(requests.get("iam:ListOrganizationsFeatures"), Some(&1));
    }
    let (plan, requests) = planned(&fixture(1, MANAGED, ""), &configuration(1, "root_audit = true", &attested("root_access")), None);
    assert!(matches!(answer(&plan, GateName::RootCredentials).verdict, Verdict::Pass { .. }));
    assert_eq!(requests.get("sts:AssumeRoot"), None, "somebody's word is enough");
    let (plan, requests) = planned(&fixture(1, "", ""), &configuration(1, "root_audit = true", ""), None);
    assert!(matches!(answer(&plan, GateName::RootCredentials).verdict, Verdict::Pass { because: Because::NotApplicable, .. }));
    assert_eq!(requests.get("iam:ListOrganizationsFeatures"), None, "nothing is asked where IAM has no trusted access");
}

/// Operations that answer once for the organization, and those that answer for each departure.
#[test]
fn the_new_questions_grow_with_departures_alone() {
    let organization = "service_access = [\"account.amazonaws.com\", \"controltower.amazonaws.com\"]\n  \
         root_features = [\"RootCredentialsManagement\"]\n  enabled_policy_types = [\"SERVICE_CONTROL_POLICY\", \"BACKUP_POLICY\"]";
    let once = [Operation::ListOrganizationsFeatures, Operation::DescribeResourcePolicy, Operation::GetLandingZone];
    let each = [
        Operation::ListPaymentInstruments,
        Operation::AssumeRoot,
        Operation::GetLoginProfile,
        Operation::ListMFADevices,
        Operation::DescribeEffectivePolicy,
        Operation::GetAccountAuthorizationDetails,
    ];
    let unpaced: Vec<_> = once.iter().chain(&each).filter(|operation| operation.quota().is_none()).collect();
    assert!(unpaced.is_empty(), "{unpaced:?} have no quota in the table");
    for departures in [1, 10, 100] {
        let conditions = "gate \"organization_conditions\" {\n  enforcement = \"advisory\"\n}\n";
        let configuration = configuration(departures, "root_audit = true", "") + conditions;
        let (_, requests) = planned(&fixture(departures, organization, ""), &configuration, Some(READER));
        let asked = |operation: &Operation| requests.get(operation.action()).copied();
        for operation in &once {
            assert_eq!(asked(operation), Some(1), "{} of {departures}", operation.action());
        }
        // The verification status came with an answer that was asked for before.
        for operation in each.iter().chain(&[Operation::GetContactInformation]) {
            assert_eq!(asked(operation), Some(departures as u64), "{} of {departures}", operation.action());
        }
    }
}

/// AWS keeps what it evaluated for a denial under an id: the diagnostic has the command that prints it, and the journal the id.
#[test]
fn a_denial_that_names_its_authorization_id_is_kept_with_the_command_that_asks_about_it() {
    let message = "no, or call the GetRequestAuthorizationDetails API with the following authorization id: 1a2b3c4d";
    let of = |operation: &str| {
        format!(
            "fault {{\n operation = \"{operation}\"\n kind = \"error\"\n code = \"AccessDeniedException\"\n message = \"{message}\"\n}}"
        )
    };
    let command = "aws iam-toolbox get-request-authorization-details --authorization-id 1a2b3c4d";
    let scene = Scene::new(1, &of("organizations:LeaveOrganization"));
    let applied = scene.orgroster(&["apply", "-auto-approve"]).output().unwrap();
    let said = String::from_utf8_lossy(&applied.stderr).into_owned();
    assert!(said.contains(command), "{said}");
    let journal = std::fs::read_to_string(scene.path().join(".orgroster/journal.jsonl")).unwrap();
    assert!(journal.contains("authorization id 1a2b3c4d"), "{journal}");

    let planned = Scene::new(1, &of("organizations:ListAccounts")).orgroster(&["plan"]).output().unwrap();
    let said = String::from_utf8_lossy(&planned.stderr).into_owned();
    assert!(said.contains(command), "{said}");
}

/// A document as a heredoc of a fixture.
fn document(json: &str) -> String {
    format!("<<-JSON\n      {json}\n    JSON\n")
}

#[test]
fn policies_that_stop_protecting_an_account_must_be_acknowledged() {
    let content = r#"{"plans":{"daily":{"regions":{"@@assign":["us-east-1"]}}}}"#;
    let types = "enabled_policy_types = [\"SERVICE_CONTROL_POLICY\", \"BACKUP_POLICY\", \"TAG_POLICY\"]";
    let root = "root {\n    id = \"r-ab12\"\n  }";
    let policy = format!(
        "policy \"p-backup000001\" {{\n    name = \"Backup\"\n    type = \"BACKUP_POLICY\"\n    targets = [\"r-ab12\"]\n    content = {}  }}",
        document(content)
    );
    for (policies, blocks) in [(policy.as_str(), true), ("", false)] {
        let fixture = fixture(1, &format!("{types}\n  {root}\n  {policies}"), "");
        let (plan, requests) = planned(&fixture, &configuration(1, "", ""), None);
        let found = answer(&plan, GateName::Protections);
        assert_eq!(found.is_blocking(), blocks, "{}", found.explanation());
        assert!(!blocks || found.explanation().contains("BACKUP_POLICY (plans: daily)"), "{}", found.explanation());
        assert_eq!(requests.get("organizations:DescribeEffectivePolicy"), Some(&1), "one type of those that protect is enabled");
        assert!(answer(&plan, GateName::Policies).explanation().contains("TAG_POLICY"));
        let (plan, _) = planned(&fixture, &configuration(1, "", "acknowledge = [\"protections\"]"), None);
        assert!(!answer(&plan, GateName::Protections).is_blocking());
    }
}

#[test]
fn an_account_that_the_organization_relies_on_is_named_with_what_for() {
    let purpose = |purpose: &str, account: &str| {
        format!("service_access = [\"controltower.amazonaws.com\"]\n  integrations {{\n    {purpose} = \"{account}\"\n  }}")
    };
    let tower = |account: &str| purpose("log_archive", account);
    let delegation = |account: &str| {
        let statement = format!(
            r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{account}:root"}},"Action":"organizations:ListAccounts","Resource":"*"}}]}}"#
        );
        format!("delegation_policy = {}", document(&statement))
    };
    for (organization, says) in [
        (tower(ID), Some("centralizedLogging account")),
        (purpose("audit", ID), Some("securityRoles account")),
        (purpose("central_backup", ID), Some("backup.configurations.centralBackup account")),
        (delegation(ID), Some("delegation policy")),
        (tower("200000000001"), None),
        (delegation("200000000001"), None),
    ] {
        let (plan, requests) = planned(&fixture(2, &organization, ""), &configuration(1, "", ""), None);
        let found = answer(&plan, GateName::ReliedUpon);
        assert_eq!(found.is_blocking(), says.is_some(), "{}", found.explanation());
        assert!(found.explanation().contains(says.unwrap_or("neither")), "{}", found.explanation());
        assert_eq!(requests.get("organizations:DescribeResourcePolicy"), Some(&1));
    }
}

#[test]
fn the_organization_lets_go_of_what_it_relies_on_by_a_gate_block_of_the_trusted_configuration_only() {
    let lowered = "gate \"relied_upon\" {\n  enforcement = \"off\"\n}\n";
    let tower = format!("service_access = [\"controltower.amazonaws.com\"]\n  integrations {{\n    log_archive = \"{ID}\"\n  }}");
    let blocks = |configuration: &str| {
        let (plan, _) = planned(&fixture(1, &tower, ""), configuration, None);
        plan.accounts[0].gates().iter().any(|result| result.gate == GateName::ReliedUpon && result.is_blocking())
    };
    assert!(blocks(&configuration(1, "", "")));
    assert!(!blocks(&(configuration(1, "", "") + lowered)));

    // With a trusted configuration that says nothing of it, the directory can't, and neither can the account's own block.
    let load = |directory: &str, trusted: &str| {
        let (inside, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(inside.path().join("a.roster.hcl"), directory).unwrap();
        let path = outside.path().join("settings.hcl");
        std::fs::write(&path, trusted).unwrap();
        let given = ExternalValues { trusted_config: Some(path), ..ExternalValues::default() };
        config::load_with(inside.path(), &given, &mut SourceMap::default())
    };
    let codes = |directory: &str| match load(directory, &head()) {
        Ok(_) => Vec::new(),
        Err(found) => found.into_iter().map(|diagnostic| diagnostic.code).collect::<Vec<_>>(),
    };
    assert_eq!(codes(&configuration(1, "", "").replace(&head(), "")), []);
    assert_eq!(codes(&(lowered.to_owned() + &head())), [Code::UntrustedSetting]);
    let acknowledged = configuration(1, "", "acknowledge = [\"relied_upon\"]").replace(&head(), "");
    assert_eq!(codes(&acknowledged), [Code::InvalidValue]);
}

#[test]
fn policies_that_name_the_organization_are_read_only_where_that_is_asked_for() {
    let role =
        |trust: &str| format!("role \"Deploy\" {{\n      trusts = [\"{MANAGEMENT}\"]\n      trust_policy = {}    }}", document(trust));
    let naming = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-exampleorgid"}}}}"#;
    let on = "gate \"organization_conditions\" {\n  enforcement = \"mandatory\"\n}\n";
    for (trust, says, blocks) in [
        (naming, "trust policy of role Deploy", true),
        ("not json", "could not be read", true),
        (r#"{"Statement":{}}"#, "no identity or trust", false),
    ] {
        let (plan, requests) = planned(&fixture(1, "", &role(trust)), &(configuration(1, "", "") + on), Some(READER));
        let found = answer(&plan, GateName::OrganizationConditions);
        assert!(found.is_blocking() == blocks && found.explanation().contains(says), "{}", found.explanation());
        assert_eq!(requests.get("iam:GetAccountAuthorizationDetails"), Some(&1));
    }
    let (plan, requests) = planned(&fixture(1, "", &role(naming)), &configuration(1, "", ""), Some(READER));
    assert!(plan.accounts[0].gates().iter().all(|result| result.gate != GateName::OrganizationConditions));
    assert_eq!(requests.get("iam:GetAccountAuthorizationDetails"), None);
}

#[test]
fn a_departure_that_no_record_explains_is_listed() {
    let without_records = Scene::new(1, "weather {\n trail_delay_seconds = 0\n}");
    without_records.leave_by_another_hand(&crate::departing::ids(1)[0]);
    let verified = without_records.orgroster(&["verify"]).output().unwrap();
    assert!(String::from_utf8_lossy(&verified.stdout).contains("no record explains it"), "{verified:?}");

    let scene = Scene::new(2, "weather {\n trail_delay_seconds = 0\n}");
    let [first, second] = <[String; 2]>::try_from(crate::departing::ids(2)).unwrap();
    let applied = scene.orgroster(&["apply", "-auto-approve", "-target", &first]).output().unwrap();
    assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
    let verify = || {
        let verified = scene.orgroster(&["verify", "-json"]).output().unwrap();
        assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
        serde_json::from_slice::<serde_json::Value>(&verified.stdout).unwrap()["unexplained"].clone()
    };
    assert_eq!(verify(), serde_json::json!([]));
    scene.leave_by_another_hand(&second);
    let unexplained = verify();
    assert_eq!((unexplained.as_array().unwrap().len(), unexplained[0]["account"].as_str()), (1, Some(second.as_str())), "{unexplained}");
    let text = scene.orgroster(&["verify"]).output().unwrap();
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains(&format!("Account {second} departed at")) && text.contains("no record explains it"), "{text}");
}

#[test]
fn what_is_announced_is_what_cloudtrail_shows_afterwards() {
    let announced = |scene: &Scene, format: &[&str]| {
        let output = scene.orgroster(&[&["announce"], format, &["plan.json"]].concat()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let names = |json: &str| {
        let json: serde_json::Value = serde_json::from_str(json).unwrap();
        let names = json["events"].as_array().unwrap().iter().map(|event| event["event"].as_str().unwrap().to_owned());
        (names.collect::<Vec<_>>(), json)
    };
    let scene = Scene::with_provider(
        2,
        "weather {\n trail_delay_seconds = 0\n}",
        "member_role {\n name = \"OrganizationAccountAccessRole\"\n source_identity = true\n}",
    );
    let [first, second] = <[String; 2]>::try_from(crate::departing::ids(2)).unwrap();
    let planned = scene.orgroster(&["plan", "-target", &first, "-out", "plan.json"]).output().unwrap();
    assert!(planned.status.success(), "{}", String::from_utf8_lossy(&planned.stderr));
    let (events, json) = names(&announced(&scene, &["-json"]));
    assert_eq!(events, ["AssumeRole", "AssumeRole", "LeaveOrganization", "AccountDepartedOrganization"]);
    assert_eq!(json["events"][3]["recipient"], MANAGEMENT);
    let identity = json["digest"].as_str().unwrap().strip_prefix("sha256:").unwrap();
    assert_eq!(json["events"][2]["source_identity"], identity);
    let text = announced(&scene, &[]);
    assert!(text.contains("LeaveOrganization") && text.contains(":assumed-role/OrganizationAccountAccessRole/orgroster-*"), "{text}");

    // The filter names the one that is expected and no other, and the program reads its own YAML.
    let sigma = announced(&scene, &["-sigma"]);
    assert!(sigma.contains(&first) && !sigma.contains(&second), "{sigma}");
    let filter = yaml(&scene, &sigma);
    assert_eq!(filter["filter"]["rules"], "any");
    assert_eq!(filter["filter"]["condition"], "not selection and not (departed and accounts)");
    assert_eq!(filter["filter"]["accounts"], serde_json::json!([first]));
    let left = &filter["filter"]["selection"][2];
    assert_eq!((&left["eventName"], &left["userIdentity.sessionContext.sourceIdentity"]), (&"LeaveOrganization".into(), &identity.into()));
    let wrong = scene.orgroster(&["announce", "-until", "2020-01-01", "plan.json"]).output().unwrap();
    assert!(!wrong.status.success() && String::from_utf8_lossy(&wrong.stderr).contains("-until"));

    // CloudTrail shows those that were announced: the call, by that principal and user agent, and the departure.
    let applied = scene.orgroster(&["apply", "plan.json"]).output().unwrap();
    assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
    assert_eq!(scene.departures().into_keys().collect::<Vec<_>>(), [first]);
    // Nothing is announced of a plan that is never applied.
    let review = Scene::new(1, "");
    for arguments in [["snapshot", "-out", "facts.json"].as_slice(), &["plan", "-snapshot", "facts.json", "-out", "plan.json"]] {
        let output = review.orgroster(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(names(&announced(&review, &["-json"])).0, Vec::<String>::new());
    assert!(announced(&review, &["-sigma"]).starts_with("# Nothing of plan"));
}

/// A YAML document as the program's own language reads it.
fn yaml(scene: &Scene, text: &str) -> serde_json::Value {
    std::fs::write(scene.path().join("filter.yml"), text).unwrap();
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("filter.yml"), text).unwrap();
    let variable = "locals {\n  filter = jsonencode(yamldecode(file(\"filter.yml\")))\n}\n";
    let account = "account \"a\" {\n  id = \"222222222222\"\n  name = \"a\"\n  membership = \"detached\"\n  reason = local.filter\n}\n";
    std::fs::write(directory.path().join("a.roster.hcl"), head() + variable + account).unwrap();
    let (roster, _) = config::load(directory.path(), &mut SourceMap::default()).unwrap();
    serde_json::from_str(&roster.accounts[0].leaving().unwrap().reason).unwrap()
}
