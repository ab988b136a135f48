"""The parameters of a listing, and the address of its next page."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query, Request
from pydantic import BaseModel, ConfigDict, Field

from api.http.context import Asked
from api.pages import Page, Part
from api.views import View

DEFAULT = 50
MOST = 500


class PageQuery(BaseModel):
    """How much of a listing, and after what; anything else is a slip and refused."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(DEFAULT, ge=1, le=MOST, description="Items a page, at most 500")
    cursor: str | None = Field(
        None, max_length=1000, description="Opaque; taken from the 'next' of the page before"
    )

    @property
    def page(self) -> Page:
        """Return the page asked for."""
        return Page(limit=self.limit, cursor=self.cursor)


Paging = Annotated[PageQuery, Query()]


def paged(part: Part, *, request: Request, asked: Asked) -> View:
    """Return a page with the address of the next one, and note how many items it has."""
    asked.rows = len(part.items)
    following = None
    if part.cursor is not None:
        query = {**request.query_params, "cursor": part.cursor}
        following = f"{request.url.path}?{urlencode(query)}"
    return {"items": part.items, "next": following}
