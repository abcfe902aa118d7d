// The explorer of sentences: sorted, filtered, and with the words marked that no reference has.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const at = (id) => document.getElementById(id);
  const controls = { sort: at("sort"), metric: at("metric"), first: at("first"), second: at("second"),
    domain: at("domain"), length: at("length"), fault: at("fault"), search: at("search") };
  const list = at("segments"), count = at("count"), more = at("more");
  const PAGE = 25;
  let found = [], shown = 0;

  const option = (select, value, text) => {
    const one = document.createElement("option");
    one.value = value;
    one.textContent = text;
    select.append(one);
  };

  data.metrics.forEach((metric, number) => option(controls.metric, number, metric.name));
  data.systems.forEach((system, number) => {
    option(controls.first, number, system);
    option(controls.second, number, system);
  });
  controls.second.value = Math.min(1, data.systems.length - 1);
  option(controls.domain, "", "all");
  [...new Set(data.domains || [])].forEach((domain) => option(controls.domain, domain, domain));
  option(controls.length, "", "all");
  data.lengths.labels.forEach((label, number) => option(controls.length, number, `${label} words`));
  option(controls.fault, "", "all");
  Object.keys(data.faults).forEach((name) => option(controls.fault, name, name));

  const scores = () => data.scores[Number(controls.metric.value)];
  // How much better the second system is than the first, whichever way the metric goes.
  const gain = (segment) => {
    const sign = data.metrics[Number(controls.metric.value)].higher ? 1 : -1;
    return sign * (scores()[controls.second.value][segment] - scores()[controls.first.value][segment]);
  };
  const ORDERS = {
    worse: (a, b) => gain(a) - gain(b),
    better: (a, b) => gain(b) - gain(a),
    differ: (a, b) => Math.abs(gain(b)) - Math.abs(gain(a)),
    lowest: (a, b) => scores()[controls.second.value][a] - scores()[controls.second.value][b],
    highest: (a, b) => scores()[controls.second.value][b] - scores()[controls.second.value][a],
    order: (a, b) => a - b,
  };

  const texts = (segment) => [data.sources && data.sources[segment], ...data.references.map((text) => text[segment]),
    ...data.outputs.map((text) => text[segment])];

  const filtered = () => {
    const domain = controls.domain.value, length = controls.length.value, fault = controls.fault.value;
    const wanted = controls.search.value.toLowerCase();
    const faulty = fault && new Set(data.faults[fault][Number(controls.second.value)]);
    const segments = [];
    for (let segment = 0; segment < data.count; segment++) {
      if (domain && data.domains[segment] !== domain) continue;
      if (length !== "" && data.lengths.buckets[segment] !== Number(length)) continue;
      if (faulty && !faulty.has(segment)) continue;
      if (wanted && !texts(segment).some((text) => text && text.toLowerCase().includes(wanted))) continue;
      segments.push(segment);
    }
    return segments.sort(ORDERS[controls.sort.value]);
  };

  // Runs of letters and digits are words; CJK characters stand alone; all else belongs to neither.
  const WORDS = /[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[\p{L}\p{N}]+/gu;
  const marked = (element, text, known) => {
    let last = 0;
    for (const found of text.matchAll(WORDS)) {
      element.append(text.slice(last, found.index));
      const left = known.get(found[0]) || 0;
      if (left) known.set(found[0], left - 1);
      if (left) element.append(found[0]);
      else {
        const mark = document.createElement("mark");
        mark.textContent = found[0];
        element.append(mark);
      }
      last = found.index + found[0].length;
    }
    element.append(text.slice(last));
  };
  const wordsOf = (text) => {
    const words = new Map();
    for (const [word] of text.matchAll(WORDS)) words.set(word, (words.get(word) || 0) + 1);
    return words;
  };

  const row = (table, name, text, score, known) => {
    const term = document.createElement("dt"), content = document.createElement("dd"), value = document.createElement("dd");
    term.textContent = name;
    content.className = "text";
    content.dir = "auto";
    if (known) marked(content, text, known);
    else content.textContent = text;
    value.className = "score";
    value.textContent = score;
    table.append(term, content, value);
  };

  // A table that is made when it is opened: a row for each token of the translation, a column for each of the source.
  const attention = ([source, target, digits]) => {
    const details = document.createElement("details"), summary = document.createElement("summary");
    summary.textContent = `Attention of ${data.systems[data.systems.length - 1]}`;
    details.append(summary);
    details.addEventListener("toggle", () => {
      if (details.children.length > 1) return;
      const scroll = document.createElement("div"), table = document.createElement("table");
      scroll.className = "scroll";
      scroll.tabIndex = 0;
      table.className = "attention";
      const head = table.createTHead().insertRow();
      head.insertCell();
      source.forEach((token) => {
        const cell = document.createElement("th");
        cell.scope = "col";
        cell.textContent = token;
        head.append(cell);
      });
      const body = table.createTBody();
      target.forEach((token, row) => {
        const line = body.insertRow(), name = document.createElement("th");
        name.scope = "row";
        name.textContent = token;
        line.append(name);
        source.forEach((_, column) => {
          const digit = digits[row * source.length + column];
          const cell = line.insertCell();
          cell.className = `a${digit}`;
          cell.title = `${token} – ${source[column]}: ${digit}0 %`;
        });
      });
      scroll.append(table);
      details.append(scroll);
    });
    return details;
  };

  const card = (segment) => {
    const article = document.createElement("article"), header = document.createElement("header");
    article.tabIndex = 0;
    article.setAttribute("aria-label", `segment ${segment + 1}`);
    const facts = [`segment ${segment + 1}`, data.domains && data.domains[segment], data.systems.length > 1 &&
      `difference ${(gain(segment) / 10).toFixed(1)}`];
    Object.entries(data.faults).forEach(([name, systems]) => {
      const of = data.systems.filter((_, number) => systems[number].includes(segment));
      if (of.length) facts.push(`${name}: ${of.join(", ")}`);
    });
    facts.filter(Boolean).forEach((fact) => {
      const one = document.createElement("span");
      one.textContent = fact;
      header.append(one);
    });
    const table = document.createElement("dl");
    if (data.sources) row(table, "source", data.sources[segment], "", null);
    data.references.forEach((text, number) =>
      row(table, data.references.length > 1 ? `reference ${number + 1}` : "reference", text[segment], "", null));
    data.systems.forEach((name, number) => {
      const known = new Map();
      data.references.forEach((text) => wordsOf(text[segment]).forEach((times, word) =>
        known.set(word, Math.max(times, known.get(word) || 0))));
      row(table, name, data.outputs[number][segment], (scores()[number][segment] / 10).toFixed(1), known);
    });
    article.append(header, table);
    if (data.attention && data.attention[segment]) article.append(attention(data.attention[segment]));
    return article;
  };

  const show = () => {
    const next = found.slice(shown, shown + PAGE);
    list.append(...next.map(card));
    shown += next.length;
    more.hidden = shown >= found.length;
    count.textContent = `${found.length.toLocaleString("en")} of ${data.count.toLocaleString("en")} segments`;
  };
  const update = () => {
    list.replaceChildren();
    shown = 0;
    found = filtered();
    show();
  };

  Object.values(controls).forEach((control) => control.addEventListener("input", update));
  more.addEventListener("click", () => {
    const first = shown;
    show();
    if (list.children[first]) list.children[first].focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    if (event.key === "/") {
      event.preventDefault();
      controls.search.focus();
    }
    if (event.key === "j" || event.key === "k") {
      const cards = [...list.children], here = cards.indexOf(document.activeElement);
      if (event.key === "j" && here === cards.length - 1 && !more.hidden) show();
      const next = list.children[event.key === "j" ? here + 1 : Math.max(0, here - 1)];
      if (next) next.focus();
    }
  });
  update();
})();
