"""Photographed and scanned paper forms with known truth, invented from a seed.

The way of one sample: `contents` (what the unit has to say) → `layouts` (how its copy of the form looks) → `sheet` (the
printed and filled page) → `stamp`, `sign` → `photograph` (the picture that arrives). `variations` names them all.
"""
