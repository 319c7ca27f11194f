/** Templates against what the real docker client made of the same service. */
import { describe, expect, test } from '@jest/globals';
import { serviceType } from '../../../src/go-template/docker-fields.ts';
import { TemplateError } from '../../../src/go-template/error.ts';
import { readTemplate } from '../../../src/go-template/template.ts';
import { STRING, mapOf, value } from '../../../src/go-template/values.ts';
import { exactNumber } from '../../../src/values/integer.ts';
import { full, templates } from '../support/reading.ts';
import type { Printed } from '../support/reading.ts';

const SERVICE = serviceType();

function printed(template: string): Printed {
  try {
    return { text: readTemplate(template).text(value(SERVICE, full)) };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return { error: error.message };
  }
}

/** How far an error got: templates that docker can't even read are the command line's fault. */
const isUnreadable = (error: string): boolean => /^template: :\d+: /.test(error);

describe('as docker prints it', () => {
  test.each(templates.filter(({ text }) => text !== undefined))('$template', ({ template, text }) => {
    expect(printed(template)).toEqual({ text });
  });
});

describe('where docker fails: one line that says where', () => {
  test.each(templates.filter(({ text }) => text === undefined))('$template', ({ template, error = '' }) => {
    const ours = printed(template).error ?? 'no error';
    if (isUnreadable(error)) expect(isUnreadable(ours)).toBe(true);
    // Docker finds out later that nil is no command, and that a variable is not there.
    if (isUnreadable(ours)) return;
    // The words differ, the place does not.
    const place = /^template: :\d+:\d+: executing "" at <.+?>: /s;
    expect(place.exec(ours)?.[0]).toBe(place.exec(error)?.[0]);
  });

  test.each([
    [
      '{{.Spec.Foo}}',
      `template: :1:7: executing "" at <.Spec.Foo>: can't evaluate field Foo in type swarm.ServiceSpec`,
    ],
    [
      'x\n y{{upper\n 3}}',
      'template: :3:1: executing "" at <3>: wrong type for value; expected string; got int',
    ],
    ['ä{{.Foo}}', `template: :1:4: executing "" at <.Foo>: can't evaluate field Foo in type swarm.Service`],
    [
      '{{range .Spec.Name}}{{end}}',
      `template: :1:13: executing "" at <.Spec.Name>: range can't iterate over full`,
    ],
    [
      '{{range 9999999999}}{{end}}',
      `template: :1:8: executing "" at <9999999999>: range can't iterate over 9999999999`,
    ],
    ['x\n{{"abc}}', 'template: :2: unclosed action, comment or quoted string'],
    ['{{html .ID}}', 'template: :1: function "html" not defined'],
    ['{{define "x"}}{{end}}', 'template: :1: function "define" not defined'],
  ])('%s', (template, error) => expect(printed(template)).toEqual({ error }));
});

describe('what docker’s types do not have is looked up in the data', () => {
  const Resources = { SwapBytes: 2147483648, MemorySwappiness: 10 };
  const New = { Text: '<x>', Count: 3, Ratio: 0.5, On: true, List: ['a', 'b'], Map: { k: 'v' }, Nil: null };
  const newer = value(SERVICE, { ID: 'x', Spec: { TaskTemplate: { Resources, New } } });
  const make = (template: string) =>
    readTemplate(template.replaceAll('.New', '.Spec.TaskTemplate.New')).text(newer);
  test.each([
    [
      '{{.Spec.TaskTemplate.Resources.SwapBytes}} {{.Spec.TaskTemplate.Resources.MemorySwappiness}}',
      '2147483648 10',
    ],
    ['{{.New.Text}} {{.New.Count}} {{.New.Ratio}} {{.New.On}} {{.New.Nil}}', '<x> 3 0.5 true <nil>'],
    ['{{.New.List}} {{.New.Map}} {{.New.Map.k}} {{json .New.List}}', '[a b] map[k:v] v ["a","b"]'],
    [
      '{{range $i, $e := .New.List}}{{$i}}{{$e}}{{end}} {{range $k, $e := .New.Map}}{{$k}}{{$e}}{{end}}',
      '0a1b kv',
    ],
    ['{{join .New.List ","}} {{index .New.List 1}} {{index .New.Map "k"}} {{len .New.Map}}', 'a,b b v 1'],
    [
      '{{upper .New.Text}} {{printf "%03d %5.2f" .New.Count .New.Ratio}} {{gt .New.Count 2}}',
      '<X> 003  0.50 true',
    ],
    ['{{with .New}}{{if .On}}{{.Text}}{{end}}{{end}}{{with .New.Nil}}x{{else}}none{{end}}', '<x>none'],
  ])('%s', (template, text) => expect(make(template)).toBe(text));

  test('a field that is set on no service is not an error where docker knows it', () =>
    expect(printed('{{.Spec.TaskTemplate.Resources.SwapBytes}}')).toEqual({ text: '<nil>' }));

  test.each([
    '{{.New.Nope}}',
    '{{.New.Map.nope}}',
    '{{.New.Text.x}}',
    '{{.New.constructor}}',
    '{{.New.List.x}}',
  ])('%s is an error', (template) => expect(() => make(template)).toThrow("can't evaluate field"));
});

describe('the addresses of virtual IPs: a text for docker 28, a value with methods for docker 29', () => {
  test.each([
    [
      '{{range .Endpoint.VirtualIPs}}{{.Addr.Addr}} {{.Addr.Bits}} {{.Addr}}{{end}}',
      '10.0.0.2 24 10.0.0.2/24',
    ],
    [
      '{{range .Endpoint.VirtualIPs}}{{index (split .Addr "/") 0}} {{json .Addr}}{{end}}',
      '10.0.0.2 "10.0.0.2/24"',
    ],
    ['{{.Endpoint.VirtualIPs}}', '[{netid1 10.0.0.2/24}]'],
  ])('%s', (template, text) => expect(printed(template)).toEqual({ text }));
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

/** Go's %+v. */
const CONFIG =
  '&{Parallelism:1 Delay:10s FailureAction:pause Monitor:5s MaxFailureRatio:0.1 Order:stop-first}';

describe('sizes and numbers beyond JavaScript’s own formats, as docker prints them', () => {
  test.each([
    ['{{printf "%.101f" 0.1}}', `0.1000000000000000055511151231257827021181583404541015625${'0'.repeat(46)}`],
    ['{{printf "%.1f %.0f %.2f %f" 0.05 -0.5 1.005 -0.0}}', '0.1 -0 1.00 -0.000000'],
    ['{{printf "%.1000001f" 0.1 | len}}', '1000003'],
    ['{{printf "%.3d|%.0d|%08.3d" 5 0 5}}', '005||     005'],
    ['{{printf "%05s|%05t|%+05d|%05.1f" "ab" true 3 1.5}}', '000ab|0true|+0003|001.5'],
    [
      '{{printf "%+v % v %+d" 5 5 5}} {{printf "%-5v|%5v" (split "a b" " ") "x"}}',
      '5  5 +5 [a     b    ]|    x',
    ],
    ['{{printf "%+v" .Spec.UpdateConfig}}', CONFIG],
    ['{{gt .Spec.UpdateConfig.MaxFailureRatio 0.1}}', 'true'],
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
      /can't evaluate field constructor in type time\.Time$/,
    );
  });
});

describe('the header of a table', () => {
  const titles = value(mapOf(STRING), { Name: 'NAME', DesiredState: 'DESIRED STATE' });
  test.each([
    ['{{.Name}}\t{{.DesiredState | lower}}', 'NAME\tDESIRED STATE'],
    ['{{truncate .Name 2}} {{pad .Name 1 0}} {{join (split .Name "A") "-"}}', 'NAME  NAME NAME'],
    ['{{.Nope}}', '<no value>'],
    ['{{.Name}}{{range .Name}}{{end}}{{.Name}}', 'NAME'],
    // What is no text ends it.
    ['{{.Name}} {{json .}} {{.ID}}', 'NAME '],
    ['{{json 1}}{{.Name}}', ''],
  ])('%s', (template, header) => {
    expect(readTemplate(template).header(titles)).toBe(header);
  });
});
