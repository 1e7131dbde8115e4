"""The JSON Schema of a trace document, published beside this module, a file for each version."""

from importlib.resources import files
from typing import Any, Final

from headertls.models import SCHEMA_VERSION, Trace

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
"""The edition of JSON Schema that is written."""


def name_schema(version: str = SCHEMA_VERSION) -> str:
    """Name the file of a version.

    >>> name_schema("2.0")
    'trace-2.0.json'
    """
    return f"trace-{version}.json"


def build_schema() -> dict[str, Any]:
    """Build the schema of the documents that `Trace.model_dump_json` writes, from the models."""
    schema = Trace.model_json_schema(mode="serialization")
    schema["properties"]["schema_version"]["const"] = SCHEMA_VERSION
    return {"$schema": DIALECT, "$id": f"urn:headertls:trace:{SCHEMA_VERSION}", **schema}


def read_schema() -> str:
    """Read the schema as it was published for this version.

    >>> f'"urn:headertls:trace:{SCHEMA_VERSION}"' in read_schema()
    True
    """
    return files("headertls").joinpath("report", "data", name_schema()).read_text(encoding="utf-8")
