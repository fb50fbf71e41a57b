
/** The filter that decides which accounts are shown, in every view. */
const filter = { words: [], fates: new Set(), onlyNew: false };

const filtering = () => filter.words.length > 0 || filter.fates.size > 0 || filter.onlyNew;

/** Whether the change introduces or alters the act, compared with the baseline. */
const isNew = (account) => account.since !== undefined && account.since.kind !== "pending";

/** Compares names in natural order: 2 before 10. */
const { compare } = new Intl.Collator("en", { numeric: true });

const unitName = (unit) => unit.name ?? unit.id;

/** The units above an account, the root first. */
function unitsAbove(account) {
  const units = [];
  for (let index = account.unit; index !== undefined; index = plan.units[index].parent) units.unshift(plan.units[index]);
  return units;
}

for (const account of plan.accounts) {
  const units = unitsAbove(account).flatMap((unit) => [unit.name ?? "", unit.id]);
  const reason = account.act?.reason;
  account.haystack = [account.name, account.id, account.address, account.note, reason, ...units].join("\n").toLowerCase();
}

function matches(account) {
  const wanted = (filter.fates.size === 0 || filter.fates.has(account.fate)) && (!filter.onlyNew || isNew(account));
  return wanted && filter.words.every((word) => account.haystack.includes(word));
}

/** Accounts that should leave or join. With a baseline, those of the change come first. */
const acting = plan.accounts.filter((account) => account.act).sort((a, b) => isNew(b) - isNew(a));
