namespace Planted

axiom cheat : (1 : Nat) = 2

private axiom hidden : (1 : Nat) = 3

theorem byCompiler : (List.range 50).length = 50 := by native_decide

end Planted
