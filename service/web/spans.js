// Sentences and words as elements. Each has the number of its sentence, and a word its own; text is never read as markup.

export function sentenceElement(text, words, index) {
  const sentence = document.createElement("span");
  sentence.className = "sentence";
  sentence.dataset.sentence = index;
  let cursor = 0;
  for (const [number, { start, end }] of words.entries()) {
    const word = document.createElement("span");
    word.className = "word";
    word.dataset.word = number;
    word.textContent = text.slice(start, end);
    sentence.append(text.slice(cursor, start), word);
    cursor = end;
  }
  sentence.append(text.slice(cursor));
  return sentence;
}

// The {sentence, word} of an element of a pane; word is undefined between words, and all is null beside sentences.
export function placeOf(element) {
  const sentence = element?.closest(".sentence");
  if (!sentence) return null;
  const word = element.closest(".word")?.dataset.word;
  return { sentence: Number(sentence.dataset.sentence), word: word === undefined ? undefined : Number(word) };
}
