/** docs/json.schema.json as a judge: what is promised to programs. */
import { readFileSync } from 'node:fs';
import { Validator } from '@cfworker/json-schema';

const { $defs } = JSON.parse(
  readFileSync(new URL('../../docs/json.schema.json', import.meta.url), 'utf8'),
) as { readonly $defs: Readonly<Record<string, object>> };
/** Reading the schema takes a tenth of the time of compiling it, which every file of tests would do anew. */
const judgeOf = (kind: string): Validator => new Validator({ $ref: `#/$defs/${kind}`, $defs }, '2020-12');
const judges = { result: judgeOf('result'), progress: judgeOf('progress'), report: judgeOf('report') };

/** What is wrong with an object of `-o json` ("result") or a line of `--progress json` ("progress"); [] if nothing. */
export function violations(kind: keyof typeof judges, value: unknown): readonly unknown[] {
  const { valid, errors } = judges[kind].validate(value);
  return valid ? [] : [...errors, value];
}
