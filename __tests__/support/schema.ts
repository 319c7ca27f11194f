/** docs/json.schema.json as a judge: what is promised to programs. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';

const schema = JSON.parse(
  readFileSync(new URL('../../docs/json.schema.json', import.meta.url), 'utf8'),
) as object;
const ajv = new Ajv2020({
  ...{ allErrors: false, strict: true, strictTypes: false, strictRequired: false },
  // Better code takes longer to make than it saves here. That the schema is one is tested in unit/docs.test.ts.
  ...{ inlineRefs: false, code: { optimize: false }, validateSchema: false },
});
ajv.addSchema(schema, 'swarmroll');

/** What is wrong with an object of `-o json` ("result") or a line of `--progress json` ("progress"); [] if nothing. */
export function violations(kind: 'result' | 'progress' | 'report', value: unknown): readonly unknown[] {
  const validate = ajv.getSchema(`swarmroll#/$defs/${kind}`);
  if (validate === undefined) throw new Error(`the schema has no ${kind}`);
  return validate(value) === true ? [] : [...(validate.errors ?? []), value];
}
