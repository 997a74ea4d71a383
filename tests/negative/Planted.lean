import Planted.Axioms
import Planted.Code
import Planted.Frozen
import Planted.Instance
import Planted.Kernel
import Planted.Third
