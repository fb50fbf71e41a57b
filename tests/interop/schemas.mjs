// Compiles every schema in ajv's strict mode and prints the reason for a refusal, or null, as JSON by file name: `node schemas.mjs DIRECTORY`.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const [directory] = process.argv.slice(2);
const refusals = {};
for (const name of readdirSync(directory)) {
  const ajv = new Ajv({ strict: true });
  addFormats(ajv);
  try {
    ajv.compile(JSON.parse(readFileSync(join(directory, name), "utf8")));
    refusals[name] = null;
  } catch (error) {
    refusals[name] = error.message;
  }
}
console.log(JSON.stringify(refusals));
