// The plan, and functions that turn its values into nodes. Values are only set as text or as attributes that browsers don't execute.

const plan = JSON.parse(document.getElementById("plan").textContent);

/** What happens to an account, as a sign and a word, so that no meaning depends only on color. */
const FATES = {
  departing: { sign: "→", word: "departing" },
  joining: { sign: "+", word: "joining" },
  blocked: { sign: "✕", word: "blocked" },
  unmanaged: { sign: "○", word: "unmanaged" },
  unchanged: { sign: "·", word: "unchanged" },
};

/** The effect of a gate's answer. */
const STANDINGS = {
  blocks: { sign: "✕", word: "blocks" },
  unknown: { sign: "?", word: "unknown, which blocks" },
  advises: { sign: "!", word: "advisory" },
  deferred: { sign: "…", word: "deferred to apply" },
  passes: { sign: "✓", word: "passes" },
  absent: { sign: "–", word: "not evaluated" },
};

/** Characters that hide or reorder text. They are shown as escapes, because names are untrusted. */
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\u{e0000}-\u{e007f}]/gu;

const visible = (value) => String(value).replace(HIDDEN, (character) => `\\u{${character.codePointAt(0).toString(16)}}`);

/** An element with attributes and children. Texts become text nodes; `null` and `undefined` are skipped. */
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

/** An untrusted value, isolated so that it can't change the direction of the text around it. */
const value = (text) => make("bdi", null, text);

const code = (text) => make("code", null, text);

const byId = (id) => document.getElementById(id);

const isWeb = (text) => /^https?:\/\/\S+$/i.test(text) && URL.canParse(text);

/** A link if the whole text is a web address; otherwise the text. */
function linked(text) {
  return isWeb(text) ? make("a", { href: text, target: "_blank", rel: "noopener noreferrer" }, text) : value(text);
}

/** An instant, to the minute. */
function instant(at) {
  return make("time", { datetime: at }, `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`);
}

/** `1 account`, `2 accounts`. */
const counted = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

/** A sign and a word for what happens to an account or for the effect of an answer. */
function badge(kind, meanings = FATES) {
  return make("span", { class: `badge ${kind}` }, make("span", { "aria-hidden": "true", class: "sign" }, meanings[kind].sign), meanings[kind].word);
}

/** The change's effect on an act, in a word. */
const CHANGES = { introduced: "introduced", redeclared: "redeclared", unblocked: "unblocked", blocked: "was eligible" };

function sinceOf({ since }) {
  const word = since && CHANGES[since.kind];
  return word && make("span", { class: "since", title: since.text }, word);
}

/** A button that copies a text. If the browser gives the page no clipboard, the button selects the text next to it. */
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

/** Announces a message to users of screen readers. */
function say(text) {
  byId("shown").textContent = visible(text);
}

const nameOf = (account) => account.name ?? account.address ?? account.id;
const accountsById = new Map(plan.accounts.map((account) => [account.id, account]));
const gatesByName = new Map(plan.gates.map((gate) => [gate.name, gate]));
