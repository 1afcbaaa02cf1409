"""Reports for people: HTML files that need nothing but a browser, no request, no script."""
