"""An `Extraction` as the JSON object of the contract, section 5, and back; and an `Envelope` for the store.

The only place that knows those keys. `as_json` adds keys beyond the contract (`forms`, `sha256`, `size_bytes`,
`attendance_text`); `with_text` adds the file's text, which the store keeps and `parse --json` leaves out.
Reading back is lossless: from_json(as_json(x, with_text=True)) == x.
"""
