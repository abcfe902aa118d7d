// Glossaries as text: TSV and CSV in, TSV out. Nothing here touches the document.

export const MOST_TERMS = 1000;
export const LONGEST_TERM = 200; // characters, of a translation, too
export const HEADER = "source\ttarget\n"; // so that no term is taken for one
const HEADERS = new Set(["source\ttarget", "source_entry\ttarget_entry"]);

// The terms of a file as [term, translation], and how many lines had none. CSV may have commas or, as from a spreadsheet of
// many European countries, semicolons; a field with either is in quotation marks.
export function parseTerms(text) {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/).filter((line) => line.trim());
  const separator = ["\t", ";", ","].find((mark) => lines.some((line) => fields(line, mark).length > 1)) ?? "\t";
  const rows = lines.map((line) => fields(line, separator).map((field) => field.trim()));
  if (HEADERS.has(rows[0]?.slice(0, 2).join("\t").toLowerCase())) rows.shift();
  const terms = rows.filter(isTerm).map(([term, translation]) => [term, translation]);
  return { terms, skipped: rows.length - terms.length };
}

export function isTerm([term, translation]) {
  return [term, translation].every((side) => side && [...side].length <= LONGEST_TERM);
}

// One translation for each term: the last of several.
export const merged = (...lists) => [...new Map(lists.flat())];

export const tsv = (terms) => terms.map((term) => `${term.join("\t")}\n`).join("");

function fields(line, separator) {
  if (separator === "\t") return line.split("\t");
  const found = [""];
  let quoted = false;
  for (let at = 0; at < line.length; at += 1) {
    if (line[at] === '"' && quoted && line[at + 1] === '"') {
      found[found.length - 1] += '"';
      at += 1;
    } else if (line[at] === '"') quoted = !quoted;
    else if (line[at] === separator && !quoted) found.push("");
    else found[found.length - 1] += line[at];
  }
  return found;
}
