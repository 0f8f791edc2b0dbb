"""A message: headers, text, attachments, to whom it was put and on what evidence."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
