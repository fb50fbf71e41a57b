// Validates a log against the OASIS schema of SARIF 2.1.0 and prints the errors as JSON: `node sarif.mjs FILE`.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// The schema uses draft 4, which needs this validator.
const library = createRequire(createRequire(import.meta.url).resolve("@microsoft/jest-sarif"));
const Ajv = library("ajv");
const ajv = new Ajv({ schemaId: "auto", allErrors: true });
ajv.addMetaSchema(library("ajv/lib/refs/json-schema-draft-04.json"));
const validate = ajv.compile(library("./schemas/sarif-2.1.0-rtm.5.json"));
validate(JSON.parse(readFileSync(process.argv[2], "utf8")));
console.log(JSON.stringify((validate.errors ?? []).map((error) => `${error.dataPath} ${error.message}`)));
