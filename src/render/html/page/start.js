
/** Title, banners, counts and the command: what readers must see first. */
function headline() {
  const { organization } = plan;
  const counts = Object.fromEntries(Object.keys(FATES).map((fate) => [fate, plan.accounts.filter((account) => account.fate === fate).length]));
  const drifted = plan.accounts.filter((account) => account.drifted).length;
  // Joinings are not mentioned if there are none.
  const fates = Object.keys(FATES).filter((fate) => fate !== "joining" || counts.joining > 0);
  const acts = fates.filter((fate) => ["departing", "joining", "blocked"].includes(fate)).map((fate) => `${counts[fate]} ${FATES[fate].word}`);
  document.title = visible(`${acts.join(", ")}: plan for ${organization.id}`);
  const theme = make("button", { type: "button", id: "theme", class: "quiet" });
  theme.addEventListener("click", turnTheme);
  add(byId("headline"),
    banners(drifted),
    make("div", { class: "masthead" }, make("h1", null, "Plan for ", code(organization.id)), theme),
    make("p", { class: "facts" }, "Management account ", code(organization.management_account_id), `, ${counted(organization.members, "member")}. Planned at `, instant(plan.planned_at), ` by orgroster ${plan.version}.`),
    make("div", { class: "summary" },
      make("div", { class: "counts", role: "group", "aria-labelledby": "only" }, make("span", { id: "only" }, "Show only"), fates.map((fate) => countButton(fate, counts[fate]))),
      commands()),
    baseline());
  if (plan.settings.length > 0) {
    add(byId("headline"), make("p", { class: "settings" }, make("strong", null, "Safety settings that are not the defaults: "), value(plan.settings.join(", ")), "."));
  }
}

function banners(drifted) {
  const banner = (kind, strong, rest) => make("p", { class: `banner ${kind}` }, make("strong", null, strong), " ", rest);
  return [
    plan.sandbox && banner("rehearsal", "Rehearsal.", "This is the sandbox, not AWS. Nothing here reaches a real account."),
    plan.snapshot && banner("partial", "From a snapshot.", ["The organization as it was at ", instant(plan.snapshot), ". This plan is for review and can't be applied."]),
    plan.exceeded.length > 0 && banner("exceeded", "Guardrails are exceeded, so nothing in this plan would be carried out:", `${plan.exceeded.join("; ")}.`),
    !plan.complete && banner("partial", "Part of the organization.", "The plan was made with -target, so it does not contain acts on other accounts."),
    drifted > 0 && banner("partial", `Drift: ${counted(drifted, "member")} not as declared.`, "Apply does not correct this."),
  ].filter(Boolean);
}

/** What changed since the baseline: counts, a filter, withdrawn acts and other changes. */
function baseline() {
  if (!plan.baseline) return undefined;
  const { planned_at: at, counts, withdrawn, undeclared, changes } = plan.baseline;
  const button = make("button", { type: "button", id: "new", class: "quiet", "aria-pressed": "false" }, "Show only this change");
  button.addEventListener("click", () => {
    filter.onlyNew = !filter.onlyNew;
    button.setAttribute("aria-pressed", String(filter.onlyNew));
    update();
  });
  const part = make("div", { class: "baseline" }, make("p", null, make("strong", null, "Since the baseline of ", instant(at)), `: ${counts}. `, button));
  const former = (title, blocks) => blocks.length === 0 ? undefined : make("p", null, title, blocks.flatMap(({ name, id }, index) => [index === 0 ? "" : ", ", value(name), " ", code(id)]), ".");
  add(part, former("These accounts were to leave or to join before this change. Now nothing happens to them: ", withdrawn));
  add(part, former("This change deletes the blocks of these accounts, so they are no longer declared: ", undeclared));
  if (changes.length > 0) {
    const items = changes.map(({ what, before, after }) => make("li", null, value(what), properties([["Before", code(before)], ["After", code(after)]])));
    add(part, make("details", null, make("summary", null, "Other changes in this pull request", make("span", { class: "count" }, ` ${changes.length}`)), make("ul", null, items)));
  }
  return part;
}

function commands() {
  const digest = code(plan.digest);
  const list = properties([["Digest", [digest, copier(plan.digest, "the digest", digest)]]]);
  const { command, not } = plan.carry_out;
  const apply = command && code(command);
  add(list, make("dt", null, "Carry out"), make("dd", null, apply ? [apply, copier(command, "the command", apply)] : not));
  list.classList.add("commands");
  return list;
}

function countButton(fate, count) {
  const button = make("button", { type: "button", class: `number ${fate}`, "aria-pressed": "false", "data-fate": fate, disabled: count === 0 },
    make("span", { class: "figure" }, count.toLocaleString("en")), " ", badge(fate));
  button.addEventListener("click", () => {
    const on = !filter.fates.has(fate);
    if (on) filter.fates.add(fate);
    else filter.fates.delete(fate);
    button.setAttribute("aria-pressed", String(on));
    update();
  });
  return button;
}

const dark = matchMedia("(prefers-color-scheme: dark)");

function nameTheme() {
  const now = document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light");
  byId("theme").textContent = now === "dark" ? "Light theme" : "Dark theme";
  return now;
}

function turnTheme() {
  document.documentElement.dataset.theme = nameTheme() === "dark" ? "light" : "dark";
  nameTheme();
}

const tree = new Tree(byId("panel-organization"));
const matrix = new Matrix(byId("panel-gates"));
const timeline = new Timeline(byId("panel-dates"));

const VIEWS = [
  { key: "organization", title: "Organization", view: tree },
  { key: "gates", title: "Gates", view: matrix },
  { key: "dates", title: "Dates", view: timeline },
];

/** Updates the visible view after the filter changed. Other views are updated when they are opened. */
function update() {
  VIEWS.find(({ key }) => !byId(`panel-${key}`).hidden).view.update();
  const count = plan.accounts.filter(matches).length;
  say(filtering() ? `${count.toLocaleString("en")} of ${counted(plan.accounts.length, "account")}` : counted(plan.accounts.length, "account"));
}

/** The visible view. */
const viewInSight = () => VIEWS.find(({ key }) => !byId(`panel-${key}`).hidden).key;

/** Puts the selected view and account into the page's address, so that it can be shared: `#gates/230000000004`. */
function address() {
  const view = viewInSight();
  const parts = [view === VIEWS[0].key ? undefined : view, selected.linked ? selected.account.id : undefined].filter(Boolean);
  history.replaceState(null, "", `#${parts.join("/")}`);
}

/** Opens the view or account in the page's address. Other links lead to parts of the page. */
function follow() {
  const parts = location.hash.slice(1).split("/");
  const view = VIEWS.find(({ key }) => parts.includes(key));
  const account = parts.map((part) => accountsById.get(part)).find(Boolean);
  if (view || account) turnTo((view ?? VIEWS[0]).key);
  if (account) select(account, { origin: () => tree.focus(account) });
  return account;
}

function turnTo(key) {
  for (const { key: other } of VIEWS) {
    const here = other === key;
    byId(`panel-${other}`).hidden = !here;
    const tab = byId(`tab-${other}`);
    tab.setAttribute("aria-selected", String(here));
    tab.tabIndex = here ? 0 : -1;
  }
  update();
  if (key === VIEWS[0].key && selected.account) tree.show(selected.account);
}

/** Opens a view that the reader selected. */
function open(key) {
  turnTo(key);
  address();
}

function tabs() {
  for (const { key, title } of VIEWS) {
    const tab = make("button", { type: "button", role: "tab", id: `tab-${key}`, "aria-controls": `panel-${key}` }, title);
    tab.addEventListener("click", () => open(key));
    add(byId("tabs"), tab);
  }
  byId("tabs").addEventListener("keydown", (event) => {
    const at = VIEWS.findIndex(({ key }) => event.target.id === `tab-${key}`);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: VIEWS.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    const { key } = VIEWS.at(to % VIEWS.length);
    open(key);
    byId(`tab-${key}`).focus();
  });
}

headline();
tabs();
nameTheme();
dark.addEventListener("change", nameTheme);
byId("unscripted").remove();
byId("app").hidden = false;
byId("search").addEventListener("submit", (event) => event.preventDefault());
byId("words").addEventListener("input", (event) => {
  filter.words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
  update();
});
turnTo(VIEWS[0].key);
addEventListener("hashchange", follow);
if (!follow() && acting.length > 0) select(acting[0], { origin: () => tree.focus(acting[0]), quiet: true });
