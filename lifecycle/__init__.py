"""What happens to models: run, evaluate, register, promote, deploy. Decisions here, platforms in their own folders."""
