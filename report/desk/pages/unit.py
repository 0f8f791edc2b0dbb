"""A unit: what it sent, what counts and why, what is still wanting."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
