"""The desk as JSON, for programs: mounted at `/api`, described by `/api/openapi.json`.

    app          create_api(desk): the application, its errors, who may ask and how often
    shapes       what the answers look like, for the description
    reading      routes that read
    deciding     routes that decide and send

Who may do what is told by the same roles as on the pages; a program shows a token (`report.desk.token_access`).
"""
