/-! No root imports this module. -/

theorem Planted.orphan : True := trivial
