/** Templates against what the real docker client made of the same service. */
import { describe, expect, test } from '@jest/globals';
import { TemplateError } from '../../../src/template/error.ts';
import { SERVICE } from '../../../src/template/service-types.ts';
import { readTemplate } from '../../../src/template/template.ts';
import { STRING_MAP, value } from '../../../src/template/go-types.ts';
import { exactNumber } from '../../../src/values/integer.ts';
import { full, templates } from '../support/reading.ts';
import type { Printed } from '../support/reading.ts';

function printed(template: string): Printed {
  try {
    return { text: readTemplate(template).text(value(SERVICE, full)) };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return { error: error.message };
  }
}

describe('as docker prints it', () => {
  test.each(templates)('$template', ({ template, ...docker }) => {
    expect(printed(template)).toEqual(docker);
  });
});

describe('what the engine left out', () => {
  const bare = value(SERVICE, { ID: 'x', Spec: { TaskTemplate: {} } });
  test.each([
    ['{{.Spec.Name}}|{{.Version.Index}}|{{.Spec.Labels}}', '|0|map[]'],
    ['{{.Spec.TaskTemplate.ContainerSpec}} {{json .Spec.UpdateConfig}} {{json .Spec.Name}}', '<nil> null ""'],
    ['{{range .Endpoint.Ports}}x{{else}}none{{end}}', 'none'],
    ['{{.CreatedAt}}', '0001-01-01 00:00:00 +0000 UTC'],
  ])('%s', (template, text) => {
    expect(readTemplate(template).text(bare)).toBe(text);
  });
});

describe('numbers that a double would round', () => {
  const [size, most] = [exactNumber(2n ** 56n), exactNumber(2n ** 63n - 1n)];
  const Limits = { MemoryBytes: size, Pids: most };
  const big = value(SERVICE, {
    ID: 'x',
    Spec: {
      TaskTemplate: { Resources: { Limits } },
      UpdateConfig: { Delay: most },
    },
  });
  const limits = '.Spec.TaskTemplate.Resources.Limits';
  const delay = '.Spec.UpdateConfig.Delay';
  test.each([
    [
      `{{if ${limits}.Pids}}yes{{end}} {{${limits}.Pids}} {{gt ${limits}.Pids 1}}`,
      'yes 9223372036854775807 true',
    ],
    [
      `{{printf "%d %v %x" ${limits}.MemoryBytes ${limits}.MemoryBytes ${limits}.MemoryBytes}}`,
      '72057594037927936 72057594037927936 100000000000000',
    ],
    [`{{${delay}}} {{${delay}.Nanoseconds}}`, '2562047h47m16.854775807s 9223372036854775807'],
    [`{{printf "%d %s" ${delay} ${delay}}}`, '9223372036854775807 2562047h47m16.854775807s'],
    [`{{${delay}.Milliseconds}} {{${delay}.Hours}}`, '9223372036854 2.5620477880152157e+06'],
  ])('%s', (template, text) => {
    expect(readTemplate(template).text(big)).toBe(text);
  });
});

describe('sizes and numbers beyond JavaScript’s own formats, as docker prints them', () => {
  test.each([
    ['{{printf "%.101f" 0.1}}', `0.1000000000000000055511151231257827021181583404541015625${'0'.repeat(46)}`],
    [
      '{{printf "%.20e %.0e %.30g" 1e23 2.5 0.1}}',
      '9.99999999999999916114e+22 2e+00 0.100000000000000005551115123126',
    ],
    [
      '{{printf "%.3g|%.5g|%.10g|%.1g|%.3e" 123456.0 100000.0 1e6 9.5 9.9996}}',
      '1.23e+05|1e+05|1000000|1e+01|1.000e+01',
    ],
    ['{{printf "%.1f %.0f %.2f %f" 0.05 -0.5 1.005 -0.0}}', '0.1 -0 1.00 -0.000000'],
    ['{{printf "%.1000001f" 0.1 | len}}', '1000003'],
    ['{{printf "a %.3s b %10000010d c %d" "abcdef" 5 6}}', 'a abc b %!(NOVERB)%!(EXTRA int=5, int=6)'],
    [
      '{{printf "%.*f|%*d|%.*s" -2 1.5 "x" 1 1000001 "abc"}}',
      '%!(BADPREC)1.500000|%!(BADWIDTH)1|%!(BADPREC)abc',
    ],
    ['{{printf "%.3d|%.0d|%08.3d|%c|%U" 5 0 5 -1 -1}}', '005||     005|\ufffd|U+FFFFFFFFFFFFFFFF'],
  ])('%s', (template, text) => expect(printed(template)).toEqual({ text }));

  test('a number that no double holds is none', () =>
    expect(printed('{{printf "%f" 1e400}}').error).toMatch(/illegal number syntax: "1e400"$/));
});

describe('what every object of JavaScript has is not in a template', () => {
  test.each([
    [
      '{{.Spec.Labels.constructor}} {{.Spec.Labels.toString}} {{.Spec.Labels.__proto__}}',
      '<no value> <no value> <no value>',
    ],
    [
      '{{index .Spec.Labels "constructor"}}|{{printf "%T %v" (index .Spec.Labels "constructor") true}}',
      '|string true',
    ],
  ])('%s', (template, text) => expect(printed(template)).toEqual({ text }));

  test('nor is it a method', () => {
    expect(printed('{{.CreatedAt.constructor}}').error).toMatch(
      /at <\.CreatedAt\.constructor>: can't evaluate field constructor in type time\.Time$/,
    );
  });
});

describe('the header of a table', () => {
  const titles = value(STRING_MAP, { Name: 'NAME', DesiredState: 'DESIRED STATE' });
  test.each([
    ['{{.Name}}\t{{.DesiredState | lower}}', 'NAME\tDESIRED STATE'],
    ['{{truncate .Name 2}} {{pad .Name 1 0}} {{join (split .Name "A") "-"}}', 'NAME  NAME NAME'],
    ['{{.Nope}}', '<no value>'],
    ['{{.Name}}{{range .Name}}{{end}}{{.Name}}', 'NAME'],
  ])('%s', (template, header) => {
    expect(readTemplate(template).header(titles)).toBe(header);
  });
});

test('templates that call one another for ever end', () => {
  const template = readTemplate('{{define "a"}}{{template "a" .}}{{end}}{{template "a" .}}');
  expect(() => template.text(undefined)).toThrow('exceeded maximum template depth');
});
