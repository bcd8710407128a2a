/* The answer to a query: as a table with names, as a text, as downloads; and what went wrong. */
(() => {
  "use strict";
  window.queryEditor ??= {};
  const PAGE = 100;
  const NAMED = 1000;
  const BATCH = 200;
  const NUMBER = /#(integer|decimal|double|float|long|int|short|byte|nonNegativeInteger|positiveInteger)$/;
  const language = document.documentElement.lang;
  /* A browser that does not know Kazakh takes Russian, which writes and sorts numbers as it does. */
  const locales = [language, "ru"];
  const written = new Intl.NumberFormat(locales);
  const collator = new Intl.Collator(locales, { numeric: true });

  const make = (tag, properties = {}, ...children) => {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  };
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  const isNumber = (term) => NUMBER.test(term?.datatype ?? "");

  /* What is known of the names of things, for as long as the page is open. */
  class Names {
    constructor(settings) {
      this.settings = settings;
      this.known = new Map();
    }

    short(iri) {
      for (const [prefix, namespace] of Object.entries(this.settings.prefixes)) {
        const rest = iri.slice(namespace.length);
        if (iri.startsWith(namespace) && /^[\w-]+$/.test(rest)) return `${prefix}:${rest}`;
      }
      return null;
    }

    href(iri) {
      const { base } = this.settings;
      if (!base || !iri.startsWith(base) || iri.length === base.length) {
        return `/resource?iri=${encodeURIComponent(iri)}${this.settings.kept.replace("?", "&")}`;
      }
      const [path, fragment] = iri.slice(base.length).split("#");
      const place = path.split("/").map(encodeURIComponent).join("/");
      return `/${place}.html${this.settings.kept}${fragment ? `#${encodeURIComponent(fragment)}` : ""}`;
    }

    async learn(iris) {
      const unknown = [...iris].filter((iri) => !this.known.has(iri) && !/[\x00-\x20<>"{}|^`\\]/.test(iri));
      for (let start = 0; start < unknown.length; start += BATCH) {
        await this.ask(unknown.slice(start, start + BATCH));
      }
    }

    async ask(iris) {
      const naming = this.settings.naming.map((iri) => `<${iri}>`).join(" ");
      const things = iris.map((iri) => `<${iri}>`).join(" ");
      const query = `SELECT ?s ?p ?o { VALUES ?s { ${things} } VALUES ?p { ${naming} } ?s ?p ?o }`;
      const answer = await fetch(this.settings.endpoint, {
        method: "POST",
        body: new URLSearchParams({ query }),
        headers: { Accept: "application/sparql-results+json" },
      });
      if (!answer.ok) return;
      const order = (row) => {
        const place = this.settings.languages.indexOf(row.o["xml:lang"] ?? "");
        return (place < 0 ? 99 : place) * 100 + this.settings.naming.indexOf(row.p.value);
      };
      const rows = (await answer.json()).results.bindings;
      for (const iri of iris) this.known.set(iri, null);
      for (const row of rows.sort((one, other) => order(other) - order(one))) {
        this.known.set(row.s.value, { text: row.o.value, language: row.o["xml:lang"] ?? "" });
      }
    }

    /* What stands for a term in a cell, as text. */
    text(term, named = true) {
      if (!term) return "";
      if (term.type === "uri") {
        return (named && this.known.get(term.value)?.text) || this.short(term.value) || term.value;
      }
      if (term.type === "bnode") return `_:${term.value}`;
      if (term.type === "triple") {
        const { subject, predicate, object } = term.value;
        return `<<( ${[subject, predicate, object].map((one) => this.text(one, named)).join(" ")} )>>`;
      }
      return term.value;
    }

    cell(term, named) {
      if (!term) return "";
      if (term.type === "uri") {
        const name = named ? this.known.get(term.value) : null;
        const link = make("a", { href: this.href(term.value), title: term.value }, this.text(term, named));
        if (name?.language && name.language !== language) link.lang = name.language;
        return link;
      }
      if (term["xml:lang"]) {
        const mark = make("span", { className: "other-language" }, term["xml:lang"]);
        return make("span", {}, make("span", { lang: term["xml:lang"] }, term.value), " ", mark);
      }
      if (isNumber(term) && Number.isFinite(Number(term.value))) {
        return make("data", { value: term.value }, written.format(Number(term.value)));
      }
      return this.text(term, named);
    }
  }

  /* The table: sorted by a click on a column's name, grown by a button. */
  class Table {
    constructor(names, words, variables, rows) {
      Object.assign(this, { names, words, variables, rows: [...rows], named: true, shown: PAGE, by: null, down: false });
      this.body = make("tbody");
      this.head = make("tr");
      this.more = make("button", { type: "button", className: "quiet" });
      this.more.addEventListener("click", () => {
        this.shown += PAGE * 5;
        this.draw();
      });
      const table = make("table", {}, make("caption", { className: "unseen" }, words.answer), make("thead", {}, this.head), this.body);
      const scroll = make("div", { className: "scroll", tabIndex: 0 }, table);
      scroll.setAttribute("role", "region");
      scroll.setAttribute("aria-label", words.table);
      this.element = make("div", {}, scroll, this.more);
      for (const name of variables) this.head.append(this.header(name));
      this.draw();
    }

    header(name) {
      const button = make("button", { type: "button", className: "sort", title: fill(this.words.sort, { name }) }, name);
      button.addEventListener("click", () => {
        this.down = this.by === name && !this.down;
        this.by = name;
        this.sort();
        for (const cell of this.head.children) cell.removeAttribute("aria-sort");
        button.parentElement.setAttribute("aria-sort", this.down ? "descending" : "ascending");
        this.draw();
      });
      const cell = make("th", { scope: "col" }, button);
      if (this.rows.length && this.rows.every((row) => !row[name] || isNumber(row[name]))) cell.className = "number";
      return cell;
    }

    sort() {
      const key = (row) => row[this.by];
      const compare = (one, other) => {
        if (!one || !other) return one ? -1 : other ? 1 : 0;
        if (isNumber(one) && isNumber(other)) return Number(one.value) - Number(other.value);
        return collator.compare(this.names.text(one, this.named), this.names.text(other, this.named));
      };
      this.rows.sort((one, other) => compare(key(one), key(other)) * (this.down ? -1 : 1));
    }

    async draw() {
      const rows = this.rows.slice(0, this.shown);
      if (this.named) await this.names.learn(iris(rows).slice(0, NAMED));
      this.body.replaceChildren(
        ...rows.map((row) =>
          make("tr", {}, ...this.variables.map((name) => {
            const cell = make("td", {}, this.names.cell(row[name], this.named));
            if (isNumber(row[name])) cell.className = "number";
            return cell;
          })),
        ),
      );
      const left = this.rows.length - rows.length;
      this.more.hidden = left <= 0;
      this.more.textContent = fill(this.words.more, { number: written.format(Math.min(left, PAGE * 5)) });
    }
  }

  function iris(rows) {
    const found = new Set();
    for (const row of rows) for (const term of Object.values(row)) if (term.type === "uri") found.add(term.value);
    return [...found];
  }

  function downloads(settings, formats, parameters) {
    const list = make("ul", { className: "formats" });
    for (const [name, title] of formats) {
      const button = make("button", { type: "button", className: "quiet" }, title);
      button.addEventListener("click", async () => {
        const answer = await fetch(settings.endpoint, { method: "POST", body: new URLSearchParams([...parameters, ["format", name]]) });
        if (!answer.ok) return;
        const address = URL.createObjectURL(await answer.blob());
        make("a", { href: address, download: `answer.${name}` }).click();
        setTimeout(() => URL.revokeObjectURL(address), 1000);
      });
      list.append(make("li", {}, button));
    }
    return make("div", { className: "downloads" }, make("p", {}, settings.words.download), list);
  }

  function solutions(settings, names, document_, parameters) {
    const { words } = settings;
    const variables = document_.head.vars;
    const rows = document_.results.bindings;
    if (!rows.length) return [make("p", {}, words.none)];
    const table = new Table(names, words, variables, rows);
    const choice = make("input", { type: "checkbox", checked: true });
    choice.addEventListener("change", () => {
      table.named = choice.checked;
      table.draw();
    });
    const parts = [];
    if (iris(rows.slice(0, PAGE)).length) parts.push(make("label", { className: "switch" }, choice, " ", words.names));
    parts.push(table.element);
    const chart = window.queryEditor.chart(settings, names, variables, rows);
    if (chart) parts.push(chart);
    return [...parts, downloads(settings, settings.formats.solutions, parameters)];
  }

  async function show(settings, names, answer, parameters, place) {
    const kind = answer.headers.get("Content-Type") ?? "";
    if (!kind.includes("sparql-results+json")) {
      const text = await answer.text();
      const shown = make("pre", { tabIndex: 0 }, text.slice(0, 200_000));
      place.replaceChildren(shown, downloads(settings, settings.formats.graph, parameters));
      return null;
    }
    const told = await answer.json();
    if ("boolean" in told) {
      place.replaceChildren(make("p", { className: "lead" }, told.boolean ? settings.words.yes : settings.words.no));
      return null;
    }
    place.replaceChildren(...solutions(settings, names, told, parameters));
    return told.results.bindings.length;
  }

  function problem(settings, told, place) {
    const where = told.line ? make("p", { className: "place" }, fill(settings.words.place, told)) : "";
    const detail = told.detail ? make("pre", { tabIndex: 0 }, told.detail) : "";
    const advice = told.advice ? make("p", {}, told.advice) : "";
    const box = make("div", { className: "problem" }, make("h3", {}, told.title ?? ""), where, detail, advice);
    box.setAttribute("role", "alert");
    place.replaceChildren(box);
  }

  Object.assign(window.queryEditor, { Names, fill, isNumber, make, problem, show, written });
})();
