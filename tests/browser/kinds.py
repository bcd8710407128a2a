"""One address of each kind of page that the site has: what the browser opens and is timed on.

A new kind of page is one line here; a test says which address of the site has none.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from assembly_kg.namespaces import ORG

__all__ = ["FAULTS", "PAGES", "in_language"]

_TERMS: Final = "https://w3id.org/assembly-kz/ontology#"
PAGES: Final = {
    "home": "/",
    # Things, by what they are.
    "body": "/id/bodies/assembly.html",
    "body then": "/id/bodies/council.html?as-of=2008-10-20",
    "act": "/id/acts/law-70-iv-2008.html",
    "article": "/id/acts/constitution-1993-art-78.html",
    "person": "/id/people/kassym-jomart-tokayev.html",
    "post": "/id/people/post-president.html",
    "holding": "/id/people/holding-nazarbayev-president.html",
    "event": "/id/events/forum-of-peoples-1992.html",
    "norm": "/id/mandates/status-consultative-advisory-body.html",
    "place": "/id/places/almaty.html",
    "population": "/id/populations/ethnic-groups-of-kazakhstan.html",
    "concept": "/id/concepts/certainty-high.html",
    "dispute": "/id/record/dispute-day-of-law-70-iv.html",
    "gap": "/id/record/gap-assemblies-without-a-report.html",
    "characterisation": "/id/record/characterisation-all-conditions-for-cultures.html",
    "borrowed term": f"/resource?{urlencode({'iri': str(ORG.Organization)})}",
    "dataset": "/dataset.html",
    "things of a kind": f"/things?{urlencode({'kind': _TERMS + 'Session'})}",
    # Sources.
    "sources": "/sources",
    "source": "/source/overview.html",
    "law": "/source/law-70-iv-2008.html",
    "segment": "/source/overview/p2-s1.html",
    # Graphs and releases.
    "day": "/as-of/2010-05-05.html",
    "graph": "/inferred.html",
    "release": "/downloads",
    "releases": "/releases",
    # Time and structure.
    "structure": "/structure?as-of=2008-10-20",
    "map": "/map",
    "timeline": "/timeline",
    "changes": "/timeline/changes",
    "difference": "/diff?from=2021-04-27&to=2021-04-28",
    "series": "/series",
    # Asking.
    "query": "/sparql",
    "table": f"/sparql/table?{urlencode({'query': 'SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 3'})}",
    "questions": "/questions",
    "question": "/questions/what-contains-what-in-2008",
    "search": "/search?q=Tokaev",
    "nothing found": "/search?q=zzzzzz",
    # The words and the rules.
    "ontology": "/ontology.html",
    "shapes": "/shapes.html",
    "validation": "/validation",
    "rules": "/rules",
    # Why, and who disagrees.
    "explanation": "/explain?s=bodies:council&p=a&o=org:OrganizationalUnit",
    "no reason": f"/explain?{urlencode({'s': 'bodies:council', 'p': _TERMS + 'holdsPost'})}",
    "disputes": "/disputes",
    # Faults.
    "absent": "/id/bodies/no-such-body.html",
    "faulty": "/structure?as-of=2007-02-30",
    "kinds of errors": "/problems",
}
# Pages that say what is wrong with a request, and so are answered with another status than 200.
FAULTS: Final = frozenset({"absent", "faulty"})


def in_language(path: str, language: str) -> str:
    """The address of the same page in a language."""
    return f"{path}{'&' if '?' in path else '?'}{urlencode({'lang': language})}"
