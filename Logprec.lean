import Logprec.Arith.Add
import Logprec.Arith.Compare
import Logprec.Arith.Gates
import Logprec.Arith.IteratedSum
import Logprec.Arith.IteratedSumInt
import Logprec.Arith.Lookup
import Logprec.Arith.Table
import Logprec.Audit.Check
import Logprec.Audit.Guard
import Logprec.Bits
import Logprec.Circuit.Compose
import Logprec.Circuit.Dag
import Logprec.Circuit.Defs
import Logprec.Circuit.Serial
import Logprec.Class.Basic
import Logprec.Class.Blocks
import Logprec.Class.Complement
import Logprec.Class.Composition
import Logprec.Class.Defs
import Logprec.Class.Diagonal
import Logprec.Class.Members
import Logprec.Extract.C
import Logprec.Float.Circuit
import Logprec.Float.Defs
import Logprec.Float.Lemmas
import Logprec.Float.Literal
import Logprec.Float.Thresholds
import Logprec.Simulation.Class
import Logprec.Simulation.Defs
import Logprec.Simulation.Internal
import Logprec.Simulation.Size
import Logprec.Simulation.TC0
import Logprec.Simulation.Theorem
import Logprec.Simulation.Uniform
import Logprec.Space.Basic
import Logprec.Space.Clamp
import Logprec.Space.Defs
import Logprec.Space.Turing.Defs
import Logprec.Statement
import Logprec.Template.Basic
import Logprec.Template.Compile
import Logprec.Template.Defs
import Logprec.Template.Derived
import Logprec.Template.FloatBits
import Logprec.Template.FloatCompare
import Logprec.Template.FloatCount
import Logprec.Template.FloatSum
import Logprec.Template.FloatTests
import Logprec.Template.Head
import Logprec.Template.IteratedSum
import Logprec.Template.Lists
import Logprec.Template.Lookup
import Logprec.Template.Members
import Logprec.Template.Term
import Logprec.Template.Transformer
import Logprec.Transformer.Defs
import Logprec.Transformer.Examples
import Logprec.Transformer.Mask
import Logprec.Transformer.Tables

/-!
# Logprec

Transformers with logarithmic precision are simulated by constant-depth threshold circuits. Start reading at
`Logprec.Statement`.
-/
