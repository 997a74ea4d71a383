"""The command line. Commands import what they work with when they run, so that `logprec --help` starts fast."""
