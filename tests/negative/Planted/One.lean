/-! A program: its `main` must be looked at too, although two programs cannot be loaded together. -/

def main : IO Unit := sorry
