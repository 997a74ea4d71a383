import Lean

/-! Theorems that the kernel never saw. -/

open Lean

set_option debug.skipKernelTC true in
run_cmd Elab.Command.liftCoreM <| addDecl <| .thmDecl {
  name := `Planted.unchecked, levelParams := []
  type := mkApp3 (mkConst ``Eq [1]) (mkConst ``Nat) (mkNatLit 0) (mkNatLit 1)
  value := mkConst ``True.intro }

set_option debug.skipKernelTC true in
run_cmd Elab.Command.liftCoreM <| addDecl <| .thmDecl {
  name := `Planted.circular, levelParams := [], type := mkConst ``False, value := mkConst `Planted.circular }
