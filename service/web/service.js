// Requests to the service. Addresses are relative: a proxy may have put the page below a path of its own.

// An answer that is an error. `code` is one word, `wait` seconds until it is worth asking again, 0 where it never is.
export class Refusal extends Error {
  constructor(status, code, message, wait) {
    super(message);
    Object.assign(this, { status, code, wait });
  }
}

// A proxy between page and service may answer in words of its own.
async function refusal(response) {
  const answer = await response.json().catch(() => null);
  const error = answer?.error ?? {};
  const sentence = typeof error === "string" ? error : error.message;
  return new Refusal(response.status, error.code ?? "", sentence ? `${sentence}.` : "", Number(response.headers.get("Retry-After")) || 0);
}

async function ask(path, { key, ...options } = {}) {
  const headers = { ...options.headers, ...(key ? { Authorization: `Bearer ${key}` } : {}) };
  const response = await fetch(path, { ...options, headers });
  if (!response.ok) throw await refusal(response);
  return response;
}

const json = (body) => ({ method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export async function getSettings() {
  return (await ask("frontend/settings")).json();
}

export async function getLanguages(key) {
  return (await ask("v1/languages", { key })).json();
}

// The languages that a text may be in, the most probable first, as {language, confidence} with per cent.
export async function detect(text, key, signal) {
  return (await ask("detect", { ...json({ q: text, ...(key ? { api_key: key } : {}) }), signal })).json();
}

export async function translate(question, key, signal) {
  return (await ask("v1/translate", { ...json(question), key, signal })).json();
}

export async function sendDocument(file, fields, key) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  body.set("file", file, file.name);
  return (await ask("v1/documents", { method: "POST", body, key })).json();
}

export async function documentState(id, key) {
  return (await ask(`v1/documents/${id}`, { key })).json();
}

export async function takeDocument(id, key) {
  return (await ask(`v1/documents/${id}/result`, { method: "POST", key })).blob();
}

export async function forgetDocument(id, key) {
  await ask(`v1/documents/${id}`, { method: "DELETE", key });
}
