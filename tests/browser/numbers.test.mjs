// Numbers of the page: whole, in line with each other, and the same as those of the command line.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Place, call, choose, event, openRun, until } from "./support.mjs";

const place = new Place();
const AT = Date.now() - 7200e3;
const iso = (at) => new Date(at).toISOString();

/** A run with one call that took so long. */
function run(trace, name, { ms, status = "ok", ...more }) {
  const at = AT + 1000 * Number(trace.at(-1));
  const ends = { occurred_at: iso(at + ms), started_at: iso(at), ended_at: iso(at + ms), duration_ms: ms, status };
  return [
    event(trace, "trace.start", { name, occurred_at: iso(at), started_at: iso(at), raw: { input: { question: "where?" } } }),
    ...call(trace, `${trace}_span`, { at, ms, status, input: { messages: [{ role: "user", content: "where?" }] }, ...more }),
    event(trace, "trace.end", { name, ...ends, ...(more.error ? { error: more.error } : {}) }),
  ];
}

before(async () => {
  const usage = (input_tokens, output_tokens) => ({ input_tokens, output_tokens });
  place.append("a.jsonl",
    ...run("trace_1", "cheap", { ms: 999.7, usage: { ...usage(21, 6), cost_usd: 0.0000039 }, output: "there" }),
    ...run("trace_2", "dear", { ms: 2_300_000, usage: { ...usage(280_000, 900), cost_usd: 1234.5 }, output: "there" }),
    ...run("trace_3", "refused", { ms: 950, status: "error", error: { type: "RateLimitError", message_preview: "too much" } }),
    ...run("trace_4", "stopped", { ms: 27_040, status: "cancelled" }));
  await place.view();
});
after(() => place.close());

const row = (page, name) => page.locator("tr[data-id]", { has: page.locator("a.name", { hasText: name }) });

test("no number is cut off, and those of a column end at the same place", async () => {
  const page = await place.open();
  await page.locator("tr[data-id]").nth(3).waitFor();
  const figures = await page.locator("tr[data-id] .num").evaluateAll((cells) => cells.map((cell) => {
    const range = document.createRange();
    range.selectNodeContents(cell);
    return { column: cell.className.split(" ")[0], text: cell.innerText, fits: cell.scrollWidth <= cell.clientWidth, end: Math.round(range.getBoundingClientRect().right) };
  }));
  for (const { text, fits } of figures) assert.ok(fits, text);
  for (const column of ["c-tokens", "c-cost", "c-time"]) {
    const ends = new Set(figures.filter((one) => one.column === column).map((one) => one.end));
    assert.equal(ends.size, 1, `${column}: ${[...ends]}`);
  }
  assert.deepEqual(page.complaints, []);
});

test("costs have the digits that say something, and a call that was refused has none", async () => {
  const page = await place.open();
  await page.locator("tr[data-id]").nth(3).waitFor();
  const cost = async (name) => (await row(page, name).locator(".c-cost").innerText()).trim();
  assert.deepEqual(
    [await cost("cheap"), await cost("dear"), await cost("refused"), await cost("stopped")],
    ["$0.0000039", "$1,234.50", "\u2013", "unknown"],
  );
  const time = async (name) => (await row(page, name).locator(".c-time").innerText()).trim();
  assert.deepEqual([await time("cheap"), await time("dear"), await time("stopped")], ["1.00 s", "38 min 20 s", "27.0 s"]);
  await openRun(page, "dear");
  assert.match(await page.locator(".pane-head .figures").innerText(), /Cost\s+\$1,234\.50/);
  assert.match(await page.locator(".run-head .figures").innerText(), /Calls\s+1 model\s/);
});

test("the axis of a long run counts in minutes", async () => {
  const page = await place.open();
  await openRun(page, "dear");
  const ticks = await page.locator(".axis span").allInnerTexts();
  assert.deepEqual(ticks.slice(0, 3), ["0", "10 min", "20 min"]);
});

test("a call that was cancelled before it said anything says so", async () => {
  const page = await place.open();
  await openRun(page, "stopped");
  await choose(page, "openai.chat.completions");
  await page.locator(".pane .answer").getByText("It was dropped before anything came.").waitFor();
});

for (const viewport of [{ width: 1280, height: 800 }, { width: 390, height: 800 }]) {
  test(`no label of a chart is cut off, ${viewport.width} pixels wide`, async () => {
    const page = await place.open({ viewport });
    await page.goto(`${place.address.split("#")[0]}#/charts`);
    await page.locator(".chart svg").nth(2).waitFor();
    const labels = await page.locator(".chart svg text").evaluateAll((texts) => texts.map((text) => {
      const [inner, outer] = [text.getBoundingClientRect(), text.ownerSVGElement.getBoundingClientRect()];
      return { text: text.textContent, fits: inner.left >= outer.left && inner.right <= outer.right + 1 };
    }));
    assert.ok(labels.length > 6);
    for (const { text, fits } of labels) assert.ok(fits, text);
    // Of runs there are no halves.
    const scale = await page.locator(".chart", { hasText: "not failed" }).locator("svg text[text-anchor=end]").allTextContents();
    for (const label of scale) assert.match(label, /^\d+$/);
    assert.deepEqual(page.complaints, []);
  });
}

test("what a bar says covers nothing but its own chart", async () => {
  const page = await place.open();
  await page.goto(`${place.address.split("#")[0]}#/charts`);
  const chart = page.locator(".chart").first();
  await chart.locator("rect").first().waitFor();
  await chart.locator(".plot").hover();
  await chart.locator(".tip").waitFor();
  const [tip, around] = [await chart.locator(".tip").boundingBox(), await chart.boundingBox()];
  assert.ok(tip.y >= around.y && tip.y + tip.height <= around.y + around.height, JSON.stringify([tip, around]));
});

test("a model with a long name leaves room for the search", async () => {
  place.append("long.jsonl", ...run("trace_5", "tuned", { ms: 10, model: { provider: "acme", model: "a-model-".repeat(20) }, output: "x" }));
  const page = await place.open();
  await row(page, "tuned").waitFor();
  assert.ok((await page.locator("select[name=model]").boundingBox()).width <= 220);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
});

test("two runs that are marked by a click are compared by a key", async () => {
  const page = await place.open();
  await row(page, "cheap").locator("input").check();
  await row(page, "dear").locator("input").check();
  await page.keyboard.press("c");
  await page.locator(".pair").first().waitFor();
  assert.match(page.url(), /compare\/trace_1\/trace_2/);
});

test("what was said can be copied as it was said, and so can the id of the run", async () => {
  const page = await place.open({ permissions: ["clipboard-read", "clipboard-write"] });
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await openRun(page, "cheap");
  await page.getByRole("button", { name: "Copy the id, trace_1" }).click();
  await until("the id is copied", async () => (await copied()) === "trace_1");
  await page.getByRole("button", { name: "Copy the input" }).click();
  await until("the input is copied", async () => (await copied()) === "{\n  \"question\": \"where?\"\n}");
  await choose(page, "openai.chat.completions");
  await page.locator(".message.from-user").hover();
  await page.getByRole("button", { name: "Copy this message" }).first().click();
  await until("the message is copied", async () => (await copied()) === "where?");
  assert.deepEqual(page.complaints, []);
});
