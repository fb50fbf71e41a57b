//! Tests of what the reader of a block reports.

use super::*;
use crate::diag::{Literals, SourceMap, parse};

fn codes(text: &str, read: impl FnOnce(&mut Fields<'_, Literals>)) -> Vec<(Code, String)> {
    let mut sources = SourceMap::default();
    let file = sources.add("a.hcl", text.to_owned());
    let syntax = parse(&sources, file).unwrap();
    let mut diagnostics = Diagnostics::default();
    let block = syntax.body.blocks().next().unwrap();
    let mut fields = Fields::of_block("The test block", &syntax, block, &Literals, &mut diagnostics);
    read(&mut fields);
    fields.finish();
    diagnostics.sorted().into_iter().map(|found| (found.code, found.detail.to_string())).collect()
}

#[test]
fn an_unknown_name_is_answered_with_the_closest_known_one() {
    let found = codes("b {\n  nmae = \"x\"\n}\n", |fields| {
        fields.string("name");
    });
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, Code::UnknownAttribute);
    assert!(found[0].1.ends_with("Did you mean `name`?"), "{}", found[0].1);
}

#[test]
fn an_unquoted_account_id_is_refused_even_with_twelve_digits() {
    let found = codes("b {\n  id = 123456789012\n}\n", |fields| assert!(fields.account_id("id").is_none()));
    assert_eq!(found.iter().map(|found| found.0).collect::<Vec<_>>(), [Code::UnquotedAccountId]);
}

#[test]
fn null_reads_as_absent_and_is_missing_where_required() {
    let found = codes("b {\n  name = null\n}\n", |fields| assert!(fields.required_text("name").is_none()));
    assert_eq!(found.iter().map(|found| found.0).collect::<Vec<_>>(), [Code::MissingAttribute]);
}

#[test]
fn all_mistakes_of_a_block_are_reported() {
    let text = "b {\n  n = 11\n  d = \"2026-12-01T00:00:00Z\"\n  t = \"tomorrow\"\n  l = [1, \"x\"]\n  f = nope\n}\n";
    let found = codes(text, |fields| {
        fields.integer("n", 0..=10);
        fields.date("d");
        fields.timestamp("t");
        assert_eq!(fields.strings("l").len(), 1);
        fields.string("f");
    });
    let codes: Vec<_> = found.iter().map(|found| found.0).collect();
    assert_eq!(codes, [Code::InvalidValue, Code::InvalidValue, Code::InvalidValue, Code::WrongType, Code::UnsupportedExpression]);
}
