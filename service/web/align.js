// From subword tokens and attention to words that can be highlighted. Nothing here touches the document.

const WORD_START = "▁";
const PUNCTUATION = /^[.,;:!?…()"«»„“”¿¡。，！？]+$/u; // not apostrophe and hyphen, which stand inside words

// The words of `text` as {start, end, tokens}: offsets into the text, and positions of the tokens that make the word.
// Empty where the tokens do not spell the text, as with a character that the vocabulary lacks.
export function words(text, tokens) {
  const found = [];
  let cursor = 0;
  let mark = true; // whether the piece before was punctuation
  for (const [position, token] of tokens.entries()) {
    const piece = token.replaceAll(WORD_START, " ").trim();
    const begins = token.startsWith(WORD_START) || mark !== PUNCTUATION.test(piece) || found.length === 0;
    mark = PUNCTUATION.test(piece);
    while (cursor < text.length && /\s/u.test(text[cursor])) cursor += 1;
    if (!text.startsWith(piece, cursor)) return byWhiteSpace(text, tokens);
    if (begins) found.push({ start: cursor, end: cursor, tokens: [] });
    cursor += piece.length;
    found.at(-1).end = cursor;
    found.at(-1).tokens.push(position);
  }
  return found.filter((word) => word.end > word.start);
}

function byWhiteSpace(text, tokens) {
  const found = [...text.matchAll(/\S+/gu)].map((match) => (
    { start: match.index, end: match.index + match[0].length, tokens: [] }
  ));
  let word = -1;
  for (const [position, token] of tokens.entries()) {
    if (token.startsWith(WORD_START) || word < 0) word += 1;
    found[word]?.tokens.push(position);
  }
  return word + 1 === found.length ? found : [];
}

// How much of a target word's attention lies on a source word: between 0 and 1.
export function weight(attention, targetWord, sourceWord) {
  let sum = 0;
  for (const row of targetWord.tokens) {
    for (const column of sourceWord.tokens) sum += attention[row][column];
  }
  return sum / targetWord.tokens.length;
}

// Where each of `parts` stands in `whole`, one after the other; null where one is not found.
export function positions(whole, parts) {
  let cursor = 0;
  return parts.map((part) => {
    const start = whole.indexOf(part, cursor);
    if (start < 0) return null;
    cursor = start + part.length;
    return start;
  });
}
