//! Nothing in a configuration, or next to it, is ignored without a message.

use std::fs;
use std::path::Path;

use orgroster::config::{self, Argument, ExternalValues};
use orgroster::diag::{Code, Diagnostic, Severity, SourceMap};

const HEAD: &str = "organization {\n  id                    = \"o-exampleorgid\"\n  management_account_id = \"111111111111\"\n}\n";

fn found(directory: &Path, given: &ExternalValues) -> Vec<Diagnostic> {
    match config::load_with(directory, given, &mut SourceMap::default()) {
        Ok((_, warnings)) => warnings,
        Err(found) => found,
    }
    .into_iter()
    .collect()
}

fn said(text: &str) -> Vec<(Severity, Code, String)> {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("a.roster.hcl"), format!("{HEAD}{text}")).unwrap();
    found(directory.path(), &ExternalValues::default())
        .into_iter()
        .map(|found| (found.severity, found.code, found.detail.to_string()))
        .collect()
}

#[test]
fn unread_files_next_to_the_configuration_are_listed() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
    write(
        "a.roster.hcl",
        &format!("{HEAD}locals {{\n  read = file(\"read.hcl\")\n}}\nprovider \"aws\" {{\n  sandbox = \"world.hcl\"\n}}\n"),
    );
    write("b.auto.rostervars.hcl", "");
    for name in ["read.hcl", "world.hcl", "c.sandbox.hcl", "README.md", "accounts.csv", "a.roster.hcl~"] {
        write(name, "");
    }
    assert_eq!(found(directory.path(), &ExternalValues::default()), []);
    let unread = ["accounts.hcl", "b.roster.hcl.bak", "c.rooster.hcl", ".hidden.roster.hcl", "prod.rostervars.hcl", "d.roster"];
    unread.iter().for_each(|name| write(name, ""));
    fs::create_dir(directory.path().join("folder.roster.hcl")).unwrap();
    let warned = found(directory.path(), &ExternalValues::default());
    assert!(warned.len() == 1 && warned[0].code == Code::UnreadConfiguration && warned[0].severity == Severity::Warning, "{warned:?}");
    for name in unread.iter().chain(&["folder.roster.hcl"]) {
        assert!(warned[0].detail.contains(&format!("\n    {name}: ")), "{name}: {}", warned[0].detail);
    }
    // A file that is passed by name is used, and the files next to it are for other runs.
    write("test.rostervars.hcl", "");
    let given =
        ExternalValues { arguments: vec![Argument::File(directory.path().join("prod.rostervars.hcl"))], ..ExternalValues::default() };
    assert!(!found(directory.path(), &given)[0].detail.contains("rostervars"), "{:?}", found(directory.path(), &given));
    // Most of many files are only counted.
    (0..50).for_each(|at| write(&format!("{at}.hcl"), ""));
    assert!(found(directory.path(), &ExternalValues::default())[0].detail.contains("\n    and 48 more\n"));
}

#[test]
fn settings_without_an_effect_are_named() {
    let account = |lines: &str| format!("account \"a\" {{\n  id = \"222222222222\"\n  name = \"a\"\n{lines}\n}}\n");
    let detached = "  membership = \"detached\"\n  reason = \"r\"\n";
    let role = "  member_role {\n    name = \"R\"\n  }\n";
    let remove = format!("guardrails {{\n  allow_remove = true\n}}\n{}", account(&format!("{detached}  via = \"remove\"\n{role}")));
    let cases = [
        (
            account(&format!("  membership = \"member\"\n  reason = \"r\"\n{role}")),
            "`reason` and `member_role` have an effect only if `membership` is \"detached\".",
        ),
        (account("  membership = \"member\"\n  acknowledge = [\"stack_sets\"]\n"), "`acknowledge` has an effect only"),
        (remove, "`member_role` has an effect only if the account itself makes the call"),
        (
            "provider \"aws\" {\n  sandbox = \"w.sandbox.hcl\"\n  profile = \"p\"\n  api_share = 0.5\n}\n".to_owned(),
            "`profile` and `api_share` have no effect",
        ),
        (
            "provider \"aws\" {\n  sandbox = \"w.sandbox.hcl\"\n}\norgroster {\n  backend \"s3\" {\n    bucket = \"example-records\"\n  }\n}\n"
                .to_owned(),
            "the backend in the bucket \"example-records\" has no effect",
        ),
    ];
    for (text, wanted) in cases {
        let said = said(&text);
        assert!(matches!(said.as_slice(), [(Severity::Warning, Code::NoEffect, detail)] if detail.contains(wanted)), "{text}: {said:?}");
    }
    assert_eq!(said(&account(&format!("{detached}{role}"))), []);
}

#[test]
fn a_role_of_another_account_or_partition_is_an_error() {
    let arn = |partition: &str, account: &str| format!("arn:{partition}:iam::{account}:role/break-glass/Leave");
    let detached = |id: &str, role: &str| {
        let role = if role.is_empty() { String::new() } else { format!("  member_role {{\n    name = \"{role}\"\n  }}\n") };
        format!("account \"a{id}\" {{\n  id = \"{id}\"\n  name = \"a\"\n  membership = \"detached\"\n  reason = \"r\"\n{role}}}\n")
    };
    let provider = |lines: &str| format!("provider \"aws\" {{\n{lines}\n}}\n");
    let role = |block: &str, name: &str| format!("  {block} {{\n    name = \"{name}\"\n  }}\n");
    let (own, other) = (arn("aws", "222222222222"), arn("aws", "333333333333"));
    let right = [
        detached("222222222222", &own),
        provider(&role("member_role", &own)) + &detached("222222222222", ""),
        // The block's own role is used, and no other account uses the provider's.
        provider(&role("member_role", &other)) + &detached("222222222222", &own),
        provider(&format!("  region = \"us-gov-west-1\"\n{}", role("member_role", "Leave")))
            + &detached("222222222222", &arn("aws-us-gov", "222222222222")),
    ];
    for text in right {
        assert_eq!(said(&text), [], "{text}");
    }
    let assume = format!("  assume_role {{\n    role_arn = \"{}\"\n  }}\n", arn("aws-cn", "111111111111"));
    let wrong = [
        (detached("222222222222", &other), "This role is in account 333333333333, but the block is about account 222222222222"),
        (provider(&role("member_role", &other)) + &detached("222222222222", ""), "this ARN identifies a role in account 333333333333 only"),
        (provider(&role("member_read_role", &other)) + &detached("222222222222", ""), "The provider's member_read_role applies to"),
        (provider("  region = \"cn-north-1\"") + &detached("222222222222", &own), "This role is in the partition aws, but"),
        (provider(&assume) + &detached("222222222222", &own), "the configuration is for the partition aws-cn"),
        (detached("222222222222", &arn("aws-us-go", "222222222222")), "is neither"),
        (provider(&format!("  region = \"us-east-1\"\n{assume}")), "This role is in the partition aws-cn"),
    ];
    for (text, wanted) in wrong {
        let said = said(&text);
        assert!(said.len() == 1 && said[0].0 == Severity::Error && said[0].2.contains(wanted), "{text}: {said:?}");
    }
    // One block for many accounts is reported once.
    let each = "account \"e\" {\n  for_each = toset([\"222222222222\", \"333333333333\", \"444444444444\"])\n  id = each.key\n  name = \"a\"\n  membership = \"detached\"\n  reason = \"r\"\n";
    assert_eq!(said(&format!("{each}{}}}\n", role("member_role", &other))).len(), 1);
    assert_eq!(said(&format!("{each}{}}}\n", role("member_role", "arn:aws:iam::${each.key}:role/R"))), []);
}

/// People who can write in the directory can't choose the trusted configuration.
#[cfg(unix)]
#[test]
fn a_trusted_configuration_is_outside_by_its_path_and_by_what_is_opened() {
    use std::os::unix::fs::symlink;

    let outer = tempfile::tempdir().unwrap();
    let path = |name: &str| outer.path().join(name);
    for name in ["config", "config/sub", "elsewhere", "other"] {
        fs::create_dir(path(name)).unwrap();
    }
    fs::write(path("config/a.roster.hcl"), "").unwrap();
    fs::write(path("elsewhere/trusted.hcl"), HEAD).unwrap();
    fs::write(path("config/own.roster.hcl"), "").unwrap();
    symlink(path("elsewhere"), path("link")).unwrap();
    symlink(path("elsewhere/trusted.hcl"), path("link.hcl")).unwrap();
    symlink(path("elsewhere/trusted.hcl"), path("config/link.hcl")).unwrap();
    symlink("../elsewhere", path("config/folder")).unwrap();
    symlink("config/link.hcl", path("twice.hcl")).unwrap();
    symlink("config", path("same")).unwrap();
    symlink(path("loop"), path("loop")).unwrap();
    fs::hard_link(path("elsewhere/trusted.hcl"), path("other/trusted.hcl")).unwrap();
    let refusal = |name: &str| {
        let given = ExternalValues { trusted_config: Some(path(name)), ..ExternalValues::default() };
        let found = found(&path("config"), &given);
        let refused = found.into_iter().find(|found| found.code == Code::UnreadableFile);
        refused.map(|found| found.detail)
    };
    // A file with a second name is refused, whichever name is used.
    for name in ["elsewhere/trusted.hcl", "other/trusted.hcl", "link.hcl"] {
        assert!(refusal(name).is_some_and(|detail| detail.contains("2 names (hard links)")), "{name}: {:?}", refusal(name));
    }
    fs::remove_file(path("other/trusted.hcl")).unwrap();
    for name in
        ["elsewhere/trusted.hcl", "link/trusted.hcl", "link.hcl", "other/../elsewhere/trusted.hcl", "config/../elsewhere/trusted.hcl"]
    {
        assert_eq!(refusal(name), None, "{name}");
    }
    let inside = [
        "config/own.roster.hcl",
        "config/link.hcl",
        "config/folder/trusted.hcl",
        "config/folder/../elsewhere/trusted.hcl",
        "config/sub/../../elsewhere/trusted.hcl",
        "twice.hcl",
        "same/link.hcl",
        "link/../config/link.hcl",
    ];
    for name in inside {
        assert!(
            refusal(name).is_some_and(|detail| detail.contains("leads through the configuration's directory")),
            "{name}: {:?}",
            refusal(name)
        );
    }
    assert!(refusal("loop").is_some_and(|detail| detail.contains("too many symbolic links")), "{:?}", refusal("loop"));
    assert!(refusal("nothing.hcl").is_some());
}

/// A file that the caller names may be anything: it is read through a link or pipe, but not without limit.
#[cfg(unix)]
#[test]
fn a_file_that_is_named_may_be_a_pipe_and_must_have_an_end() {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    let directory = tempfile::tempdir().unwrap();
    let text =
        format!("{HEAD}variable \"x\" {{\n  type = string\n}}\naccount \"a\" {{\n  id         = var.x\n  membership = \"member\"\n}}\n");
    fs::write(directory.path().join("a.roster.hcl"), text).unwrap();
    let run = |words: &[&str], input: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orgroster"));
        command.current_dir(directory.path()).args(words).env_clear();
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A run that ends before it has read everything closes the pipe.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat()
    };
    let piped = run(&["validate", "-var-file=/dev/stdin"], "x = \"123\"\n");
    assert!(piped.contains("invalid-account-id") && piped.contains("123"), "{piped}");
    for words in [
        &["show", "/dev/zero"][..],
        &["plan", "-var=x=222222222222", "-snapshot=/dev/zero"],
        &["plan", "-var=x=222222222222", "-baseline=/dev/zero"],
        &["apply", "-var=x=222222222222", "/dev/zero"],
        &["sandbox", "generate", "-from-snapshot=/dev/zero"],
        &["validate", "-var-file=/dev/zero"],
    ] {
        let said = run(words, "");
        assert!(
            said.contains("larger than")
                || said.contains("not a regular file")
                || said.contains("more than")
                || said.contains("not a file"),
            "{words:?}: {said}"
        );
    }
}
