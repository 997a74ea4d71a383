import Lake
open Lake DSL

package planted

@[default_target]
lean_lib Planted
