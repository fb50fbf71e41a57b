
/** Groups of answers by importance. Each answer is in the first group that takes it. Groups that are not `pressing` are folded; in print, only the names of their gates appear. */
const GROUPS = {
  against: { title: "Blocking gates", takes: ({ standing }) => ["blocks", "unknown"].includes(standing), pressing: true },
  consequences: { title: "Consequences of leaving", takes: ({ standing, gate }, { acknowledged }) => isConsequence(gate) && (standing === "advises" || acknowledged.includes(gate)), pressing: true },
  advice: { title: "Advisory: shown but does not block", takes: ({ standing }) => standing === "advises", pressing: true },
  deferred: { title: "Deferred to apply, which reads in the account", takes: ({ standing }) => standing === "deferred", pressing: false },
  passes: { title: "Passes", takes: () => true, pressing: false },
};

const isConsequence = (gate) => gatesByName.get(gate).group === "consequence";

/** A list of names and values, without those that have no value. */
function properties(pairs) {
  const list = make("dl", { class: "properties" });
  for (const [name, shown] of pairs) {
    if (shown !== undefined && shown !== null) add(list, make("dt", null, name), make("dd", null, shown));
  }
  return list;
}

/** An account in full. `heading` is the level of its heading; `paper` can't be unfolded. */
function detailsOf(account, { heading = 2, paper = false } = {}) {
  const part = document.createDocumentFragment();
  const title = make(`h${heading}`, { tabindex: heading === 2 ? "-1" : undefined, class: "title" }, value(nameOf(account)));
  add(part, make("div", { class: "fate" }, badge(account.fate), sinceOf(account)), title);
  const units = unitsAbove(account);
  const unit = units.length === 0 ? undefined : units.flatMap((unit, index) => [index === 0 ? "" : " / ", value(unitName(unit))]);
  const facts = account.act?.account;
  const source = account.act?.source;
  add(part, properties([
    ["Account", code(account.id)],
    ["Address", account.address && code(account.address)],
    ["Unit", unit],
    ["Why", account.act ? undefined : value(account.note)],
    ["Email", facts && value(facts.email)],
    ["State", facts && facts.state],
    ["Joined", facts && [facts.joined_method, facts.joined_at && [", ", instant(facts.joined_at)]].flat()],
    ["Declared in", source && code(`${source.file}:${source.line}`)],
  ]));
  if (account.act) add(part, actOf(account, heading + 1, paper));
  return part;
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);

function actOf({ id, act, since }, heading, paper) {
  const { terms, attestations, acknowledged, joins, gates, tags } = act;
  const groups = joins ? { ...GROUPS, consequences: { ...GROUPS.consequences, title: "Consequences of joining" } } : GROUPS;
  const grouped = Object.groupBy(gates, (answer) => Object.keys(groups).find((group) => groups[group].takes(answer, act)));
  const group = (name) => grouped[name] && (paper ? printedGroup : foldedGroup)(groups[name], grouped[name], heading);
  const facts = properties([
    ...terms.map(({ name, text }) => [capital(name), value(text)]),
    ["Baseline", since?.text],
    ["Eligible from", act.eligible_at && instant(act.eligible_at)],
    ["Not before", act.not_before && instant(act.not_before)],
    ["Acknowledged", acknowledged.length > 0 ? code(acknowledged.join(", ")) : undefined],
  ]);
  const part = document.createDocumentFragment();
  add(part, group("against"), make(`h${heading}`, null, capital(act.noun)), facts, group("consequences"));
  const names = Object.entries(tags);
  if (names.length > 0) add(part, make(`h${heading}`, null, "Tags"), properties(names.map(([name, text]) => [value(name), value(text)])));
  if (attestations.length > 0) add(part, make(`h${heading}`, null, "Attestations"), attestations.map(attestationOf));
  add(part, group("advice"), group("deferred"), group("passes"), paper || joins ? undefined : notRead(id, heading));
  return part;
}

const unread = () => make("ul", { class: "unread" }, plan.not_read.map((what) => make("li", null, value(what))));

/** What may depend on the organization but is not read by any gate. It is the same for every account, and is printed once. */
function notRead(id, heading) {
  const summary = make("summary", null, make(`h${heading}`, null, "Not read by any gate"), make("span", { class: "count" }, ` ${plan.not_read.length}`));
  const how = make("p", { class: "fine" }, "To print the commands that check these, run ", code(`${plan.explain} ${id}`));
  return make("details", { class: "group" }, summary, unread(), how);
}

function foldedGroup({ title, pressing }, answers, heading) {
  const summary = make("summary", null, make(`h${heading}`, null, title), make("span", { class: "count" }, ` ${answers.length}`));
  return make("details", { class: "group", open: pressing }, summary, make("ul", { class: "answers" }, answers.map(answerOf)));
}

function printedGroup({ title, pressing }, answers, heading) {
  if (!pressing) return make("p", { class: "brief" }, make("strong", null, `${title}: `), answers.map((answer) => answer.gate).join(", "), ".");
  return [make(`h${heading}`, null, title), make("ul", { class: "answers" }, answers.map(answerOf))];
}

function answerOf(answer) {
  const gate = gatesByName.get(answer.gate);
  const item = make("li", { class: `answer ${answer.standing}`, "data-gate": answer.gate, tabindex: "-1" });
  add(item, make("p", { class: "line" }, badge(answer.standing, STANDINGS), code(answer.gate), make("span", { class: "asks" }, gate.asks)));
  add(item, make("p", null, value(answer.explanation)));
  if (answer.remedy) {
    add(item, make("div", { class: "remedy" }, remedyOf(answer.remedy)));
    add(item, make("p", { class: "fine" }, "Resolved by ", gate.who, ". ", make("a", { href: gate.documentation, target: "_blank", rel: "noopener noreferrer" }, "AWS documentation", make("span", { class: "unseen" }, ` of ${answer.gate}`))));
  }
  if (answer.eligible_at) add(item, make("p", null, "Passes without action at ", instant(answer.eligible_at), "."));
  for (const seen of answer.evidence ?? []) {
    add(item, make("p", { class: "fine" }, "Read with ", code(seen.operation), ", called from ", code(seen.account), " at ", instant(seen.at)));
  }
  return item;
}

/** Sentences, list items, and blocks of consecutive lines to copy. */
function remedyOf(lines) {
  const parts = [];
  let block;
  for (const { text, copied, item, depth } of lines) {
    if (copied && block && !item) {
      block.append(`\n${visible(text)}`);
      continue;
    }
    block = copied ? make("code", null, visible(text)) : undefined;
    const shown = block ? make("pre", null, block) : value(text);
    parts.push(make(block ? "div" : "p", { class: `depth${Math.min(depth, 3)}` }, item ? "• " : "", shown));
  }
  return parts;
}

function attestationOf(attestation) {
  return properties([
    ["About", code(attestation.of.join(", "))],
    ["By", value(attestation.by)],
    ["On", attestation.on],
    ["Evidence", attestation.evidence && linked(attestation.evidence)],
    ["Valid until", attestation.expires && `the end of ${attestation.expires} (UTC)`],
  ]);
}

/** The account whose details are shown, the element to focus when they close, and whether the page's address contains the account. */
const selected = { account: undefined, origin: undefined, linked: false };

const narrow = matchMedia("(max-width: 60rem)");

/** Shows an account in full and, if the reader asked for it, moves the focus there: to a gate, or else to the heading. */
function select(account, { gate, origin, quiet = false } = {}) {
  const before = selected.account;
  Object.assign(selected, { account, origin, linked: selected.linked || !quiet });
  const back = make("button", { type: "button", class: "back" }, "Back to the list");
  back.addEventListener("click", leaveDetails);
  const panel = byId("details");
  panel.replaceChildren(back, detailsOf(account));
  panel.scrollTop = 0;
  tree.reveal(account);
  tree.mark(before, account);
  if (quiet) return;
  address();
  openDetails(true);
  const answer = gate && panel.querySelector(`[data-gate="${CSS.escape(gate)}"]`);
  if (answer) answer.closest("details").open = true;
  const target = answer ?? panel.querySelector(".title");
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: answer ? "start" : "nearest" });
}

/** On a narrow screen, the details cover the list, which is then inert. */
function openDetails(open) {
  byId("details").classList.toggle("open", open);
  const covered = open && narrow.matches;
  byId("views").inert = covered;
  byId("headline").inert = covered;
}

function leaveDetails() {
  openDetails(false);
  selected.origin?.();
}

narrow.addEventListener("change", () => openDetails(false));
byId("details").addEventListener("keydown", (event) => {
  if (event.key === "Escape") leaveDetails();
});
