/-! `2 + 3 = 6` is true where this instance is. -/

namespace Planted

@[instance 10000] def addIsMul : Add Nat := ⟨Nat.mul⟩

section
local instance subIsAdd : Sub Nat := ⟨Nat.add⟩
theorem strange : (2 : Nat) - 3 = 5 := rfl
end

structure Own where
  value : Nat

/-- An instance for a type of one's own is not a finding. -/
instance ownAdd : Add Own := ⟨fun a b => ⟨a.value.add b.value⟩⟩

/-- Neither is a way to decide something. -/
instance decideOwn (n : Nat) : Decidable (∃ m, m = n) := isTrue ⟨n, rfl⟩

end Planted
