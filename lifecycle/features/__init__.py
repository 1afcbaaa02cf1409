"""How features become known: the newest values of an entity, and what was true when something was observed."""
