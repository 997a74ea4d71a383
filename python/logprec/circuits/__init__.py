"""Threshold circuits: gates, layers and blocks, their evaluators, netlists and other tools' formats."""
