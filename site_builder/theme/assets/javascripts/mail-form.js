/* The form by which a customer writes. It checks as one types, keeps a draft in this tab, and sends
   it to the service behind the same sign-in if there is one. Else it turns what was filled in into
   an e-mail that the reader's own mail program sends: nothing is sent from here. A new request has
   the deciding question first. Without this script the page says where to write to. */
(() => {
  "use strict";

  /* Longer links are cut off, or not opened at all, by some mail programs. */
  const LONGEST_LINK = 1900;

  const find = (name) => document.querySelector(`[data-${name}]`);
  const form = find("mail-form");
  if (!form) return;

  const question = find("question");
  const composed = find("composed");
  const draftKey = `punchcard-draft:${location.pathname}`;
  const files = form.querySelector("[type=file]");
  const fields = [...form.elements].filter((field) => field.name && field !== files);
  const service =
    "intake" in form.dataset && location.protocol !== "file:"
      ? new URL("../../intake/", document.currentScript.src)
      : null;
  const touched = new Set();

  const isFilled = (field) =>
    !field.required || (field.value.trim() !== "" && field.validity.valid);

  const check = (field) => {
    const wrong = touched.has(field) && !isFilled(field);
    document.getElementById(`${field.id}-error`).hidden = !wrong;
    if (wrong) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  };

  const say = (name) => {
    const state = find("form-state");
    state.textContent = name ? state.dataset[name] : "";
  };

  /* A draft is what is typed, by the names of the fields. */
  const readFields = () => Object.fromEntries(fields.map((field) => [field.name, field.value]));
  const empty = JSON.stringify(readFields());

  const keepDraft = () => {
    try {
      const draft = JSON.stringify(readFields());
      if (draft === empty) sessionStorage.removeItem(draftKey);
      else sessionStorage.setItem(draftKey, draft);
    } catch {
      /* The reader's browser keeps nothing: what is typed lasts as long as the page. */
    }
  };

  const restoreDraft = () => {
    try {
      const draft = JSON.parse(sessionStorage.getItem(draftKey));
      for (const field of draft ? fields : []) field.value = draft[field.name] ?? field.value;
      return draft !== null;
    } catch {
      return false;
    }
  };

  const clear = (word) => {
    form.reset();
    keepDraft();
    touched.clear();
    fields.forEach(check);
    find("draft").hidden = true;
    composed.hidden = true;
    say(word);
    find("form-state").scrollIntoView({ block: "nearest" });
  };

  const oneLine = (text) => text.trim().replace(/\s+/g, " ");

  /* Two dashes and a blank, alone on a line, would begin a signature: what follows is dropped. */
  const withoutTrailingBlanks = (text) => text.trim().replace(/[ \t]+$/gm, "");

  const writeLines = (kind) =>
    fields
      .filter((field) => field.dataset[kind] && field.value.trim() && field.value !== "unsure")
      .flatMap((field) => [
        `${field.dataset[kind]}: ${oneLine(field.value)}`,
        field.selectedOptions?.[0].dataset.more ?? [],
      ])
      .flat();

  /* The form that the reader of these mails knows: lines with a name, a blank line, the rest. */
  const writeMail = () => {
    const title = form.dataset.title ? [`Title: ${form.dataset.title}`] : [];
    const text = withoutTrailingBlanks(form.elements.namedItem("text").value);
    const parts = [[...title, ...writeLines("line")], writeLines("fact"), text ? [text] : []];
    return parts.filter((lines) => lines.length).map((lines) => lines.join("\n")).join("\n\n");
  };

  /* What the service takes. What is sent again as it was has the same id, also after a reload. */
  const makeMessage = (given) => {
    const field = (name) => form.elements.namedItem(name)?.value ?? "";
    const text = [writeLines("fact").join("\n"), field("text")].filter(Boolean).join("\n\n");
    const message = new FormData();
    message.set("request", /^\[(\S+)\]/.exec(form.dataset.subject)?.[1] ?? "");
    message.set("title", form.dataset.title ?? field("title"));
    message.set("category", field("category"));
    message.set("urgency", form.querySelector("[data-fact=Urgency]") ? "" : field("urgency"));
    message.set("text", text);
    for (const file of files?.files ?? []) message.append("files", file);
    const content = JSON.stringify(
      [...message].map(([name, value]) => [name, value.name ?? value, value.size]),
    );
    let id = given.form_id;
    try {
      const [before, known] = JSON.parse(sessionStorage.getItem(`${draftKey}:id`)) ?? [];
      if (before === content) id = known;
      sessionStorage.setItem(`${draftKey}:id`, JSON.stringify([content, id]));
    } catch {
      /* Nothing is kept: what is sent again after a reload comes twice. */
    }
    message.set("form_id", id);
    message.set("token", given.token);
    return message;
  };

  const forgetId = () => {
    try {
      sessionStorage.removeItem(`${draftKey}:id`);
    } catch {
      /* Nothing was kept. */
    }
  };

  /* Sends it, and opens the receipt; says what the service says against it. */
  const send = async () => {
    say("sending");
    try {
      const given = await (await fetch(service)).json();
      const answer = await fetch(service, { method: "POST", body: makeMessage(given) });
      if (answer.ok && answer.redirected) {
        form.reset();
        keepDraft();
        forgetId();
        location.assign(answer.url);
        return true;
      }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      say("notSent");
      find("form-state").textContent += ` (${page.querySelector("h1")?.textContent ?? answer.status})`;
    } catch {
      say("notSent");
    }
    return false;
  };

  const makeLink = (subject, text) => {
    const body = text.replace(/\r?\n/g, "\r\n");
    const to = encodeURIComponent(form.dataset.address).replace(/%40/g, "@");
    return `mailto:${to}?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(body)}`;
  };

  const compose = () => {
    const subject = form.dataset.subject || oneLine(form.elements.namedItem("title").value);
    const text = writeMail();
    const whole = makeLink(subject, text);
    const isLong = whole.length > LONGEST_LINK;
    find("mail-subject").textContent = subject;
    find("mail-text").value = text;
    find("mail-link").href = isLong ? makeLink(subject, form.dataset.paste) : whole;
    find("too-long").hidden = !isLong;
    find("opened").hidden = isLong;
    find("copied").textContent = "";
    return isLong;
  };

  const copy = async () => {
    const text = find("mail-text");
    try {
      await navigator.clipboard.writeText(text.value);
      return true;
    } catch {
      /* A page that was opened as a file, or not over HTTPS, copies what is selected. */
      text.focus();
      text.select();
      return document.execCommand("copy");
    }
  };

  /* A long text is copied, and what the page says of it is what happened. */
  const sayLong = (wasCopied) => {
    const words = find("was-copied");
    words.textContent = wasCopied ? words.dataset.wasCopied : words.dataset.notCopied;
  };

  const answer = () => {
    const given = question ? question.querySelector("input:checked")?.value : "no";
    if (question) find('answer="yes"').hidden = given !== "yes";
    form.hidden = given !== "no";
    if (given !== "no") composed.hidden = true;
  };

  form.addEventListener("input", (event) => {
    check(event.target);
    keepDraft();
    say("");
    if (!composed.hidden && fields.every(isFilled) && compose()) sayLong(false);
  });

  form.addEventListener("focusout", (event) => {
    if (!fields.includes(event.target) || event.target.value === "") return;
    touched.add(event.target);
    check(event.target);
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    for (const field of fields) {
      touched.add(field);
      check(field);
    }
    const wrong = fields.find((field) => !isFilled(field));
    if (wrong) {
      say("incomplete");
      wrong.focus();
      return;
    }
    if (service && (await send())) return;
    const isLong = compose();
    composed.hidden = false;
    if (service) return;
    if (isLong) sayLong(await copy());
    document.getElementById("composed").focus();
    /* The reader opens the mail program for a long text, once it was read what to do. */
    if (!isLong) find("mail-link").click();
  });

  /* Of ready texts one is in the form: a request is closed, or it is still a problem. */
  const ready = document.querySelectorAll("[data-ready]");
  for (const link of ready) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const text = form.elements.namedItem("text");
      form.closest("details")?.setAttribute("open", "");
      const own = [...ready].reduce(
        (words, each) => words.replace(each.dataset.ready, "").trim(),
        text.value,
      );
      text.value = [link.dataset.ready, own].filter(Boolean).join("\n\n");
      text.dispatchEvent(new Event("input", { bubbles: true }));
      text.focus();
    });
  }

  /* A wish that is a link on the page is chosen in the form, which is then asked for the rest. */
  for (const link of document.querySelectorAll("[data-choose]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const select = form.querySelector("select");
      form.closest("details").open = true;
      select.value = link.dataset.choose;
      select.dispatchEvent(new Event("input", { bubbles: true }));
      select.focus();
    });
  }

  find("copy").addEventListener("click", async () => {
    const state = find("copied");
    state.textContent = (await copy()) ? state.dataset.yes : state.dataset.no;
  });
  find("sent").addEventListener("click", () => clear("cleared"));
  find("discard").addEventListener("click", () => clear("cleared"));

  find("plain").hidden = true;
  if (restoreDraft()) {
    find("draft").hidden = false;
    form.closest("details")?.setAttribute("open", "");
    if (question) question.querySelector('[value="no"]').checked = true;
  }
  if (question) {
    question.hidden = false;
    question.addEventListener("change", answer);
  }
  answer();
})();
