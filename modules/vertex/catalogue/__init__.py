"""What Google Cloud offers, as plain data: regions and machine sizes. Importing it loads no SDK."""
