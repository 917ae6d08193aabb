"""Foreign files read into what a tablet would have sent: a header and events, nothing else."""
