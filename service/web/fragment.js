// The part of the address behind `#`, which no server sees: from=de&to=en&text=Guten%20Morgen

const LONGEST_TEXT = 2000; // characters; a longer link is cut by many programs that pass it on

export function fragment({ source, target, text }) {
  const fields = new URLSearchParams({ from: source, to: target });
  if (text && text.length <= LONGEST_TEXT) fields.set("text", text);
  return `#${fields.toString().replaceAll("+", "%20")}`;
}

// The fields that it has, of `source`, `target` and `text`.
export function readFragment(hash) {
  const pair = hash.match(/^#([a-z]{2,3})-([a-z]{2,3})$/i); // #de-en, as it once was
  if (pair) return { source: pair[1], target: pair[2] };
  const fields = new URLSearchParams(hash.slice(1));
  const given = { source: fields.get("from"), target: fields.get("to"), text: fields.get("text") };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
}
