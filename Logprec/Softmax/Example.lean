import Logprec.Softmax.LinearSpace

/-!
# A transformer with softmax attention

An inhabitant of `SoftmaxTransformer`: one layer with two heads, ALiBi positions with the slopes 1/2 and 1/4, layer
norms, a feed-forward network with three hidden units, states with four coordinates. It shows how parameters are
written; no claim is made about the language.
-/

namespace Logprec.Examples

/-- A layer norm with gain 1 and bias 0, for four coordinates; epsilon is 1/1024. -/
def plainNorm : Norm := ⟨List.replicate 4 (1, 0), List.replicate 4 (0, 0), (1, -10)⟩

/-- A head for queries, keys and values of two coordinates. -/
def softmaxHead (slope : Weight) : SoftmaxHead where
  query := [[(1, 0), (0, 0), (1, -1), (0, 0)], [(0, 0), (1, 0), (0, 0), (-1, -1)]]
  key := [[(1, 0), (-1, 0), (0, 0), (0, 0)], [(0, 0), (0, 0), (3, -2), (1, 0)]]
  value := [[(1, 0), (0, 0), (0, 0), (0, 0)], [(0, 0), (1, 0), (0, 0), (0, 0)]]
  output := [[(1, 0), (0, 0)], [(0, 0), (1, 0)], [(1, -1), (1, -1)], [(0, 0), (-1, 0)]]
  slope := slope

/-- A decoder with one layer. -/
def softmaxDecoder : SoftmaxTransformer where
  symbolBits := 1
  dim := 4
  precision := 32
  four_le := by omega
  embedding := [[(1, 0), (0, 0), (1, -1), (0, 0)], [(0, 0), (1, 0), (0, 0), (-1, -1)]]
  layers := [{
    heads := [softmaxHead (1, -1), softmaxHead (1, -2)]
    attentionNorm := plainNorm
    feedForwardNorm := plainNorm
    feedForward := ⟨[[(1, 0), (1, 0), (0, 0), (0, 0)], [(0, 0), (-1, 0), (1, 0), (0, 0)],
        [(0, 0), (0, 0), (1, 0), (1, 0)]],
      [(0, 0), (1, -1), (0, 0)],
      [[(1, 0), (0, 0), (0, 0)], [(0, 0), (1, 0), (0, 0)], [(0, 0), (0, 0), (1, 0)], [(1, -2), (1, -2), (1, -2)]],
      [(0, 0), (0, 0), (0, 0), (1, -3)]⟩ }]
  finalNorm := plainNorm
  readout := [(1, 0), (-1, 0), (0, 0), (1, -1)]

/-- It satisfies the hypotheses of the theorem: local maps in linear space, logarithmic precision; so it is in
log-uniform TC0, by circuits of depth 37. -/
theorem softmaxDecoder_spec : softmaxDecoder.toTransformer.LinearSpace ∧
    softmaxDecoder.toTransformer.LogPrecision 32 ∧ Class.LogUniformTC0 softmaxDecoder.toTransformer.language ∧
    ∀ n, (softmaxDecoder.toTransformer.decisionCircuit n).depth = 37 :=
  ⟨softmaxDecoder.linearSpace, softmaxDecoder.logPrecision, softmaxDecoder.language_mem_logUniformTC0,
    fun n => (softmaxDecoder.decisionCircuit_spec n).1⟩

end Logprec.Examples
