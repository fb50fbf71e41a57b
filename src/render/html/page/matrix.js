
const GATE_GROUPS = { fact: "Facts", attestation: "Attestations", consequence: "Consequences" };

/** The matrix of accounts that should leave or join, and the gates' answers. */
class Matrix {
  static HINT = "Point at a cell, or move to it with the arrow keys, to read its answer here. Enter opens the account.";

  constructor(panel) {
    this.column = -1;
    this.rows = [];
    this.head = make("div", { class: "head", role: "rowgroup" }, this.groups(), this.names());
    this.body = make("div", { class: "rows", role: "rowgroup" });
    const table = { class: "matrix", role: "grid", "aria-label": "Gates of the accounts that should leave or join", "aria-colcount": plan.gates.length + 1 };
    this.grid = make("div", table, this.head, this.body);
    this.grid.style.setProperty("--gates", plan.gates.length);
    this.viewport = make("div", { class: "viewport" }, this.grid);
    this.none = make("p", { class: "empty", hidden: true }, "No account that should leave or join matches.");
    this.caption = make("p", { class: "caption", "aria-hidden": "true" }, Matrix.HINT);
    const legend = Object.keys(STANDINGS).map((standing) => badge(standing, STANDINGS));
    add(panel, make("div", { class: "tools legend" }, legend), this.none, this.viewport, this.caption);
    this.list = new Rows(this.viewport, this.body, (index) => this.draw(index));
    this.body.addEventListener("keydown", (event) => this.key(event));
    this.body.addEventListener("click", (event) => this.click(event));
    for (const type of ["focusin", "mouseover"]) this.body.addEventListener(type, (event) => this.describe(event.target.closest("[data-column]")));
  }

  groups() {
    const row = make("div", { role: "row", class: "grouping", "aria-rowindex": 1 }, make("span", { role: "columnheader", class: "corner" }, make("span", { class: "unseen" }, "Kind of gate")));
    for (const [group, title] of Object.entries(GATE_GROUPS)) {
      const size = plan.gates.filter((gate) => gate.group === group).length;
      if (size === 0) continue;
      const header = make("span", { role: "columnheader", class: `begins ${group}`, "aria-colspan": size }, make("span", null, title));
      header.style.gridColumn = `span ${size}`;
      add(row, header);
    }
    return row;
  }

  names() {
    const names = plan.gates.map((gate, index) => make("span", { role: "columnheader", class: this.begins(index), title: gate.asks }, make("span", { class: "upright" }, gate.name)));
    return make("div", { role: "row", class: "naming", "aria-rowindex": 2 }, make("span", { role: "columnheader", class: "corner" }, "Account"), names);
  }

  /** A line separates the kinds of gates. */
  begins(index) {
    return plan.gates[index].group === plan.gates[index - 1]?.group ? "" : "begins";
  }

  update() {
    const active = this.rows[this.list.active];
    this.rows = acting.filter(matches);
    this.list.active = Math.max(0, this.rows.indexOf(active));
    this.grid.setAttribute("aria-rowcount", this.rows.length + 2);
    this.none.hidden = this.rows.length > 0;
    this.viewport.hidden = this.rows.length === 0;
    this.caption.textContent = Matrix.HINT;
    this.list.show(this.rows.length);
  }

  draw(index) {
    const account = this.rows[index];
    const answers = new Map(account.act.gates.map((answer) => [answer.gate, answer]));
    const here = (column) => (index === this.list.active && column === this.column ? "0" : "-1");
    const head = { role: "rowheader", class: "corner", tabindex: here(-1), "data-column": -1 };
    const row = make("div", { role: "row", class: "row", "aria-rowindex": index + 3, "data-index": index });
    add(row, make("span", head, badge(account.fate), make("span", { class: "name" }, value(nameOf(account))), sinceOf(account)));
    plan.gates.forEach((gate, column) => {
      const answer = answers.get(gate.name);
      const standing = answer?.standing ?? "absent";
      const label = [`${gate.name}: ${STANDINGS[standing].word}`, answer?.explanation].filter(Boolean).join(". ");
      const cell = { role: "gridcell", class: `cell ${standing} ${this.begins(column)}`, tabindex: here(column), "data-column": column, "aria-label": label };
      add(row, make("span", cell, make("span", { "aria-hidden": "true" }, STANDINGS[standing].sign)));
    });
    return row;
  }

  /** Shows the cell's answer in words, because the signs alone are terse. */
  describe(cell) {
    if (!cell) return;
    const account = this.rows[Number(cell.parentElement.dataset.index)];
    this.caption.replaceChildren();
    add(this.caption, value(nameOf(account)), " ", cell.getAttribute("aria-label") ?? account.note);
  }

  move(row, column) {
    this.column = Math.max(-1, Math.min(column, plan.gates.length - 1));
    this.list.activate(row);
    this.list.focus();
    this.list.existing.get(this.list.active)?.querySelector('[tabindex="0"]')?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  open() {
    const account = this.rows[this.list.active];
    const answer = account.act.gates.find((answer) => answer.gate === plan.gates[this.column]?.name);
    const origin = () => this.list.focus();
    select(account, { gate: answer?.gate, origin });
  }

  click(event) {
    const cell = event.target.closest("[data-column]");
    if (!cell) return;
    this.move(Number(cell.parentElement.dataset.index), Number(cell.dataset.column));
    this.open();
  }

  key(event) {
    if (event.altKey || event.metaKey) return;
    const row = this.list.active;
    const { column } = this;
    const far = event.ctrlKey;
    const keys = {
      ArrowDown: () => this.move(row + 1, column),
      ArrowUp: () => this.move(row - 1, column),
      ArrowRight: () => this.move(row, column + 1),
      ArrowLeft: () => this.move(row, column - 1),
      PageDown: () => this.move(row + this.list.page, column),
      PageUp: () => this.move(row - this.list.page, column),
      Home: () => this.move(far ? 0 : row, -1),
      End: () => this.move(far ? this.rows.length - 1 : row, plan.gates.length - 1),
      Enter: () => this.open(),
      " ": () => this.open(),
    };
    const act = keys[event.key];
    if (!act || (far && !["Home", "End"].includes(event.key))) return;
    event.preventDefault();
    act();
  }
}
