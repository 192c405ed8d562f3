// What happens while one looks.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { after, before, test } from "node:test";
import { Place, event, openRun, settled, until } from "./support.mjs";

const place = new Place();
before(async () => {
  rmSync(place.record, { recursive: true });
  await place.view();
});
after(() => place.close());

test("a run appears in a folder that was not there, without a reload", async () => {
  const page = await place.open();
  await page.getByText("Nothing is recorded here yet").waitFor();
  place.example("support_agent");
  await page.locator("tr[data-id]", { hasText: "support" }).waitFor();
  assert.deepEqual(page.complaints, []);
});

test("a stream grows in the page, and then it has ended", async () => {
  const page = await place.open();
  await page.locator("tr[data-id]").first().waitFor();
  const [trace, span] = ["trace_live", { span_id: "s1", span_type: "llm", name: "openai.responses", model: { provider: "openai", model: "gpt-4.1" } }];
  const writer = await place.writer();
  const began = new Date().toISOString();
  place.append(writer.file, event(trace, "trace.start", { name: "live one", started_at: began, raw: { input: { question: "a story" } } }));
  await page.locator("tr[data-id]", { hasText: "live one" }).locator(".sign-running").waitFor();
  const inList = page.locator("tr[data-id]", { hasText: "live one" }).locator(".c-time");
  const first = await inList.innerText();
  await until("its time goes on though nothing is recorded", async () => (await inList.innerText()) !== first);
  await openRun(page, "live one");
  await page.locator(".run-head .pill.is-running").waitFor();
  place.append(writer.file, event(trace, "span.start", { ...span, started_at: began }));
  await page.locator(".row", { hasText: "openai.responses" }).waitFor();
  const costOf = async () => /Cost\s+(\S+)/.exec(await page.locator(".run-head .figures").innerText())?.[1];
  await until("what it costs is not known yet, rather than unknown", async () => (await costOf()) === "\u2013");
  await page.locator(".row", { hasText: "openai.responses" }).click();
  let text = "";
  for (const word of ["Once ", "there ", "was ", "a ", "lighthouse"]) {
    text += word;
    place.append(writer.file, event(trace, "span.update", { ...span, attributes: { streaming: true, chunk_count: text.length }, raw: { stream_preview: text } }));
    await until(`the page shows "${text}"`, async () => (await page.locator(".text.is-growing").allInnerTexts()).join("").startsWith(text.trim()));
  }
  const bar = page.locator(".bar.kind-model.is-running");
  assert.equal(await bar.count(), 1);
  const timeOf = () => page.locator(".run-head .figures dd").first().innerText();
  const before = await timeOf();
  await until("the clock goes on by itself", async () => (await timeOf()) !== before);

  // A line that is half written says nothing yet.
  const ended = new Date().toISOString();
  const end = JSON.stringify(event(trace, "span.end", { ...span, started_at: began, ended_at: ended, duration_ms: 900, status: "ok", usage: { input_tokens: 3, output_tokens: 5 }, raw: { output: { output: [{ type: "message", role: "assistant", content: [{ type: "output_text", text }] }] } } }));
  place.append(writer.file, end.slice(0, 100));
  await new Promise((resolve) => setTimeout(resolve, 600));
  assert.equal(await bar.count(), 1);
  place.append(writer.file, `${end.slice(100)}\n`, event(trace, "trace.end", { name: "live one", started_at: began, ended_at: ended, duration_ms: 950, status: "ok" }));
  await page.locator(".run-head .pill.is-ok").waitFor();
  assert.equal(await bar.count(), 0);
  await page.locator(".pane .answer .message").getByText(text).waitFor();
  assert.match(await page.locator(".run-head").innerText(), /3 → 5/);
  assert.deepEqual(page.complaints, []);
});

test("a run whose program is killed is interrupted at once", async () => {
  const page = await place.open();
  const writer = await place.writer();
  const began = new Date().toISOString();
  place.append(writer.file, event("trace_killed", "trace.start", { name: "killed one", started_at: began }));
  const row = page.locator("tr[data-id]", { hasText: "killed one" });
  await row.locator(".sign-running").waitFor();
  // Nothing is written any more: only the lock tells.
  writer.kill();
  await row.locator(".sign-interrupted").waitFor();
  assert.equal(await row.locator(".sign-running").count(), 0);
  assert.deepEqual(page.complaints, []);
});

test("what was cancelled or broke off looks unlike what failed", async () => {
  const at = new Date().toISOString();
  const later = new Date(Date.now() + 500).toISOString();
  const statuses = ["ok", "error", "cancelled", "interrupted"];
  for (const status of statuses) {
    const common = { span_type: "llm", span_id: `s-${status}`, name: `call ${status}`, started_at: at, model: { model: "m" } };
    place.append("ways.jsonl", event("trace_ways", "span.start", common), event("trace_ways", "span.end", {
      ...common, ended_at: later, duration_ms: 500, status, attributes: { "gen_ai.response.time_to_first_chunk": 0.1 },
      ...(status === "error" ? { error: { type: "Refused", message_preview: "no" } } : {}),
    }));
  }
  place.append("ways.jsonl", event("trace_ways", "trace.end", { name: "ways", started_at: at, ended_at: later, duration_ms: 600, status: "ok" }));
  const page = await place.open();
  await openRun(page, "ways");
  const looks = [];
  for (const status of statuses) {
    const row = page.locator(".row", { hasText: `call ${status}` });
    looks.push(await row.evaluate((element) => {
      const bar = getComputedStyle(element.querySelector(".bar"));
      return [bar.background, bar.border, element.querySelector(".status .sign path")?.getAttribute("d") ?? ""].join("|");
    }));
  }
  assert.equal(new Set(looks).size, statuses.length, looks.join("\n"));
});

test("what was said, judged and measured can be read", async () => {
  const said = (type, more) => event("trace_said", type, { occurred_at: new Date().toISOString(), ...more });
  place.append("said.jsonl",
    said("trace.start", { name: "said", started_at: new Date().toISOString() }),
    said("message", { message: { role: "user", content: "Is it open on Sunday?" } }),
    said("feedback", { name: "helpful", attributes: { value: 0.75 } }),
    said("metric", { attributes: { metric_name: "pages", value: 12 } }),
    said("trace.end", { name: "said", status: "ok" }));
  const page = await place.open();
  await openRun(page, "said");
  for (const [row, text] of [[1, "Is it open on Sunday?"], [2, "0.75"], [3, "12"]]) {
    await page.locator(`.row[data-row="${row}"] .name`).click();
    await settled(page);
    await until(`the pane says ${text}`, async () => (await page.locator(".pane-body").innerText()).includes(text));
  }
  assert.deepEqual(page.complaints, []);
});

test("a viewer that has ended says so", async () => {
  const other = new Place();
  try {
    await other.view();
    const page = await other.open();
    await page.locator(".live.is-on").waitFor();
    other.closing[0]();
    await page.getByText("server gone").waitFor();
  } finally {
    await other.close();
  }
});

test("without the key, nothing is shown", async () => {
  const page = await place.open();
  await page.locator("tr[data-id]").first().waitFor();
  const stranger = await place.browser.newContext();
  const other = await stranger.newPage();
  await other.goto(place.address.split("#")[0]);
  await other.getByText("This page is locked").waitFor();
  assert.equal(await other.locator("tr[data-id]").count(), 0);
  await other.goto(place.address.replace(/token=.{4}/, "token=0000"));
  await other.getByText("This page is locked").waitFor();
  await other.goto(place.address);
  await other.locator("tr[data-id]").first().waitFor();
});
