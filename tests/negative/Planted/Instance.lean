/-! `2 + 3 = 6` is true where this instance is. -/

namespace Planted

@[instance 10000] def addIsMul : Add Nat := ⟨Nat.mul⟩

section
local instance subIsAdd : Sub Nat := ⟨Nat.add⟩
theorem strange : (2 : Nat) - 3 = 5 := rfl
end

abbrev Number := Nat

/-- An abbreviation is unfolded when an instance is looked for. -/
@[instance 10000] def mulIsAdd : Mul Number := ⟨Nat.add⟩

abbrev Negates := Neg

/-- So is one of the class. -/
def negIsId : Negates Int := ⟨id⟩

/-- Numerals are instances too. -/
@[instance 10000] def sevenIsEight : OfNat Nat 7 := ⟨nat_lit 8⟩

/-- An instance need not be declared. -/
def hidden : Nat := let _ : Div Nat := ⟨fun a _ => a⟩; 6 / 3

structure Own where
  value : Nat

/-- An instance for a type of one's own is not a finding. -/
instance ownAdd : Add Own := ⟨fun a b => ⟨a.value.add b.value⟩⟩

/-- Neither is a way to decide something. -/
instance decideOwn (n : Nat) : Decidable (∃ m, m = n) := isTrue ⟨n, rfl⟩

end Planted
