"""Contradictions and violations, told to people with the sentences behind them.

Owns the text in Kazakh, Russian and English: the clashing facts by the names of things, the rule or
the shape, and the exact words of the segments that state what is at fault.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from rdflib import BNode, Literal, URIRef
from rdflib.namespace import DCTERMS, RDF, RDFS, SKOS

from assembly_kg.build.load import DISPUTED
from assembly_kg.build.validate import shorten, shorten_path
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
            "kk": "OWL 2 RL тілінің {rule} ережесі бойынша ({why}) бұлар қатар тұра алмайды:",
            "ru": "По правилу {rule} языка OWL 2 RL ({why}) не могут быть верны вместе:",
            "en": "By rule {rule} of OWL 2 RL ({why}) these cannot all be true:",
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
# What the rules that conclude *false* say, and those that make one thing of two.
_RULES: Final[Mapping[tuple[str, ...], Mapping[str, str]]] = MappingProxyType(
    {
        ("cax-dw", "cax-adc"): {
            "kk": "бір нәрсе бірін-бірі жоққа шығаратын екі сыныпқа жатпайды",
            "ru": "ничто не принадлежит двум классам, исключающим друг друга",
            "en": "nothing is in two classes that exclude each other",
        },
        ("dt-diff",): {
            "kk": "бір ғана мән болуға тиіс жерде екі түрлі мән берілген",
            "ru": "там, где может быть одно значение, даны два разных",
            "en": "two different values are given where there can be one",
        },
        ("dt-not-type",): {
            "kk": "мән талап етілген дерек түріне жатпайды",
            "ru": "значение не того типа данных, какого должно быть",
            "en": "a value is not of the datatype that it must have",
        },
        ("prp-fp", "cls-maxc2", "cls-maxqc3", "cls-maxqc4"): {
            "kk": "біреу ғана болуға тиіс жерде екеу берілген",
            "ru": "там, где может быть одно, даны два",
            "en": "two are given where there can be one",
        },
        ("prp-ifp", "prp-key"): {
            "kk": "бір ғана нәрсені танытатын белгі екеуінде де бар",
            "ru": "признак, который бывает лишь у одного, есть у двоих",
            "en": "what only one can have, two have",
        },
        ("eq-diff1", "eq-diff2", "eq-diff3"): {
            "kk": "әртүрлі деп айтылған екі нәрсе бір нәрсе болып шығады",
            "ru": "двое, названные разными, оказались бы одним",
            "en": "two that are said to be different would be one",
        },
        ("prp-irp",): {
            "kk": "ешнәрсе өзімен мұндай қатынаста болмайды",
            "ru": "ничто не состоит в таком отношении с самим собой",
            "en": "nothing stands in this relation to itself",
        },
        ("prp-asyp",): {
            "kk": "мұндай қатынас екі жаққа бірдей болмайды",
            "ru": "такое отношение не бывает взаимным",
            "en": "such a relation does not hold both ways",
        },
        ("prp-pdw", "prp-adp"): {
            "kk": "бірін-бірі жоққа шығаратын екі қатынас бір нәрселердің арасында тұр",
            "ru": "два отношения, исключающих друг друга, связывают одно и то же",
            "en": "two relations that exclude each other hold between the same things",
        },
        ("prp-npa1", "prp-npa2"): {
            "kk": "жоқ деп айтылған нәрсе бар деп те айтылған",
            "ru": "то, что отрицается, в то же время утверждается",
            "en": "what is denied is stated too",
        },
        ("cls-nothing2", "cls-com"): {
            "kk": "бұл сыныпта мұндай нәрсе бола алмайды",
            "ru": "в этом классе такого быть не может",
            "en": "this class cannot have such a member",
        },
        ("cls-maxc1", "cls-maxqc1", "cls-maxqc2"): {
            "kk": "мән болмауға тиіс жерде мән бар",
            "ru": "значение есть там, где его быть не может",
            "en": "there is a value where there can be none",
        },
    }
)
_WHY: Final = MappingProxyType({rule: why for rules, why in _RULES.items() for rule in rules})
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
            if result.value not in (None, result.focus):
                path = [shorten_path(result.path, self._prefixes)] if result.path else []
                lines.append("    " + " — ".join([*path, self.name(result.value)]))
            if isinstance(result.shape, URIRef):
                shape = shorten(result.shape, self._prefixes)
                lines.append("    " + self._say("shape", shape=shape))
            lines += self._stated(result.sources, "    ")
        return "\n".join([*lines, *self._more(len(broken))])

    def name(self, term: Node) -> str:
        """A term by its name in the language, with its short IRI; a blank node by what it holds."""
        if isinstance(term, BNode):
            return self._blank(term)
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
        why = _WHY[clash.rule][self._language]
        yield self._say("rule", rule=clash.rule, why=why)
        told: set[Node] = set()
        for fact in clash.facts:
            subject = fact.triple[0]
            # An axiom without a name is told once, whole.
            axiom = isinstance(subject, BNode)
            if subject not in told:
                yield "  " + (
                    self.name(subject) if axiom else " — ".join(map(self.name, fact.triple))
                )
                yield from self._stated(fact.graphs, "    ")
            if axiom:
                told.add(subject)
        if clash.merged is not None:
            one, other = map(self.name, clash.merged)
            yield "  " + self._say("merged", one=one, other=other)

    def _blank(self, node: BNode) -> str:
        if (node, RDF.first, None) in self._graph:
            return f"({', '.join(map(self.name, self._graph.items(node)))})"
        held = sorted(self._graph.predicate_objects(node), key=str)
        return f"[{'; '.join(f'{self.name(p)} {self.name(o)}' for p, o in held)}]"

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
