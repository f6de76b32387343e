// The report in a real browser: complete without its script, quiet, fetching nothing, and usable by
// keyboard, on paper, by night and on a telephone. REPORT is a file that blackout report wrote of a
// violated run.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const address = pathToFileURL(process.env.REPORT).href;
const shapes = {
  wide: { viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
  night: { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
  telephone: { viewport: { width: 390, height: 844 }, colorScheme: 'light' },
};
let browser;

before(async () => {
  const executablePath = process.env.CHROMIUM || '/usr/bin/chromium';
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
});
after(() => browser.close());

// The page, opened, and everything that it complained of or asked for.
async function open(options) {
  const page = await browser.newPage(options);
  const noise = [];
  page.on('console', (message) => noise.push(message.text()));
  page.on('pageerror', (error) => noise.push(error.message));
  page.on('request', (request) => {
    if (request.url() !== address) noise.push(`asks for ${request.url()}`);
  });
  await page.goto(address);
  return { page, noise };
}

// Pairs of visible words of one picture that cover each other.
const overlaps = () => [...document.querySelectorAll('svg.chart, svg.graph')].flatMap((chart) => {
  const words = [...chart.querySelectorAll('text')]
    .map((text) => ({ said: text.textContent, box: text.getBoundingClientRect() }))
    .filter(({ box }) => box.width > 0);
  return words.flatMap((a, i) => words.slice(i + 1)
    .filter((b) => a.box.left < b.box.right - 1 && b.box.left < a.box.right - 1 &&
      a.box.top < b.box.bottom - 4 && b.box.top < a.box.bottom - 4)
    .map((b) => `${a.said} | ${b.said}`));
});

for (const [name, options] of Object.entries(shapes)) {
  test(`${name}: every panel, no noise, no word upon another, nothing beside the page`, async () => {
    const { page, noise } = await open(options);
    for (const id of ['verdict', 'timeline', 'clients', 'why', 'events', 'run']) {
      assert.ok(await page.locator(`#${id}`).isVisible(), id);
    }
    assert.deepEqual(await page.evaluate(overlaps), []);
    const beside = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(beside <= 0, `${beside} pixels`);
    assert.deepEqual(noise, []);
    if (process.env.SHOTS) {
      await page.screenshot({ path: `${process.env.SHOTS}/${name}.png`, fullPage: true });
    }
    await page.close();
  });
}

// Words of the graph that reach out of the picture, or over the edge of their box.
const outside = () => [...document.querySelectorAll('svg.graph text')].filter((text) => {
  const { left, right, top, bottom } = text.getBoundingClientRect();
  const x = (left + right) / 2, y = (top + bottom) / 2;
  return ![...document.querySelectorAll('svg.graph .box')].some((box) => {
    const edge = box.getBoundingClientRect();
    return edge.left < x && x < edge.right && edge.top < y && y < edge.bottom &&
      edge.left <= left && right <= edge.right && edge.top <= top + 2 && bottom - 2 <= edge.bottom;
  });
}).map((text) => text.textContent);

for (const [name, options] of Object.entries(shapes)) {
  test(`${name}: the graph keeps its words in its boxes and scrolls in its frame`, async () => {
    const { page } = await open(options);
    const graph = page.locator('#why svg.graph');
    assert.equal(await graph.count(), 1);
    assert.ok(await graph.isVisible());
    assert.deepEqual(await page.evaluate(outside), []);
    const width = await graph.evaluate((svg) => svg.getBoundingClientRect().width);
    const drawn = Number((await graph.getAttribute('viewBox')).split(' ')[2]);
    const frame = await page.locator('#why figure .wide').evaluate((box) => box.clientWidth);
    assert.ok(frame <= options.viewport.width, `${frame} pixels`);
    const legible = options.viewport.width < 1000 ? drawn : Math.min(drawn, frame);
    assert.ok(Math.abs(width - legible) < 1, `${width} of ${legible} pixels`);
    await page.close();
  });
}

test('a box of the graph leads to its row among the events', async () => {
  const { page } = await open(shapes.wide);
  const link = page.locator('#why svg.graph a').first();
  const target = await link.getAttribute('href');
  await link.click();
  assert.ok(await page.locator(`${target}:target`).isVisible());
  await page.close();
});

test('the graph is also a list', async () => {
  const { page } = await open({ ...shapes.wide, javaScriptEnabled: false });
  await page.locator('.causes summary').click();
  const items = await page.locator('.causes li').count();
  assert.ok(items > 2);
  assert.ok(await page.locator('.causes li').last().isVisible());
  await page.close();
});

test('on paper the graph is whole, on a page of its own', async () => {
  const { page } = await open(shapes.wide);
  await page.emulateMedia({ media: 'print' });
  const paper = { width: 703, height: 1032 };  // A4 upright without its margins, at 96 dpi
  await page.setViewportSize(paper);
  const box = await page.locator('#why svg.graph').evaluate((svg) => svg.getBoundingClientRect());
  assert.ok(box.width <= paper.width && box.height <= paper.height, `${box.width} ${box.height}`);
  assert.equal(await page.locator('#why figure').evaluate((one) => getComputedStyle(one).page),
    'graph');
  const pages = (bytes) => bytes.toString('latin1').match(/\/MediaBox \[0 0 \S+ \S+\]/g);
  const sizes = pages(await page.pdf({ preferCSSPageSize: true }))
    .map((size) => size.match(/[\d.]+/g).slice(2).map(Number));
  assert.equal(sizes.filter(([width, height]) => height > width).length, 1);
  await page.close();
});

test('without its script the page says the same', async () => {
  const { page } = await open({ ...shapes.wide, javaScriptEnabled: false });
  assert.ok(await page.locator('#timeline svg.chart').first().isVisible());
  assert.ok(await page.locator('#why svg.graph').isVisible());
  assert.ok(await page.locator('#events tbody tr').first().isVisible());
  assert.equal(await page.locator('.controls').first().isVisible(), false);
  await page.close();
});

test('arrows go from event to event, and the cursor with them', async () => {
  const { page, noise } = await open(shapes.wide);
  await page.keyboard.press('n');
  assert.equal(await page.locator('tr.here').getAttribute('data-kind'), 'fault');
  const first = await page.locator('.cursor').first().getAttribute('transform');
  await page.keyboard.press('n');
  assert.notEqual(await page.locator('.cursor').first().getAttribute('transform'), first);
  await page.keyboard.press('ArrowLeft');
  assert.equal(await page.locator('tr.here').count(), 1);
  await page.keyboard.press('v');
  assert.equal(await page.locator('tr.here').getAttribute('data-kind'), 'finding');
  assert.deepEqual(noise, []);
  await page.close();
});

test('zoom follows the cursor and goes back', async () => {
  const { page } = await open(shapes.wide);
  const view = () => page.locator('.zooms .plot').first().getAttribute('viewBox');
  const whole = await view();
  await page.keyboard.press('n');
  for (let i = 0; i < 6; ++i) await page.keyboard.press('+');
  const [, , width] = (await view()).split(' ').map(Number);
  assert.equal(width, Number(whole.split(' ')[2]) / 64);
  assert.deepEqual(await page.evaluate(overlaps), []);
  await page.keyboard.press('0');
  assert.equal(await view(), whole);
  await page.close();
});

test('the filter takes fields, globs, times and words', async () => {
  const { page } = await open(shapes.wide);
  await page.keyboard.press('/');
  const shown = page.locator('#events tbody tr:not([hidden])');
  const all = await shown.count();
  await page.keyboard.type('kind:fault t:0..1000');
  const faults = await shown.count();
  assert.ok(faults > 0 && faults < all);
  await page.keyboard.type(' begins');
  assert.ok(await shown.count() < faults);
  assert.match(await page.locator('#shown').textContent(), /^\d+ of \d+ listed$/);
  await page.close();
});

test('a question mark names the keys', async () => {
  const { page } = await open(shapes.wide);
  await page.keyboard.press('?');
  assert.ok(await page.locator('#keys').isVisible());
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('#keys').isVisible(), false);
  await page.close();
});

test('a link to an event opens the page there', async () => {
  const { page } = await open(shapes.wide);
  const id = await page.locator('#events tbody tr[id]').last().getAttribute('id');
  await page.goto(`${address}#${id}`);
  await page.reload();
  assert.equal(await page.locator('tr.here').getAttribute('id'), id);
  await page.close();
});
