//! Missing or rejected credentials: a temporary home, and servers on loopback in place of STS and of a container's endpoint.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

/// A home directory with the shared files of AWS tools, a configuration, and environment variables.
struct Home {
    directory: TempDir,
    variables: Vec<(&'static str, String)>,
    provider: String,
}

const ORGANIZATION: &str = "organization {\n  id                    = \"o-exampleorgid\"\n  management_account_id = \"111111111111\"\n}\n";
/// An address without a listener.
const NOWHERE: &str = "http://127.0.0.1:9";

impl Home {
    fn new(config: &str, credentials: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join(".aws")).unwrap();
        for (name, text) in [("config", config), ("credentials", credentials)] {
            if !text.is_empty() {
                fs::write(directory.path().join(".aws").join(name), text).unwrap();
            }
        }
        Self { directory, variables: Vec::new(), provider: String::new() }
    }

    fn set(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    fn keys(self) -> Self {
        self.set("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE").set("AWS_SECRET_ACCESS_KEY", "hidden-secret")
    }

    fn provider(mut self, provider: &str) -> Self {
        self.provider = provider.to_owned();
        self
    }

    fn path(&self, name: &str) -> String {
        self.directory.path().join(".aws").join(name).display().to_string()
    }

    /// The error message of a failed plan, in one line.
    fn fails(&self) -> String {
        let text = format!("provider \"aws\" {{\n{}\n}}\n{ORGANIZATION}", self.provider);
        fs::write(self.directory.path().join("main.roster.hcl"), text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_orgroster"));
        command.current_dir(self.directory.path()).args(["plan", "-no-color"]).env_clear();
        command.env("HOME", self.directory.path()).env("PATH", "/usr/bin:/bin").env("AWS_EC2_METADATA_DISABLED", "true");
        command.env("AWS_ENDPOINT_URL", NOWHERE).env("AWS_MAX_ATTEMPTS", "1").env("COLUMNS", "100000");
        let output = command.envs(self.variables.iter().map(|(name, value)| (name, value))).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        let said = said.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        // The message contains no secret and no internals of an SDK.
        for part in ["hidden", "Unhandled", "Error {", "code: Some", "dispatch failure"] {
            assert!(!said.contains(part), "{part}: {said}");
        }
        said
    }
}

fn says(home: &Home, parts: &[&str]) {
    let said = home.fails();
    for part in parts {
        assert!(said.contains(part), "{part:?} is not in: {said}");
    }
}

/// Answers each request by its `Action`, or by its path if it has none, and remembers the callers.
struct Server {
    address: String,
    keys: Arc<Mutex<Vec<String>>>,
}

fn serve(answer: impl Fn(&str) -> (u16, String) + Send + 'static) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let keys = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&keys);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let (mut first, mut length) = (String::new(), 0);
            if stream.read_line(&mut first).unwrap_or(0) == 0 {
                continue;
            }
            loop {
                let mut line = String::new();
                stream.read_line(&mut line).unwrap();
                let lower = line.to_lowercase();
                if let Some(value) = lower.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if let Some(key) = line.split_once("Credential=").and_then(|(_, rest)| rest.split('/').next()) {
                    seen.lock().unwrap().push(key.to_owned());
                }
                if line.trim().is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).unwrap();
            let body = String::from_utf8_lossy(&body).into_owned();
            let action = body.split('&').find_map(|pair| pair.strip_prefix("Action=")).unwrap_or_else(|| first.split(' ').nth(1).unwrap());
            let (status, text) = answer(action);
            let head =
                format!("HTTP/1.1 {status} x\r\ncontent-type: text/xml\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", text.len());
            let _ = stream.get_mut().write_all((head + &text).as_bytes());
        }
    });
    Server { address, keys }
}

fn identity() -> (u16, String) {
    let arn = "arn:aws:iam::111111111111:user/ci";
    let body = format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult><Arn>{arn}</Arn>\
         <UserId>U</UserId><Account>111111111111</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
    );
    (200, body)
}

fn refusal(status: u16, code: &str, message: &str) -> (u16, String) {
    let body = format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>{code}</Code>\
         <Message>{message}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"
    );
    (status, body)
}

/// An STS that answers GetCallerIdentity but refuses a role.
fn sts(status: u16, code: &'static str, message: &'static str) -> Server {
    serve(move |action| if action == "GetCallerIdentity" { identity() } else { refusal(status, code, message) })
}

const PROFILES: &str = "[default]\nregion = us-east-1\n\n[profile org-admin]\nsso_session = corp\nsso_account_id = 111111111111\nsso_role_name = Admin\n\n\
                        [sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n";

#[test]
fn a_profile_that_is_not_there_is_named_with_those_that_are() {
    let home = || Home::new(PROFILES, "[ci]\naws_access_key_id = AKIA\naws_secret_access_key = hidden\n");
    let parts = |home: &Home| {
        [home.path("config"), home.path("credentials"), "There are: ci, default, org-admin".into(), "Did you mean \"org-admin\"?".into()]
    };
    let by_variable = home().set("AWS_PROFILE", "org-admn");
    let parts_of = parts(&by_variable);
    says(
        &by_variable,
        &["There is no profile \"org-admn\", which AWS_PROFILE names", &parts_of[0], &parts_of[1], &parts_of[2], &parts_of[3]],
    );
    // The profile of the provider block has priority over an access key in the environment, as in Terraform.
    let by_block = home().keys().provider("profile = \"org-admn\"");
    says(&by_block, &["There is no profile \"org-admn\", which `profile` in the provider block names", "org-admin"]);
    let nowhere = Home::new("", "").set("AWS_PROFILE", "x");
    says(&nowhere, &["(unreadable or missing)", "There are no profiles."]);
    let source = Home::new("[profile a]\nregion = x\nrole_arn = arn:aws:iam::1:role/R\nsource_profile = b\n", "").set("AWS_PROFILE", "a");
    says(&source, &["There is no profile \"b\", which", &format!("{}, line 4 names", source.path("config")), "There are: a."]);
}

#[test]
fn half_an_access_key_names_the_half_that_is_there_and_the_one_that_is_not() {
    let home = || Home::new(PROFILES, "");
    says(
        &home().set("AWS_ACCESS_KEY_ID", "AKIA"),
        &["AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not", "unset AWS_ACCESS_KEY_ID"],
    );
    says(&home().set("AWS_SECRET_ACCESS_KEY", "hidden"), &["AWS_SECRET_ACCESS_KEY is set, and AWS_ACCESS_KEY_ID is not"]);
    for (line, present, absent) in [
        ("aws_access_key_id = AKIA", "aws_access_key_id", "aws_secret_access_key"),
        ("aws_secret_access_key = hidden", "aws_secret_access_key", "aws_access_key_id"),
    ] {
        let home = Home::new("", &format!("# keys\n[default]\n{line}\n"));
        says(&home, &[&format!("{present} is set ({}, line 3), and {absent} is not", home.path("credentials"))]);
    }
}

#[test]
fn profiles_that_lead_nowhere_are_named_with_file_and_line() {
    let chain = |config: &str, parts: &[&str]| {
        let home = Home::new(config, "").set("AWS_PROFILE", "a");
        let line = |number: usize| format!("{}, line {number}", home.path("config"));
        let said = home.fails();
        for part in parts {
            let part = part.parse().map_or_else(|_| (*part).to_owned(), line);
            assert!(said.contains(&part), "{part:?} is not in: {said}");
        }
    };
    let role = "role_arn = arn:aws:iam::1:role/R";
    chain(&format!("[profile a]\n{role}\nsource_profile = b\n[profile b]\n{role}\nsource_profile = a\n"), &["6", "a → b → a"]);
    chain(&format!("[profile a]\n{role}\n"), &["2", "source_profile or credential_source"]);
    chain(&format!("[profile a]\n{role}\ncredential_source = Ec2\n"), &["3", "\"Ec2\"", "Ec2InstanceMetadata"]);
    chain(
        "[profile a]\nsso_session = crop\nsso_account_id = 1\nsso_role_name = R\n[sso-session corp]\nsso_region = x\n",
        &["2", "[sso-session crop]", "Did you mean \"corp\"?"],
    );
    chain(
        "[profile a]\nsso_session = corp\nsso_account_id = 1\n[sso-session corp]\nsso_region = x\nsso_start_url = y\n",
        &["2", "lacks sso_role_name"],
    );
    let empty = Home::new("[profile a]\nregion = us-east-1\n", "").provider("profile = \"a\"");
    says(&empty, &["Profile \"a\"", &format!("{}, line 1", empty.path("config")), "does not configure credentials"]);
}

#[test]
fn single_sign_on_is_renewed_with_its_profile() {
    let home = Home::new(PROFILES, "").set("AWS_PROFILE", "org-admin");
    says(
        &home,
        &["Profile \"org-admin\" uses single sign-on", &format!("{}, line 5", home.path("config")), "aws sso login --profile org-admin"],
    );
}

#[test]
fn a_token_for_a_role_is_named_with_its_path_and_what_refuses_it() {
    let missing = Home::new("", "").set("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent/token").set("AWS_ROLE_ARN", "arn:aws:iam::1:role/CI");
    says(&missing, &["/nonexistent/token, which AWS_WEB_IDENTITY_TOKEN_FILE names: No such file"]);
    let without_role = Home::new("", "").set("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent/token");
    says(&without_role, &["AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not"]);
    let of_profile = Home::new("[default]\nrole_arn = arn:aws:iam::1:role/CI\nweb_identity_token_file = /nonexistent/t\n", "");
    says(&of_profile, &["/nonexistent/t", &format!("{}, line 3", of_profile.path("config"))]);
    let causes = [
        (403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", "The trust policy of arn:aws:iam::1:role/CI"),
        (400, "ExpiredTokenException", "Token expired", "must renew it"),
        (400, "InvalidIdentityToken", "No OpenIDConnect provider found", "identity provider in the role's account"),
        (500, "InternalFailure", "Internal error", "Run the command again"),
    ];
    for (status, code, message, remedy) in causes {
        let server = sts(status, code, message);
        let home = Home::new("", "");
        let token = home.path("token");
        fs::write(&token, "hidden-token").unwrap();
        let home = home.set("AWS_WEB_IDENTITY_TOKEN_FILE", token.clone()).set("AWS_ROLE_ARN", "arn:aws:iam::1:role/CI");
        says(&home.set("AWS_ENDPOINT_URL", server.address.clone()), &[&token, "arn:aws:iam::1:role/CI", code, message, remedy]);
    }
}

#[test]
fn a_containers_endpoint_is_named_with_its_address() {
    let silent = Home::new("", "").set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/creds");
    says(&silent, &["http://127.0.0.1:9/creds", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "refused"]);
    let server = serve(|_| (404, "no".into()));
    let address = format!("{}/v1/creds", server.address);
    let refusing = Home::new("", "").set("AWS_CONTAINER_CREDENTIALS_FULL_URI", address.clone());
    says(&refusing, &[&address, "unset AWS_CONTAINER_CREDENTIALS_FULL_URI elsewhere"]);
}

#[test]
fn a_program_that_gives_no_credentials_is_named_without_its_arguments() {
    let home = Home::new("[default]\ncredential_process = /bin/false --password hidden-word\n", "");
    says(&home, &["The program /bin/false", &format!("{}, line 2", home.path("config")), "returned no credentials"]);
}

#[test]
fn without_any_source_every_place_is_named() {
    let home = Home::new("[profile a]\nregion = us-east-1\n", "");
    says(
        &home,
        &[
            "AWS_ACCESS_KEY_ID is not set",
            "profile \"default\" does not exist",
            &home.path("config"),
            "Existing profiles: a.",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
        ],
    );
}

const DENIED: &str =
    "User: arn:aws:iam::111111111111:user/ci is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111111111111:role/Org";

#[test]
fn each_cause_for_which_assume_role_is_refused_has_its_remedy() {
    let caller = "arn:aws:iam::111111111111:user/ci";
    let causes = [
        (
            403,
            "AccessDenied",
            DENIED,
            vec!["with exactly this name and", "its trust policy allows", caller, "set `external_id` in assume_role"],
        ),
        (403, "AccessDenied", "no identity-based policy allows the sts:AssumeRole action", vec!["Allow sts:AssumeRole on", caller]),
        (403, "AccessDenied", "with an explicit deny in a service control policy", vec!["denies sts:AssumeRole", "explicitly"]),
        (403, "RegionDisabledException", "STS is not activated in this region", vec!["Activate it", "us-east-1"]),
        (400, "Throttling", "Rate exceeded", vec!["Wait a minute"]),
        (500, "InternalFailure", "Internal error", vec!["Health Dashboard"]),
        (400, "ValidationError", "Value at 'externalId' failed to satisfy constraint", vec!["Correct assume_role", "external id"]),
    ];
    for (status, code, message, remedies) in causes {
        let server = sts(status, code, message);
        let home = Home::new("", "").keys().set("AWS_ENDPOINT_URL", server.address.clone());
        let home = home.provider("assume_role {\n role_arn = \"arn:aws:iam::111111111111:role/Org\"\n}");
        let named = ["The role arn:aws:iam::111111111111:role/Org of `assume_role` in the provider block", code, message];
        says(&home, &[&named[..], &remedies].concat());
    }
    let server = sts(403, "AccessDenied", DENIED);
    let home = Home::new("", "").keys().set("AWS_ENDPOINT_URL", server.address.clone());
    let with_id = home.provider("assume_role {\n role_arn = \"arn:aws:iam::111111111111:role/Org\"\n external_id = \"x1\"\n}");
    says(&with_id, &["requires exactly the `external_id` in assume_role", "aws iam get-role --role-name Org"]);
}

#[test]
fn a_role_of_a_profile_is_named_with_its_line_and_a_code_device_with_the_way_round() {
    let server = sts(403, "AccessDenied", DENIED);
    let config = |more: &str| {
        format!(
            "[profile prod]\nrole_arn = arn:aws:iam::111111111111:role/Org\nsource_profile = keys\n{more}[profile keys]\naws_access_key_id = AKIA\naws_secret_access_key = hidden\n"
        )
    };
    let home = |more: &str| Home::new(&config(more), "").set("AWS_PROFILE", "prod").set("AWS_ENDPOINT_URL", server.address.clone());
    let plain = home("");
    says(&plain, &["of profile \"prod\"", &format!("{}, line 2", plain.path("config")), DENIED, "with exactly this name and"]);
    let with_mfa = home("mfa_serial = arn:aws:iam::111111111111:mfa/me\n");
    let mfa = format!("`mfa_serial` ({}, line 4)", with_mfa.path("config"));
    says(&with_mfa, &[&mfa, "never asks for a code", "eval \"$(aws configure export-credentials --profile prod --format env)\""]);
}

#[test]
fn what_aws_does_not_accept_is_named_with_its_place() {
    let refusing = |code: &'static str| serve(move |_| refusal(403, code, "The security token included in the request is invalid."));
    let invalid = refusing("InvalidClientTokenId");
    let home = Home::new("", "").keys().set("AWS_ENDPOINT_URL", invalid.address.clone());
    says(&home, &["InvalidClientTokenId", "AWS does not accept the access key of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"]);
    let of_profile = Home::new("", "[default]\naws_access_key_id = AKIA\naws_secret_access_key = hidden\n")
        .set("AWS_ENDPOINT_URL", invalid.address.clone());
    says(
        &of_profile,
        &[&format!("the access key of profile \"default\" ({}, line 2)", of_profile.path("credentials")), "--profile default"],
    );
    let expired = refusing("ExpiredToken");
    let home = Home::new("", "").keys().set("AWS_SESSION_TOKEN", "hidden-token").set("AWS_ENDPOINT_URL", expired.address.clone());
    says(&home, &["AWS_SESSION_TOKEN", "unset all three"]);
}

#[test]
fn the_profile_of_the_provider_block_comes_before_the_environments_key() {
    let server = serve(|_| refusal(403, "InvalidClientTokenId", "no"));
    let credentials = "[org]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = hidden\n";
    let home = Home::new("", credentials).keys().set("AWS_ENDPOINT_URL", server.address.clone()).provider("profile = \"org\"");
    says(&home, &["profile \"org\""]);
    let keys = server.keys.lock().unwrap();
    assert!(!keys.is_empty() && keys.iter().all(|key| key == "AKIAPROFILE"), "{keys:?}");
}

#[test]
fn a_region_that_does_not_exist_is_named_with_the_one_that_was_meant() {
    let by_variable = Home::new("", "").keys().set("AWS_REGION", "us-esat-1");
    says(&by_variable, &["the region \"us-esat-1\", which AWS_REGION sets. Did you mean \"us-east-1\"?"]);
    let by_block = Home::new("", "").keys().provider("region = \"eu-wset-1\"");
    says(&by_block, &["which `region` in the provider block sets. Did you mean \"eu-west-1\"?"]);
    let by_profile = Home::new("[default]\nregion = us-eats-2\n", "").keys();
    says(&by_profile, &[&format!("{}, line 2 sets", by_profile.path("config")), "Did you mean \"us-east-2\"?"]);
    let one_of_several = Home::new("", "").keys().set("AWS_REGION", "us-east-1").provider("regions = [\"us-east-1\", \"eu-wset-1\"]");
    says(&one_of_several, &["which `regions` in the provider block sets. Did you mean \"eu-west-1\"?"]);
}

#[test]
fn an_endpoint_where_nothing_listens_is_named() {
    let home = Home::new("", "").keys().set("AWS_REGION", "us-east-1");
    says(&home, &["AWS_ENDPOINT_URL is http://127.0.0.1:9; check that a server answers there"]);
    assert!(Path::new(&home.path("config")).parent().unwrap().exists());
}
