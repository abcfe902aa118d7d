// Panes that scroll together: the line that one shows is opposite the same sentence of the other.

const byId = (id) => document.getElementById(id);

export function scrollTogether() {
  const panes = [[byId("editor"), byId("mirror")], [byId("target"), byId("target")]];
  const expected = new Map(); // by pane: where it was put, so that its event is not answered

  for (const [index, [pane]] of panes.entries()) {
    pane.addEventListener("scroll", () => {
      const put = expected.get(pane);
      expected.delete(pane);
      if (put === undefined || Math.abs(pane.scrollTop - put) >= 2) follow(panes[index], panes[1 - index]);
    }, { passive: true });
  }

  // The line that is compared moves from the first of a text to its last while the pane scrolls from its beginning to its end.
  function follow([from, ownText], [to, otherText]) {
    const [fromRange, toRange] = [from, to].map((pane) => pane.scrollHeight - pane.clientHeight);
    if (fromRange <= 0 || toRange <= 0) return;
    const line = from.scrollTop * from.scrollHeight / fromRange;
    const opposite = between(anchors(from, ownText, to, otherText), line);
    const top = Math.round(Math.min(toRange, Math.max(0, opposite * toRange / to.scrollHeight)));
    const before = to.scrollTop;
    to.scrollTop = top;
    if (to.scrollTop !== before) expected.set(to, to.scrollTop); // otherwise there is no event
  }
}

// Heights in both panes at which the same sentences begin, from top to bottom.
function anchors(from, ownText, to, otherText) {
  const heights = (pane, text) => {
    const shift = pane.scrollTop - pane.getBoundingClientRect().top;
    return new Map([...text.querySelectorAll(".sentence")].map((each) => [each.dataset.sentence, each.getBoundingClientRect().top + shift]));
  };
  const [own, other] = [heights(from, ownText), heights(to, otherText)];
  const shared = [...own].filter(([sentence]) => other.has(sentence)).map(([sentence, height]) => [height, other.get(sentence)]);
  return [[0, 0], ...shared, [from.scrollHeight, to.scrollHeight]];
}

function between(points, at) {
  const next = points.findIndex(([height]) => height > at);
  if (next <= 0) return next === 0 ? points[0][1] : points.at(-1)[1];
  const [[low, lowOther], [high, highOther]] = [points[next - 1], points[next]];
  return lowOther + (at - low) / (high - low) * (highOther - lowOther);
}
