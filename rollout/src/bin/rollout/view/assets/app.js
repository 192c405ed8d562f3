// The frame around the pages: which one is open, what is live, the keyboard.

import { follow, get, hasKey, takeKey } from "./api.js";
import { openCharts } from "./charts.js";
import { openCompare } from "./compare.js";
import { h, replace } from "./dom.js";
import { Keyboard } from "./keys.js";
import { openRun } from "./run.js";
import { openRuns } from "./runs.js";
import { startTheme } from "./theme.js";

const main = document.getElementById("main");
const live = document.getElementById("live");
const toggleTheme = startTheme(document.getElementById("theme"));
let page = null;
let shown = "";
let wasGone = false;
let watching = false;

const keyboard = new Keyboard([
  { keys: ["g"], does: "all runs", act: () => go("#/") },
  { keys: ["s"], does: "charts", act: () => go("#/charts") },
  { keys: ["d"], does: "dark or light", act: toggleTheme },
  { keys: ["?"], does: "this list", act: () => keyboard.help() },
]);
document.getElementById("help").addEventListener("click", () => keyboard.help());

function go(hash) {
  location.hash = hash;
}

/** Splits the address: `#/run/<id>?step=<key>`. */
function address() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const parts = path.split("/").filter(Boolean).map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
  return { parts, query: new URLSearchParams(query) };
}

function route() {
  if (hasKey()) {
    // Whatever is open was read with another key.
    shown = null;
    start();
    return;
  }
  const { parts, query } = address();
  const [name = "runs", ...rest] = parts;
  // What only moves within a page is the page's own business.
  if (page && shown === parts.join("/") && page.moved) {
    page.moved(query);
    return;
  }
  page?.close?.();
  shown = parts.join("/");
  replace(main);
  for (const link of document.querySelectorAll("nav [data-page]")) {
    const current = link.dataset.page === (name === "charts" ? "charts" : "runs");
    link.toggleAttribute("aria-current", current);
    if (current) link.setAttribute("aria-current", "page");
  }
  const pages = { runs: openRuns, run: openRun, charts: openCharts, compare: openCompare };
  const open = pages[name] ?? openRuns;
  main.className = `page-${name}`;
  page = open(main, { parts: rest, query, fail });
  keyboard.page = page.keys ?? [];
}

/** Shows why a page can't be shown. */
function fail(error) {
  if (error.name === "AbortError") return;
  shown = null;
  main.className = "page-notice";
  const locked = error.status === 401 || error.status === 403;
  replace(main, h("section", { class: "notice" },
    h("h1", {}, locked ? "This page is locked" : error.status === 404 ? "Nothing here" : "That did not work"),
    locked
      ? h("p", {}, "Open the address that ", h("code", {}, "rollout view"), " printed: it carries a key, so that nobody else on this machine can read your traces. It is a new one each time.")
      : h("p", {}, sentence(error.message)),
    !locked && h("p", {}, h("a", { href: "#/" }, "All runs"))));
}

function sentence(text) {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}

/** Follows the folder, once this page may. */
async function watch() {
  if (watching) return;
  watching = true;
  get("about").then((about) => {
    const folder = document.getElementById("folder");
    replace(folder, about.folder);
    folder.title = about.folder;
  }).catch(() => {});
  await follow(
    (change) => page?.changed?.(change),
    (connected) => {
      live.className = connected ? "live is-on" : "live is-off";
      replace(live, connected ? "live" : "server gone");
      live.title = connected ? "What is recorded appears here at once" : "rollout view has ended; waiting for it";
      // What was recorded in the meantime.
      if (connected && wasGone) page?.changed?.({ all: true });
      wasGone = !connected;
    },
  );
  // The key was wrong.
  watching = false;
}

async function start() {
  if (hasKey()) await takeKey().catch(fail);
  route();
  watch();
}

// Not by its address, which is that of the page that is open.
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
addEventListener("hashchange", route);
start();
