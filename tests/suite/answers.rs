//! AWS's answers about phone numbers, payment instruments and root users: read over the wire, only if they decide something, and once for
//! each departure.

use std::collections::BTreeMap;

use orgroster::api::Operation;
use orgroster::apply::Outcome;
use orgroster::config::{self, ExternalValues};
use orgroster::diag::{Code, SourceMap};
use orgroster::gate::{Because, GateResult, Verdict};
use orgroster::org::GateName;
use orgroster::plan::Plan;

use crate::agreeing::{holder, ledger, perform};
use crate::agreement::attempt;
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
fn payment_instruments_are_read_only_without_an_attestation() {
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
    assert_eq!(requests.get("sts:AssumeRoot"), None, "an attestation is enough");
    let (plan, requests) = planned(&fixture(1, "", ""), &configuration(1, "root_audit = true", ""), None);
    assert!(matches!(answer(&plan, GateName::RootCredentials).verdict, Verdict::Pass { because: Because::NotApplicable, .. }));
    assert_eq!(requests.get("iam:ListOrganizationsFeatures"), None, "nothing is asked where IAM has no trusted access");
}

/// Operations with one answer for the organization, and those with an answer for each departure.
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
        // The verification status is in an answer that was already requested.
        for operation in each.iter().chain(&[Operation::GetContactInformation]) {
            assert_eq!(asked(operation), Some(departures as u64), "{} of {departures}", operation.action());
        }
    }
}

/// The requests of apply in addition to a plan's own: each account is entered, probed and audited once, however many there are.
#[test]
fn an_apply_asks_of_each_departure_the_same_however_many_there_are() {
    let organization = "service_access = [\"account.amazonaws.com\", \"controltower.amazonaws.com\"]\n  \
         root_features = [\"RootCredentialsManagement\"]\n  enabled_policy_types = [\"SERVICE_CONTROL_POLICY\", \"BACKUP_POLICY\"]";
    let settings = format!(
        "joined_method = \"INVITED\"\n    root_password = true\n    role \"OrganizationAccountAccessRole\" {{\n      trusts = [\"{MANAGEMENT}\"]\n    }}"
    );
    let conditions = "gate \"organization_conditions\" {\n  enforcement = \"advisory\"\n}\n";
    let asked = |departures| {
        let configuration = configuration(departures, "", "") + conditions;
        let (done, requests) = applied(&fixture(departures, organization, &settings), &configuration, Some(READER));
        assert_eq!(done, departures);
        requests
    };
    let [one, ten, hundred] = [1, 10, 100].map(asked);
    // The role that only reads makes the reads in an account, and the role that makes the call repeats them.
    for (operation, times) in [
        (Operation::AssumeRole, 2),
        (Operation::GetRole, 2),
        (Operation::SimulatePrincipalPolicy, 2),
        (Operation::ListPaymentInstruments, 2),
        (Operation::GetAccountAuthorizationDetails, 2),
        (Operation::DescribeSeverityLevels, 2),
        (Operation::AssumeRoot, 1),
        (Operation::GetLoginProfile, 1),
        (Operation::ListMFADevices, 1),
        (Operation::DescribeEffectivePolicy, 1),
        (Operation::LeaveOrganization, 1),
    ] {
        for (departures, asked) in [(1, &one), (10, &ten), (100, &hundred)] {
            assert_eq!(asked.get(operation.action()), Some(&(times * departures)), "{} of {departures}", operation.action());
        }
    }
    // Every other read is made once in total, or once for each account. Only the list has pages, and policies are read in the cheaper
    // direction.
    let others = ["ListAccounts", "ListPolicies", "ListPoliciesForTarget", "ListTargetsForPolicy", "DescribePolicy"];
    for (action, many) in hundred.iter().filter(|(action, _)| !others.iter().any(|name| action.ends_with(&format!(":{name}")))) {
        let [of_one, of_ten] = [&one, &ten].map(|asked| asked.get(action).copied().unwrap_or_default());
        let each = (of_ten - of_one) / 9;
        assert_eq!((of_ten, *many), (of_one + 9 * each, of_one + 99 * each), "{action}");
    }
    // AWS documents no quota for these. They were already requested before the new probes.
    let unpaced = [
        Operation::AssumeRole,
        Operation::DescribeSeverityLevels,
        Operation::GetAccountInformation,
        Operation::GetCallerIdentity,
        Operation::GetContactInformation,
        Operation::GetRole,
        Operation::SimulatePrincipalPolicy,
    ];
    for action in hundred.keys() {
        let (service, name) = action.split_once(':').unwrap();
        let operation = Operation::find(service, name).unwrap();
        assert!(operation.quota().is_some() != unpaced.contains(&operation), "{action} has no quota in the table, or has one by now");
    }
}

/// Plans, and carries out every eligible departure like apply. Returns how many departures were done, and the requests.
fn applied(fixture: &str, configuration: &str, reader: Option<&str>) -> (usize, BTreeMap<String, u64>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let served = serve(fixture).await;
        let planned = crate::worlds::planned(&served, configuration, reader).await;
        let directory = tempfile::tempdir().unwrap();
        let ledger = ledger(&planned, directory.path());
        let run = ledger.begin(&holder()).await.unwrap();
        let mut done = 0;
        for act in planned.plan.eligible() {
            let outcome = perform(&served, &planned, &run, act).await;
            assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
            done += 1;
        }
        run.release().await.unwrap();
        (done, served.sandbox.requests())
    })
}

/// The statement that AWS publishes to block its MCP server (IAM user guide, "AWS MCP servers"), with an operator and a value.
fn mcp(operator: &str, value: &str) -> String {
    let statement = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"DenyAllActionsViaMCP","Effect":"Deny","Action":"*","Resource":"*","Condition":{{"{operator}":{{"aws:ViaAWSMCPService":"{value}"}}}}}}]}}"#
    );
    format!(
        "root {{\n    id = \"r-ab12\"\n  }}\n  policy \"p-mcpserver01\" {{\n    name = \"NoMcp\"\n    targets = [\"r-ab12\"]\n    content = {}  }}",
        document(&statement)
    )
}

#[test]
fn the_policy_that_aws_publishes_for_its_mcp_server_blocks_no_departure_and_a_copy_that_matches_does() {
    let settings =
        format!("joined_method = \"INVITED\"\n    role \"OrganizationAccountAccessRole\" {{\n      trusts = [\"{MANAGEMENT}\"]\n    }}");
    let world = |policy: &str| fixture(1, policy, &settings);
    assert_eq!(applied(&world(&mcp("Bool", "true")), &configuration(1, "", ""), Some(READER)).0, 1);

    // A direct call has the key with the value false, or doesn't have it. In both cases this statement denies.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let served = serve(&world(&mcp("BoolIfExists", "false"))).await;
        let plan = plan_of(&served, &configuration(1, "", ""), Some(READER)).await;
        let found = answer(&plan, GateName::ServiceControlPolicy);
        assert!(matches!(found.verdict, Verdict::Block { .. }) && found.is_blocking(), "{found:?}");
        assert!(found.explanation().contains("DenyAllActionsViaMCP") && found.explanation().contains("NoMcp"), "{}", found.explanation());
        assert_eq!(attempt(&served, plan.blocked()[0]).await, Err("AccessDeniedException".to_owned()));
    });
    // A statement that only checks whether the key is present stays open.
    let (plan, _) = planned(&world(&mcp("Null", "true")), &configuration(1, "", ""), Some(READER));
    assert!(matches!(answer(&plan, GateName::ServiceControlPolicy).verdict, Verdict::Unknown { .. }));
}

/// AWS keeps the evaluation behind a denial under an id. The diagnostic has the command that prints it, and the journal has the id.
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

/// The types in ListRoots are text: a type that AWS adds tomorrow is shown with what the account would lose, and kept in the record and in
/// the copy of a snapshot.
#[test]
fn an_unknown_policy_type_is_kept_and_shown() {
    let kind = "TIME_TRAVEL_POLICY";
    let policy = |attached: &str| {
        format!(
            "policy \"p-travel00001\" {{\n    name = \"NoReturn\"\n    type = \"{kind}\"\n    targets = [\"{attached}\"]\n    content = {}  }}",
            document(r#"{"travel":{"back":{"@@assign":false}}}"#)
        )
    };
    let organization =
        format!("enabled_policy_types = [\"SERVICE_CONTROL_POLICY\", \"{kind}\"]\n  root {{\n    id = \"r-ab12\"\n  }}\n  {}", policy(ID));
    let settings =
        format!("joined_method = \"INVITED\"\n    role \"OrganizationAccountAccessRole\" {{\n      trusts = [\"{MANAGEMENT}\"]\n    }}");
    // The program's clock is the machine's.
    let world = fixture(1, &organization, &settings).replace("  clock = \"2026-11-22T09:00:00Z\"\n", "");
    let scene = Scene::of(vec![ID.to_owned()], &configuration(1, "", ""), world);
    let run = |arguments: &[&str]| {
        let output = scene.orgroster(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let shown = "these policies stop applying: inherited policies of the types TIME_TRAVEL_POLICY";
    let planned = run(&["plan", "-out", "plan.json"]);
    assert!(planned.contains(shown), "{planned}");
    // The copy is a fixture that the sandbox reads, and the same plan has the same result there.
    run(&["snapshot", "-out", "facts.json"]);
    let copy = run(&["sandbox", "generate", "-from-snapshot", "facts.json"]);
    assert!(copy.contains(kind), "{copy}");
    let (copied, _) = self::planned(&copy, &configuration(1, "", ""), None);
    assert!(answer(&copied, GateName::Policies).explanation().contains(shown), "{}", answer(&copied, GateName::Policies).explanation());

    run(&["apply", "plan.json"]);
    let record = run(&["history", "show", "-json", ID]);
    let attached = serde_json::from_str::<serde_json::Value>(&record).unwrap().to_string();
    assert!(attached.contains(kind) && attached.contains("p-travel00001"), "{attached}");
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

    // If a trusted configuration doesn't set it, neither the directory nor the account's own block can.
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
        ("not json", "could not be evaluated", true),
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
