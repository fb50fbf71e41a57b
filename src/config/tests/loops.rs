//! `for_each` of account blocks, and `dynamic` blocks within them.

use super::super::ExternalValues;
use super::read;

/// The value of `for_each`, and the keys of the instances or a part of the error message.
const INSTANCES: &[(&str, Result<&[&str], &str>)] = &[
    ("toset([\"b\", \"a\", \"b\"])", Ok(&["a", "b"])),
    ("{ b = 1, a = null }", Ok(&["a", "b"])),
    ("tomap({ a = 1 })", Ok(&["a"])),
    ("{ a = sensitive(1) }", Ok(&["a"])),
    ("{ for row in [{ name = \"x\" }] : row.name => row }", Ok(&["x"])),
    ("{}", Ok(&[])),
    ("toset([])", Ok(&[])),
    ("[\"a\"]", Err("this is a tuple. If an element is removed from a list")),
    ("tolist([\"a\"])", Err("this is a list. If an element is removed from a list")),
    ("toset([1])", Err("this is a set of type number")),
    ("[{ name = \"x\" }]", Err("{ for row in [{ name = \"x\" }] : row.name => row }")),
    ("toset(csvdecode(\"id,name\\n1,x\\n\"))", Err("{ for row in csvdecode(\"id,name\\n1,x\\n\") : row.name => row }")),
    ("csvdecode(\"account id,n\\n1,x\\n\")", Err(": row[\"account id\"] => row }")),
    ("toset([[\"a\"]])", Err("this is a set of type tuple")),
    ("toset([\"a\", null])", Err("must not contain null")),
    ("null", Err("The value is null")),
    ("tomap(null)", Err("The value is null")),
    ("\"a\"", Err("this is a string")),
    ("sensitive({ a = 1 })", Err("nonsensitive()")),
    ("toset([\"a\", sensitive(\"b\")])", Err("nonsensitive()")),
    ("local.none", Err("no local value named `none`")),
    ("each.value", Err("nothing named `each`")),
];

#[test]
fn for_each_takes_maps_and_sets_of_strings() {
    for (for_each, wanted) in INSTANCES {
        let text = format!(
            "locals {{\n  ids = {{ a = \"222222222222\", b = \"333333333333\", x = \"444444444444\" }}\n}}\n\
             account \"i\" {{\n  for_each = {for_each}\n  id = local.ids[each.key]\n  membership = \"member\"\n}}\n"
        );
        match (read(&[("a.roster.hcl", &text)], &ExternalValues::default()), wanted) {
            (Ok(roster), Ok(wanted)) => {
                let keys: Vec<_> = roster.accounts.iter().map(|account| account.address.key.clone().unwrap()).collect();
                assert_eq!(keys, *wanted, "{for_each}");
            }
            (Err(found), Err(wanted)) => {
                assert!(found.iter().any(|(_, detail)| detail.contains(wanted)), "{for_each}: {found:?}");
                let (_, detail) = &found[0];
                assert_eq!(
                    detail.contains("for row in"),
                    detail.contains("share:\n    for_each = { for row in"),
                    "a line to copy: {detail}"
                );
            }
            (found, _) => panic!("{for_each}: {:?}", found.map(|roster| roster.accounts)),
        }
    }
}

/// The arguments of a `dynamic "attestation"` block before `content`, and the attestors of the blocks that it makes or a part of the error
/// message. In `content`, the iterator is called `it`.
const BLOCKS: &[(&str, Result<&[&str], &str>)] = &[
    ("for_each = [\"x\", \"y\"]\niterator = it", Ok(&["0=x", "1=y"])),
    ("for_each = tolist([\"x\"])\niterator = it", Ok(&["0=x"])),
    ("for_each = toset([\"y\", \"x\"])\niterator = it", Ok(&["x=x", "y=y"])),
    ("for_each = { b = 1, a = each.key }\niterator = it", Ok(&["a=k", "b=1"])),
    ("for_each = []\niterator = it", Ok(&[])),
    ("for_each = null\niterator = it", Err("The value is null")),
    ("for_each = \"x\"\niterator = it", Err("not a string")),
    ("for_each = sensitive([\"x\"])\niterator = it", Err("reveal something of a sensitive value")),
    ("for_each = [\"x\"]\niterator = \"it\"", Err("a name without quotes")),
    ("for_each = [\"x\"]", Err("nothing named `it`")),
    ("iterator = it", Err("for_each")),
];

#[test]
fn a_dynamic_block_makes_one_block_for_each_element() {
    for (head, wanted) in BLOCKS {
        let text = format!(
            "account \"i\" {{\n  for_each = {{ k = \"222222222222\" }}\n  id = each.value\n  name = each.key\n  membership = \"detached\"\n  reason = \"r\"\n\
             dynamic \"attestation\" {{\n{head}\ncontent {{\n  of = [\"payment_method\"]\n  by = \"${{it.key}}=${{it.value}}\"\n  on = \"2026-11-20\"\n}}\n}}\n}}\n"
        );
        match (read(&[("a.roster.hcl", &text)], &ExternalValues::default()), wanted) {
            (Ok(roster), Ok(wanted)) => {
                let departure = roster.accounts[0].leaving().unwrap();
                let by: Vec<_> = departure.attestations.iter().map(|attestation| attestation.by.as_str()).collect();
                assert_eq!(by, *wanted, "{head}");
            }
            (Err(found), Err(wanted)) => assert!(found.iter().any(|(_, detail)| detail.contains(wanted)), "{head}: {found:?}"),
            (found, _) => panic!("{head}: {:?}", found.map(|roster| roster.accounts)),
        }
    }
}
