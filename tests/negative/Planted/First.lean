theorem Planted.unproved (n : Nat) : n < 10 := sorry
