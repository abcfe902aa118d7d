// Shows /openapi.json for people to read.

const content = document.getElementById("content");

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function resolve(schema, root) {
  return schema?.$ref ? schema.$ref.slice(2).split("/").reduce((node, key) => node[key], root) : schema ?? {};
}

function typeOf(schema, root) {
  const given = resolve(schema, root);
  const kinds = given.anyOf ?? given.oneOf;
  if (kinds) return kinds.map((kind) => typeOf(kind, root)).join(" | ");
  if (given.type === "array") return `[${typeOf(given.items, root)}]`;
  return given.title && given.properties ? given.title : given.type ?? "anything";
}

function limitsOf(schema) {
  const own = [];
  if ("minimum" in schema || "maximum" in schema) own.push(`from ${schema.minimum ?? "any"} to ${schema.maximum ?? "any"}`);
  if ("maxLength" in schema) own.push(`at most ${schema.maxLength.toLocaleString("en")} characters`);
  if ("maxItems" in schema) own.push(`at most ${schema.maxItems.toLocaleString("en")} of them`);
  const inner = [...(schema.anyOf ?? schema.oneOf ?? []), ...(schema.items ? [schema.items] : [])].flatMap(limitsOf);
  return [...new Set([...own, ...inner])];
}

function fields(schema, root, asked) {
  const given = resolve(schema, root);
  const rows = Object.entries(given.properties ?? {}).map(([name, property]) => {
    const field = resolve(property, root);
    const facts = [
      asked && given.required?.includes(name) ? "required" : "",
      field.default === undefined || field.default === null ? "" : `default ${JSON.stringify(field.default)}`,
      ...(asked ? limitsOf(field) : []),
    ].filter(Boolean).join("; ");
    return element("tr", "", element("td", "", element("code", "", name)), element("td", "", element("code", "", typeOf(property, root))),
      element("td", "", [field.description, facts && `(${facts})`].filter(Boolean).join(" ")));
  });
  return element("div", "scroll", element("table", "", element("tbody", "", ...rows)));
}

// Every object that a schema leads to, so that each can be described once below the answer that holds it.
function parts(schema, root, found = new Map()) {
  const given = resolve(schema, root);
  if (given.properties && !found.has(given.title)) {
    found.set(given.title, given);
    for (const property of Object.values(given.properties)) parts(property, root, found);
  }
  for (const inner of [...(given.anyOf ?? given.oneOf ?? []), ...(given.items ? [given.items] : [])]) parts(inner, root, found);
  return found;
}

function operation(method, path, given, root) {
  const card = element("section", "card", element("h2", "", element("code", "method", method.toUpperCase()), element("code", "", path)),
    element("p", "", given.description ?? ""));
  const body = given.requestBody?.content?.["application/json"]?.schema;
  if (body) {
    const example = Object.fromEntries(Object.entries(resolve(body, root).properties)
      .map(([name, property]) => [name, property.examples?.[0]]).filter(([, value]) => value));
    card.append(element("h3", "", "Example"), element("pre", "", [
      `curl ${new URL(path.slice(1), location)} \\`, "  -H 'Content-Type: application/json' \\", `  -d '${JSON.stringify(example)}'`].join("\n")));
    card.append(element("h3", "", "Body"), fields(body, root, true));
  }
  for (const [title, part] of parts(given.responses["200"]?.content?.["application/json"]?.schema, root)) {
    card.append(element("h3", "", `Answer: ${title}`), fields(part, root, false));
  }
  const errors = Object.entries(given.responses).filter(([code]) => code >= "400");
  if (errors.length) {
    const rows = errors.map(([code, { description }]) => element("tr", "", element("td", "", element("code", "", code)),
      element("td", "", ""), element("td", "", description)));
    card.append(element("h3", "", "Errors"), element("div", "scroll", element("table", "", element("tbody", "", ...rows))));
  }
  return card;
}

const root = await (await fetch("openapi.json")).json();
for (const [path, methods] of Object.entries(root.paths)) {
  for (const [method, given] of Object.entries(methods)) content.append(operation(method, path, given, root));
}
content.ariaBusy = "false";
