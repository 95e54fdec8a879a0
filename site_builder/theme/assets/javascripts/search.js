/* The search: of all that can be found, what has every word, with an exact name first.
   Without this script the whole list stands there. */
(() => {
  "use strict";

  const form = document.querySelector("[data-search]");
  const list = document.querySelector("[data-search-list]");
  const count = document.querySelector("[data-search-count]");
  const field = form.elements.words;
  const MOST = 50;

  /* Case and accents do not count; a letter stays one letter, so that places agree. */
  const plain = { ł: "l", ø: "o", đ: "d", ı: "i" };
  const fold = (text) =>
    text
      .normalize("NFD")
      .replace(/[\u0300-\u036f]/g, "")
      .normalize("NFC")
      .toLowerCase()
      .replace(/[łøđı]/g, (letter) => plain[letter]);

  const items = Array.from(list.children, (row) => {
    const shown = row.querySelector("p");
    const ids = fold(row.dataset.ids || "");
    return {
      row,
      shown,
      text: shown.textContent.trim(),
      isPage: !row.hidden,
      title: fold(row.querySelector("a").textContent),
      words: `${fold(row.textContent)} ${ids}`,
      ids: ids.split("\n"),
    };
  });
  for (const item of items) item.row.hidden = false;

  /* A long text begins shortly before the first word that was asked for. */
  const cut = (text, words) => {
    const folded = fold(text);
    const at = Math.min(...words.map((word) => folded.indexOf(word)).filter((place) => place >= 0));
    return at > 90 && at < Infinity ? `… ${text.slice(text.lastIndexOf(" ", at - 40) + 1)}` : text;
  };

  const highlight = (words) => {
    if (!CSS.highlights) return;
    const ranges = [];
    const texts = document.createTreeWalker(list, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const folded = fold(texts.currentNode.data);
      if (folded.length !== texts.currentNode.length) continue;
      for (const word of words) {
        for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + word.length)) {
          const range = new Range();
          range.setStart(texts.currentNode, at);
          range.setEnd(texts.currentNode, at + word.length);
          ranges.push(range);
        }
      }
    }
    CSS.highlights.set("found", new Highlight(...ranges));
  };

  const show = () => {
    const query = fold(field.value.trim());
    const words = query.split(/\s+/).filter(Boolean);
    const has = (text) => words.every((word) => text.includes(word));
    const rank = (item) => (item.ids.includes(query) ? 0 : has(item.title) ? 1 : 2);
    const found = items.filter((item) => (words.length ? has(item.words) : item.isPage));
    if (words.length) found.sort((one, other) => rank(one) - rank(other));
    const shown = found.length ? found.slice(0, MOST) : items.filter((item) => item.isPage);
    for (const item of shown) item.shown.textContent = cut(item.text, words);
    list.replaceChildren(...shown.map((item) => item.row));
    const { one, many, more, none } = count.dataset;
    const some = found.length > MOST ? more : found.length > 1 ? many : one;
    const said = found.length ? some : none;
    count.textContent = words.length
      ? said.replace("{count}", found.length).replace("{left}", found.length - MOST)
      : "";
    highlight(words);
  };

  const restore = () => {
    field.value = new URLSearchParams(location.hash.slice(1)).get("words") || "";
    show();
  };

  field.addEventListener("input", () => {
    history.replaceState(null, "", `#${new URLSearchParams({ words: field.value })}`);
    show();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (field.value.trim()) list.querySelector("a")?.click();
  });
  window.addEventListener("hashchange", restore);

  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const stops = [field, ...list.querySelectorAll("a")];
    const at = stops.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && at >= 0 && stops[at + step]) {
      event.preventDefault();
      stops[at + step].focus();
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (!field.value) history.back();
      field.value = "";
      field.dispatchEvent(new Event("input"));
      field.focus();
    }
  });

  form.hidden = false;
  restore();
  field.focus();
})();
