// Lists the accounts with the JavaScript SDK's paginator, three at a time, and prints their ids as JSON: `node list.mjs ENDPOINT ACCOUNT`.
import { OrganizationsClient, paginateListAccounts } from "@aws-sdk/client-organizations";

const [endpoint, account] = process.argv.slice(2);
const client = new OrganizationsClient({ endpoint, region: "us-east-1", credentials: { accessKeyId: account, secretAccessKey: "any" } });
const ids = [];
for await (const page of paginateListAccounts({ client, pageSize: 3 }, {})) {
  ids.push(...page.Accounts.map((found) => found.Id));
}
console.log(JSON.stringify(ids));
