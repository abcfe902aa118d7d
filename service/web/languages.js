// Which languages are translated to which, and by which models. Nothing here touches the document.

export const AUTO = "auto";

const SURE = 90; // per cent, below which nobody is told that a text is in another language
const SHORTEST = 10; // characters of a text whose language anybody should be told

export const base = (tag) => tag.split(/[-_]/)[0].toLowerCase();

export const sources = (pairs) => [...new Set(pairs.map((pair) => pair.source))];

export function targets(pairs, source) {
  const possible = source === AUTO ? pairs : pairs.filter((pair) => pair.source === source);
  return [...new Set(possible.map((pair) => pair.target))];
}

// Languages that there are: those of `wanted` if possible, otherwise the first.
export function possiblePair(pairs, wanted) {
  if (!pairs.length) return { source: wanted.source, target: wanted.target }; // not known yet
  const from = [AUTO, ...sources(pairs)];
  const source = from.find((tag) => tag === wanted.source) ?? from.find((tag) => base(tag) === base(wanted.source)) ?? pairs[0].source;
  const to = targets(pairs, source);
  return { source, target: to.find((tag) => tag === wanted.target) ?? to.find((tag) => base(tag) === base(wanted.target)) ?? to[0] };
}

export const findPair = (pairs, source, target) => (
  pairs.find((pair) => base(pair.source) === base(source) && pair.target === target)
);

// The pair by which the text of `state` is translated, where that is known: a detected language stands for "auto".
export function pairOf({ pairs, source, target, detection }) {
  return findPair(pairs, source === AUTO ? detection?.language ?? "" : source, target);
}

// Whether people can be addressed in two ways in the target language.
export const hasFormality = ({ pairs, target }) => pairs.some((pair) => pair.target === target && pair.formality);

export const pairName = (pair) => `${pair.source}-${pair.target}`;

// The model that somebody has chosen for a pair, if the service still has it; none is the default.
export function chosenModel(pair, models) {
  const chosen = models[pairName(pair)];
  return pair.models.indexOf(chosen) > 0 ? chosen : undefined;
}

// What the other languages could do for a text that is in none of those chosen: {language, source, target}, the last two
// undefined where no model can translate it.
export function betterPair({ pairs, source, target, detection, text }) {
  if (!detection || detection.confidence < SURE || text.trim().length < SHORTEST) return null;
  const { language } = detection;
  if (source === AUTO ? findPair(pairs, language, target) : base(source) === base(language)) return null;
  const found = findPair(pairs, language, target) // or from the language of the text into that which had been its own
    ?? pairs.find((pair) => base(pair.source) === base(language) && pair.target === source)
    ?? pairs.find((pair) => base(pair.source) === base(language));
  return { language, source: found?.source, target: found?.target };
}
