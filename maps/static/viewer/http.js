// Asking the service: the key goes into a header, and errors come back as problems with words of their own.

const KEY = "gridplan-key";
let onRefused = () => {};

export class Problem extends Error {
  constructor(body, status) {
    const own = document.documentElement.lang.startsWith("zh") && body.detail_zh;
    super(own || body.detail || body.title || `HTTP ${status}`);
    this.body = body;
    this.status = status;
  }
}

export const key = () => sessionStorage.getItem(KEY);
export const keepKey = (value) => sessionStorage.setItem(KEY, value);
export const dropKey = () => sessionStorage.removeItem(KEY);
export const whenRefused = (run) => {
  onRefused = run;
};

// The page may be served below another path; what it asks for lies beside it.
const address = (path, query) => {
  const url = new URL(`.${path}`, document.baseURI);
  for (const [name, value] of Object.entries(query || {})) if (value !== null && value !== "") url.searchParams.set(name, value);
  return url;
};

async function send(method, path, { query, body, headers, signal } = {}) {
  const answer = await fetch(address(path, query), {
    method,
    signal,
    credentials: "omit",
    headers: { "X-API-Key": key() || "", ...(body ? { "Content-Type": "application/json" } : {}), ...headers },
    body: body ? JSON.stringify(body) : undefined,
  });
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({}));
  if (answer.status === 401) onRefused();
  throw new Problem(problem, answer.status);
}

export const get = async (path, query, options) => (await send("GET", path, { query, ...options })).json();
export const post = async (path, body, options) => (await send("POST", path, { body: body || {}, ...options })).json();

// Server-sent events by fetch, since EventSource can send no header. Calls back with each event's name and data.
export async function follow(path, tell, signal) {
  const answer = await send("GET", path, { headers: { Accept: "text/event-stream" }, signal });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value.replace(/\r\n/g, "\n");
    const events = text.split("\n\n");
    text = events.pop();
    for (const event of events) {
      const fields = [...event.matchAll(/^(event|data): ?(.*)$/gm)];
      const data = fields.filter(([, name]) => name === "data").map(([, , rest]) => rest).join("\n");
      if (data) tell(fields.find(([, name]) => name === "event")?.[2] || "message", JSON.parse(data));
    }
  }
}
