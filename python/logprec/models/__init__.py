"""Transformers as data that runs: one interface (`model`), and behind it models of tables and quantised ones."""
