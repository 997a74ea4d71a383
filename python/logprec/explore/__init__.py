"""`logprec explore`: a static site that shows what is proved, and a circuit at work."""
