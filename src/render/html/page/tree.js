
/** Accounts that are in no known unit, under separate headings. */
const ELSEWHERE = [
  { title: "Not in the organization", holds: (account) => !account.live },
  { title: "Organizational unit unknown", holds: (account) => account.live },
];

/** The organization as a tree: units, those with acts first, and in each unit its accounts, those with acts first. */
class Tree {
  constructor(panel) {
    this.expanded = new Set();
    this.collapsed = new Set();
    this.rows = [];
    this.typed = { text: "", at: 0 };
    this.roots = this.build();
    const all = make("button", { type: "button", class: "quiet" }, "Expand all");
    const none = make("button", { type: "button", class: "quiet" }, "Collapse all");
    all.addEventListener("click", () => this.expandAll(true));
    none.addEventListener("click", () => this.expandAll(false));
    const nameless = plan.units.some((unit) => unit.name === undefined && unit.parent !== undefined);
    const hint = nameless ? "Units without accounts that should leave are shown by id." : undefined;
    this.body = make("div", { class: "rows", role: "tree", "aria-label": "Organization" });
    this.none = make("p", { class: "empty", hidden: true }, "No account matches.");
    this.viewport = make("div", { class: "viewport" }, this.body);
    add(panel, make("div", { class: "tools" }, all, none, hint && make("span", { class: "hint" }, hint)), this.none, this.viewport);
    this.list = new Rows(this.viewport, this.body, (index) => this.draw(index));
    this.body.addEventListener("keydown", (event) => this.key(event));
    this.body.addEventListener("click", (event) => this.click(event));
  }

  build() {
    const units = plan.units.map((unit) => ({ ...unit, title: unitName(unit), units: [], accounts: [], above: undefined }));
    const roots = [];
    for (const unit of units) {
      unit.above = unit.parent === undefined ? undefined : units[unit.parent];
      (unit.above?.units ?? roots).push(unit);
    }
    const elsewhere = ELSEWHERE.map(({ title, holds }) => ({ id: title, title, holds, units: [], accounts: [], above: undefined }));
    for (const account of plan.accounts) {
      account.in = account.unit === undefined ? elsewhere.find((node) => node.holds(account)) : units[account.unit];
      account.in.accounts.push(account);
    }
    roots.push(...elsewhere.filter((node) => node.accounts.length > 0));
    this.nodes = [...units, ...elsewhere];
    const order = Object.keys(FATES);
    // The priority of the most important account in a unit or below it. Only accounts with an act count.
    for (const account of plan.accounts) {
      const rank = account.act ? order.indexOf(account.fate) : order.length;
      for (let node = account.in; node; node = node.above) node.rank = Math.min(node.rank ?? rank, rank);
    }
    for (const node of this.nodes) {
      node.units.sort((a, b) => (a.rank ?? order.length) - (b.rank ?? order.length) || compare(a.title, b.title));
      node.accounts.sort((a, b) => order.indexOf(a.fate) - order.indexOf(b.fate) || isNew(b) - isNew(a) || compare(nameOf(a), nameOf(b)));
    }
    roots.forEach((node) => this.expanded.add(node));
    for (const account of acting) for (let node = account.in; node; node = node.above) this.expanded.add(node);
    return roots;
  }

  isExpanded(node) {
    return filtering() ? !this.collapsed.has(node) : this.expanded.has(node);
  }

  /** Counts the matching accounts in every unit, and lays out the rows. */
  update() {
    this.collapsed.clear();
    for (const node of this.nodes) node.tally = { total: 0 };
    for (const account of plan.accounts) {
      account.shown = matches(account);
      for (let node = account.shown ? account.in : undefined; node; node = node.above) {
        node.tally.total += 1;
        node.tally[account.fate] = (node.tally[account.fate] ?? 0) + 1;
      }
    }
    this.lay();
  }

  lay() {
    const active = this.rows[this.list.active]?.node;
    this.rows = [];
    const visit = (nodes, level, above) => nodes.forEach((node, index) => {
      this.rows.push({ node, level, above, position: index + 1, size: nodes.length });
      if (node.units && this.isExpanded(node)) visit(this.within(node), level + 1, this.rows.length - 1);
    });
    visit(this.roots.filter((node) => node.tally.total > 0), 1, undefined);
    this.list.active = Math.max(0, this.rows.findIndex((row) => row.node === active));
    this.none.hidden = this.rows.length > 0;
    this.viewport.hidden = this.rows.length === 0;
    this.list.show(this.rows.length);
  }

  within(node) {
    return [...node.units.filter((unit) => unit.tally.total > 0), ...node.accounts.filter((account) => account.shown)];
  }

  draw(index) {
    const { node, level, position, size } = this.rows[index];
    const account = node.units ? undefined : node;
    const row = make("div", {
      role: "treeitem",
      class: account ? `row account ${account.fate}` : "row unit",
      "aria-level": level,
      "aria-posinset": position,
      "aria-setsize": size,
      "aria-expanded": account ? undefined : String(this.isExpanded(node)),
      "aria-selected": account ? String(account === selected.account) : undefined,
      tabindex: index === this.list.active ? "0" : "-1",
      "data-index": index,
    });
    row.style.setProperty("--level", level - 1);
    if (account) add(row, Tree.account(account));
    else add(row, Tree.unit(node, this.isExpanded(node)));
    return row;
  }

  static account(account) {
    return [
      make("span", { class: "name" }, value(nameOf(account))),
      badge(account.fate),
      make("span", { class: "id" }, account.id),
      make("span", { class: account.drifted ? "note drifted" : "note" }, sinceOf(account), value(account.note)),
    ];
  }

  static unit(node, expanded) {
    const tallies = Object.keys(FATES).filter((fate) => node.tally[fate]);
    const counts = tallies.map((fate) => make("span", { class: `badge ${fate}` }, make("span", { "aria-hidden": "true", class: "sign" }, FATES[fate].sign), `${node.tally[fate].toLocaleString("en")} ${FATES[fate].word} `));
    return [
      make("span", { class: "name" }, make("span", { class: "turner", "aria-hidden": "true" }, expanded ? "▾" : "▸"), value(node.title)),
      make("span", { class: "tally" }, counts),
    ];
  }

  /** Expands the units above an account and scrolls its row into view. */
  reveal(account) {
    for (let node = account.in; node; node = node.above) {
      this.expanded.add(node);
      this.collapsed.delete(node);
    }
    if (account.shown) this.lay();
    this.show(account);
  }

  /** Scrolls an account's row into view, if it has one and the tree is visible. */
  show(account) {
    const index = this.rows.findIndex((row) => row.node === account);
    if (index >= 0 && this.viewport.clientHeight > 0) this.list.activate(index);
  }

  /** Redraws the visible rows of two accounts after the selection changed. */
  mark(before, now) {
    this.rows.forEach((row, index) => {
      if (row.node === before || row.node === now) this.list.redraw(index);
    });
  }

  expandAll(open) {
    const leaves = (node) => node.units.length + node.accounts.length > 0;
    this.expanded = new Set(open ? this.nodes.filter(leaves) : []);
    this.collapsed = new Set(open ? [] : this.nodes);
    this.lay();
  }

  toggle(node) {
    for (const [set, add] of [[this.expanded, !this.isExpanded(node)], [this.collapsed, this.isExpanded(node)]]) {
      if (add) set.add(node);
      else set.delete(node);
    }
    this.lay();
  }

  /** Focuses an account's row, if it is shown. */
  focus(account) {
    const index = this.rows.findIndex((row) => row.node === account);
    if (index >= 0) this.list.activate(index);
    this.list.focus();
  }

  move(index) {
    this.list.activate(index);
    this.list.focus();
  }

  enter(node) {
    if (node.units) this.toggle(node);
    else select(node, { origin: () => this.focus(node) });
  }

  click(event) {
    const row = event.target.closest(".row");
    if (!row) return;
    this.list.activate(Number(row.dataset.index));
    this.list.focus();
    this.enter(this.rows[this.list.active].node);
  }

  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const index = this.list.active;
    const { node, above } = this.rows[index];
    const open = node.units && this.isExpanded(node);
    const keys = {
      ArrowDown: () => this.move(index + 1),
      ArrowUp: () => this.move(index - 1),
      PageDown: () => this.move(index + this.list.page),
      PageUp: () => this.move(index - this.list.page),
      Home: () => this.move(0),
      End: () => this.move(this.rows.length - 1),
      ArrowRight: () => node.units && (open ? this.move(index + 1) : this.toggle(node)),
      ArrowLeft: () => (open ? this.toggle(node) : above !== undefined && this.move(above)),
      Enter: () => this.enter(node),
      " ": () => this.enter(node),
    };
    const act = keys[event.key] ?? (event.key.length === 1 ? () => this.seek(event.key, event.timeStamp) : undefined);
    if (!act) return;
    event.preventDefault();
    act();
  }

  /** Moves to the next row whose name begins with the typed text. */
  seek(character, at) {
    const goesOn = at - this.typed.at < 700;
    this.typed = { text: (goesOn ? this.typed.text : "") + character.toLowerCase(), at };
    const from = this.list.active + (goesOn ? 0 : 1);
    const begins = ({ node }) => (node.units ? node.title : nameOf(node)).toLowerCase().startsWith(this.typed.text);
    const after = this.rows.findIndex((row, index) => index >= from && begins(row));
    const found = after >= 0 ? after : this.rows.findIndex(begins);
    if (found >= 0) this.move(found);
  }
}
