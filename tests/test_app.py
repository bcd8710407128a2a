"""The application factory."""

import pkgutil
from importlib import import_module

from assembly_kg import web
from assembly_kg.app import create_app
from assembly_kg.settings import Settings


def test_every_blueprint_of_the_web_layer_is_part_of_the_site() -> None:
    modules = [
        import_module(f"{web.__name__}.{m.name}") for m in pkgutil.iter_modules(web.__path__)
    ]
    blueprints = {m.blueprint.name for m in modules if hasattr(m, "blueprint")}
    assert set(create_app(Settings()).blueprints) == blueprints


def test_two_sites_in_one_process_share_nothing() -> None:
    one, two = create_app(Settings(port=1)), create_app(Settings(port=2))
    assert one.extensions["assembly_kg.settings"].port == 1
    assert two.extensions["assembly_kg.settings"].port == 2
