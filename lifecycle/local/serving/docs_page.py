"""The OpenAPI document as one page without scripts.

FastAPI's own page loads Swagger UI from a content delivery network, and the packages that bundle it bring megabytes
of script to run next to the API; an endpoint on a laptop or in a closed network needs a page that asks nobody.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from jinja2 import Environment
from starlette.responses import Response

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8886; vertical-align: top; }
pre { overflow-x: auto; padding: 1rem; border: 1px solid #8886; }
code { font-family: ui-monospace, monospace; }
"""

_PAGE = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
    """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{{ api.info.title }}</title>
<style>{{ style | safe }}</style>
</head>
<body>
<main>
<h1>{{ api.info.title }}</h1>
<p>{{ api.info.description }} The whole document: <a href="openapi.json">openapi.json</a>.</p>
<h2 id="row">A row</h2>
<table>
<thead><tr><th scope="col">Field</th><th scope="col">Type</th><th scope="col">Required</th></tr></thead>
<tbody>
{% for name, field in row.properties.items() %}
<tr><td><code>{{ name }}</code></td><td>{{ type_of(field) }}</td>
<td>{{ "yes" if name in row.required | default([]) else "no" }}</td></tr>
{% endfor %}
</tbody>
</table>
<h2 id="call">A call</h2>
<pre><code>POST /predict
Content-Type: application/json

{{ example }}</code></pre>
{% for path, operations in api.paths.items() %}
{% for method, operation in operations.items() %}
<h2>{{ method | upper }} {{ path }}</h2>
<p>{{ operation.summary }}. {{ operation.description if operation.description != operation.summary ~ "." }}</p>
<table>
<thead><tr><th scope="col">Status</th><th scope="col">Meaning</th></tr></thead>
<tbody>
{% for status, answer in operation.responses.items() %}
<tr><td>{{ status }}</td><td>{{ answer.description }}</td></tr>
{% endfor %}
</tbody>
</table>
{% endfor %}
{% endfor %}
</main>
</body>
</html>
"""
)

_EXAMPLES: dict[str, object] = {"number": 0.5, "integer": 1, "string": "text", "boolean": True}


def docs_page(document: dict[str, Any]) -> Response:
    """The page, with a policy that forbids it to load or run anything."""
    row = document["components"]["schemas"]["Row"]
    example = {name: _EXAMPLES.get(_type_of(field).partition(" ")[0]) for name, field in row["properties"].items()}
    text = _PAGE.render(
        api=document, row=row, style=_STYLE, type_of=_type_of, example=json.dumps(example, indent=2, ensure_ascii=False)
    )
    style = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return Response(text, media_type="text/html; charset=utf-8", headers={"Content-Security-Policy": policy})


def _type_of(field: dict[str, Any]) -> str:
    kinds = [one["type"] for one in field.get("anyOf", [field])]
    return " or ".join(kinds)
