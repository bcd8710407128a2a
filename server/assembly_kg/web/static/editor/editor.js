/* The query editor: YASGUI's editor in the place of the plain field, and the answer below it.
   Everything that it does the plain form does too, with a page for each answer. */
(() => {
  "use strict";
  const settings = JSON.parse(document.getElementById("editor-settings").textContent);
  const { Names, Tabs, complete, fill, problem, show, written } = window.queryEditor;
  const { words } = settings;
  const names = new Names(settings);
  const form = document.getElementById("ask");
  const field = document.getElementById("query");
  const day = document.getElementById("as-of");
  const run = document.getElementById("run");
  const section = document.getElementById("answer");
  const status = document.getElementById("answer-status");
  const place = document.getElementById("answer-body");
  let asked = null;
  let mark = null;

  const editor = mount(window.Yasqe.default ?? window.Yasqe);
  const tabs = new Tabs(words, field.parentElement, {
    read: () => ({ query: editor.getValue(), day: day?.value ?? "", answer: section.hidden ? [] : [...place.childNodes], told: status.textContent }),
    show: look,
  });
  examples();
  share();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (asked) asked.abort();
    else ask();
  });
  window.addEventListener("hashchange", () => {
    const query = given("query");
    if (!query) return;
    tabs.note();
    tabs.find(query);
    tabs.draw();
    readAddress();
    ask();
  });
  window.addEventListener("pagehide", () => tabs.keep());
  tabs.begin(given("query") || editor.getValue(), Boolean(given("query")) || "given" in field.dataset);
  if (readAddress()) ask();
  else forget();

  function mount(Yasqe) {
    Yasqe.prototype.checkSyntax = checkSyntax;
    const around = document.createElement("div");
    field.insertAdjacentElement("afterend", around);
    const made = new Yasqe(around, {
      value: field.value,
      autocompleters: complete(Yasqe, settings, names),
      collapsePrefixesOnLoad: false,
      consumeShareLink: null,
      createShareableLink: null,
      editorHeight: "18rem",
      extraKeys: {
        ...Yasqe.defaults.extraKeys,
        "Ctrl-Enter": () => form.requestSubmit(),
        "Cmd-Enter": () => form.requestSubmit(),
        Tab: false,
        "Shift-Tab": false,
      },
      gutters: ["gutterErrorBar", "CodeMirror-linenumbers"],
      foldGutter: false,
      persistenceId: null,
      pluginButtons: null,
      resizeable: false,
      showQueryButton: false,
    });
    made.getInputField().setAttribute("aria-label", words.editor);
    made.getInputField().id = "query-editor";
    field.labels[0].htmlFor = "query-editor";
    made.on("autocompletionShown", (_, widget) => {
      widget?.hints?.setAttribute("aria-label", words.offered);
      widget?.hints?.setAttribute("tabindex", "0");
    });
    field.hidden = true;
    field.required = false;
    document.getElementById("keys").hidden = false;
    return made;
  }

  /* Marks the first line where the text stops being SPARQL. Replaces the editor's own, which
     writes styles into the page that its security policy forbids. */
  function checkSyntax() {
    this.queryValid = true;
    this.clearGutter("gutterErrorBar");
    for (let line = 0; line < this.getDoc().lineCount(); line += 1) {
      const { state } = this.getTokenAt({ line, ch: this.getDoc().getLine(line).length }, !this.prevQueryValid);
      this.setOption("queryType", state.queryType);
      if (state.OK === false) {
        this.queryValid = false;
        const expected = (state.possibleCurrent ?? []).slice(0, 12).join(" ");
        this.setGutterMarker(line, "gutterErrorBar", sign(`${words.expected}. ${expected}`));
        return;
      }
    }
  }

  function sign(text) {
    const made = document.createElement("span");
    made.className = "fault-sign";
    made.textContent = "!";
    made.title = text;
    return made;
  }

  function examples() {
    const chooser = document.getElementById("examples");
    const select = chooser.elements.example;
    const put = async () => {
      if (!select.value) return;
      const answer = await fetch(`/questions/${encodeURIComponent(select.value)}.rq${settings.kept}`);
      if (!answer.ok) return;
      editor.setValue(await answer.text());
      ask();
    };
    chooser.addEventListener("submit", (event) => {
      event.preventDefault();
      put();
    });
  }

  function share() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = words.copy;
    button.addEventListener("click", async () => {
      writeAddress();
      try {
        await navigator.clipboard.writeText(location.href);
        button.textContent = words.copied;
        setTimeout(() => (button.textContent = words.copy), 2500);
      } catch {
        /* Without leave to copy, the link stands in the address bar. */
      }
    });
    run.parentElement.append(button);
  }

  /* The address carries the query: #query=… and &as-of=… */
  function given(name) {
    return new URLSearchParams(location.hash.slice(1)).get(name) ?? "";
  }

  function readAddress() {
    const query = given("query");
    if (!query) return false;
    if (query !== editor.getValue()) editor.setValue(query);
    if (day) day.value = given("as-of");
    return true;
  }

  function writeAddress() {
    const state = new URLSearchParams({ query: editor.getValue() });
    if (day?.value) state.set("as-of", day.value);
    history.replaceState(null, "", `${location.pathname}${location.search}#${state}`);
  }

  /* What the page was opened with stands in a tab now, where it may be changed. */
  function forget() {
    const search = new URLSearchParams(location.search);
    for (const name of ["edit", "example"]) search.delete(name);
    history.replaceState(null, "", location.pathname + (search.size ? `?${search}` : ""));
  }

  /* Another tab: its query, its day, and its answer if it has had one. */
  function look(tab) {
    asked?.abort();
    mark?.clear();
    mark = null;
    editor.setValue(tab.query);
    if (day) day.value = tab.day ?? "";
    section.hidden = !tab.answer?.length;
    place.replaceChildren(...(tab.answer ?? []));
    status.textContent = tab.told ?? "";
    forget();
  }

  async function ask() {
    asked?.abort();
    const mine = new AbortController();
    asked = mine;
    mark?.clear();
    mark = null;
    writeAddress();
    const parameters = [["query", editor.getValue()]];
    if (day?.value) parameters.push(["default-graph-uri", settings.asOf + day.value]);
    section.hidden = false;
    place.replaceChildren();
    status.textContent = words.asking;
    run.textContent = words.stop;
    const started = performance.now();
    try {
      const answer = await fetch(settings.endpoint, {
        method: "POST",
        body: new URLSearchParams(parameters),
        headers: { Accept: "application/sparql-results+json, text/turtle;q=0.9", "Accept-Language": document.documentElement.lang },
        signal: mine.signal,
      });
      if (answer.ok) {
        const rows = await show(settings, names, answer, parameters, place);
        const seconds = written.format((performance.now() - started) / 1000);
        status.textContent = fill(rows === null ? words.triples : words.rows, { number: written.format(rows ?? 0), seconds });
      } else {
        tell(await answer.json());
      }
    } catch (error) {
      if (asked !== mine) return;
      if (error.name === "AbortError") status.textContent = words.stopped;
      else tell({ title: words.unreachable });
    } finally {
      if (asked === mine) {
        asked = null;
        run.textContent = words.run;
      }
    }
  }

  function tell(told) {
    status.textContent = "";
    problem(settings, told, place);
    if (!told.line) return;
    const line = Math.min(told.line - 1, editor.getDoc().lastLine());
    const length = editor.getDoc().getLine(line).length;
    const ch = Math.min(Math.max(0, (told.column ?? 1) - 1), Math.max(0, length - 1));
    mark = editor.getDoc().markText({ line, ch }, { line, ch: Math.max(length, ch + 1) }, { className: "fault" });
    editor.setGutterMarker(line, "gutterErrorBar", sign(told.detail ?? ""));
    editor.getDoc().setCursor({ line, ch });
    editor.focus();
  }
})();
