/* The form for a new request: it asks the deciding question first, checks as one types, and turns
   what was filled in into an e-mail that the reader's own mail program sends. Nothing is sent from
   here, and nothing is kept. Without this script the page says where to write to. */
(() => {
  "use strict";

  /* Longer links are cut off, or not opened at all, by some mail programs. */
  const LONGEST_LINK = 1900;

  const form = document.querySelector("[data-request-form]");
  const question = document.querySelector("[data-question]");
  if (!form || !question) return;

  const find = (name) => document.querySelector(`[data-${name}]`);
  const fields = ["title", "category", "description", "urgency", "person"].map(
    (name) => form.elements.namedItem(name)
  );
  const composed = find("composed");
  const touched = new Set();

  const isFilled = (field) => field.value.trim() !== "" && field.validity.valid;

  const check = (field) => {
    const wrong = touched.has(field) && !isFilled(field);
    document.getElementById(`${field.id}-error`).hidden = !wrong;
    if (wrong) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  };

  const value = (name) => form.elements.namedItem(name).value.trim();
  const oneLine = (text) => text.replace(/\s+/g, " ");

  /* Two dashes and a blank, alone on a line, would begin a signature: what follows is dropped. */
  const withoutTrailingBlanks = (text) => text.replace(/[ \t]+$/gm, "");

  /* The form that the reader of these mails knows: lines with a name, a blank line, the rest. */
  const writeMail = () => {
    const lines = [`Title: ${oneLine(value("title"))}`];
    if (value("category") !== "unsure") lines.push(`Category: ${value("category")}`);
    lines.push(`Urgency: ${oneLine(value("urgency"))}`);
    const person = form.dataset.askedBy.replace("{name}", () => oneLine(value("person")));
    return [...lines, "", withoutTrailingBlanks(value("description")), "", person].join("\n");
  };

  const makeLink = (subject, text) => {
    const body = text.replace(/\r?\n/g, "\r\n");
    const to = encodeURIComponent(form.dataset.address).replace(/%40/g, "@");
    return `mailto:${to}?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(body)}`;
  };

  const compose = () => {
    const subject = oneLine(value("title"));
    const text = writeMail();
    const whole = makeLink(subject, text);
    const isLong = whole.length > LONGEST_LINK;
    const link = isLong ? makeLink(subject, form.dataset.paste) : whole;
    find("mail-subject").textContent = subject;
    find("mail-text").value = text;
    find("mail-link").href = link;
    find("too-long").hidden = !isLong;
    find("copied").textContent = "";
    return { link, isLong };
  };

  const answer = () => {
    const given = question.querySelector("input:checked")?.value;
    document.querySelector('[data-answer="yes"]').hidden = given !== "yes";
    form.hidden = given !== "no";
    if (given !== "no") composed.hidden = true;
  };

  const copy = async () => {
    const text = find("mail-text");
    let done = false;
    try {
      await navigator.clipboard.writeText(text.value);
      done = true;
    } catch {
      /* A page that was opened as a file, or not over HTTPS, copies what is selected. */
      text.focus();
      text.select();
      done = document.execCommand("copy");
    }
    const state = find("copied");
    state.textContent = done ? state.dataset.yes : state.dataset.no;
  };

  form.addEventListener("input", (event) => {
    check(event.target);
    find("form-state").textContent = "";
    if (!composed.hidden && fields.every(isFilled)) compose();
  });

  form.addEventListener("focusout", (event) => {
    if (!fields.includes(event.target) || event.target.value === "") return;
    touched.add(event.target);
    check(event.target);
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    for (const field of fields) {
      touched.add(field);
      check(field);
    }
    const wrong = fields.find((field) => !isFilled(field));
    if (wrong) {
      const state = find("form-state");
      state.textContent = state.dataset.incomplete;
      wrong.focus();
      return;
    }
    const { isLong } = compose();
    composed.hidden = false;
    document.getElementById("composed").focus();
    /* A long text has to be copied first; the reader opens the mail program then. */
    if (!isLong) find("mail-link").click();
  });

  find("copy").addEventListener("click", copy);
  question.addEventListener("change", answer);

  document.querySelector('[data-answer="plain"]').hidden = true;
  question.hidden = false;
  answer();
})();
