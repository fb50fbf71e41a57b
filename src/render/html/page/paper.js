
// The printed page: every act in full, the gates, the dates, and the organization as it is currently shown.

function paper() {
  const sheet = byId("paper");
  sheet.replaceChildren();
  for (const [fate, title] of [["departing", "Departing"], ["joining", "Joining"], ["blocked", "Blocked"]]) {
    const accounts = acting.filter((account) => account.fate === fate && matches(account));
    if (accounts.length === 0) continue;
    add(sheet, make("h2", null, title));
    add(sheet, accounts.map((account) => make("article", null, detailsOf(account, { heading: 3, paper: true }))));
  }
  add(sheet, make("h2", null, "Gates"), printedMatrix());
  if (plan.not_read.length > 0) add(sheet, make("h2", null, "Not read by any gate"), unread());
  add(sheet, make("h2", null, "Dates"), timelineOf((account) => value(nameOf(account))));
  add(sheet, make("h2", null, "Organization"), printedTree());
}

function printedMatrix() {
  const rows = acting.filter(matches).map((account) => {
    const standings = new Map(account.act.gates.map((answer) => [answer.gate, answer.standing]));
    const cells = plan.gates.map((gate) => make("td", { class: standings.get(gate.name) ?? "absent" }, STANDINGS[standings.get(gate.name) ?? "absent"].sign));
    return make("tr", null, make("th", { scope: "row" }, value(nameOf(account))), cells);
  });
  const names = plan.gates.map((gate) => make("th", { scope: "col" }, make("span", { class: "upright" }, gate.name)));
  const legend = Object.keys(STANDINGS).map((standing) => badge(standing, STANDINGS));
  const head = make("thead", null, make("tr", null, make("th", { scope: "col" }, "Account"), names));
  return [make("p", { class: "legend" }, legend), make("table", { class: "gates" }, head, make("tbody", null, rows))];
}

function printedTree() {
  return make("table", { class: "organization" }, make("tbody", null, tree.rows.map(({ node, level }) => {
    const row = make("tr", null);
    row.style.setProperty("--level", level - 1);
    if (node.units) add(row, make("th", { scope: "row", class: "name" }, value(node.title)), make("td", { colspan: 3 }, Tree.unit(node, true)[1]));
    else add(row, make("td", { class: "name" }, value(nameOf(node))), make("td", null, code(node.id)), make("td", null, badge(node.fate)), make("td", null, value(node.note)));
    return row;
  })));
}

addEventListener("beforeprint", paper);
addEventListener("afterprint", () => byId("paper").replaceChildren());
