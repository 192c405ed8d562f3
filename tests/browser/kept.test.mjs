// Images that a program kept beside its runs.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Place, call, choose, event, openRun } from "./support.mjs";

const place = new Place();
const [kept, gone, evil] = ["a".repeat(64), "b".repeat(64), "c".repeat(64)];
const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

before(async () => {
  const image = (hash, type) => ({ type: "image_url", image_url: { url: `rollout-blob:sha256-${hash};type=${type};size=70` } });
  const content = [image(kept, "image/png"), image(gone, "image/png"), image(evil, "image/svg+xml")];
  place.append("media.jsonl",
    event("trace_media", "trace.start", { name: "look" }),
    ...call("trace_media", "one", { name: "describe", input: { model: "m", messages: [{ role: "user", content }] }, output: { choices: [{ message: { content: "A dot." } }] } }),
    event("trace_media", "trace.end", { name: "look", status: "ok" }));
  const folder = join(place.record, "media");
  mkdirSync(folder);
  writeFileSync(join(folder, `${kept}.png`), Buffer.from(PIXEL, "base64"));
  writeFileSync(join(folder, `${evil}.svg`), "<svg onload=\"alert(1)\"/>");
  await place.view();
});
after(() => place.close());

test("an image that was kept is shown, and of others what is known of them", async () => {
  const page = await place.open();
  await openRun(page, "look");
  await choose(page, "describe");
  const image = page.locator(".pane .thumb img");
  await image.waitFor();
  assert.equal(await image.count(), 1);
  assert.equal(await image.getAttribute("src"), `data:image/png;base64,${PIXEL}`);
  assert.equal(await page.locator(".pane .media").count(), 2);
  assert.ok((await page.locator(".pane").innerText()).includes("sha256 bbbbbbbbbbbb"));
  assert.deepEqual(page.complaints, []);
});
