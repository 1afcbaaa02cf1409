"""Makes a new project: reads a template and the user's data, renders files, writes them in one move."""
