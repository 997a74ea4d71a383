import LogprecTests.Arith
import LogprecTests.Float
import LogprecTests.Simulation

/-! # Conformance tests: each file is checked when it compiles. -/
