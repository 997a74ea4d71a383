import Lake
open Lake DSL

package logprec where
  version := v!"0.1.0"
  description := "Log-precision transformers are threshold circuits: proofs and a circuit constructor"

/-- Definitions, theorems and the constructor. -/
@[default_target]
lean_lib Logprec

/-- Conformance tests: checked when they compile. -/
@[default_target]
lean_lib LogprecTests where
  srcDir := "tests"

/-- The constructor as a program: a model and a length in, a circuit out. -/
@[default_target]
lean_exe «logprec-compile» where
  root := `Logprec.Extract.Main
