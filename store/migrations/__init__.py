"""How the schema became what it is, one step a file, by Alembic. `store.schema` runs them.

A step is never changed once it has been released; `models.py` is what they lead to.
"""
