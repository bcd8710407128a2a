"""The sentences in which the engine tells people why, in Kazakh, Russian and English.

Owns one table; words in braces are filled in by whoever says the sentence. Names of things are the
graph's own labels.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FALLBACK", "LANGUAGES", "label_of", "say"]

LANGUAGES: Final = ("kk", "ru", "en")
FALLBACK: Final = MappingProxyType(
    {"kk": ("kk", "ru", "en"), "ru": ("ru", "kk", "en"), "en": ("en", "ru", "kk")}
)

_SENTENCES: Final[Mapping[str, tuple[str, str, str]]] = MappingProxyType(
    {
        # What an explanation begins with.
        "stated": ("Тікелей айтылған.", "Сказано прямо.", "Stated."),
        "projected": (
            "Осы күнгі жағдаяттан шығады.",
            "Следует из ситуации, имеющей место в этот день.",
            "Follows from a situation that holds on the day.",
        ),
        "inferred": (
            "Айтылғандардан логикалық түрде шығады.",
            "Логически следует из сказанного.",
            "Follows from what is stated.",
        ),
        "described": (
            "Мұны деректер жиыны өзі туралы айтады.",
            "Это набор данных говорит о себе сам.",
            "The dataset says this of itself.",
        ),
        "rejected": (
            "Дереккөзде айтылған, бірақ қабылданбаған.",
            "В источнике сказано, но не принято.",
            "A source says so, but it is not accepted.",
        ),
        "absent": ("Графта мұндай тұжырым жоқ.", "В графе этого нет.", "Not in the graph."),
        "why": ("Бұл неге графта?", "Почему это в графе?", "Why is this here?"),
        "why-lead": (
            "Тұжырымды кім айтқаны немесе ол қай ережелер бойынша неден шыққаны.",
            "Кто это утверждает или из чего и по каким правилам это следует.",
            "Who says so, or from what and by which rules it follows.",
        ),
        "ask": ("Тұжырым туралы сұрау", "Спросить об утверждении", "Ask about a statement"),
        "ask-lead": (
            "Қысқа атау (prefix:name) не толық IRI; мәні көрсетілмесе — қасиеттің барлық мәндері.",
            "Краткое имя (prefix:name) или полный IRI; без значения — все значения свойства.",
            "A short name (prefix:name) or a whole IRI; without a value, every value there is.",
        ),
        "subject": ("Нысан", "Предмет", "Thing"),
        "property": ("Қасиет", "Свойство", "Property"),
        "value": ("Мән", "Значение", "Value"),
        "more-proofs": ("Басқа дәлелдер", "Другие доказательства", "Further proofs"),
        "as-of": ("{day} күнгі жағдай бойынша", "по состоянию на {day}", "as it stood on {day}"),
        # Steps of a proof.
        "by-rule": (
            "OWL 2 RL тілінің {rule} ережесі бойынша шығады:",
            "следует по правилу {rule} языка OWL 2 RL:",
            "follows by rule {rule} of OWL 2 RL:",
        ),
        "by-projection": (
            "{day} күні бар жағдаяттан «{rule}» проекция ережесі бойынша шығады ({situations}):",
            "следует по правилу проекции «{rule}» из ситуации на {day} ({situations}):",
            "follows by the projection rule “{rule}” from a situation of {day} ({situations}):",
        ),
        "another": (
            "Басқа дәлел ({number}):",
            "Другое доказательство ({number}):",
            "Another proof ({number}):",
        ),
        "proof": ("Дәлел:", "Доказательство:", "Proof:"),
        # Who says so.
        "says": ("Кім айтады:", "Кто это говорит:", "Who says so:"),
        "entities": ("нысандар тізімі", "перечень объектов", "the list of things"),
        "ontology": ("онтология", "онтология", "the ontology"),
        "source": (
            "«{document}» құжатының сипаттамасы",
            "описание документа «{document}»",
            "the description of the document “{document}”",
        ),
        "description": (
            "деректер жиынының сипаттамасы",
            "описание набора данных",
            "the description of the dataset",
        ),
        "graph": ("{graph} графы", "граф {graph}", "the graph {graph}"),
        "characters": (
            "{start}–{end} таңбалар",
            "знаки {start}–{end}",
            "characters {start}–{end}",
        ),
        "translation": ("жұмыс аудармасы", "рабочий перевод", "working translation"),
        "not-accepted": ("қабылданбаған", "не принято", "not accepted"),
        # Disputes.
        "disputed": ("Дереккөздер қайшылығы:", "Расхождение источников:", "Disputed:"),
        "accepted": ("қабылданғаны: {values}", "принято: {values}", "accepted: {values}"),
        "rejects": ("қабылданбағаны: {values}", "отклонено: {values}", "rejected: {values}"),
        # What is missing.
        "unknown": (
            "{term} графта кездеспейді",
            "{term} не встречается в графе",
            "{term} stands nowhere in the graph",
        ),
        "alike": ("мынау емес пе: {terms}?", "может быть, {terms}?", "did you mean {terms}?"),
        "on-days": (
            "Графта басқа күндерде бар: {periods}",
            "Есть в графе на другие дни: {periods}",
            "In the graph on other days: {periods}",
        ),
        "from": ("{begin} күнінен бастап", "с {begin}", "from {begin}"),
        "from-until": (
            "{begin} күнінен бастап {end} күніне дейін",
            "с {begin} до {end}",
            "from {begin} until {end}",
        ),
        "values": ("Графта мынау бар:", "В графе есть:", "The graph has:"),
        "properties": (
            "Осы екеуі туралы графта мынау бар:",
            "О них обоих в графе есть:",
            "Of the two the graph says:",
        ),
        "subjects": ("Басқалары туралы:", "О других:", "Of others:"),
        "almost": (
            "Мынау да болса, {rule} ережесі бойынша шығар еді:",
            "Следовало бы по правилу {rule}, будь в графе ещё и это:",
            "Would follow by rule {rule} if this were there too:",
        ),
        # Contradictions.
        "clash": (
            "OWL 2 RL тілінің {rule} ережесі бойынша мына деректер бір-біріне қайшы:",
            "По правилу {rule} языка OWL 2 RL эти факты противоречат друг другу:",
            "By rule {rule} of OWL 2 RL these facts contradict each other:",
        ),
        # Changes.
        "begun": ("басталды", "началось", "begun"),
        "ended": ("аяқталды", "закончилось", "ended"),
        "known-from": (
            "осы күннен бастап белгілі",
            "известно с этого дня",
            "known from this day",
        ),
        "known-until": (
            "осы күнге дейін белгілі",
            "известно до этого дня",
            "known until this day",
        ),
        "replaced": ("ауысты", "заменено", "replaced"),
        "added": ("қосылды", "добавлено", "added"),
        "removed": ("алынып тасталды", "удалено", "removed"),
        "caused-by": ("негізі: {causes}", "основание: {causes}", "caused by {causes}"),
        "diff": ("Не өзгерді?", "Что изменилось?", "What changed?"),
        "between": (
            "{begin} мен {end} аралығында",
            "между {begin} и {end}",
            "between {begin} and {end}",
        ),
        "situations": ("Жағдаяттар", "Ситуации", "Situations"),
        "relations": ("Қатынастар", "Отношения", "Relations"),
        "history": ("Күн сайынғы өзгерістер", "Изменения по дням", "Changes day by day"),
        "history-lead": (
            "Қай күні не басталып, не аяқталды, соған не негіз болды және мұны кім айтады.",
            "Что и в какой день началось или закончилось, на каком основании и кто это говорит.",
            "What began or ended on which day, through what, and who says so.",
        ),
        "compare": ("Салыстыру", "Сравнить", "Compare"),
        "from-day": ("Бастапқы күн", "С дня", "From the day"),
        "to-day": ("Соңғы күн", "По день", "To the day"),
        "disputes": ("Дереккөздер қайшылықтары", "Расхождения источников", "Disputes"),
        "disputes-lead": (
            "Дереккөздер қай жерде келіспейді, қай тұжырым қабылданды және неліктен.",
            "Где источники расходятся, какое утверждение принято и почему.",
            "Where sources disagree, which claim is accepted, and why.",
        ),
        "accepted-side": ("Қабылданған тұжырым", "Принятое утверждение", "Accepted claim"),
        "rejected-side": ("Қабылданбаған тұжырым", "Непринятое утверждение", "Rejected claim"),
        "judgement": ("Түйін", "Заключение", "Judgement"),
        "as-query": ("Сұрау ретінде", "Запросом", "As a query"),
        "no-difference": ("Айырмашылық жоқ.", "Различий нет.", "No difference."),
    }
)


def say(key: str, language: str, **words: object) -> str:
    """A sentence in the language.

    Raises:
        KeyError: there is no such sentence, or a word is not given.
    """
    texts = dict(zip(LANGUAGES, _SENTENCES[key], strict=True))
    return texts[language].format(**words)


def label_of(labels: Mapping[str, str], language: str) -> str | None:
    """The best label for a reader of the language; None if there is none."""
    for wanted in (*FALLBACK[language], ""):
        if wanted in labels:
            return labels[wanted]
    return next(iter(labels.values()), None)
