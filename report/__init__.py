"""What people read: matrix, tables, workbooks, pages. Imports rules and store values."""
