import Lake
open Lake DSL

package planted

@[default_target]
lean_lib Planted

lean_exe one where
  root := `Planted.One

lean_exe two where
  root := `Planted.Two
