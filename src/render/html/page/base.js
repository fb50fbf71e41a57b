// The plan, and how its values become nodes. Values are only ever set as text or as attributes that no browser runs.

const plan = JSON.parse(document.getElementById("plan").textContent);

/** What happens to an account: a sign and a word, so that no meaning depends on color. */
const FATES = {
  departing: { sign: "→", word: "departing" },
  joining: { sign: "+", word: "joining" },
  blocked: { sign: "✕", word: "blocked" },
  unmanaged: { sign: "○", word: "unmanaged" },
  unchanged: { sign: "·", word: "unchanged" },
};

/** What a gate's answer does. */
const STANDINGS = {
  blocks: { sign: "✕", word: "blocks" },
  unknown: { sign: "?", word: "unknown, which blocks" },
  advises: { sign: "!", word: "advisory" },
  deferred: { sign: "…", word: "deferred to apply" },
  passes: { sign: "✓", word: "passes" },
  absent: { sign: "–", word: "not asked" },
};

/** Characters that hide or reorder text. Names come from other people, so these are shown as escapes. */
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\u{e0000}-\u{e007f}]/gu;

const visible = (value) => String(value).replace(HIDDEN, (character) => `\\u{${character.codePointAt(0).toString(16)}}`);

/** An element with attributes and children; texts become text nodes, `null` and `undefined` nothing. */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value !== undefined && value !== null && value !== false) element.setAttribute(name, value === true ? "" : visible(value));
  }
  add(element, ...children);
  return element;
}

function add(parent, ...children) {
  for (const child of children.flat()) {
    if (child !== undefined && child !== null) parent.append(child instanceof Node ? child : visible(child));
  }
}

/** A value that other people wrote: what it does to the direction of text ends with it. */
const value = (text) => make("bdi", null, text);

const code = (text) => make("code", null, text);

const byId = (id) => document.getElementById(id);

const isWeb = (text) => /^https?:\/\/\S+$/i.test(text) && URL.canParse(text);

/** A link where the text is a web address, whole; else the text. */
function linked(text) {
  return isWeb(text) ? make("a", { href: text, target: "_blank", rel: "noopener noreferrer" }, text) : value(text);
}

/** An instant, to the minute. */
function instant(at) {
  return make("time", { datetime: at }, `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`);
}

/** `1 account`, `2 accounts`. */
const counted = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

/** A sign and a word for what happens to an account or what an answer does. */
function badge(kind, meanings = FATES) {
  return make("span", { class: `badge ${kind}` }, make("span", { "aria-hidden": "true", class: "sign" }, meanings[kind].sign), meanings[kind].word);
}

/** What the change does to an act, in a word. */
const CHANGES = { introduced: "introduced", redeclared: "redeclared", unblocked: "unblocked", blocked: "was eligible" };

function sinceOf({ since }) {
  const word = since && CHANGES[since.kind];
  return word && make("span", { class: "since", title: since.text }, word);
}

/** A button that copies a text; where the browser has no clipboard for the page, it selects what stands beside it. */
function copier(text, what, beside) {
  const button = make("button", { type: "button", class: "quiet" }, "Copy", make("span", { class: "unseen" }, ` ${what}`));
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      say(`Copied ${what}.`);
    } catch {
      getSelection().selectAllChildren(beside);
      say(`Selected ${what}: copy it with the keyboard.`);
    }
  });
  return button;
}

/** Says something to whoever listens to the page instead of looking at it. */
function say(text) {
  byId("shown").textContent = visible(text);
}

const nameOf = (account) => account.name ?? account.address ?? account.id;
const accountsById = new Map(plan.accounts.map((account) => [account.id, account]));
const gatesByName = new Map(plan.gates.map((gate) => [gate.name, gate]));
