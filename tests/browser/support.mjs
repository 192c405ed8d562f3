// A folder of recorded runs, the viewer over it, and a browser that looks at it.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const { chromium } = await import(process.env.ROLLOUT_BROWSER_DRIVER);
const TARGET = process.env.ROLLOUT_BROWSER_TARGET;
const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

/** A working folder, which goes when the tests end. */
export class Place {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "rollout-browser-"));
    this.record = join(this.folder, ".rollout");
    mkdirSync(this.record);
    this.closing = [() => rmSync(this.folder, { recursive: true, force: true })];
  }

  /** Runs an example in the folder, as a reader of the README does. */
  example(name) {
    const done = spawnSync(join(TARGET, "examples", name), { cwd: this.folder, encoding: "utf8", timeout: 60_000 });
    assert.equal(done.status, 0, done.stderr);
  }

  /** Appends events, or text as it is, to a file of the folder. */
  append(file, ...lines) {
    const text = lines.map((line) => (typeof line === "string" || Buffer.isBuffer(line) ? line : `${JSON.stringify(line)}\n`));
    for (const piece of text) appendFileSync(join(this.record, file), piece);
  }

  /**
   * Starts a program that holds the lock of a file, as those that record do for as long as they live; returns
   * the file, and what kills the program.
   */
  async writer() {
    const name = `20260101T000000-000000-${Math.random().toString(16).slice(2, 8).padEnd(6, "0")}`;
    const lock = join(this.record, `${name}.lock`);
    const program = spawn("flock", ["--no-fork", "--exclusive", lock, "sh", "-c", "echo locked; exec sleep 600"], { stdio: ["ignore", "pipe", "inherit"] });
    this.closing.unshift(() => program.kill("SIGKILL"));
    await new Promise((resolve, reject) => {
      program.stdout.once("data", resolve);
      program.once("error", reject);
    });
    return { file: `${name}-0001.jsonl`, kill: () => program.kill("SIGKILL") };
  }

  /** Starts the viewer; returns the address that it prints. */
  async view() {
    const program = spawn(join(TARGET, "rollout"), ["view", "--no-open", this.record], { stdio: ["ignore", "pipe", "pipe"] });
    this.closing.unshift(() => program.kill());
    let said = "";
    program.stderr.on("data", (data) => { said += data; });
    this.address = await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no address: ${said}`)), 20_000);
      program.stdout.on("data", (data) => {
        said += data;
        const found = /http:\/\/\S+#token=[0-9a-f]+/.exec(said);
        if (found) {
          clearTimeout(timer);
          resolve(found[0]);
        }
      });
    });
    return this.address;
  }

  /** Opens a page, which notes whatever it complains about. */
  async open(options = {}) {
    this.browser ??= await chromium.launch({ executablePath: process.env.CHROMIUM, args: FLAGS });
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.complaints = [];
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && page.complaints.push(message.text()));
    page.on("pageerror", (error) => page.complaints.push(String(error)));
    page.on("dialog", (dialog) => {
      page.complaints.push(`a dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.protocol !== "data:" && url.origin !== new URL(this.address).origin) page.complaints.push(`asked elsewhere: ${url}`);
    });
    await page.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
    });
    await page.goto(this.address);
    return page;
  }

  async close() {
    await this.browser?.close();
    for (const close of this.closing) close();
    assert.ok(!existsSync(this.folder));
  }
}

/** Opens the run of this name from the list. */
export async function openRun(page, name) {
  await page.locator("tr[data-id] a.name", { hasText: name }).first().click();
  await page.locator(".row.is-root").waitFor();
}

/** Chooses a step by what its name contains. */
export async function choose(page, name, index = 0) {
  await page.locator(".row .name", { hasText: name }).nth(index).click();
  await page.locator(".pane-head h2", { hasText: name }).waitFor();
  await settled(page);
}

/** Waits until the step is read. */
export async function settled(page) {
  await page.locator(".pane-body[aria-busy=false]").waitFor();
}

let numbers = 0;

/** An event of a trace, now unless it says when. */
export function event(trace, type, more = {}) {
  numbers += 1;
  return {
    event_id: `evt_${numbers}`, event_type: type, schema_version: "1.0", trace_id: trace, sequence: numbers,
    occurred_at: new Date().toISOString(), ...more,
  };
}

/** The events of a model call that ended. */
export function call(trace, span, { input, output, at = Date.now(), ms = 100, ...more } = {}) {
  const common = { span_id: span, span_type: "llm", name: "openai.chat.completions", model: { provider: "openai", model: "gpt-4.1-mini" } };
  const times = { occurred_at: new Date(at).toISOString(), started_at: new Date(at).toISOString() };
  return [
    event(trace, "span.start", { ...common, ...times }),
    event(trace, "span.update", { ...common, ...times, raw: { input } }),
    event(trace, "span.end", { ...common, ...times, ended_at: new Date(at + ms).toISOString(), duration_ms: ms, status: "ok", raw: { output }, ...more }),
  ];
}

/** Waits until a condition holds, and says which did not. */
export async function until(what, holds) {
  const limit = Date.now() + 15_000;
  for (;;) {
    if (await holds()) return;
    if (Date.now() > limit) assert.fail(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}
