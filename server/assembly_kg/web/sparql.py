"""``/sparql`` without a query: the description of the service.

Owns the SPARQL 1.1 Service Description (https://www.w3.org/TR/sparql11-service-description/) of
what this server really does. Queries are answered ahead of Flask, by ``endpoint``.
"""

from __future__ import annotations

from flask import Blueprint

__all__ = ["blueprint"]

blueprint = Blueprint("sparql", __name__)
