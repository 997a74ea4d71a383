/-! What the frozen rendering is for: nothing here is forbidden, and yet the statements are not what they seem. -/

namespace Planted

/-- Somebody may change this. -/
def threshold : Nat := 3

/-- This stays as it is, and means something else then. -/
def Large (n : Nat) : Prop := threshold ≤ n

theorem large_four : Large 4 := by unfold Large threshold; omega

/-- Recursion is shown as it is written. -/
def twice : Nat → Nat
  | 0 => 0
  | n + 1 => twice n + 2

theorem twice_one : twice 1 = 2 := rfl

structure Box where
  value : Nat

/-- Not an addition. -/
instance : Add Box := ⟨fun a _ => a⟩

theorem add_left (a b : Box) : a + b = a := rfl

local macro_rules | `($a + $b) => `($a * $b)

theorem disguised : 2 + 3 = 6 := rfl

end Planted
