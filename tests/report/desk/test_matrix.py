"""The home page in a real browser."""

from __future__ import annotations

from playwright.sync_api import expect


def test_every_unit_has_a_row_that_leads_to_its_page(served, open_page, screenshot):
    page = open_page(served)
    units = [unit.unit.name for unit in served.desk.view().report.units]

    expect(page.locator("tbody th.unit a")).to_have_text(units)
    screenshot(page, "matrix")
