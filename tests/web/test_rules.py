"""What the shapes ask is readable without reading shapes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from assembly_kg.namespaces import SH
from assembly_kg.web.site import repository

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("kk", "akz:locator дәл бір рет жазылсын"),
        ("ru", "Запишите akz:locator ровно один раз"),
        ("en", "Write akz:locator exactly once"),
    ],
)
def test_every_rule_is_said_in_the_readers_language(
    site_app: Flask, site: FlaskClient, language: str, said: str
) -> None:
    page = site.get(f"/rules?lang={language}").text
    with site_app.test_request_context():
        rows = repository().select(f"SELECT DISTINCT ?rule {{ ?rule <{SH.message}> ?message }}")
    assert len(rows) > 200
    for row in rows:
        assert f">{row['rule'].value.rpartition('#')[2]}</code>" in page
    assert said in page
    assert 'id="Segment"' in page
    assert 'class="kind warning"' in page
    assert [one for one in re.findall("<dd>.*?</dd>", page) if "other-language" in one] == []


def test_data_without_shapes_have_no_rules(client: FlaskClient) -> None:
    assert client.get("/rules", headers={"Accept": "text/html"}).status_code == 200
