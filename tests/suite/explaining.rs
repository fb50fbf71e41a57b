//! `explain` describes an account by its own act: an account that moves or joins does not leave, and nothing departs.

use std::fs;

use crate::departing::Scene;
use crate::taking_in::{House, ROLE, SHOP, block};

/// Words about leaving that are allowed anyway: names of AWS and of ours, and the scope of a policy.
const NAMES: &[&str] = &[
    "LeaveOrganization",
    "when an account leaves their scope",
    "when an account leaves the organization",
    "departure record",
    "departed =",
    "leave_permission",
    "leave it out",
];

/// The words about leaving in a text, each with its line.
fn about_leaving(text: &str) -> Vec<String> {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let flat = NAMES.iter().fold(flat, |text, name| text.replace(name, ""));
    let is_one = |word: &&str| {
        let word = word.to_lowercase();
        ["leav", "left", "depart", "detach"].iter().any(|stem| word.starts_with(stem)) && word != "leaver"
    };
    let words: Vec<_> = flat.split(|letter: char| !letter.is_alphanumeric()).collect();
    words
        .iter()
        .enumerate()
        .filter(|(_, word)| is_one(word))
        .map(|(at, _)| words[at.saturating_sub(4)..words.len().min(at + 4)].join(" "))
        .collect()
}

#[test]
fn the_explanation_of_a_transfer_has_its_verb_in_every_sentence() {
    let guardrail = ("guardrails {\n", "guardrails {\n  protected_accounts = [\"200000000000\"]\n");
    for ((from, to), says) in [
        (("", ""), "would move to o-targetorgid"),
        (guardrail, "If it really should move"),
        (("\"200000000000\"", "\"299999999999\""), "If the account moved in an earlier run"),
    ] {
        let scene = Scene::transferring(1, "", "");
        let path = scene.path().join("main.roster.hcl");
        let configuration = fs::read_to_string(&path).unwrap();
        fs::write(&path, configuration.replacen(from, to, 1)).unwrap();
        let output = scene.orgroster(&["explain", "account.a200000000000"]).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.split_whitespace().collect::<Vec<_>>().join(" ").contains(says), "{says}: {text}");
        assert_eq!(about_leaving(&text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn the_explanation_of_a_joining_has_its_verb_in_every_sentence() {
    for (more, says) in [("", "would be invited"), (ROLE, "would join")] {
        let house = House::new(more, "");
        let text = house.expect(&["explain", "account.shop"], 0, &[says]);
        assert_eq!(about_leaving(&text), Vec::<String>::new(), "{text}");
    }
    // An account that a person added is only placed, and loses nothing that depends on the organization.
    let house = House::new("", "");
    house.expect(&["apply", "-auto-approve"], 0, &["Invited"]);
    house.answer(SHOP, "AcceptHandshake");
    let text = house.expect(&["explain", "account.shop"], 0, &["would be placed"]);
    assert!(!text.contains("Not read by any gate"), "{text}");
    assert_eq!(about_leaving(&text), Vec::<String>::new(), "{text}");
    // The reason that blocks it uses the same words.
    let house = House::with(&block("666666666666", "lab", "").replace("ou-ab12-workloads", "ou-ab12-nowhere00"), "");
    let text = house.expect(&["explain", "account.lab"], 0, &["is blocked"]);
    assert_eq!(about_leaving(&text), Vec::<String>::new(), "{text}");
}
