"""What the commands share that train models again: which models, what is known of them, what is done."""
