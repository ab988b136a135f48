"""The API's documentation as a page, with no address outside this machine.

Swagger UI comes from an installed package, 4.15, which reads OpenAPI 3.0: the document it
gets is written down to that version. It goes when the package brings version 5.
"""

from pathlib import Path

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.responses import HTMLResponse, JSONResponse
from starlette.staticfiles import StaticFiles

router = APIRouter(include_in_schema=False)

OPENAPI_30 = "3.0.3"
# Swagger UI sets styles on elements and draws its icons from data addresses; scripts are files
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"
)
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>kith API</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
START = """SwaggerUIBundle({
  url: "/docs/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null
});
"""


def mount_docs(app: FastAPI) -> None:
    """Serve the page and its files under ``/docs``."""
    app.mount("/docs/assets", StaticFiles(directory=_assets()), name="docs-assets")
    app.include_router(router)


@router.get("/docs")
def docs() -> HTMLResponse:
    """Return the page."""
    return HTMLResponse(PAGE, headers={"Content-Security-Policy": POLICY})


@router.get("/docs/start.js")
def start() -> Response:
    """Return what starts the page: a file, because scripts inside a page are forbidden."""
    return Response(START, media_type="text/javascript")


@router.get("/docs/openapi.json")
def openapi_30(request: Request) -> JSONResponse:
    """Return the OpenAPI document as the page can read it."""
    written = written_down(request.app.openapi())
    assert isinstance(written, dict)  # a document goes in, a document comes out
    return JSONResponse({**written, "openapi": OPENAPI_30})


def written_down(node: object) -> object:
    """Rewrite what OpenAPI 3.1 says otherwise than 3.0: null, constants, open ranges."""
    if isinstance(node, list):
        return [written_down(part) for part in node]
    if not isinstance(node, dict):
        return node
    written = {str(name): written_down(part) for name, part in node.items()}
    if "const" in written:
        written["enum"] = [written.pop("const")]
    for bound, simple in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(written.get(bound), int | float) and written[bound] is not True:
            written[simple], written[bound] = written[bound], True
    return _nullable(written)


def _nullable(schema: dict[str, object]) -> dict[str, object]:
    options = schema.get("anyOf")
    if not isinstance(options, list) or {"type": "null"} not in options:
        return schema
    known = [option for option in options if option != {"type": "null"}]
    kept = {name: part for name, part in schema.items() if name != "anyOf"}
    if len(known) == 1 and "$ref" not in known[0]:
        return {**kept, **known[0], "nullable": True}
    return {**kept, "anyOf": known, "nullable": True}


def _assets() -> Path:
    import swagger_ui_bundle

    return Path(swagger_ui_bundle.swagger_ui_path)
