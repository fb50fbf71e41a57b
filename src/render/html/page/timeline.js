
const DAY = 24 * 60 * 60 * 1000;

/** The meaning of a date for an account. */
const MOMENTS = {
  eligible: "Eligible from this time on, if nothing else changes.",
  waits: "One gate passes from this time on; others still block.",
  expires: "An attestation is valid until the end of this day (UTC).",
};

/** The dates of the plan: when waiting ends, and when attestations of departing accounts expire. Sorted, with accounts grouped by date. */
function moments() {
  const found = new Map();
  const note = (at, kind, account) => {
    const key = `${at} ${kind}`;
    const moment = found.get(key) ?? { at, kind, accounts: [], time: Date.parse(at) + (at.length > 10 ? 0 : DAY) };
    if (!moment.accounts.includes(account)) moment.accounts.push(account);
    found.set(key, moment);
  };
  for (const account of acting.filter(matches)) {
    const { eligible_at: eligible, gates, attestations } = account.act;
    if (eligible) note(eligible, "eligible", account);
    else for (const answer of gates) if (answer.standing === "blocks" && answer.eligible_at) note(answer.eligible_at, "waits", account);
    if (account.fate === "departing") for (const { expires } of attestations) if (expires) note(expires, "expires", account);
  }
  return [...found.values()].sort((a, b) => a.time - b.time || compare(a.kind, b.kind));
}

/** `2 days and 5 hours`, rounded down to hours. */
function span(milliseconds) {
  const hours = Math.floor(Math.max(0, milliseconds) / (DAY / 24));
  const [days, rest] = [Math.floor(hours / 24), hours % 24];
  const parts = [days > 0 && counted(days, "day"), (rest > 0 || days === 0) && counted(rest, "hour")].filter(Boolean);
  return parts.join(" and ");
}

/** The dates as a list on one scale, which starts at the time of the plan. */
class Timeline {
  constructor(panel) {
    this.panel = panel;
  }

  update() {
    this.panel.replaceChildren(timelineOf((account) => {
      const button = make("button", { type: "button", class: "link" }, value(nameOf(account)));
      button.addEventListener("click", () => select(account, { origin: () => button.focus() }));
      return button;
    }));
  }
}

/** Maximum number of accounts that are shown for one date; the rest is folded. */
const TOGETHER = 20;

/** Accounts separated by commas, with those beyond `TOGETHER` folded. */
function together(accounts, shown) {
  const listed = (part) => part.flatMap((account, index) => [index === 0 ? "" : ", ", shown(account)]);
  const rest = accounts.slice(TOGETHER);
  if (rest.length === 0) return make("p", null, listed(accounts));
  return [make("p", null, listed(accounts.slice(0, TOGETHER))), make("details", null, make("summary", null, `and ${counted(rest.length, "more account")}`), make("p", null, listed(rest)))];
}

/** The list. `shown` creates the node of an account. */
function timelineOf(shown) {
  const all = moments();
  if (all.length === 0) return make("p", { class: "empty" }, "No account shown here waits for a date or has an attestation that expires.");
  const begin = Date.parse(plan.planned_at);
  const end = Math.max(...all.map((moment) => moment.time), begin + 1);
  const list = make("ol", { class: "moments" });
  add(list, make("li", { class: "moment" }, make("p", { class: "when" }, instant(plan.planned_at)), make("p", { class: "scale", "aria-hidden": "true" }), make("p", null, "The plan was made.")));
  for (const moment of all) {
    const share = Math.max(0, (moment.time - begin) / (end - begin));
    const mark = make("span", { class: `mark ${moment.kind}` });
    mark.style.setProperty("--share", `${share * 100}%`);
    const when = moment.at.length > 10 ? instant(moment.at) : make("time", { datetime: moment.at }, moment.at);
    const passed = moment.time < Date.now() ? make("strong", null, " This time has passed: plan again.") : undefined;
    add(list, make("li", { class: `moment ${moment.kind}` },
      make("p", { class: "when" }, when, make("span", { class: "fine" }, ` ${span(moment.time - begin)} after the plan`)),
      make("p", { class: "scale", "aria-hidden": "true" }, mark),
      make("div", null, together(moment.accounts, shown), make("p", { class: "fine" }, MOMENTS[moment.kind], passed))));
  }
  return list;
}
