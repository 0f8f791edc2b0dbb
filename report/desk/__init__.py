"""The desk: what the coordinator looks at for the two weeks around a deadline. FastAPI, Jinja2, htmx; no build step.

    port.Desk     what the desk asks of the running service; `ingest.desk` answers
    app           create_app(desk): routers, security, static files, put together
    security      headers, CSRF
    web           what every page uses: templates, the view in force, who is asking
    pages/        one router a page
    mails         loads mails for the views
    page_pictures pages with the places of what was read on them
    html_mail     strangers' HTML made harmless

Layers as everywhere: only `rules` and `store` are imported here, and the clock is the desk's.
"""
