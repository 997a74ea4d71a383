import Planted.Second

/-! Rests on a `sorry` that is three imports away. -/

theorem Planted.looksFine : 3 < 10 ∧ True := ⟨Planted.between, trivial⟩
