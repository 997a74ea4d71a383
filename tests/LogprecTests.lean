import LogprecTests.Arith
import LogprecTests.Attention
import LogprecTests.Class
import LogprecTests.Contributing
import LogprecTests.Float
import LogprecTests.Network
import LogprecTests.Optimise
import LogprecTests.Programs
import LogprecTests.Quantised
import LogprecTests.Rotary
import LogprecTests.Simulation
import LogprecTests.Template
import LogprecTests.Turing

/-! # Conformance tests: each file is checked when it compiles. -/
