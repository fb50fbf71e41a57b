// Calls LeaveOrganization with the JavaScript SDK and prints what the caller sees, as JSON: `node leave.mjs ENDPOINT ACCOUNT`.
import * as sdk from "@aws-sdk/client-organizations";

const [endpoint, account] = process.argv.slice(2);
const client = new sdk.OrganizationsClient({
  endpoint,
  region: "us-east-1",
  maxAttempts: 1,
  credentials: { accessKeyId: account, secretAccessKey: "any" },
});

function seen(error) {
  return {
    name: error.name,
    typed: sdk[error.name] !== undefined && error instanceof sdk[error.name],
    reason: error.Reason ?? null,
    status: error.$metadata?.httpStatusCode,
    message: error.message ?? error.Message,
  };
}

const outcome = await client.send(new sdk.LeaveOrganizationCommand({})).then(
  (answer) => ({ name: null, status: answer.$metadata.httpStatusCode, requestId: answer.$metadata.requestId }),
  seen,
);
console.log(JSON.stringify(outcome));
