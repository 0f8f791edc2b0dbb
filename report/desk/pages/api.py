"""The same data as JSON, and what a monitoring system asks for."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
