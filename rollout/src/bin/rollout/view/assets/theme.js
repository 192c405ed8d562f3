// Light or dark: as the system has it, until one says otherwise.

import { replace } from "./dom.js";
import { icon } from "./icons.js";

const KEY = "rollout.theme";
const system = matchMedia("(prefers-color-scheme: dark)");

function isDark() {
  const chosen = localStorage.getItem(KEY);
  return chosen ? chosen === "dark" : system.matches;
}

function apply(button) {
  const dark = isDark();
  document.documentElement.style.colorScheme = dark ? "dark" : "light";
  const words = dark ? "Use light colours" : "Use dark colours";
  button.setAttribute("aria-label", words);
  button.title = `${words} (d)`;
  replace(button, icon(dark ? "light" : "dark"));
}

export function startTheme(button) {
  const toggle = () => {
    const wanted = isDark() ? "light" : "dark";
    // What the system has needs no memory: it may change with the time of day.
    if ((wanted === "dark") === system.matches) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, wanted);
    apply(button);
  };
  button.addEventListener("click", toggle);
  system.addEventListener("change", () => apply(button));
  apply(button);
  return toggle;
}
