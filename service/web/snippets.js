// A request to the service as others would write it. Nothing here touches the document.

const INDENT = "    ";

// For a shell. The body stands in single quotes, within which only these end.
export function curl(address, question, hasKey) {
  const body = JSON.stringify(question).replaceAll("'", `'\\''`);
  return [
    `curl '${address}' \\`,
    ...(hasKey ? [`  -H "Authorization: Bearer $NMT_KEY" \\`] : []),
    "  -H 'Content-Type: application/json' \\",
    `  -d '${body}'`,
  ].join("\n");
}

// For Python without further packages.
export function python(address, question, hasKey) {
  return [
    "import json",
    ...(hasKey ? ["import os"] : []),
    "import urllib.request",
    "",
    `question = ${literal(question, "")}`,
    "request = urllib.request.Request(",
    `${INDENT}${JSON.stringify(address)},`,
    `${INDENT}data=json.dumps(question).encode(),`,
    ...(hasKey
      ? [`${INDENT}headers={"Content-Type": "application/json", "Authorization": f"Bearer {os.environ['NMT_KEY']}"},`]
      : [`${INDENT}headers={"Content-Type": "application/json"},`]),
    ")",
    "with urllib.request.urlopen(request) as response:",
    `${INDENT}print(json.load(response)["translations"][0]["text"])`,
  ].join("\n");
}

// Strings of JSON are strings of Python, too.
function literal(value, indent) {
  if (typeof value !== "object") return JSON.stringify(value);
  const items = Object.entries(value).map(([name, item]) => `${indent}${INDENT}${JSON.stringify(name)}: ${literal(item, indent + INDENT)},\n`);
  return `{\n${items.join("")}${indent}}`;
}
