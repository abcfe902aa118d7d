import { positions, weight, words } from "./align.js";

const PAUSE = 400; // milliseconds without a key before a text is translated
const N_BEST = 3;
const VISIBLE_WEIGHT = 0.08;

const byId = (id) => document.getElementById(id);
const [source, mirror, target, status, counter] = ["source", "mirror", "target", "status", "counter"].map(byId);
const [sourceLanguage, targetLanguage, swap, copy, clear] =
  ["source-language", "target-language", "swap", "copy", "clear"].map(byId);

let pairs = [];
let limit = Infinity;
let pending = null; // AbortController of the request on its way
let timer = 0;
let shown = null; // what the target pane holds: {text, separators, sentences: [...]}

// ---- languages

async function loadLanguages() {
  try {
    const response = await fetch("v1/languages");
    if (!response.ok) throw new Error(response.status === 503 ? "The models are being loaded …" : await reason(response));
    const answer = await response.json();
    pairs = answer.pairs;
    limit = answer.limits.text_characters;
  } catch (error) {
    say(error instanceof TypeError ? "The service cannot be reached; trying again …" : error.message);
    setTimeout(loadLanguages, 1000);
    return;
  }
  say("");
  const [first, second] = location.hash.slice(1).split("-");
  fill(sourceLanguage, new Map(pairs.map((pair) => [pair.source, pair.source_name])), first);
  fillTargets(second);
  languagesChanged();
}

function fill(select, names, chosen) {
  select.replaceChildren(...[...names].map(([code, name]) => new Option(name, code, false, code === chosen)));
  select.disabled = false;
}

function fillTargets(chosen) {
  const targets = pairs.filter((pair) => pair.source === sourceLanguage.value);
  fill(targetLanguage, new Map(targets.map((pair) => [pair.target, pair.target_name])), chosen);
}

function languagesChanged() {
  const [from, to] = [sourceLanguage.value, targetLanguage.value];
  source.lang = from;
  target.lang = to;
  swap.disabled = !pairs.some((pair) => pair.source === to && pair.target === from);
  history.replaceState(null, "", `#${from}-${to}`);
  textChanged(0);
}

function swapLanguages() {
  const [from, to] = [sourceLanguage.value, targetLanguage.value];
  const translation = shown ? currentText() : "";
  sourceLanguage.value = to;
  fillTargets(from);
  if (translation) source.value = translation;
  languagesChanged();
}

// ---- translating

function textChanged(pause = PAUSE) {
  clearTimeout(timer);
  pending?.abort();
  mirror.textContent = `${source.value}\n`; // the mirror gives the field its height
  const length = [...source.value].length;
  counter.textContent = Number.isFinite(limit) ? `${length.toLocaleString("en")} / ${limit.toLocaleString("en")}` : "";
  counter.classList.toggle("alarm", length > limit);
  clear.hidden = length === 0;
  if (!source.value.trim() || length > limit) {
    show(null);
    busy(false);
    say(length > limit ? `This is ${(length - limit).toLocaleString("en")} characters too long.` : "", length > limit);
  } else if (pairs.length) {
    timer = setTimeout(translate, pause);
  }
}

async function translate() {
  clearTimeout(timer);
  pending?.abort();
  const request = new AbortController();
  pending = request;
  busy(true);
  const text = source.value;
  const question = { text, source: sourceLanguage.value, target: targetLanguage.value, n_best: N_BEST, alignment: true };
  try {
    const response = await fetch("v1/translate", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(question),
      signal: request.signal,
    });
    if (response.status === 429 || response.status === 503) {
      const wait = Number(response.headers.get("Retry-After")) || 2;
      say(`The service is busy; trying again in ${wait} s …`);
      timer = setTimeout(translate, wait * 1000);
      return;
    }
    if (!response.ok) throw new Error(await reason(response));
    show(text, (await response.json()).translations[0]);
    say("");
    busy(false);
  } catch (error) {
    if (request.signal.aborted) return;
    busy(false);
    if (error instanceof TypeError) {
      say("The service cannot be reached; trying again …", true);
      timer = setTimeout(translate, 3000);
    } else {
      show(null);
      say(error.message, true);
    }
  }
}

async function reason(response) {
  const answer = await response.json().catch(() => null);
  return answer?.error?.message ? `${answer.error.message}.` : `The service answered with an error (${response.status}).`;
}

function say(message, alarm = false) {
  status.textContent = message;
  status.classList.toggle("alarm", alarm);
}

function busy(on) {
  byId("progress").hidden = !on;
  target.parentElement.ariaBusy = String(on);
}

// ---- showing: each sentence keeps its hypotheses, which of them is chosen, and the words on either side

function show(text, translation) {
  target.replaceChildren();
  shown = null;
  copy.hidden = !translation;
  if (translation) {
    const starts = positions(text, translation.sentences.map((sentence) => sentence.source));
    const targets = translation.sentences.map((sentence) => sentence.hypotheses[0].text);
    shown = { sentences: [], separators: [] };
    let [cursor, covered] = [0, 0];
    mirror.replaceChildren();
    for (const [index, start] of positions(translation.text, targets).entries()) {
      const sentence = { ...translation.sentences[index], chosen: 0, element: document.createElement("span") };
      sentence.element.className = "sentence";
      const separator = start === null ? " " : translation.text.slice(cursor, start);
      if (start !== null) cursor = start + targets[index].length;
      shown.separators.push(separator);
      shown.sentences.push(sentence);
      target.append(separator, sentence.element);
      if (starts[index] !== null) {
        mirror.append(text.slice(covered, starts[index]));
        sentence.sourceWords = spans(sentence.source, sentence.source_tokens, mirror, sentence);
        covered = starts[index] + sentence.source.length;
      }
      choose(sentence, 0);
    }
    shown.separators.push(translation.text.slice(cursor));
    target.append(shown.separators.at(-1));
    mirror.append(`${text.slice(covered)}\n`);
  }
  showAlternatives(shown?.sentences[0]);
}

// Append `text` to `parent` as text, with a span for each of its words.
function spans(text, tokens, parent, sentence) {
  let cursor = 0;
  const found = words(text, tokens);
  for (const word of found) {
    word.element = document.createElement("span");
    word.element.className = "word";
    word.element.textContent = text.slice(word.start, word.end);
    word.element.alignment = { word, sentence };
    parent.append(text.slice(cursor, word.start), word.element);
    cursor = word.end;
  }
  parent.append(text.slice(cursor));
  return found;
}

function choose(sentence, rank) {
  sentence.chosen = rank;
  sentence.element.replaceChildren();
  const { text, tokens } = sentence.hypotheses[rank];
  sentence.targetWords = spans(text, tokens, sentence.element, sentence);
}

function currentText() {
  const texts = shown.sentences.map((sentence, index) => shown.separators[index] + sentence.hypotheses[sentence.chosen].text);
  return texts.join("") + shown.separators.at(-1);
}

function showAlternatives(sentence) {
  const section = byId("alternatives");
  const several = shown?.sentences.length > 1;
  for (const each of shown?.sentences ?? []) each.element.classList.toggle("chosen", several && each === sentence);
  const current = sentence?.hypotheses[sentence.chosen].text;
  const seen = new Set([current]);
  const items = [];
  for (const [rank, { text }] of (sentence?.hypotheses ?? []).entries()) {
    if (!seen.has(text)) items.push(alternative(sentence, rank, current));
    seen.add(text);
  }
  byId("alternatives-title").textContent = several ? `Other translations of “${sentence.source}”` : "Other translations";
  byId("alternatives-list").replaceChildren(...items);
  section.hidden = items.length === 0;
}

function alternative(sentence, rank, current) {
  const button = document.createElement("button");
  button.type = "button";
  const known = new Set(current.split(" "));
  for (const word of sentence.hypotheses[rank].text.split(" ")) {
    const span = document.createElement("span");
    span.textContent = word;
    span.classList.toggle("changed", !known.has(word));
    button.append(span, " ");
  }
  button.addEventListener("click", () => {
    choose(sentence, rank);
    showAlternatives(sentence);
    byId("alternatives-list").querySelector("button")?.focus();
    say("Changed.");
  });
  const item = document.createElement("li");
  item.append(button);
  return item;
}

// ---- alignment

function highlight(element) {
  for (const lit of document.querySelectorAll(".word.active, .word.lit")) {
    lit.classList.remove("active", "lit");
    lit.style.removeProperty("--weight");
  }
  if (!element?.alignment) return [];
  const { word, sentence } = element.alignment;
  const { attention } = sentence.hypotheses[sentence.chosen];
  const ofTarget = sentence.targetWords.includes(word);
  const weights = (ofTarget ? sentence.sourceWords ?? [] : sentence.targetWords).map((other) => (
    [other, ofTarget ? weight(attention, word, other) : weight(attention, other, word)]
  ));
  element.classList.add("active");
  const lit = weights.filter(([, share]) => share >= VISIBLE_WEIGHT);
  for (const [other, share] of lit) {
    other.element.classList.add("lit");
    other.element.style.setProperty("--weight", share.toFixed(2));
  }
  return lit.map(([other]) => other.element.textContent);
}

function step(direction) {
  const all = [...target.querySelectorAll(".word")];
  if (!all.length) return;
  const current = all.findIndex((word) => word.classList.contains("active"));
  const next = all.at(current < 0 && direction < 0 ? -1 : (current + direction) % all.length);
  const from = highlight(next);
  byId("spoken").textContent = `${next.textContent}: from ${from.join(", ") || "no single word"}`;
}

// ---- events

source.addEventListener("input", () => textChanged());
source.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) textChanged(0);
});
source.addEventListener("pointermove", (event) => {
  highlight(document.elementsFromPoint(event.clientX, event.clientY).find((element) => mirror.contains(element) && element.alignment));
});
target.addEventListener("pointerover", (event) => highlight(event.target));
for (const pane of [source, target]) pane.addEventListener("pointerleave", () => highlight(null));
target.addEventListener("click", (event) => {
  const sentence = event.target.alignment?.sentence;
  if (sentence) showAlternatives(sentence);
});
target.addEventListener("keydown", (event) => {
  if (event.key === "ArrowRight") step(1);
  else if (event.key === "ArrowLeft") step(-1);
  else if (event.key === "Escape") highlight(null);
  else if (event.key === "Enter") target.querySelector(".word.active")?.click();
  else return;
  event.preventDefault();
});
target.addEventListener("blur", () => highlight(null));
sourceLanguage.addEventListener("change", () => { fillTargets(targetLanguage.value); languagesChanged(); });
targetLanguage.addEventListener("change", languagesChanged);
swap.addEventListener("click", swapLanguages);
clear.addEventListener("click", () => { source.value = ""; textChanged(); source.focus(); });
copy.addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(currentText());
    say("Copied.");
  } catch {
    // Without a secure context there is no clipboard: select the text, so that one key copies it.
    getSelection().selectAllChildren(target);
    say("Press Ctrl+C to copy.");
  }
});
byId("translator").addEventListener("submit", (event) => event.preventDefault());

textChanged();
loadLanguages();
