// The server's answers. The token comes with the address that `rollout view` prints, and goes back in
// a header: a cookie would be sent to every other server on this machine, whatever its port.

const KEY = "rollout.token";

export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Whether the address carries a key. */
export function hasKey() {
  return /^#(?:token|once)=/.test(location.hash);
}

/** Takes the key out of the address, so that it is in no history and in no link that one shares. */
export async function takeKey() {
  const [, kind, key] = /^#(token|once)=([0-9a-f]+)/.exec(location.hash) ?? [];
  history.replaceState(null, "", `${location.pathname}#/`);
  if (kind === "token") localStorage.setItem(KEY, key);
  if (kind === "once") {
    const response = await fetch("/api/session", { method: "POST", headers: { authorization: `Bearer ${key}` }, credentials: "omit" });
    // It was used before: what this browser has from then may still be good.
    if (response.ok) localStorage.setItem(KEY, (await response.json()).token);
  }
}

function request(path, signal) {
  const headers = { authorization: `Bearer ${localStorage.getItem(KEY) ?? ""}` };
  return fetch(`/api/${path}`, { headers, signal, cache: "no-store", credentials: "omit" });
}

/** Returns the JSON under a path. */
export async function get(path, { query = {}, signal } = {}) {
  const parts = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") parts.set(key, value);
  }
  const text = parts.toString();
  const response = await request(text ? `${path}?${text}` : path, signal);
  if (!response.ok) {
    const body = await response.json().catch(() => ({}));
    throw new ApiError(response.status, body.error ?? `the server answered ${response.status}`);
  }
  return response.json();
}

export function stepPath(run, key, what = "") {
  return `runs/${encodeURIComponent(run)}/steps/${encodeURIComponent(key)}${what}`;
}

/**
 * Follows the folder, for as long as the page is open. `onChange` gets the ids of the runs of which
 * there is more; `onState` whether the server is there.
 */
export async function follow(onChange, onState) {
  let wait = 500;
  for (;;) {
    try {
      const response = await request("live");
      if (!response.ok) throw new ApiError(response.status, "");
      onState(true);
      wait = 500;
      await read(response.body, onChange);
    } catch (error) {
      if (error.status === 401) return;
    }
    onState(false);
    await new Promise((resolve) => setTimeout(resolve, wait));
    wait = Math.min(wait * 2, 10_000);
  }
}

/** Reads server-sent events; EventSource itself can't send the header. */
async function read(body, onChange) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const data = part.split("\n").find((line) => line.startsWith("data:"));
      if (data) onChange(JSON.parse(data.slice(5)));
    }
  }
}
