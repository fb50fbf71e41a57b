
/** Which accounts are shown, in every view. */
const filter = { words: [], fates: new Set() };

const filtering = () => filter.words.length > 0 || filter.fates.size > 0;

const unitName = (unit) => unit.name ?? unit.id;

/** The units above an account, the root first. */
function unitsAbove(account) {
  const units = [];
  for (let index = account.unit; index !== undefined; index = plan.units[index].parent) units.unshift(plan.units[index]);
  return units;
}

for (const account of plan.accounts) {
  const units = unitsAbove(account).flatMap((unit) => [unit.name ?? "", unit.id]);
  const reason = account.detachment?.declared.reason;
  account.haystack = [account.name, account.id, account.address, account.note, reason, ...units].join("\n").toLowerCase();
}

function matches(account) {
  return (filter.fates.size === 0 || filter.fates.has(account.fate)) && filter.words.every((word) => account.haystack.includes(word));
}

const detached = plan.accounts.filter((account) => account.detachment);
