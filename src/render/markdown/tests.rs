//! For any plan, however hostile its names, the comment is short enough, complete, and has only the intended structure.

use std::collections::BTreeMap;

use proptest::prelude::*;
use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

use super::*;
use crate::gate::{Basis, Because, Caller, GateResult, Remedy, Setting, Step, Verdict};
use crate::org::{
    Account, AccountState, Action, Address, Assumptions, Desired, Enforcement, GateName, Guardrails, Invocation, JoinStep, JoinedMethod,
    Joining, Leaving, MemberRole, NamedUnit, OrganizationPath, Placement, Transfer, UnitPath, Via,
};
use crate::plan::{Act, BaselineStatus, Change, Dependencies, Digest, Drift, Kept, NoChange, PlannedOrganization, Unmanaged};

/// Texts that try to become Markdown structure, links, mentions or references.
fn hostile() -> impl Strategy<Value = String> {
    let known = [
        "</details><script>alert(1)</script>",
        "[click](https://evil.example) ![x](https://evil.example/x.png)",
        "a | b \\| c \\\\| d",
        "x\n\n# heading\n| a | b |\n|---|---|",
        "@octocat #1 GH-2 org/repo#3 deadbeefcafe www.evil.example https://evil.example a@b.example",
        "``` ` `` ~~~ ````",
        "```",
        "~~~",
        "<!-- orgroster:plan:o-other --> &lt;b&gt; :tada: $x$",
        "\u{202e}gnp.exe\u{200b}",
        "1. one",
        "- two",
        "\"]; click a \"javascript:alert(1)\"",
        "https://tickets.example.com/FIN-77",
        "trailing \\",
        "",
    ];
    prop_oneof![
        3 => proptest::sample::select(known.to_vec()).prop_map(str::to_owned),
        2 => "[ -~\n\t|`\\\\é\u{202e}]{0,60}",
        1 => "[a-zA-Z ]{1,40}",
    ]
}

/// A remedy with every kind of step, each with the same text.
fn remedy_of(text: &str) -> Remedy {
    let body = vec![Setting::commented(text, text, text), Setting::block(text, &[text], vec![Setting::argument(text, true)])];
    let steps = vec![Step::sentence(text), Step::Json { document: text.into() }, Step::orgroster(&["explain", text])];
    Remedy::from(text)
        .then(Step::aws(Caller::Member, &["organizations", text]))
        .then(Step::in_block(body.clone()))
        .then(Step::Way { steps: vec![Step::Part { steps }] })
        .then(Step::in_guardrails(body))
}

fn verdict() -> impl Strategy<Value = Verdict> {
    let at = proptest::option::of((1_795_000_000i64..1_800_000_000).prop_map(|second| jiff::Timestamp::from_second(second).unwrap()));
    prop_oneof![
        (hostile(), any::<bool>())
            .prop_map(|(text, accepted)| Verdict::Pass { because: if accepted { Because::Acknowledged } else { Because::Fact }, text }),
        (hostile(), hostile(), at).prop_map(|(reason, remedy, eligible_at)| Verdict::Block {
            reason,
            remedy: remedy_of(&remedy),
            eligible_at
        }),
        (hostile(), hostile()).prop_map(|(missing, remedy)| Verdict::Unknown { missing, keys: [].into(), remedy: remedy_of(&remedy) }),
        hostile().prop_map(|because| Verdict::Deferred { because }),
    ]
}

/// An account that leaves, with these gates.
fn leaves(address: Address, reason: &str, via: Via, before: Option<Account>, gates: Vec<GateResult>) -> PlannedAccount {
    let leaving = Leaving {
        reason: reason.to_owned(),
        not_before: None,
        via,
        member_role: MemberRole::default(),
        attestations: vec![],
        acknowledge: [].into(),
        departed: None,
    };
    PlannedAccount {
        address,
        source: None,
        // Replaced when the plan is assembled.
        id: "000000000000".parse().unwrap(),
        before,
        drift: vec![],
        change: Change::Act(Act {
            action: leaving.action(),
            depends_on: Dependencies::default(),
            kept: Kept::default(),
            placement: None,
            gates,
        }),
        desired: Desired::Detached(Box::new(leaving)),
    }
}

/// The same account joining instead: from this step on, accepted by its own role or by a person in it.
fn joins(planned: PlannedAccount, name: &str, step: JoinStep, accept_role: Option<MemberRole>) -> PlannedAccount {
    let mut planned = PlannedAccount { before: planned.before.clone().filter(|_| step == JoinStep::Place), ..planned };
    let joining = Joining {
        name: Some(name.to_owned()),
        email: None,
        reason: name.to_owned(),
        on: jiff::civil::date(2026, 11, 20),
        from: None,
        unit: None,
        tags: BTreeMap::new(),
        restore: false,
        accept_role,
        acknowledge: [].into(),
    };
    planned.desired = Desired::Member { join: Some(Box::new(joining)) };
    if let Change::Act(act) = &mut planned.change {
        act.action = Action::Join(step);
        let tags = BTreeMap::from([(name.to_owned(), name.to_owned())]);
        act.placement = Some(Placement { unit: "ou-ab12-workload".to_owned(), path: act.kept.unit_path.take(), tags });
    }
    planned
}

fn planned() -> impl Strategy<Value = PlannedAccount> {
    let step = proptest::option::of(proptest::sample::select(&[JoinStep::Invite, JoinStep::Accept, JoinStep::Place][..]));
    (leaving(), step, any::<bool>(), hostile()).prop_map(|(planned, step, accepts, name)| match step {
        Some(step) => joins(planned, &name, step, accepts.then(|| MemberRole { name: name.clone(), ..MemberRole::default() })),
        None => planned,
    })
}

fn leaving() -> impl Strategy<Value = PlannedAccount> {
    let gates =
        proptest::collection::vec((proptest::sample::select(GateName::ALL), proptest::sample::select(Enforcement::ALL), verdict()), 0..6);
    let account = proptest::option::of((hostile(), hostile(), proptest::option::of(hostile())));
    (hostile(), proptest::option::of(hostile()), account, hostile(), any::<bool>(), gates).prop_map(
        |(label, key, account, reason, removed, gates)| {
            let via = if removed { Via::Remove } else { Via::Leave };
            let unit_path = account.as_ref().and_then(|(_, _, unit)| unit.clone()).map(|name| {
                let unit = |id: &str, name: &str| NamedUnit { id: id.to_owned(), name: name.to_owned() };
                UnitPath(vec![unit("r-ab12", "Root"), unit("ou-ab12-workload", &name)])
            });
            let before = account.map(|(name, state, _)| Account {
                id: "000000000000".parse().unwrap(),
                arn: String::new(),
                email: "x@example.com".into(),
                name,
                state: AccountState::Other(state.clone()),
                joined_method: JoinedMethod::Other(state),
                joined_at: None,
                path: Some(OrganizationPath(vec!["r-ab12".into(), "ou-ab12-workload".into()])),
            });
            let result =
                |(gate, enforcement, verdict)| GateResult { gate, enforcement, verdict, evidence: vec![], basis: Basis::default() };
            let gates = gates.into_iter().map(result).collect();
            let mut planned = leaves(Address { label: format!("x{label}"), key }, &reason, via, before, gates);
            if let Change::Act(act) = &mut planned.change {
                act.kept.unit_path = unit_path;
            }
            planned
        },
    )
}

fn numbered(all: Vec<PlannedAccount>, copies: usize) -> Vec<PlannedAccount> {
    let mut all: Vec<_> = all.iter().cycle().take(all.len() * copies).cloned().collect();
    for (index, planned) in all.iter_mut().enumerate() {
        planned.id = format!("{:012}", 200_000_000_000 + index).parse().unwrap();
    }
    all
}

prop_compose! {
    fn any_plan()(
        accounts in proptest::collection::vec(planned(), 0..10),
        unmanaged in proptest::collection::vec((hostile(), hostile()), 0..5),
        copies in prop_oneof![4 => Just(1usize), 1 => 50usize..150],
        (setting, compared, sandbox, complete) in (hostile(), any::<bool>(), any::<bool>(), any::<bool>()),
    ) -> Plan {
        let accounts = numbered(accounts, copies);
        let unmanaged = unmanaged.iter().cycle().take(unmanaged.len() * copies).enumerate().map(|(index, (name, state))| Unmanaged {
            id: format!("{:012}", 400_000_000_000 + index).parse().unwrap(),
            name: name.clone(),
            state: AccountState::Other(state.clone()),
            removed_by: None,
            path: None,
        }).collect();
        let since = |index: usize| [BaselineStatus::Pending, BaselineStatus::Introduced, BaselineStatus::Redeclared][index % 3];
        let statuses = accounts.iter().enumerate().map(|(index, planned)| (planned.id, since(index))).collect();
        let Plan { digest, planned_at, .. } = quiet();
        let change = crate::plan::PlanDifference { what: setting.clone(), before: format!("{setting}\na"), after: format!("{setting}\nb") };
        let gone = crate::plan::FormerBlock { address: Address::new("x"), id: "500000000000".parse().unwrap(), name: setting.clone() };
        let baseline = compared.then(|| Comparison { digest, planned_at, accounts: statuses, withdrawn: vec![gone.clone()], undeclared: vec![gone], changes: vec![change] });
        Plan {
            version: setting.clone(),
            sandbox,
            accounts,
            unmanaged,
            assumptions: Assumptions { context: [(setting.clone(), [setting].into())].into(), ..Assumptions::default() },
            complete,
            baseline,
            ..quiet()
        }
    }
}

/// A plan without acts.
fn quiet() -> Plan {
    Plan {
        version: "0.1.0".into(),
        digest: Digest("sha256:0000000000000000000000000000000000000000000000000000000000000000".into()),
        sandbox: false,
        snapshot: None,
        organization: PlannedOrganization {
            id: "o-exampleorgid".parse().unwrap(),
            management_account_id: "111111111111".parse().unwrap(),
            members: 7,
        },
        planned_at: jiff::Timestamp::constant(1_795_338_000, 0),
        as_if: false,
        accounts: vec![],
        unmanaged: vec![],
        guardrails: Guardrails::default(),
        exceeded: vec![],
        enforcements: BTreeMap::new(),
        assumptions: Assumptions::default(),
        plantimestamp: None,
        variables: BTreeMap::new(),
        backend: None,
        member_read_role: None,
        complete: true,
        requests: BTreeMap::new(),
        invocation: Invocation::default(),
        baseline: None,
    }
}

fn departure(key: &str) -> PlannedAccount {
    leaves(Address { label: "sold".into(), key: Some(key.into()) }, "Sold", Via::Leave, None, vec![])
}

/// An account that joins, from this step on.
fn joining(step: JoinStep, accepts: bool) -> PlannedAccount {
    joins(departure("shop"), "shop", step, accepts.then(MemberRole::default))
}

#[test]
fn each_direction_has_its_own_table_and_words() {
    let loss = |gate, reason: &str| GateResult {
        gate,
        enforcement: Enforcement::Advisory,
        verdict: Verdict::Block { reason: reason.to_owned(), remedy: Remedy::new(), eligible_at: None },
        evidence: vec![],
        basis: Basis::default(),
    };
    let transfer =
        Transfer { to: "o-targetorgid".parse().unwrap(), management_account_id: "999999999999".parse().unwrap(), handshake: None };
    let sold = leaves(Address::new("sold"), "Sold", Via::Transfer(transfer), None, vec![loss(GateName::Tags, "its tags are deleted")]);
    let mut shop = joining(JoinStep::Invite, true);
    if let Change::Act(act) = &mut shop.change {
        act.gates = vec![loss(GateName::Payer, "the payer changes")];
    }
    let both = Plan { accounts: numbered(vec![sold.clone(), shop.clone(), joining(JoinStep::Invite, false)], 1), ..quiet() };
    let text = markdown(&both, false).plain();
    for part in [
        "### Departures\n",
        "### Joinings\n",
        "**moves directly to o-targetorgid**",
        "**joins**, accepted by `OrganizationAccountAccessRole`",
        "**is invited**: a person in the account accepts; identity unverified",
        "### Consequences of leaving\n\n- `tags`",
        "### Consequences of joining\n\n- `payer`",
        "It detaches or adds only accounts",
        "+200000000001  shop  account.sold",
        ":::leaves",
        ":::joins",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let text = markdown(&Plan { accounts: vec![shop], ..quiet() }, false).plain();
    for part in ["eparture", "removed by", "leave", "lose", "detaches"] {
        assert!(!text.contains(part), "{part}\n{text}");
    }
    let text = markdown(&Plan { accounts: vec![sold], ..quiet() }, false).plain();
    for part in ["oining", "removed by", "invited", "adds only"] {
        assert!(!text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn the_title_says_what_happens_and_only_what_can_be_applied_has_a_command() {
    let one_leaves = |plan: &Plan| Plan { accounts: vec![departure("crm")], ..plan.clone() };
    let exceeded = vec![crate::plan::Breach::MaxDetachments { departures: 1, allowed: 0 }];
    let too_many = vec![crate::plan::Breach::MaxJoins { joins: 1, allowed: 0 }];
    let (nothing, one) = ("There is nothing to apply.", "1 account leaves o-exampleorgid when this is applied");
    let verdict = Verdict::Unknown { missing: "not attested".into(), keys: [].into(), remedy: Remedy::new() };
    let gate = GateResult {
        gate: GateName::PaymentMethod,
        enforcement: Enforcement::Mandatory,
        verdict,
        evidence: vec![],
        basis: Basis::default(),
    };
    let held = leaves(Address::new("crm"), "Sold", Via::Leave, None, vec![gate]);
    let blocked = Plan { accounts: vec![held], ..quiet() };
    let missing = PlannedAccount {
        address: Address::new("x"),
        source: None,
        id: "500000000000".parse().unwrap(),
        before: None,
        desired: Desired::Member { join: None },
        drift: vec![Drift::Missing { departed: None }],
        change: Change::None(NoChange::MissingMember),
    };
    let cases = [
        (quiet(), "No changes: o-exampleorgid matches the configuration", nothing),
        (Plan { complete: false, ..quiet() }, "No changes for the targeted accounts of o-exampleorgid", nothing),
        (blocked, "No account leaves o-exampleorgid yet: 1 account blocked", nothing),
        (one_leaves(&quiet()), one, "orgroster apply -expect-digest sha256:0"),
        (
            Plan { exceeded, ..one_leaves(&quiet()) },
            "No account leaves o-exampleorgid: 1 departure would exceed the guardrails",
            "Nothing in this plan can be applied.",
        ),
        (Plan { snapshot: Some(quiet().planned_at), ..one_leaves(&quiet()) }, one, "plan again with credentials"),
        (Plan { as_if: true, ..one_leaves(&quiet()) }, one, "plan again at that time"),
        (Plan { accounts: vec![missing], ..quiet() }, "Drift in o-exampleorgid: 1 member missing", nothing),
        (
            Plan { accounts: vec![departure("crm"), joining(JoinStep::Invite, true), joining(JoinStep::Invite, false)], ..quiet() },
            "1 account leaves o-exampleorgid, 1 account joins o-exampleorgid, 1 account is invited to o-exampleorgid when this is applied",
            "orgroster apply -expect-digest sha256:0",
        ),
        (
            Plan { exceeded: too_many, accounts: vec![joining(JoinStep::Invite, false)], ..quiet() },
            "No account joins o-exampleorgid: 1 joining would exceed the guardrails",
            "Nothing in this plan can be applied.",
        ),
    ];
    for (plan, title, end) in cases {
        let text = markdown(&plan, false).plain();
        assert_eq!(text.lines().nth(1), Some(format!("## {title}").as_str()));
        assert!(text.contains(end), "{text}");
        assert_eq!(text.contains("orgroster apply"), end.starts_with("orgroster apply"), "{text}");
    }
}

#[test]
fn the_command_of_a_targeted_plan_names_its_targets_for_a_shell() {
    let plan = |key| Plan { complete: false, accounts: vec![departure(key)], ..quiet() };
    let text = markdown(&plan("it's"), true).plain();
    assert!(text.contains(" \\\n  -target='account.sold[\"it'\\''s\"]'\n```"), "{text}");
    assert!(text.contains("Pass the same values of variables"), "{text}");
    assert!(markdown(&plan("a\u{202e}b"), false).contains(" # with the -target options of the plan\n```"));
}

/// What a reader of the rendered Markdown sees.
#[derive(Default, Debug)]
struct Seen {
    html: Vec<String>,
    links: Vec<String>,
    headings: usize,
    /// Text outside code.
    text: String,
    /// The text of each cell of each row, except headers.
    rows: Vec<Vec<String>>,
    fences: Vec<String>,
    mermaid: String,
}

fn read(markdown: &str) -> Seen {
    let mut seen = Seen::default();
    let mut in_code = None;
    let (mut in_head, mut in_cell) = (false, false);
    for event in Parser::new_ext(
        markdown,
        Options::ENABLE_TABLES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_MATH,
    ) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => seen.html.extend(html.lines().map(str::to_owned)),
            Event::Start(Tag::Link { link_type, dest_url, .. }) => {
                assert_eq!(link_type, LinkType::Autolink, "{dest_url}");
                seen.links.push(dest_url.to_string());
            }
            Event::Start(Tag::Heading { .. }) => seen.headings += 1,
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => {
                seen.fences.push(language.to_string());
                in_code = Some(language.to_string());
            }
            Event::End(TagEnd::CodeBlock) => in_code = None,
            Event::Start(Tag::TableHead) => in_head = true,
            Event::End(TagEnd::TableHead) => in_head = false,
            Event::Start(Tag::TableRow) => seen.rows.push(Vec::new()),
            Event::Start(Tag::TableCell) if !in_head => {
                seen.rows.last_mut().unwrap().push(String::new());
                in_cell = true;
            }
            Event::End(TagEnd::TableCell) => in_cell = false,
            Event::Text(text) if in_code.as_deref() == Some("mermaid") => seen.mermaid.push_str(&text),
            Event::Text(_) if in_code.is_some() => {}
            Event::Text(text) => {
                seen.text.push_str(&text);
                if let Some(cell) = seen.rows.last_mut().filter(|_| in_cell).and_then(|row| row.last_mut()) {
                    cell.push_str(&text);
                }
            }
            Event::Code(code) => {
                if let Some(cell) = seen.rows.last_mut().filter(|_| in_cell).and_then(|row| row.last_mut()) {
                    cell.push_str(&code);
                }
            }
            Event::Start(
                Tag::Image { .. }
                | Tag::FootnoteDefinition(_)
                | Tag::Strikethrough
                | Tag::HtmlBlock
                | Tag::CodeBlock(CodeBlockKind::Indented),
            )
            | Event::FootnoteReference(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::TaskListMarker(_)
            | Event::Rule => {
                assert!(matches!(event, Event::Start(Tag::HtmlBlock)), "{event:?}\n{markdown}");
            }
            _ => {}
        }
    }
    seen
}

fn is_meant(html: &str) -> bool {
    let plain = |text: &str| text.chars().all(|character| character.is_ascii_alphanumeric() || " ,:()".contains(character));
    let summary = html.strip_prefix("<summary>").and_then(|rest| rest.strip_suffix("</summary>"));
    ["<br>", "<details>", "<details open>", "</details>"].contains(&html) || summary.is_some_and(plain)
}

fn is_mermaid(line: &str) -> bool {
    let grammar = regex::Regex::new(
        r#"^  (classDef (leaves|joins) [a-z0-9#:,-]+|(u\d+ --> )?u\d+\["[^"\[\]\n`<>]*"\]|(u\d+ -\.-> )?a\d+\(\["[^"\[\]\n`<>]*"\]\):::(leaves|joins))$"#,
    )
    .unwrap();
    line == "flowchart TD" || grammar.is_match(line)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: crate::testing::cases(32), ..ProptestConfig::default() })]

    #[test]
    fn any_plan_is_a_comment_of_bounded_length_with_only_the_intended_structure(plan in any_plan()) {
        let text = markdown(&plan, false).plain();
        prop_assert!(text.len() <= LIMIT);
        prop_assert!(text.encode_utf16().count() <= 65_536);
        let marker = format!("<!-- orgroster:{}:o-exampleorgid -->", if plan.sandbox { "rehearsal" } else { "plan" });
        prop_assert_eq!(text.lines().next(), Some(marker.as_str()));
        prop_assert!(text.contains(&plan.digest.0));
        prop_assert!(marks(&plan).iter().all(|mark| text.contains(mark)) && marks(&plan).is_empty() != plan.sandbox);

        let seen = read(&text);
        let (first, rest) = seen.html.split_first().unwrap();
        prop_assert_eq!(first, &marker);
        prop_assert!(rest.iter().all(|html| is_meant(html)), "{:?}", rest);
        let count = |wanted: &str| rest.iter().filter(|html| *html == wanted).count();
        prop_assert_eq!(count("<details>") + count("<details open>"), count("</details>"));
        prop_assert!(seen.links.iter().all(|link| link == "https://tickets.example.com/FIN-77" || link == "https://evil.example"), "{:?}", seen.links);
        prop_assert!(!seen.text.contains(['@', '#', '<', '`', '|', '$', '\u{202e}', '\u{200b}']), "{}", seen.text);
        let words = seen.text.to_lowercase();
        prop_assert!(!words.contains("www.") && !words.contains("gh-") && !words.contains("deadbeef"), "{}", seen.text);
        prop_assert!(seen.headings <= 11);
        prop_assert!(seen.fences.iter().all(|language| ["diff", "mermaid", "sh"].contains(&language.as_str())), "{:?}", seen.fences);
        prop_assert!(seen.mermaid.lines().all(is_mermaid), "{}", seen.mermaid);

        let shortened = text.contains("**Shortened**");
        let accounts = plan.acts().len();
        prop_assert!(seen.rows.len() == accounts || (shortened && seen.rows.len() < accounts));
        for row in &seen.rows {
            prop_assert_eq!(row.len(), 4);
            let departs = row[3].contains("gates pass");
            let waits = row[3] == "when resolved" || row[3].strip_suffix(" UTC").is_some_and(|at| at.parse::<jiff::civil::DateTime>().is_ok());
            prop_assert!(departs || waits, "{:?}", row);
        }
        if !shortened {
            for planned in plan.acts() {
                prop_assert!(seen.rows.iter().any(|row| row[0].contains(&planned.id.to_string())), "{}", planned.id);
            }
        }
    }
}
