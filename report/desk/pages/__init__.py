"""One router a page or a group of pages that belong together; each module exports `router`."""
