/-! Another program, with nothing wrong. -/

def main : IO Unit := pure ()
