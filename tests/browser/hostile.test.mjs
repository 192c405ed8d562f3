// What models, users and broken disks may put into a folder: shown, and without any effect.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Place, call, choose, event, openRun, settled, until } from "./support.mjs";

const ATTACKS = [
  "<script>alert(1)</script>",
  "<img src=x onerror=\"alert(2)\">",
  "\"><svg onload=alert(3)>",
  "javascript:alert(4)",
  "{{constructor.constructor('alert(5)')()}}",
  "</textarea></title><iframe src=\"https://evil.example\"></iframe>",
  "\u001b[31mred\u001b]0;title\u0007 \u001b[2J",
  "\u202etxt.exe\u202c \u2066hidden\u2069",
  "\u0000\u0008\u007f",
  "__proto__", "constructor", "toString",
];

const place = new Place();
const all = ATTACKS.join(" ");

before(async () => {
  const attack = (text) => ({
    name: text, error: { type: text, message_preview: text }, attributes: { [text]: text, nested: { [text]: [text] } },
    context: { user_id: text },
  });
  ATTACKS.forEach((text, index) => {
    const trace = `trace_${index} ${text}`;
    place.append("attacks.jsonl",
      event(trace, "trace.start", { ...attack(text), name: `attack ${index}: ${text}`, raw: { input: text } }),
      ...call(trace, text, {
        ...attack(text), model: { provider: text, model: text }, status: text,
        input: { model: text, [text]: text, messages: [
          { role: text, content: text },
          { role: "user", content: [{ type: "image_url", image_url: { url: text } }, { type: text, text }, { type: "image_url", image_url: { url: `data:image/svg+xml;base64,${btoa("<svg onload=alert(6)/>")}` } }] },
          { role: "user", content: [{ type: "image_url", image_url: { url: "https://evil.example/pixel.png" } }] },
        ], tools: [{ type: "function", function: { name: text, description: text, parameters: text } }] },
        output: { choices: [{ message: { role: text, content: text, refusal: text, tool_calls: [{ id: text, function: { name: text, arguments: text } }] } }] },
      }),
      event(trace, "tool.call", { span_id: `${text} tool`, tool: { name: text, tool_call_id: text }, raw: { arguments: text } }),
      event(trace, "tool.result", { span_id: `${text} tool`, tool: { name: text, tool_call_id: text, status: text }, raw: { result: text }, ...attack(text) }),
      event(trace, "message", { span_id: text, message: { role: text, content: text } }),
      event(trace, text, attack(text)),
      event(trace, "trace.end", { ...attack(text), name: `attack ${index}: ${text}`, status: text, raw: { output: { [text]: text } } }));
  });
  const odd = [null, 0, -1, 1e308, "", [], {}, [[[[[[]]]]]], { role: 1 }, { messages: 7 }, { messages: [null, 3, [], { role: null, content: 4 }] },
    { choices: [null, {}, { message: null }] }, { output: [null, { type: 1 }, { type: "reasoning", summary: 3 }] }, { role: "x", content: [null, 1, { type: null }] },
    { messages: [{ role: "user", content: { deep: true } }], tools: [null, 1] }, { model: 3, input: [null, "x", { type: "function_call" }] }];
  odd.forEach((value, index) => place.append("odd.jsonl", ...call("trace_odd", `odd${index}`, { input: value, output: value, name: `odd ${index}`, attributes: { value } })));
  place.append("odd.jsonl", event("trace_odd", "trace.end", { name: "odd shapes", status: 5, duration_ms: "long", usage: [], error: "x", started_at: "yesterday", attributes: [] }));

  let deep = 1;
  for (let level = 0; level < 100; level += 1) deep = { deep };
  place.append("huge.jsonl",
    ...call("trace_huge", "text", { name: "huge text", input: { model: "m", messages: [{ role: "user", content: "word ".repeat(210_000) }] }, output: { choices: [{ message: { role: "assistant", content: "line\n".repeat(5000) } }] } }),
    ...call("trace_huge", "list", { name: "huge list", input: Array.from({ length: 50_000 }, (_, index) => ({ index })), output: deep }),
    ...call("trace_huge", "talk", { name: "long talk", input: { model: "m", messages: Array.from({ length: 800 }, (_, index) => ({ role: index % 2 ? "assistant" : "user", content: `message ${index}` })) }, output: { choices: [{ message: { content: "{\"broken\": [1, 2" } }] } }),
    event("trace_huge", "trace.end", { name: "huge", status: "ok" }));

  // Files that nobody meant for us, and a disk that was full.
  writeFileSync(join(place.record, "notes.txt"), "<script>alert(7)</script>");
  writeFileSync(join(place.record, "foreign.jsonl"), `{"level":"info","msg":${JSON.stringify(all)}}\n[1,2,3]\n"text"\nnull\n`);
  writeFileSync(join(place.record, "binary.jsonl"), Buffer.from([0, 1, 2, 255, 254, 10, 123, 34, 10, 10]));
  mkdirSync(join(place.record, "folder.jsonl"));
  place.append("attacks.jsonl", `${JSON.stringify(event("trace_half", "trace.start", { name: "half written" })).slice(0, 60)}`);
  await place.view();
});
after(() => place.close());

/** Turns to each tab, and unfolds whatever there is in it. */
function openAll(page) {
  return page.evaluate(async () => {
    const names = [...document.querySelectorAll("[role=tab]")].map((tab) => tab.id);
    for (const name of names) {
      document.getElementById(name)?.click();
      await new Promise((resolve) => setTimeout(resolve, 30));
      for (let round = 0; round < 3; round += 1) {
        for (const details of document.querySelectorAll(".pane details:not([open])")) details.open = true;
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
    }
  });
}

test("attacks are texts, wherever they stand", async () => {
  const page = await place.open();
  await page.locator("tr[data-id]").nth(ATTACKS.length - 1).waitFor();
  for (let index = 0; index < ATTACKS.length; index += 1) {
    await openRun(page, `attack ${index}:`);
    const rows = await page.locator(".row").count();
    assert.ok(rows >= 5, `${rows} rows`);
    for (let row = 1; row < rows; row += 1) {
      await page.locator(`.row[data-row="${row}"] .cell-name`).click();
      await settled(page);
      await openAll(page);
    }
    await page.goto(`${page.url().split("#")[0]}#/`);
    await page.locator("tr[data-id]").first().waitFor();
  }
  assert.deepEqual(page.complaints, []);
  const found = await page.evaluate(() => document.querySelectorAll("script:not([src]), iframe, object, embed, [onerror], [onload], a[href^='javascript']").length);
  assert.equal(found, 0);
});

test("an attack can be read as it is written, and nothing hides in it", async () => {
  const page = await place.open();
  await openRun(page, "attack 1:");
  await page.locator(".row .name", { hasText: "<img src=x onerror=\"alert(2)\">" }).first().waitFor();
  await page.goto(`${page.url().split("#")[0]}#/`);
  await openRun(page, "attack 6:");
  const head = await page.locator(".run-head").innerText();
  assert.ok(head.includes("\u241b[31mred"), head);
  await page.goto(`${page.url().split("#")[0]}#/`);
  await openRun(page, "attack 7:");
  const text = await page.locator("main").innerText();
  assert.ok(text.includes("⟨U+202E⟩") && !/[\u202a-\u202e\u2066-\u2069]/.test(text));
});

test("no image is fetched from anywhere", async () => {
  const page = await place.open();
  await openRun(page, "attack 0:");
  await page.locator(".row:has(.kind-model) .name").click();
  await page.getByText("https://evil.example/pixel.png").waitFor();
  assert.equal(await page.locator(".pane img").count(), 0);
  assert.deepEqual(page.complaints, []);
});

test("values of any shape are shown", async () => {
  const page = await place.open();
  await openRun(page, "odd shapes");
  const rows = await page.locator(".row").count();
  for (let row = 0; row < rows; row += 1) {
    await page.locator(`.row[data-row="${row}"] .name`).click();
    await settled(page);
    for (const tab of await page.getByRole("tab").all()) await tab.click();
  }
  assert.ok(!(await page.locator(".pane").innerText()).includes("can't be read"));
  assert.deepEqual(page.complaints, []);
});

test("a megabyte is cut until one asks for it", async () => {
  const page = await place.open();
  await openRun(page, "huge");
  await choose(page, "huge text");
  const more = page.locator(".pane .message.from-user button.more");
  assert.match(await more.innerText(), /Show all \(1\.1 MB\)/);
  const length = () => page.locator(".pane .message.from-user .text").evaluate((element) => element.textContent.length);
  assert.ok((await length()) < 5000);
  await more.click();
  assert.equal(await length(), 1_050_000);

  await choose(page, "huge list");
  await page.locator(".pane").getByText("Show more (49,900 left)").click();
  await page.locator(".pane").getByText("Show more (49,800 left)").waitFor();

  await choose(page, "long talk");
  assert.ok((await page.locator(".pane .message").count()) < 40);
  await page.locator(".pane").getByText("Show 776 earlier messages").click();
  await until("all messages are there", async () => (await page.locator(".pane .message").count()) === 801);
  await page.locator(".pane .answer").getByText("{\"broken\": [1, 2").waitFor();
  assert.deepEqual(page.complaints, []);
});

test("foreign files, broken lines and half a last line are passed over", async () => {
  const page = await place.open();
  await page.locator("tr[data-id]").first().waitFor();
  assert.equal(await page.locator("tr[data-id]").count(), ATTACKS.length + 2);
  assert.equal(await page.getByText("half written").count(), 0);
});

test("ten thousand steps scroll, and only some of them are there at a time", async () => {
  const at = Date.now() - 1e6;
  const lines = [];
  for (let index = 0; index < 10_000; index += 1) {
    const times = { started_at: new Date(at + index * 20).toISOString(), ended_at: new Date(at + index * 20 + 15).toISOString() };
    lines.push(`${JSON.stringify(event("trace_many", "span.end", { span_id: `m${index}`, span_type: "task", name: `step ${index}`, status: "ok", duration_ms: 15, occurred_at: times.ended_at, ...times }))}\n`);
  }
  lines.push(`${JSON.stringify(event("trace_many", "trace.end", { name: "many steps", status: "ok", started_at: new Date(at).toISOString(), duration_ms: 200_000 }))}\n`);
  place.append("many.jsonl", lines.join(""));
  const page = await place.open();
  await page.locator("tr[data-id]", { hasText: "many steps" }).waitFor();
  const begun = Date.now();
  await openRun(page, "many steps");
  const took = Date.now() - begun;
  assert.ok(took < 6000, `opened in ${took} ms`);
  assert.ok((await page.locator(".row").count()) < 80);
  await page.keyboard.press("End");
  await page.locator(".row", { hasText: "step 9999" }).waitFor();
  assert.ok((await page.locator(".row").count()) < 80);
  await page.keyboard.press("/");
  await page.keyboard.type("step 4711");
  await until("one is found", async () => (await page.locator(".row").count()) === 2);
  assert.deepEqual(page.complaints, []);
});
