// Without a mouse, with a screen reader, on a phone, in the dark.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Place, openRun, until } from "./support.mjs";

const place = new Place();
before(async () => {
  place.example("support_agent");
  place.example("claude_agent");
  await place.view();
});
after(() => place.close());

const selected = (page) => page.locator("[role=treeitem][aria-selected=true] .name").innerText();

test("the keyboard reaches everything", async () => {
  const page = await place.open();
  await page.locator("tr[data-id]").nth(1).waitFor();
  const focused = () => page.evaluate(() => [...document.querySelectorAll("tr[data-id]")].indexOf(document.activeElement.closest("tr")));
  await page.keyboard.press("j");
  assert.equal(await focused(), 0);
  await page.keyboard.press("j");
  assert.equal(await focused(), 1);
  await page.keyboard.press("k");
  assert.equal(await focused(), 0);
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.locator(".row.is-root").waitFor();
  assert.equal(await selected(page), "support");

  await page.keyboard.press("ArrowDown");
  assert.equal(await selected(page), "openai.chat.completions");
  await page.keyboard.press("End");
  assert.equal(await selected(page), "openai.responses");
  await page.keyboard.press("ArrowLeft");
  assert.equal(await selected(page), "note_down");
  await page.keyboard.press("ArrowLeft");
  await until("the step is closed", async () => (await page.locator(".row").count()) === 6);
  await page.keyboard.press("ArrowRight");
  await until("the step is open", async () => (await page.locator(".row").count()) === 7);
  await page.keyboard.press("e");
  assert.equal(await selected(page), "lookup_order");
  await until("the error is told", async () => (await page.locator(".pane").innerText()).includes("there is no order 1099"));
  await page.keyboard.press("]");
  assert.equal(await page.locator("[role=tab][aria-selected=true]").innerText(), "Error");
  await page.keyboard.press("z");
  await page.locator(".tree.is-zoomed").waitFor();
  await page.keyboard.press("Escape");
  await until("the zoom is over", async () => (await page.locator(".tree.is-zoomed").count()) === 0);

  await page.keyboard.press("/");
  await page.keyboard.type("note");
  await until("the step is left, and what is around it", async () => (await page.locator(".row").count()) === 2);
  await page.keyboard.press("Escape");
  await until("all rows are back", async () => (await page.locator(".row").count()) === 7);
  await page.keyboard.press("?");
  await page.getByRole("dialog").getByText("next error").waitFor();
  await page.keyboard.press("Escape");
  await until("the help is closed", async () => (await page.getByRole("dialog").count()) === 0);
  await page.keyboard.press("Escape");
  await page.locator("tr[data-id]").first().waitFor();
  await page.keyboard.press("s");
  await page.locator(".chart").first().waitFor();
  await page.keyboard.press("g");
  await page.locator("tr[data-id]").first().waitFor();
  assert.deepEqual(page.complaints, []);
});

test("a tree says of each step how deep it is, and whether it is open", async () => {
  const page = await place.open();
  await openRun(page, "support");
  const tree = page.getByRole("tree");
  const items = tree.getByRole("treeitem");
  assert.equal(await items.first().getAttribute("aria-expanded"), "true");
  assert.equal(await items.first().getAttribute("aria-level"), "1");
  assert.equal(await items.nth(1).getAttribute("aria-level"), "2");
  assert.equal(await items.nth(1).getAttribute("aria-posinset"), "1");
  const active = await tree.getAttribute("aria-activedescendant");
  assert.equal(await page.locator(`#${active}`).getAttribute("aria-selected"), "true");
  for (const role of ["tablist", "tabpanel", "separator"]) assert.equal(await page.getByRole(role).count(), 1, role);
  assert.equal(await page.getByRole("heading", { level: 1 }).count(), 1);
});

/** How much two colours differ in brightness, as WCAG counts it. */
function contrast(page, selector) {
  return page.locator(selector).first().evaluate((element) => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const paint = (colour) => {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      return canvas.getImageData(0, 0, 1, 1).data;
    };
    const behind = [];
    for (let at = element; at; at = at.parentElement) behind.unshift(getComputedStyle(at).backgroundColor);
    paint("white");
    let under;
    for (const colour of behind) under = paint(colour);
    const over = paint(getComputedStyle(element).color);
    const light = (data) => [0.2126, 0.7152, 0.0722].reduce((sum, share, index) => {
      const value = data[index] / 255;
      return sum + share * (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    }, 0);
    const [a, b] = [light(under), light(over)].sort((one, other) => other - one);
    return (a + 0.05) / (b + 0.05);
  });
}

for (const colorScheme of ["light", "dark"]) {
  test(`texts can be read in ${colorScheme} colours`, async () => {
    const page = await place.open({ colorScheme });
    await page.locator("tr[data-id]").first().waitFor();
    for (const selector of [".runs .name", ".runs .said", ".runs th", ".c-started time", ".tag.is-failed", ".top nav a:not([aria-current])", ".sums"]) {
      assert.ok((await contrast(page, selector)) >= 4.5, `${selector}: ${await contrast(page, selector)}`);
    }
    await openRun(page, "support");
    await page.keyboard.press("e");
    await page.locator(".error-box").waitFor();
    for (const selector of [".row .sub", ".row.is-selected .name", ".cell-figures", ".figures dt", ".pill.is-failed", ".error-type", ".tabs button", ".role, h3"]) {
      assert.ok((await contrast(page, selector)) >= 4.5, `${selector}: ${await contrast(page, selector)}`);
    }
    const dark = await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
    assert.equal(dark, colorScheme);
    await page.locator("#theme").click();
    assert.notEqual(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), colorScheme);
    assert.deepEqual(page.complaints, []);
  });
}

test("on a phone, a step covers the tree and gives it back", async () => {
  const page = await place.open({ viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true });
  await page.locator("tr[data-id]").first().waitFor();
  const wide = () => page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok((await wide()) <= 390, "nothing is wider than the screen");
  // The list is short: the first run that was recorded is the last.
  await page.locator("tr[data-id] a.name").last().tap();
  await page.locator(".row .name", { hasText: "note_down" }).tap();
  await page.locator(".pane-head").getByText("note_down").waitFor();
  await until("the pane is there", async () => (await page.locator(".pane").boundingBox()).x === 0);
  assert.ok((await wide()) <= 390);
  await page.locator(".pane-back").tap();
  await until("the tree is back", async () => !(await page.locator(".pane").isVisible()));
  assert.deepEqual(page.complaints, []);
});

test("what was found is gone through by Enter, and what is only around it looks so", async () => {
  const page = await place.open();
  await page.locator("tr[data-id]").first().waitFor();
  await page.locator("tr[data-id] a.name").last().click();
  await page.locator(".row.is-root").waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("lookup");
  await page.getByRole("status").getByText("2 steps").waitFor();
  assert.equal(await page.locator(".row.is-around").count(), 1);
  const place_of = () => page.locator("[aria-selected=true][role=treeitem]").getAttribute("aria-posinset");
  const places = [];
  for (const key of ["Enter", "Enter", "Enter", "Shift+Enter"]) {
    await page.keyboard.press(key);
    places.push(await place_of());
  }
  assert.deepEqual(places, ["2", "3", "2", "3"]);
  await page.getByRole("status").getByText("2 of 2 steps").waitFor();
  await page.locator(".pane-head h2", { hasText: "lookup_order" }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.type), "search", "one can type on");
  await page.keyboard.press("Escape");
  await until("all are as they were", async () => (await page.locator(".row.is-around").count()) === 0);
  assert.deepEqual(page.complaints, []);
});

for (const [width, least] of [[820, 200], [390, 300]]) {
  test(`${width} pixels leave room for what a run was asked`, async () => {
    const page = await place.open({ viewport: { width, height: 900 } });
    const asked = page.locator("tr[data-id] .said").first();
    await asked.waitFor();
    assert.ok((await asked.boundingBox()).width >= least, String((await asked.boundingBox()).width));
    const cells = await page.locator("tr[data-id] td.num:visible").evaluateAll((all) => all.map((cell) => [cell.innerText, cell.scrollWidth <= cell.clientWidth]));
    for (const [text, fits] of cells) assert.ok(fits, text);
    await openRun(page, "support");
    const ticks = await page.locator(".axis").evaluate((axis) => [...axis.children].every((tick) => tick.offsetLeft + tick.scrollWidth <= axis.clientWidth));
    assert.ok(ticks, "no time of the axis is cut off");
  });
}

test("a page without a key, and a run that is not there, say so in the middle", async () => {
  const page = await place.open();
  await page.goto(`${place.address.split("#")[0]}#/run/nope`);
  await page.getByText("No such run is recorded.").waitFor();
  const locked = await page.context().browser().newPage({ viewport: { width: 1280, height: 800 } });
  await locked.goto(place.address.split("#")[0]);
  await locked.getByText("This page is locked").waitFor();
  for (const one of [page, locked]) {
    const { x, width } = await one.locator(".notice").boundingBox();
    assert.ok(Math.abs(x + width / 2 - 640) < 2 && width <= 560, `${x} ${width}`);
  }
});
