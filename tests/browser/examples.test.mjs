// The runs of the examples, looked at as their author would.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Place, choose, openRun, settled, until } from "./support.mjs";

const place = new Place();
before(async () => {
  for (const name of ["support_agent", "claude_agent", "openrouter"]) place.example(name);
  await place.view();
});
after(() => place.close());

test("the list shows each run with what it consumed, the newest first", async () => {
  const page = await place.open();
  await page.locator("tr[data-id]").nth(2).waitFor();
  const rows = await page.locator("tr[data-id]").allInnerTexts();
  assert.ok(rows.length >= 3);
  assert.match(rows.at(-1), /support[\s\S]*Where are my orders 1042 and 1099[\s\S]*gpt-4\.1-mini[\s\S]*181 → 83/);
  assert.match(rows.at(-1), /1 error/);
  assert.ok(!page.url().includes("token"), "the key is in no history");
  assert.deepEqual(page.complaints, []);
});

test("what nobody knows the price of does not cost zero", async () => {
  const page = await place.open();
  await page.locator("tr[data-id]").nth(2).waitFor();
  const costs = await page.locator("tr[data-id] .c-cost").allInnerTexts();
  assert.ok(costs.length >= 3);
  for (const cost of costs) assert.match(cost, /unknown|[≈≥]? ?\$0\.\d*[1-9]/);
});

test("the search finds what was asked, and filters stay in the address", async () => {
  const page = await place.open();
  await page.locator("tr[data-id]").nth(2).waitFor();
  const all = await page.locator("tr[data-id]").count();
  await page.keyboard.press("/");
  await page.keyboard.type("orders 1099");
  await until("two runs are left", async () => (await page.locator("tr[data-id]").count()) === 2);
  assert.match(page.url(), /q=orders\+1099/);
  await page.reload();
  await until("the same after a reload", async () => (await page.locator("tr[data-id]").count()) === 2);
  await page.locator("select[name=model]").selectOption("claude-sonnet-4-5");
  await until("one run is left", async () => (await page.locator("tr[data-id]").count()) === 1);
  await page.keyboard.press("/");
  await page.keyboard.type("nothing like that");
  await page.getByText("No run is like that.").waitFor();
  await page.getByText("Show all runs").click();
  await until("all are back", async () => (await page.locator("tr[data-id]").count()) === all);
  assert.deepEqual(page.complaints, []);
});

test("a run is a tree beside bars, and a model's call a conversation", async () => {
  const page = await place.open();
  await page.locator("select[name=model]").selectOption("gpt-4.1-mini");
  await page.keyboard.press("/");
  await page.keyboard.type("orders");
  await until("one run is left", async () => (await page.locator("tr[data-id]").count()) === 1);
  await openRun(page, "support");
  const names = await page.locator(".row .name").allInnerTexts();
  assert.deepEqual(names, [
    "support", "openai.chat.completions", "lookup_order", "lookup_order", "openai.chat.completions", "note_down", "openai.responses",
  ]);
  assert.equal(await page.locator(".row .bar").count(), 7);
  assert.equal(await page.locator(".row .bar .stream").count(), 1, "only one call was streamed");
  assert.equal(await page.locator(".row .bar.is-failed").count(), 1);

  await choose(page, "openai.chat.completions", 1);
  const talk = page.locator(".pane .talk");
  await talk.getByText("Where are my orders 1042 and 1099?").waitFor();
  // The result stands with the call that asked for it, and the way to where it ran.
  const calls = page.locator(".pane .call");
  assert.equal(await calls.count(), 2);
  assert.match(await calls.nth(0).innerText(), /number: "1042"[\s\S]*in transit/);
  assert.match(await calls.nth(1).innerText(), /number: "1099"[\s\S]*failed[\s\S]*there is no order 1099/);
  assert.equal(await page.locator(".pane .call .result.is-failed").count(), 1);
  await page.locator(".pane .answer").getByText("Order 1042 is in transit").waitFor();
  await calls.nth(1).locator("button").first().click();
  await page.locator(".pane-head h2", { hasText: "lookup_order" }).waitFor();
  await page.getByRole("tab", { name: "Error" }).click();
  await page.locator(".pane").getByText("NoSuchOrder").first().waitFor();
  assert.deepEqual(page.complaints, []);
});

test("every tab of every step can be read", async () => {
  const page = await place.open();
  await page.locator("tr[data-id]").first().waitFor();
  const runs = await page.locator("tr[data-id]").count();
  for (let run = 0; run < runs; run += 1) {
    await page.locator("tr[data-id] a.name").nth(run).click();
    await page.locator(".row.is-root").waitFor();
    const steps = await page.locator(".row").count();
    for (let step = 0; step < steps; step += 1) {
      await page.locator(`.row[data-row="${step}"] .name`).click();
      await settled(page);
      for (const tab of await page.getByRole("tab").all()) {
        await tab.click();
        await until("the tab is not empty", async () => (await page.locator(".pane-body").innerText()).trim() !== "");
      }
    }
    await page.goBack();
    await page.locator("tr[data-id]").first().waitFor();
  }
  assert.deepEqual(page.complaints, []);
});

test("raw events are there as recorded", async () => {
  const page = await place.open();
  await openRun(page, "support");
  await choose(page, "lookup_order");
  await page.getByRole("tab", { name: "Raw" }).click();
  await page.locator(".events summary", { hasText: "tool.result" }).click();
  await until("its fields are there", async () => (await page.locator(".events > li > details[open]").innerText()).includes("args_shape_hash"));
});

test("two runs stand side by side, and what differs is marked", async () => {
  const page = await place.open();
  await page.keyboard.press("/");
  await page.keyboard.type("orders 1099");
  await until("two runs", async () => (await page.locator("tr[data-id]").count()) === 2);
  await page.keyboard.press("Escape");
  await page.locator("tr[data-id] input").nth(0).check();
  await page.locator("tr[data-id] input").nth(1).check();
  await page.getByText("Compare these two").click();
  await page.locator(".pair").first().waitFor();
  const models = await page.locator(".pair .is-changed", { hasText: /claude|gpt/ }).allInnerTexts();
  assert.ok(models.includes("gpt-4.1-mini") && models.includes("claude-sonnet-4-5"), String(models));
  await page.locator(".pair.is-alone").first().waitFor();
  await page.locator(".pair-head").first().click();
  await page.locator(".pair-body").getByText("Output", { exact: true }).waitFor();
  assert.deepEqual(page.complaints, []);
});

test("the charts draw what the runs consumed", async () => {
  const page = await place.open();
  await page.getByRole("link", { name: "Charts" }).click();
  await page.locator(".chart rect").first().waitFor();
  assert.ok((await page.locator("rect.s-input").count()) >= 1);
  const models = await page.locator(".models tbody th").allInnerTexts();
  assert.ok(models.includes("gpt-4.1-mini"), String(models));
  await page.getByRole("button", { name: "Week" }).click();
  await until("the range is in the address", () => page.url().includes("since=7d"));
  assert.deepEqual(page.complaints, []);
});
