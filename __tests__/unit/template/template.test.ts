/** Templates against what the real docker client made of the same service. */
import { describe, expect, test } from '@jest/globals';
import { TemplateError } from '../../../src/template/error.ts';
import { SERVICE } from '../../../src/template/service-types.ts';
import { readTemplate } from '../../../src/template/template.ts';
import { STRING_MAP, value } from '../../../src/template/go-types.ts';
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
