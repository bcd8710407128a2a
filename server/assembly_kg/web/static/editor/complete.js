/* What the editor offers to write: prefixes, the terms in use, things, and any word by its name. */
(() => {
  "use strict";
  window.queryEditor ??= {};
  const MOST = 40;

  /* The word before the cursor: the editor's own tokens end at every letter that is not ASCII. */
  function wordBefore(editor) {
    const { line, ch } = editor.getDoc().getCursor();
    return editor.getDoc().getLine(line).slice(0, ch).match(/(?<![\w:?$"'<#/-])[\p{L}\p{N}-]{2,}$/u)?.[0] ?? "";
  }

  async function json(address, options) {
    const answer = await fetch(address, options);
    return answer.ok ? answer.json() : null;
  }

  window.queryEditor.complete = (Yasqe, settings, names) => {
    let terms = null;
    const used = () => (terms ??= json(settings.terms).then((found) => found ?? []));

    /* A prefixed name that is not finished: terms at once, things from the graph. */
    async function ofNamespace(start) {
      const asked = start.toLowerCase();
      const own = (await used()).filter(([iri]) => iri.toLowerCase().startsWith(asked));
      if (own.length) return own.map(([iri, kind, name]) => ({ iri, kind, name }));
      if (/[\x00-\x20<>"{}|^`\\]/.test(start) || start.length < 8) return [];
      const query = `SELECT DISTINCT ?s { ?s a ?c FILTER (isIRI(?s) && STRSTARTS(STR(?s), "${start}")) } ORDER BY ?s LIMIT ${MOST}`;
      const told = await json(settings.endpoint, {
        method: "POST",
        body: new URLSearchParams({ query }),
        headers: { Accept: "application/sparql-results+json" },
      });
      const iris = (told?.results.bindings ?? []).map((row) => row.s.value);
      await names.learn(iris);
      return iris.map((iri) => ({ iri, kind: "thing", name: names.text({ type: "uri", value: iri }) }));
    }

    /* A word in any language: terms and things with such a name. */
    async function ofName(word) {
      const asked = word.toLowerCase();
      const own = (await used())
        .filter(([iri, , name]) => name.toLowerCase().includes(asked) || names.short(iri)?.toLowerCase().includes(asked))
        .map(([iri, kind, name]) => ({ iri, kind, name }));
      const found = (await json(`${settings.search}&q=${encodeURIComponent(word)}`))?.results ?? [];
      const things = found.filter((one) => one.kind !== "sentence").map(({ iri, name }) => ({ iri, kind: "thing", name }));
      const seen = new Set();
      return [...own, ...things].filter(({ iri }) => !seen.has(iri) && seen.add(iri));
    }

    function hints(found) {
      return found.slice(0, MOST).map(({ iri, kind, name }) => {
        const short = names.short(iri);
        return {
          text: short ?? `<${iri}>`,
          render: (element) => {
            const { make } = window.queryEditor;
            element.append(make("span", { className: "hint-name" }, name), " ", make("code", {}, short ?? iri), " ", make("small", {}, settings.words[kind]));
          },
          hint: (editor, place, chosen) => {
            const end = editor.getDoc().getCursor();
            const from = { line: end.line, ch: Math.min(place.from.ch, end.ch - wordBefore(editor).length) };
            editor.replaceRange(chosen.text, from, { line: end.line, ch: Math.max(place.to.ch, end.ch) }, "complete");
            const prefix = short?.split(":")[0];
            if (prefix && !(prefix in editor.getPrefixesFromQuery())) editor.addPrefixes({ [prefix]: settings.prefixes[prefix] });
          },
        };
      });
    }

    const token = (editor) => {
      const now = editor.getCompleteToken();
      const before = editor.getPreviousNonWsToken(editor.getDoc().getCursor().line, now);
      const free = !/^[?$"'#]/.test(now.string) && !/comment|string$/.test(now.type ?? "") && before?.string?.toUpperCase() !== "PREFIX";
      return { text: now.string.trim(), free };
    };
    Yasqe.registerAutocompleter({
      name: "names",
      bulk: false,
      autoShow: true,
      isValidCompletionPosition: (editor) => {
        const { text, free } = token(editor);
        return free && (/^[\w-]+:[\w-]*$/.test(text) || text.startsWith("<http"));
      },
      get: async (editor, { string }) => {
        const text = string.trim();
        if (text.startsWith("<")) return hints(await ofNamespace(text.replace(/^<|>$/g, "")));
        const [prefix, rest] = text.split(":");
        const namespace = editor.getPrefixesFromQuery()[prefix] ?? settings.prefixes[prefix];
        return namespace ? hints(await ofNamespace(namespace + rest)) : [];
      },
      postprocessHints: (_, given) => given.map((one) => one.text),
    });
    Yasqe.registerAutocompleter({
      name: "words",
      bulk: false,
      autoShow: false,
      isValidCompletionPosition: (editor) => {
        const { line, ch } = editor.getDoc().getCursor();
        const kind = editor.getTokenTypeAt({ line, ch }) ?? "";
        return wordBefore(editor) !== "" && !/comment|string$/.test(kind);
      },
      get: async (editor) => hints(await ofName(wordBefore(editor))),
      postprocessHints: (_, given) => given.map((one) => one.text),
    });
    Yasqe.forkAutocompleter("prefixes", {
      name: "prefixes",
      persistenceId: null,
      get: async () => Object.entries(settings.prefixes).map(([prefix, namespace]) => `${prefix}: <${namespace}>`),
    });
    return ["prefixes", "names", "variables", "words"];
  };
})();
