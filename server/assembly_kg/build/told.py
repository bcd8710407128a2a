"""Contradictions and violations, told to people with the sentences behind them.

Owns the text in Kazakh, Russian and English: the clashing facts by the names of things, the rule or
the shape, and the exact words of the segments that state what is at fault.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from rdflib import Literal, URIRef
from rdflib.namespace import DCTERMS, RDFS, SKOS

from assembly_kg.build.load import DISPUTED
from assembly_kg.build.validate import shorten
from assembly_kg.namespaces import OA, PREFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rdflib.term import Node

    from assembly_kg.build.clash import Clash, Contradiction
    from assembly_kg.build.load import Sources
    from assembly_kg.build.validate import Report

__all__ = ["Teller"]

_ORDER: Final = MappingProxyType(
    {"kk": ("kk", "ru", "en"), "ru": ("ru", "kk", "en"), "en": ("en", "ru", "kk")}
)
_SENTENCES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "contradiction": {
            "kk": "Онтология мен деректер бір-біріне қайшы; ештеңе жарияланған жоқ. Төмендегі "
            "деректердің бірін түзетіңіз немесе қайшылықты деп белгілеңіз.",
            "ru": "Онтология и данные противоречат друг другу; ничего не опубликовано. Исправьте "
            "один из фактов ниже или отметьте его как спорный.",
            "en": "The ontology and the data contradict each other; nothing is published. Correct "
            "one of the facts below, or keep one as disputed.",
        },
        "rule": {
            "kk": "OWL 2 RL тілінің {rule} ережесі бойынша қатар тұра алмайды:",
            "ru": "По правилу {rule} языка OWL 2 RL не могут быть верны вместе:",
            "en": "By rule {rule} of OWL 2 RL these cannot all be true:",
        },
        "merged": {
            "kk": "бұлардан {one} мен {other} бір нәрсе болып шығады; солай болса, owl:sameAs деп "
            "жазыңыз",
            "ru": "из них следует, что {one} и {other} — одно и то же; если это так, напишите "
            "owl:sameAs",
            "en": "from them it follows that {one} and {other} are one thing; if they are, state "
            "owl:sameAs",
        },
        "violations": {
            "kk": "Пішіндерге сай келмейтін жерлер: {count}; ештеңе жарияланған жоқ.",
            "ru": "Нарушений форм: {count}; ничего не опубликовано.",
            "en": "Shape violations: {count}; nothing is published.",
        },
        "shape": {"kk": "пішін: {shape}", "ru": "форма: {shape}", "en": "shape: {shape}"},
        "stated": {
            "kk": "айтылған жері: {where}",
            "ru": "сказано: {where}",
            "en": "stated in {where}",
        },
        "more": {"kk": "… және тағы {count}", "ru": "… и ещё {count}", "en": "… and {count} more"},
    }
)
_SHOWN: Final = 20


class Teller:
    """Tells what is wrong with an institution's statements.

    Args:
        sources: the institution.
        language: ``kk``, ``ru`` or ``en``.
    """

    def __init__(self, sources: Sources, language: str) -> None:
        self._sources = sources
        self._language = language
        self._prefixes = {**sources.prefixes, **PREFIXES}
        self._graph = sources.stated

    def contradiction(self, found: Contradiction) -> str:
        """The clashing facts, rule by rule, with their sentences."""
        lines = [self._say("contradiction")]
        for clash in found.clashes[:_SHOWN]:
            lines += self._clash(clash)
        return "\n".join([*lines, *self._more(len(found.clashes))])

    def violations(self, report: Report) -> str:
        """The violations of shapes, with their sentences."""
        broken = [result for result in report.results if result.severity == "violation"]
        lines = [self._say("violations", count=len(broken))]
        for result in broken[:_SHOWN]:
            lines.append(f"  {self.name(result.focus)}: {result.message(self._language)}")
            if isinstance(result.shape, URIRef):
                shape = shorten(result.shape, self._prefixes)
                lines.append("    " + self._say("shape", shape=shape))
            lines += self._stated(result.sources, "    ")
        return "\n".join([*lines, *self._more(len(broken))])

    def name(self, term: Node) -> str:
        """A term by its name in the language, with its short IRI."""
        written = shorten(term, self._prefixes)
        label = self._text(self._objects(term, SKOS.prefLabel) or self._objects(term, RDFS.label))
        return f"{label} [{written}]" if label else written

    def sentence(self, graph: Node) -> list[str]:
        """A graph that states something: the document and the place, then the exact words."""
        segment = URIRef(str(graph).removesuffix(DISPUTED))
        where = [shorten(graph, self._prefixes)]
        for document in self._objects(segment, OA.hasSource):
            names = self._objects(document, SKOS.prefLabel) or self._objects(
                document, DCTERMS.title
            )
            where = [self._text(names) or str(document)]
            where += map(str, self._objects(segment, self._sources.terms["locator"]))
            where.append(f"<{graph}>")
        words = [
            f"«{exact}»"
            for selector in self._objects(segment, OA.hasSelector)
            for exact in self._objects(selector, OA.exact)
        ]
        translations = self._objects(segment, self._sources.terms["workingTranslation"])
        own = [t for t in translations if isinstance(t, Literal) and t.language == self._language]
        return [", ".join(where), *words, *(f"«{text}»" for text in own)]

    def _clash(self, clash: Clash) -> Iterator[str]:
        yield self._say("rule", rule=clash.rule)
        for fact in clash.facts:
            yield "  " + " — ".join(map(self.name, fact.triple))
            yield from self._stated(fact.graphs, "    ")
        if clash.merged is not None:
            one, other = map(self.name, clash.merged)
            yield "  " + self._say("merged", one=one, other=other)

    def _stated(self, graphs: Iterable[Node], indent: str) -> Iterator[str]:
        for graph in graphs:
            where, *words = self.sentence(graph)
            yield indent + self._say("stated", where=where)
            yield from (f"{indent}  {line}" for line in words)

    def _more(self, count: int) -> list[str]:
        return [self._say("more", count=count - _SHOWN)] if count > _SHOWN else []

    def _objects(self, subject: Node, p: URIRef) -> list[Node]:
        return sorted(self._graph.objects(subject, p), key=str)

    def _text(self, texts: Iterable[Node]) -> str:
        found = {t.language or "": str(t) for t in texts if isinstance(t, Literal)}
        for wanted in (*_ORDER[self._language], ""):
            if wanted in found:
                return found[wanted]
        return ""

    def _say(self, key: str, **words: object) -> str:
        return _SENTENCES[key][self._language].format(**words)
