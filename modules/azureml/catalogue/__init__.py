"""What Azure offers, as plain data: regions and machine sizes. Importing it loads no SDK."""
