class TrainerError(Exception):
    """A mistake the user can mend; its text names the file or field and the remedy."""
