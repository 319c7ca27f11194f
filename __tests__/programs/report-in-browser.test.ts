/** The HTML report in a real browser: nothing overflows, every text can be read, there are landmarks, and nothing is loaded. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { page as pageOf } from '../../src/report-file/html.ts';
import type { CommandEnd } from '../../src/report-file/report.ts';
import type { ServiceSpec } from '../../src/api/service.ts';
import { fakeEngine } from '../support/fake-engine/engine.ts';
import { run } from '../support/fake-world.ts';
import { openPage } from './chromium.ts';
import type { Page } from './chromium.ts';

/** SWARMROLL_TEST_PICTURES=DIR keeps the pages and what they look like, for people. */
const { SWARMROLL_TEST_PICTURES: pictures } = process.env;
const folder = mkdtempSync(join(tmpdir(), 'swarmroll-browser-'));

const spec = (replicas: number, parallelism: number): Partial<ServiceSpec> => ({
  Mode: { Replicated: { Replicas: replicas } },
  UpdateConfig: { Parallelism: parallelism, Monitor: 5e9, FailureAction: 'pause', MaxFailureRatio: 0 },
});

/** The report of a command, as it is written. */
async function reportOf(
  form: 'html' | 'json',
  changes: Partial<ServiceSpec>,
  words: readonly string[],
): Promise<string> {
  const engine = fakeEngine();
  engine.given('web', 'ping:1.0', changes);
  engine.given('api', 'ping:1.0');
  const path = join(folder, `report.${form}`);
  const [command = '', ...others] = words;
  await run([command, '--report', path, ...others], { engine });
  return readFileSync(path, 'utf8');
}

/** Texts that would be markup, would run, or would be wider than a screen. */
const HOSTILE = [
  '<script>document.title="run"</script><img src="http://127.0.0.1:1/x" onerror="document.title=1">',
  '"><svg onload=alert(1)>',
  '</pre></title></style><b>&lt;`|',
  'w'.repeat(300),
];

/** The same report, of which every text from outside is hostile. */
const hostile = (json: string): string => {
  const text = HOSTILE.join(' ');
  const ended = JSON.parse(json, (key, value: unknown) =>
    typeof value === 'string' &&
    !['action', 'verdict', 'spec', 'from', 'to', 'running', 'reason', 'type', 'time'].includes(key)
      ? `${text} ${value}`
      : value,
  ) as CommandEnd;
  return pageOf({ command: 'update', version: '1.2.3', date: new Date(0), ended });
};

const FAILS = ['update', '--image', 'crash:1.0', '--env-add', 'A=b', '--label-add', 'team=infra'];

const PAGES: Readonly<Record<string, () => Promise<string>>> = {
  'failed-3': () => reportOf('html', spec(3, 1), [...FAILS, '--update-failure-action', 'continue', 'web']),
  'failed-200': () =>
    reportOf('html', spec(200, 20), [...FAILS, '--update-max-failure-ratio', '0.05', 'web']),
  undone: () => reportOf('html', spec(3, 1), [...FAILS, '--rollback-on-failure', 'web']),
  converged: () => reportOf('html', spec(3, 1), ['update', '--image', 'ping:1.1', 'web']),
  'timed-out': () =>
    reportOf('html', spec(3, 1), ['update', '--timeout', '5s', '--image', 'hangs:1.0', 'web']),
  several: () => reportOf('html', spec(30, 1), ['restart', '--timeout', '5s', 'web', 'api']),
  error: () => reportOf('html', {}, ['update', '--image', 'ping:1.1', 'nope']),
  hostile: async () =>
    hostile(await reportOf('json', spec(3, 1), [...FAILS, '--update-failure-action', 'continue', 'web'])),
};

let page: Page;
const requests: string[] = [];
const pages = new Map<string, string>();
const server = http.createServer(({ url = '' }, response) => {
  requests.push(url);
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(pages.get(url) ?? '');
});

beforeAll(async () => {
  for (const [name, make] of Object.entries(PAGES)) pages.set(`/${name}.html`, await make());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  page = await openPage();
});
afterAll(async () => {
  await page.close();
  server.close();
  rmSync(folder, { recursive: true });
});

/** Of everything that is drawn: what is not within the width of the window. */
const OVERFLOWING = `[...document.querySelectorAll('body *')].filter((element) => {
  const { left, right, width, height } = element.getBoundingClientRect();
  const isInSymbol = element.closest('defs, title, style') !== null;
  return !isInSymbol && width > 0 && height > 0 && (left < -0.5 || right > innerWidth + 0.5);
}).map((element) => element.outerHTML.slice(0, 200)).concat(
  document.documentElement.scrollWidth > innerWidth ? ['the page: ' + document.documentElement.scrollWidth] : [],
)`;

/** Texts with a contrast of less than 4.5 to what is behind them (WCAG 2.2, 1.4.3). */
const PALE = `(() => {
  const rgba = (text) => {
    const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const light = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (let one = element; one !== null; one = one.parentElement) {
      const colour = rgba(getComputedStyle(one).backgroundColor);
      if (colour.a === 1) return colour;
      if (colour.a !== 0) throw new Error('half transparent');
    }
    throw new Error('no background');
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    if (node.textContent.trim() === '' || element.closest('title, style') !== null) continue;
    const style = getComputedStyle(element);
    const colour = rgba(element.closest('svg') === null ? style.color : style.fill);
    const [one, other] = [light(colour), light(behind(element))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < 4.5 || style.opacity !== '1') found.push(contrast.toFixed(2) + ' ' + element.outerHTML.slice(0, 200));
  }
  return found;
})()`;

interface Node {
  readonly role?: { readonly value: string };
  readonly name?: { readonly value: string };
}

describe.each(Object.keys(PAGES))('%s', (name) => {
  beforeAll(async () => {
    requests.length = 0;
    await page.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}.html`);
    // What is folded up is to be seen, too.
    await page.evaluate(
      `document.querySelectorAll('details').forEach((one) => one.setAttribute('open', ''))`,
    );
  });

  test.each([
    [400, 'light'],
    [400, 'dark'],
    [1600, 'light'],
    [1600, 'dark'],
  ])('%i px wide, %s: nothing overflows, every text can be read', async (width, value) => {
    await page.call('Emulation.setDeviceMetricsOverride', {
      width,
      height: 900,
      deviceScaleFactor: 1,
      mobile: false,
    });
    await page.call('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] });
    expect(await page.evaluate('innerWidth')).toBe(width);
    expect(await page.evaluate(`matchMedia('(prefers-color-scheme: dark)').matches`)).toBe(value === 'dark');
    expect(await page.evaluate(OVERFLOWING)).toEqual([]);
    expect(await page.evaluate(PALE)).toEqual([]);
    if (pictures === undefined) return;
    const { data } = await page.call('Page.captureScreenshot', { captureBeyondViewport: true });
    writeFileSync(join(pictures, `${name}-${width}-${value}.png`), Buffer.from(data as string, 'base64'));
    writeFileSync(join(pictures, `${name}.html`), pages.get(`/${name}.html`) ?? '');
  });

  test('it has landmarks and headings', async () => {
    const { nodes } = (await page.call('Accessibility.getFullAXTree')) as { nodes: readonly Node[] };
    const all = (role: string): string[] =>
      nodes.filter((node) => node.role?.value === role).map((node) => node.name?.value ?? '');
    for (const role of ['banner', 'main', 'contentinfo']) expect(all(role)).toHaveLength(1);
    expect(all('region')).not.toContain('');
    expect(await page.evaluate(`document.querySelectorAll('h1').length`)).toBe(1);
    const levels = await page.evaluate<number[]>(
      `[...document.querySelectorAll('h1,h2,h3')].map((one) => +one.tagName[1])`,
    );
    expect(levels[0]).toBe(1);
    for (const [index, level] of levels.entries())
      expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1);
    expect(
      await page.evaluate(
        `[...document.querySelectorAll('svg')].filter((one) => one.getAttribute('aria-hidden') !== 'true' && !one.getAttribute('aria-label')).length`,
      ),
    ).toBe(0);
  });

  test('nothing is loaded, and nothing runs', async () => {
    expect(requests).toEqual([`/${name}.html`]);
    expect(await page.evaluate(`performance.getEntriesByType('resource').length`)).toBe(0);
    expect(
      await page.evaluate(
        `document.querySelectorAll('script, img, iframe, object, embed, [src], [onload], [onerror]').length`,
      ),
    ).toBe(0);
    const links = await page.evaluate<string[]>(
      `[...document.querySelectorAll('[href]')].map((one) => one.getAttribute('href'))`,
    );
    for (const link of links) expect(link).toMatch(/^(#|data:,$)/);
    expect(await page.evaluate('document.title')).not.toBe('run');
    expect((pages.get(`/${name}.html`) ?? '').length).toBeLessThan(name === 'hostile' ? Infinity : 1_000_000);
  });
});

test('a failed task is a mark, and the spec before has a pattern: no colour is needed', async () => {
  await page.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}/failed-3.html`);
  expect(
    await page.evaluate(`document.querySelectorAll('.chart use[href="#failed"]').length`),
  ).toBeGreaterThan(0);
  expect(
    await page.evaluate(`getComputedStyle(document.querySelector('.chart rect.before')).fill`),
  ).toContain('url("#old")');
});
