/-! Compiled code that is not the definition. -/

namespace Planted

def liar (n : Nat) : Nat := n + 7

@[implemented_by liar]
def honest (n : Nat) : Nat := n

@[extern "lean_nat_sub"]
def foreign (a b : Nat) : Nat := a + b

@[export lean_planted_symbol]
def exported (n : Nat) : Nat := n

unsafe def cast (n : Nat) : String := unsafeCast n

partial def spin (n : Nat) : Nat := spin (n + 1)

opaque secret : Nat

/-- Recursion that is not structural: what the compiler makes for it is not a finding. -/
def halve (n : Nat) : Nat := if n < 2 then 0 else halve (n - 2) + 1

end Planted
