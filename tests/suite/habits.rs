//! What Terraform's users type out of habit is answered with the equivalent here, or with the reason why there is none.

use std::fs;
use std::path::Path;
use std::process::Command;

const HEAD: &str = "organization {\n  id                    = \"o-exampleorgid\"\n  management_account_id = \"111111111111\"\n}\n";
const ACCOUNT: &str = "account \"crm\" {\n  id         = \"222222222222\"\n  membership = \"member\"\n}\n";

/// Whether the run succeeded, and what it printed.
fn run(directory: &Path, environment: &[(&str, &str)], words: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orgroster"));
    command.current_dir(directory).args(words).env_clear().envs(environment.iter().copied());
    let output = command.output().unwrap();
    (output.status.success(), [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat())
}

fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(directory.path().join(name), text).unwrap();
    }
    directory
}

/// The output of `validate` for a configuration.
fn said(text: &str) -> String {
    let directory = directory(&[("a.roster.hcl", &format!("{HEAD}{text}"))]);
    run(directory.path(), &[], &["validate"]).1
}

#[test]
fn terraforms_commands_and_flags_are_answered() {
    let directory = directory(&[("a.roster.hcl", &format!("{HEAD}{ACCOUNT}"))]);
    let cases: &[(&[&str], &str)] = &[
        (&["destroy"], "membership = \"detached\""),
        (&["state", "list"], "orgroster plan -verbose"),
        (&["state", "rm", "account.crm"], "remove the block"),
        (&["output"], "There are no outputs"),
        (&["refresh"], "each plan reads the live organization"),
        (&["taint", "x"], "never recreated"),
        (&["workspace", "list"], "-var-file=FILE"),
        (&["console"], "orgroster validate"),
        (&["providers"], "built in"),
        (&["import", "account.crm", "222222222222"], "orgroster import"),
        (&["apply", "-destroy"], "No command makes every account leave at once"),
        (&["plan", "-destroy"], "No command makes every account leave at once"),
        (&["plan", "-lock=false"], "A plan takes no lock"),
        (&["apply", "-lock=false"], "an apply always takes one"),
        (&["plan", "-refresh=false"], "reads the live organization"),
        (&["plan", "-refresh-only"], "no stored state"),
        (&["plan", "-generate-config-out=x.tf"], "orgroster import -out=FILE"),
        (&["plan", "-replace=account.crm"], "never recreated"),
        (&["apply", "-state=x"], "There is no state file"),
        (&["init", "-upgrade"], "built in"),
        (&["init", "-backend-config=x"], "The backend is set in the configuration"),
        (&["init", "-reconfigure"], "Leave the flag out"),
        (&["env", "list"], "There are no workspaces"),
        (&["stacks", "list"], "a roster is one directory"),
        (&["query"], "orgroster import"),
        (&["plan", "-parallelism=10"], "paced by AWS's quotas"),
        (&["validate", "-parallelism=10"], "paced by AWS's quotas"),
        (&["apply", "-detailed-exitcode"], "`plan` takes the flag"),
        (&["plan", "-auto-approve"], "Only `apply` asks"),
        (&["validate", "-lock-timeout=3s"], "take the lock"),
        (&["init", "-compact-warnings"], "`plan` and `apply` take the flag"),
        (&["show", "-input=false"], "never asks for input"),
        (&["init", "-json"], "no JSON output"),
        (&["show", "-var", "a=b"], "a saved plan has the values"),
        (&["show", "-target=account.crm"], "`plan` and `apply` take the flag"),
        (&["plan", "-target-file=x"], "-target=ADDRESS"),
        (&["plan", "-exclude-file=x"], "-target=ADDRESS"),
        (&["plan", "-concise"], "`-verbose` lists every account"),
        (&["show", "-show-sensitive"], "No output contains sensitive values"),
        (&["plan", "-allow-deferral"], "Nothing is deferred"),
        (&["validate", "-test-directory=x"], "name a fixture of the sandbox"),
        (&["plan", "-ignore-remote-version"], "no remote backend"),
        (&["plan", "-deprecation=module:all"], "Nothing is deprecated"),
    ];
    for (words, wanted) in cases {
        let (succeeded, text) = run(directory.path(), &[], words);
        assert!(!succeeded && text.contains(wanted) && text.contains("(invalid-argument)"), "{words:?}: {text}");
    }
    // Other unknown commands are answered as before.
    assert!(run(directory.path(), &[], &["plann"]).1.contains("Did you mean \"plan\"?"));
    for command in ["plan", "show", "apply", "explain", "verify"] {
        let (_, text) = run(directory.path(), &[], &[command, "-nothing"]);
        assert!(text.contains("Unexpected argument '-nothing' found") && !text.contains("as a value"), "{command}: {text}");
    }
}

#[test]
fn terraforms_blocks_and_arguments_are_answered() {
    let blocks =
        ["terraform {\n}\n", "resource \"aws_organizations_account\" \"crm\" {\n}\n", "data \"x\" \"y\" {\n}\n", "module \"x\" {\n}\n"];
    let blocks = blocks.iter().zip(["`orgroster` block", "declared by an `account` block", "csvdecode", "There are no modules"]);
    let more = ["moved {\n}\n", "removed {\n}\n", "import {\n}\n", "output \"x\" {\n}\n", "check \"x\" {\n}\n"];
    let more = more.iter().zip(["can be renamed", "listed as unmanaged", "No block is needed", "There are no outputs", "`gate` block"]);
    for (block, wanted) in blocks.chain(more) {
        let text = said(&format!("{block}{ACCOUNT}"));
        assert!(text.contains(wanted) && text.contains("(unknown-block)"), "{block}: {text}");
    }
    let within = [
        ("  count = 2\n", "Use `for_each`"),
        ("  depends_on = []\n", "independently of each other"),
        ("  provider = aws.main\n", "one provider"),
        ("  lifecycle {\n    prevent_destroy = true\n  }\n", "`protected_accounts`"),
        ("  provisioner \"local-exec\" {\n  }\n", "Nothing is run"),
        ("  close_on_deletion = true\n", "No account is closed"),
    ];
    for (line, wanted) in within {
        let text = said(&ACCOUNT.replacen("{\n", &format!("{{\n{line}"), 1));
        assert!(text.contains(wanted), "{line}: {text}");
    }
    let text = said("provider \"aws\" {\n  access_key = \"x\"\n}\norgroster {\n  required_providers {\n  }\n}\n");
    assert!(text.contains("Credentials are never part") && text.contains("it is built in"), "{text}");
    for (reference, wanted) in
        [("data.x.y.z", "Nothing is looked up"), ("terraform.workspace", "no workspaces"), ("module.x.y", "no modules")]
    {
        let text = said(&ACCOUNT.replacen("\"222222222222\"", reference, 1));
        assert!(text.contains(wanted), "{reference}: {text}");
    }
}

#[test]
fn values_that_are_meant_for_terraform_are_named() {
    let text = format!("{HEAD}{ACCOUNT}variable \"name\" {{\n  default = \"x\"\n}}\n");
    let configured = directory(&[("a.roster.hcl", &text), ("terraform.tfvars", "name = \"y\"\n")]);
    let (succeeded, text) = run(configured.path(), &[("TF_VAR_name", "y"), ("TF_VAR_other", "z")], &["validate"]);
    assert!(succeeded && text.contains("use ORGROSTER_VAR_name") && !text.contains("TF_VAR_other"), "{text}");
    assert!(text.contains("terraform.tfvars") && text.contains(".auto.rostervars.hcl"), "{text}");
    let (_, text) = run(configured.path(), &[("TF_VAR_name", "y"), ("ORGROSTER_VAR_name", "z")], &["validate"]);
    assert!(!text.contains("TF_VAR_name"), "{text}");
}

#[test]
fn a_directory_without_a_configuration_says_how_to_begin() {
    let empty = directory(&[]);
    // Without a terminal `apply` also lacks an approval, but an approval would not help here.
    for command in ["plan", "validate", "apply"] {
        let (succeeded, text) = run(empty.path(), &[], &[command]);
        assert!(!succeeded && text.contains("\n    orgroster init -from-organization\n"), "{text}");
    }
    let terraform = directory(&[("main.tf", "")]);
    assert!(run(terraform.path(), &[], &["plan"]).1.contains("Terraform files, such as main.tf"));
    fs::create_dir(empty.path().join("org")).unwrap();
    fs::write(empty.path().join("org/a.roster.hcl"), HEAD).unwrap();
    assert!(run(empty.path(), &[], &["plan"]).1.contains("\n    orgroster -chdir=org plan"));
}

#[test]
fn words_without_quotes_and_with_those_of_prose_are_corrected() {
    let text = said(&ACCOUNT.replacen("\"member\"", "detached", 1));
    assert!(text.contains("strings are written in quotes: \"detached\"") && text.contains("help: write"), "{text}");
    let text = said(&ACCOUNT.replacen("\"member\"", "detatched", 1));
    assert!(text.contains("If a text is meant, write it in quotes: \"detatched\""), "{text}");
    for (line, fixed) in [
        ("membership = “member”", Some("membership = \"member\"")),
        ("membership = ‘member’", Some("membership = \"member\"")),
        ("membership = \"member”", None),
    ] {
        let text = said(&ACCOUNT.replacen("membership = \"member\"", line, 1));
        assert!(text.contains("is a typographic quotation mark"), "{line}: {text}");
        assert!(fixed.is_none_or(|fixed| text.contains("help: write") && text.contains(fixed)), "{line}: {text}");
    }
    let text = said(&ACCOUNT.replacen("\"crm\"", "“crm”", 1));
    assert!(text.contains("is a typographic quotation mark"), "{text}");
}
