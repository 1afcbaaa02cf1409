"""A plan for people: as text, as Markdown for a pull request, as a diagram in Mermaid or SVG."""
