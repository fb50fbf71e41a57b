//! `lsp`, as an editor uses it: a scripted client that speaks the protocol over the program's standard input and output.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

const HEAD: &str = "organization {\n  id                    = \"o-exampleorgid\"\n  management_account_id = \"111111111111\"\n}\n\nvariable \"ticket\" {\n  type    = string\n  default = \"FIN-1\"\n}\n\nlocals {\n  why = \"Sold, ${var.ticket}\"\n}\n";

/// A valid account that leaves.
const ACCOUNT: &str = "account \"crm\" {\n  id         = \"222222222222\"\n  name       = \"crm\"\n  membership = \"detached\"\n  reason     = local.why\n}\n";

/// An editor with its own directory.
struct Editor {
    server: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    directory: TempDir,
    asked: i64,
    /// Published diagnostics that were not read yet.
    published: Vec<Value>,
}

fn start(directory: TempDir) -> Editor {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orgroster"));
    let command = command.arg("lsp").env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut server = command.spawn().unwrap();
    let (to, from) = (server.stdin.take().unwrap(), BufReader::new(server.stdout.take().unwrap()));
    Editor { server, to, from, directory, asked: 0, published: Vec::new() }
}

/// A running editor, in a directory with `main.roster.hcl`.
fn begun() -> Editor {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("main.roster.hcl"), HEAD).unwrap();
    let mut editor = start(directory);
    let snippets = json!({ "textDocument": { "completion": { "completionItem": { "snippetSupport": true } } } });
    let answer = editor.ask("initialize", &json!({ "processId": null, "rootUri": null, "capabilities": snippets }));
    let able = &answer["result"]["capabilities"];
    assert_eq!(
        (&able["hoverProvider"], &able["definitionProvider"], &able["documentFormattingProvider"]),
        (&json!(true), &json!(true), &json!(true))
    );
    assert_eq!(able["textDocumentSync"]["change"], 1, "whole texts");
    editor.say("initialized", &json!({}));
    editor
}

impl Editor {
    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn uri(&self, name: &str) -> String {
        format!("file://{}", self.path(name).display())
    }

    fn write(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.to, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.to.flush().unwrap();
    }

    fn say(&mut self, method: &str, params: &Value) {
        self.write(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// The server's next message; `None` if it has ended.
    fn read(&mut self) -> Option<Value> {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if self.from.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            match line.trim_end().split_once(": ") {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.parse().unwrap(),
                Some(_) => {}
                None => break,
            }
        }
        let mut bytes = vec![0; length];
        self.from.read_exact(&mut bytes).unwrap();
        Some(serde_json::from_slice(&bytes).unwrap())
    }

    /// The answer to a request. Diagnostics that are published meanwhile are kept.
    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        self.write(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.read().unwrap_or_else(|| panic!("{method}: the server has ended"));
            if message["id"] == id {
                return message;
            }
            self.published.push(message);
        }
    }

    fn open(&mut self, name: &str, text: &str) {
        let document = json!({ "uri": self.uri(name), "languageId": "hcl", "version": 1, "text": text });
        self.say("textDocument/didOpen", &json!({ "textDocument": document }));
    }

    fn change(&mut self, name: &str, text: &str) {
        let document = json!({ "uri": self.uri(name), "version": 2 });
        self.say("textDocument/didChange", &json!({ "textDocument": document, "contentChanges": [{ "text": text }] }));
    }

    /// The last published findings in a file. A request is sent first, because its answer comes after everything that was published.
    fn found(&mut self, name: &str) -> Vec<Value> {
        self.ask("textDocument/hover", &self.at(name, 0, 0));
        let uri = self.uri(name);
        let last = self.published.iter().rev().find(|note| note["params"]["uri"] == *uri).unwrap_or_else(|| panic!("nothing of {name}"));
        last["params"]["diagnostics"].as_array().unwrap().clone()
    }

    fn at(&self, name: &str, line: usize, character: usize) -> Value {
        json!({ "textDocument": { "uri": self.uri(name) }, "position": { "line": line, "character": character } })
    }

    /// Opens the text without its bar, and returns the position of the bar.
    fn at_bar(&mut self, name: &str, text: &str) -> Value {
        let before = text.split('|').next().unwrap();
        self.change(name, &text.replacen('|', "", 1));
        let line = before.rsplit('\n').next().unwrap();
        self.at(name, before.matches('\n').count(), line.encode_utf16().count())
    }

    /// The labels of the completions at the bar of a text.
    fn offered(&mut self, text: &str) -> Vec<String> {
        let at = self.at_bar("crm.roster.hcl", text);
        let items = self.ask("textDocument/completion", &at)["result"].as_array().unwrap().clone();
        items.iter().map(|item| item["label"].as_str().unwrap().to_owned()).collect()
    }

    /// The exit code and standard error.
    fn ended(mut self) -> (Option<i32>, String) {
        drop(self.to);
        let mut said = String::new();
        self.server.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (self.server.wait().unwrap().code(), said)
    }
}

fn codes(found: &[Value]) -> Vec<&str> {
    found.iter().map(|diagnostic| diagnostic["code"].as_str().unwrap()).collect()
}

#[test]
fn a_session_reports_mistakes_as_they_are_typed_and_ends_when_the_editor_says_so() {
    let mut editor = begun();
    editor.open("crm.roster.hcl", &ACCOUNT.replace("\"222222222222\"", "222222222222"));
    let found = editor.found("crm.roster.hcl");
    assert_eq!(codes(&found), ["unquoted-account-id"]);
    assert_eq!(found[0]["range"], json!({ "start": { "line": 1, "character": 15 }, "end": { "line": 1, "character": 27 } }));
    assert_eq!((&found[0]["severity"], &found[0]["source"]), (&json!(1), &json!("orgroster")));
    assert!(found[0]["message"].as_str().unwrap().starts_with("Account id must be quoted: "));
    editor.change("crm.roster.hcl", ACCOUNT);
    assert_eq!(editor.found("crm.roster.hcl"), Vec::<Value>::new());
    // An incomplete line breaks this file, but no others.
    editor.change("crm.roster.hcl", &ACCOUNT.replace("  reason     = local.why\n", "  reason     = \n"));
    assert_eq!(codes(&editor.found("crm.roster.hcl")), ["syntax-error"]);
    assert_eq!(editor.found("main.roster.hcl"), Vec::<Value>::new());
    assert_eq!(editor.ask("shutdown", &Value::Null)["result"], Value::Null);
    editor.say("exit", &Value::Null);
    assert_eq!(editor.ended(), (Some(0), String::new()));
}

#[test]
fn a_directory_is_checked_as_one_and_what_is_open_counts_in_place_of_the_files() {
    let mut editor = begun();
    fs::write(editor.path("crm.roster.hcl"), ACCOUNT).unwrap();
    editor.open("other.roster.hcl", &ACCOUNT.replace("\"crm\" {", "\"other\" {"));
    let found = editor.found("other.roster.hcl");
    assert_eq!(codes(&found), ["duplicate-account-id"]);
    let first = &found[0]["relatedInformation"][0]["location"];
    assert_eq!(first["uri"], json!(editor.uri("crm.roster.hcl")));
    // The file on disk is unchanged; the open text has another id.
    editor.open("crm.roster.hcl", &ACCOUNT.replace("222222222222", "333333333333"));
    assert_eq!(editor.found("other.roster.hcl"), Vec::<Value>::new());
    editor.say("textDocument/didClose", &json!({ "textDocument": { "uri": editor.uri("crm.roster.hcl") } }));
    assert_eq!(codes(&editor.found("other.roster.hcl")), ["duplicate-account-id"]);
    // A change on disk counts only after the editor reports it.
    fs::remove_file(editor.path("crm.roster.hcl")).unwrap();
    editor.say("workspace/didChangeWatchedFiles", &json!({ "changes": [{ "uri": editor.uri("crm.roster.hcl"), "type": 3 }] }));
    assert_eq!(editor.found("other.roster.hcl"), Vec::<Value>::new());
    // No file is open any more, so its findings are withdrawn.
    editor.change("other.roster.hcl", "account {}\n");
    assert_eq!(codes(&editor.found("other.roster.hcl")), ["wrong-labels"]);
    editor.say("textDocument/didClose", &json!({ "textDocument": { "uri": editor.uri("other.roster.hcl") } }));
    assert_eq!(editor.found("other.roster.hcl"), Vec::<Value>::new());
}

#[test]
fn completion_offers_what_the_body_takes() {
    let mut editor = begun();
    editor.open("crm.roster.hcl", "");
    assert_eq!(
        editor.offered("acc|"),
        ["orgroster", "provider", "organization", "guardrails", "gate", "account", "variable", "locals"],
        "blocks"
    );
    let of_account = editor.offered("account \"crm\" {\n  mem|\n}\n");
    for name in ["id", "membership", "attestation", "member_role", "acknowledge"] {
        assert!(of_account.contains(&name.to_owned()), "{name}: {of_account:?}");
    }
    assert!(!of_account.contains(&"profile".to_owned()));
    assert_eq!(editor.offered("account \"crm\" {\n  |membership = \"member\"\n}\n"), of_account, "before what is there");
    let of_attestation = editor.offered("account \"crm\" {\n  attestation {\n    e|\n  }\n}\n");
    assert_eq!(of_attestation, ["by", "evidence", "expires", "of", "on"]);
    assert!(editor.offered("gate \"|\" {\n}\n").contains(&"phone_verification".to_owned()));
    assert_eq!(editor.offered("gate \"phone_verification\" {\n  enforcement = \"|\"\n}\n"), ["mandatory", "advisory", "off"]);
    assert!(editor.offered("account \"crm\" {\n  acknowledge = [\"|\"]\n}\n").contains(&"stack_sets".to_owned()));
    assert_eq!(editor.offered("account \"crm\" {\n  reason = local.|\n}\n"), ["why"]);
    assert_eq!(editor.offered("account \"crm\" {\n  reason = \"${var.t|}\"\n}\n"), ["ticket"]);
    assert!(editor.offered("locals {\n  a = csv|\n}\n").contains(&"csvdecode".to_owned()));
    assert!(editor.offered("# acc|\n").is_empty());
    let at = editor.at_bar("crm.roster.hcl", "account \"crm\" {\n  mem|\n}\n");
    let answer = editor.ask("textDocument/completion", &at);
    let membership = answer["result"].as_array().unwrap().iter().find(|item| item["label"] == "membership").unwrap();
    assert_eq!(membership["textEdit"]["newText"], "membership = \"$1\"");
    assert_eq!(membership["textEdit"]["range"]["start"], json!({ "line": 1, "character": 2 }));
    assert!(membership["documentation"]["value"].as_str().unwrap().contains("`\"detached\"`"));
}

/// Hover and completion quote the reference, so a name without a row there would have no description.
#[test]
fn every_name_that_is_offered_is_in_the_reference() {
    let mut editor = begun();
    editor.open("crm.roster.hcl", "");
    for header in ["orgroster", "provider \"aws\"", "organization", "guardrails", "gate \"phone_verification\"", "account \"crm\""] {
        let at = editor.at_bar("crm.roster.hcl", &format!("{header} {{\n  |\n}}\n"));
        let answer = editor.ask("textDocument/completion", &at);
        let items = answer["result"].as_array().unwrap();
        assert!(!items.is_empty(), "{header}");
        for item in items {
            assert!(item["documentation"]["value"].is_string(), "{header}: {}", item["label"]);
        }
    }
}

#[test]
fn hover_shows_codes_gates_and_arguments_and_a_name_leads_to_its_declaration() {
    let mut editor = begun();
    editor.open("crm.roster.hcl", "");
    let mut shown = |text: &str| {
        let at = editor.at_bar("crm.roster.hcl", text);
        editor.ask("textDocument/hover", &at)["result"]["contents"]["value"].as_str().unwrap_or_default().to_owned()
    };
    let page = shown("account \"crm\" {\n  id         = 2222|22222222\n  membership = \"member\"\n}\n");
    assert!(page.starts_with("**unquoted-account-id**: Account id must be quoted\n") && page.contains("```hcl\naccount"), "{page}");
    assert!(shown(&ACCOUNT.replace("reason", "rea|son")).starts_with("`reason` (argument)"));
    assert!(shown(&ACCOUNT.replace("account", "acc|ount")).starts_with("`account` takes "));
    let gate = shown("gate \"phone_ver|ification\" {\n  enforcement = \"advisory\"\n}\n");
    assert!(gate.starts_with("`phone_verification`: ") && gate.contains("Resolved by "), "{gate}");
    assert!(shown("account \"crm\" {\n  acknowledge = [\"stack|_sets\"]\n}\n").contains("`stack_sets`: "));
    assert_eq!(shown(&format!("{ACCOUNT}|\n")), "");

    let at = editor.at_bar("crm.roster.hcl", &ACCOUNT.replace("local.why", "local.w|hy"));
    let answer = editor.ask("textDocument/definition", &at);
    assert_eq!(answer["result"]["uri"], json!(editor.uri("main.roster.hcl")));
    let line = HEAD.lines().position(|line| line.starts_with("  why")).unwrap();
    assert_eq!(answer["result"]["range"]["start"], json!({ "line": line, "character": 2 }));
    let at = editor.at_bar("crm.roster.hcl", "locals {\n  x = \"${var.tick|et}\"\n}\n");
    let line = HEAD.lines().position(|line| line.starts_with("variable")).unwrap();
    assert_eq!(editor.ask("textDocument/definition", &at)["result"]["range"]["start"]["line"], line);
    let at = editor.at_bar("crm.roster.hcl", "locals {\n  x = local.no|where\n}\n");
    assert_eq!(editor.ask("textDocument/definition", &at)["result"], Value::Null);
}

#[test]
fn formatting_is_that_of_fmt_and_nothing_where_there_is_a_mistake() {
    let mut editor = begun();
    editor.open("crm.roster.hcl", "account \"crm\" {\nid = \"222222222222\"\n}\n");
    let options = json!({ "textDocument": { "uri": editor.uri("crm.roster.hcl") }, "options": { "tabSize": 2, "insertSpaces": true } });
    let edits = editor.ask("textDocument/formatting", &options)["result"].clone();
    assert_eq!(edits[0]["newText"], "  id = \"222222222222\"\n");
    editor.change("crm.roster.hcl", "account {");
    assert_eq!(editor.ask("textDocument/formatting", &options)["result"], json!([]));
    // A fixture is not part of a configuration, but it is formatted too.
    editor.open("world.sandbox.hcl", "a {\nb = 1\n}\n");
    let options = json!({ "textDocument": { "uri": editor.uri("world.sandbox.hcl") }, "options": { "tabSize": 2, "insertSpaces": true } });
    assert_eq!(editor.ask("textDocument/formatting", &options)["result"][0]["newText"], "  b = 1\n");
}

#[test]
fn what_is_not_understood_is_refused_and_the_session_goes_on() {
    let mut editor = start(tempfile::tempdir().unwrap());
    let early = editor.ask("textDocument/hover", &json!({}));
    assert_eq!(early["error"]["code"], -32002, "not initialized yet");
    let mut editor = begun();
    assert_eq!(editor.ask("textDocument/rename", &json!({}))["error"]["code"], -32601);
    assert_eq!(editor.ask("textDocument/hover", &json!({ "position": 1 }))["error"]["code"], -32602);
    editor.say("textDocument/didOpen", &json!("nonsense"));
    editor.say("$/unknown", &Value::Null);
    editor.write(&json!({ "jsonrpc": "2.0", "id": 99, "result": null }));
    let outside = json!({ "textDocument": { "uri": "untitled:1" }, "position": { "line": 0, "character": 0 } });
    for method in ["textDocument/hover", "textDocument/completion", "textDocument/definition"] {
        assert_eq!(editor.ask(method, &outside)["result"], Value::Null, "{method}");
    }
    editor.open("crm.roster.hcl", ACCOUNT);
    let far = editor.at("crm.roster.hcl", 1_000_000, 1_000_000);
    assert_eq!(editor.ask("textDocument/hover", &far)["result"], Value::Null);
    assert_eq!(editor.found("crm.roster.hcl"), Vec::<Value>::new());
}

#[test]
fn messages_that_are_none_and_an_editor_that_is_gone_end_the_session_with_an_error() {
    for wrong in ["Content-Length: 3\r\n\r\n{a}", "GET / HTTP/1.1\r\n\r\n", "Content-Length: many\r\n\r\n{}", ""] {
        for mut editor in [start(tempfile::tempdir().unwrap()), begun()] {
            editor.to.write_all(wrong.as_bytes()).unwrap();
            let (code, said) = editor.ended();
            assert!(code == Some(1) && said.contains("(editor-connection)"), "{wrong:?}: {code:?} {said}");
        }
    }
    let mut editor = begun();
    editor.say("exit", &Value::Null);
    assert_eq!(editor.ended().0, Some(1), "no shutdown came before");
}

#[test]
fn settings_that_a_trusted_file_has_are_taken_from_it() {
    let directory = tempfile::tempdir().unwrap();
    let trusted = directory.path().join("settings.hcl");
    fs::write(&trusted, HEAD.split("\n\n").next().unwrap()).unwrap();
    let roster = tempfile::tempdir().unwrap();
    let text = ACCOUNT.replace("local.why", "\"Sold\"");
    let found = |arguments: &[&Path]| {
        let flags = arguments.iter().map(|path| format!("-trusted-config={}", path.display()));
        let mut command = Command::new(env!("CARGO_BIN_EXE_orgroster"));
        let command = command.arg("lsp").args(flags).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut server = command.spawn().unwrap();
        let (to, from) = (server.stdin.take().unwrap(), BufReader::new(server.stdout.take().unwrap()));
        let directory = tempfile::tempdir_in(roster.path()).unwrap();
        let mut editor = Editor { server, to, from, directory, asked: 0, published: Vec::new() };
        editor.ask("initialize", &json!({ "capabilities": {} }));
        editor.say("initialized", &json!({}));
        editor.open("crm.roster.hcl", &text);
        editor.found("crm.roster.hcl").len()
    };
    assert_eq!((found(&[]), found(&[&trusted])), (1, 0), "the organization is missing, or in the trusted file");
}
