"""What waits for a person, and the decisions that settle it."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
