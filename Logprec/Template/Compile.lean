import Logprec.Space.Clamp
import Logprec.Template.Construct
import Logprec.Template.Denotes

/-!
# Templates are generated in logarithmic space: proofs

`logSpaceGenerated_of_denotes`: circuits that a template lists are generated in logarithmic space. About the
definitions in `Logprec.Template.Construct`.
-/

namespace Logprec

open Space

private theorem run_seq (x s) (P Q : Prog) : (Prog.seq P Q).run x s = Q.run x (P.run x s) := rfl

private theorem get_run_set (x r e) (s : State) : ((Prog.set r e).run x s).regs.get r = e.eval x s.regs :=
  Regs.get_set_self _ _ _

private theorem eval_expr (x s) (op : Op) (a b : Expr) :
    (op.expr a b).eval x s = op.eval (a.eval x s) (b.eval x s) := by cases op <;> rfl

private theorem peak_expr (x s) (op : Op) (a b : Expr) :
    (op.expr a b).peak x s = max (op.eval (a.eval x s) (b.eval x s)) (max (a.peak x s) (b.peak x s)) := by
  cases op <;> rfl

private theorem eval_minReg (x s) (r r' : Nat) : (minReg r r').eval x s = min (s.get r) (s.get r') := by
  simp only [minReg, Expr.eval]; omega

private theorem peak_minReg (x s) (r r' : Nat) : (minReg r r').peak x s ≤ max (s.get r) (s.get r') := by
  simp only [minReg, Expr.peak, Expr.eval]; omega

private theorem map_get_congr {loc : List Nat} {j : Nat} {s s' : Regs} {ρ : List Nat} (hloc : ∀ r ∈ loc, r < j)
    (h : ∀ r < j, s'.get r = s.get r) (hs : loc.map s.get = ρ) : loc.map s'.get = ρ :=
  (List.map_congr_left fun r hr => h r (hloc r hr)).trans hs

private theorem lt_more {loc : List Nat} {j : Nat} (h : ∀ r ∈ loc, r < j) (k : Nat) : ∀ r ∈ loc, r < j + k :=
  fun r hr => Nat.lt_of_lt_of_le (h r hr) (Nat.le_add_right _ _)

private theorem pow_le_of {X B d d' : Nat} (hX : 2 ≤ X) (hB : X ^ d ≤ B) (h : d' ≤ d) : X ^ d' ≤ B :=
  Nat.le_trans (Nat.pow_le_pow_right (by omega) h) hB

/-- The bound on the environment under a binder. -/
private theorem env_cons {ρ : List Nat} {X v d : Nat} (hX : 2 ≤ X) (hρ : ∀ v ∈ ρ, v + 2 ≤ X) (hv : v + 2 ≤ X ^ d) :
    2 ≤ X ^ (d + 1) ∧ ∀ u ∈ v :: ρ, u + 2 ≤ X ^ (d + 1) := by
  have h₁ : X ≤ X ^ (d + 1) := by simpa using Nat.pow_le_pow_right (by omega) (show 1 ≤ d + 1 by omega)
  have h₂ : X ^ d ≤ X ^ (d + 1) := Nat.pow_le_pow_right (by omega) (by omega)
  refine ⟨by omega, ?_⟩
  simp only [List.mem_cons, forall_eq_or_imp]
  exact ⟨by omega, fun u hu => Nat.le_trans (hρ u hu) h₁⟩

private theorem run_loadArgs {loc : List Nat} {j X B : Nat} {x : List Bool} {s : State} {ρ : List Nat}
    (args : List Nat) (hloc : ∀ r ∈ loc, r < j) (hs : loc.map s.regs.get = ρ) (hX : 2 ≤ X)
    (hρ : ∀ v ∈ ρ, v + 2 ≤ X) (hB : X ≤ B) (n : Nat) :
    Step B (j + 1) [] s ((loadArgs loc (j + 1) args n).run x s) ∧ ∀ r < n,
      ((loadArgs loc (j + 1) args n).run x s).regs.get (j + 1 + r) = Regs.get (args.map fun i => ρ.getD i 0) r := by
  induction n with
  | zero => exact ⟨.refl _ _ _, fun r hr => absurd hr (Nat.not_lt_zero r)⟩
  | succ n ih =>
    obtain ⟨h₁, h₂⟩ := ih
    have hs := map_get_congr (lt_more hloc 1) h₁.keep hs
    simp only [loadArgs, run_seq]
    generalize (loadArgs loc (j + 1) args n).run x s = s₁ at h₁ h₂ hs ⊢
    have e : (((args[n]?).bind (loc[·]?)).elim (.lit 0) Expr.reg).eval x s₁.regs =
        Regs.get (args.map fun i => ρ.getD i 0) n := by
      subst hs
      cases h : args[n]? with
      | none => simp [Expr.eval, Regs.get, h]
      | some i => cases h' : loc[i]? <;> simp [Expr.eval, Regs.get, h, h']
    have e' : (((args[n]?).bind (loc[·]?)).elim (.lit 0) Expr.reg).peak x s₁.regs =
        Regs.get (args.map fun i => ρ.getD i 0) n := by
      rw [← e]; cases (args[n]?).bind (loc[·]?) <;> rfl
    have := Term.get_args_le hX hρ args n
    refine ⟨h₁.next (.set (by omega) (by omega)) (Nat.le_refl _), fun r hr => ?_⟩
    by_cases hr' : r = n
    · subst hr'
      rw [get_run_set, e]
    · rw [Prog.run, Regs.get_set_ne (by omega)]
      exact h₂ r (by omega)

/-- What compiled terms do: the value ends up in register `j`, nothing is printed, the registers below `j` are left
alone, and no number above `X ^ deg` is handled. -/
theorem Term.run_compile (t : Term) {loc : List Nat} {j X B : Nat} {x : List Bool} {s : State} {ρ : List Nat}
    (hloc : ∀ r ∈ loc, r < j) (hs : loc.map s.regs.get = ρ) (hX : 2 ≤ X) (hρ : ∀ v ∈ ρ, v + 2 ≤ X)
    (hB : X ^ t.deg ≤ B) :
    Step B j [] s ((t.compile loc j).run x s) ∧ ((t.compile loc j).run x s).regs.get j = t.eval ρ := by
  have hval := Nat.le_trans (t.eval_le hX hρ) hB
  induction t generalizing loc j X B s ρ with
  | lit n =>
    exact ⟨.set (by simp only [Expr.peak, Expr.eval, eval] at hval ⊢; omega) (Nat.le_refl _), get_run_set _ _ _ _⟩
  | var i =>
    have e : ((loc[i]?).elim (.lit 0) Expr.reg).eval x s.regs = (var i).eval ρ := by
      subst hs
      cases h : loc[i]? <;> simp [Expr.eval, eval, h]
    have e' : ((loc[i]?).elim (.lit 0) Expr.reg).peak x s.regs = (var i).eval ρ := by
      rw [← e]; cases loc[i]? <;> rfl
    exact ⟨.set (by rw [e']; omega) (Nat.le_refl _), (get_run_set _ _ _ _).trans e⟩
  | bin op a b iha ihb =>
    simp only [deg] at hB
    have hBa := pow_le_of (d' := a.deg) hX hB (by omega)
    have hBb := pow_le_of (d' := b.deg) hX hB (by omega)
    have va := Nat.le_trans (a.eval_le hX hρ) hBa
    have vb := Nat.le_trans (b.eval_le hX hρ) hBb
    obtain ⟨a₁, a₂⟩ := iha hloc hs hX hρ hBa va
    obtain ⟨b₁, b₂⟩ := ihb (lt_more hloc 1) (map_get_congr hloc a₁.keep hs) hX hρ hBb vb
    have a₃ := (b₁.keep j (by omega)).trans a₂
    simp only [compile, run_seq]
    refine ⟨a₁.next ((b₁.mono (by omega)).next (.set ?_ (Nat.le_refl _)) (Nat.le_refl _)) (Nat.le_refl _), ?_⟩
    · simp only [peak_expr, Expr.eval, Expr.peak, a₃, b₂, eval] at hval ⊢; omega
    · simp only [get_run_set, eval_expr, Expr.eval, a₃, b₂, eval]
  | ite c a b ihc iha ihb =>
    simp only [deg] at hB
    have hBc := pow_le_of (d' := c.deg) hX hB (by omega)
    have hBa := pow_le_of (d' := a.deg) hX hB (by omega)
    have hBb := pow_le_of (d' := b.deg) hX hB (by omega)
    have vc := Nat.le_trans (c.eval_le hX hρ) hBc
    obtain ⟨c₁, c₂⟩ := ihc hloc hs hX hρ hBc vc
    have hsee : Step B j [] _ (((c.compile loc j).run x s).see x (.reg j)) :=
      c₁.next (.see (by simp only [Expr.peak, Expr.eval, c₂]; omega)) (Nat.le_refl _)
    simp only [compile, run_seq, Prog.run, Expr.eval, c₂, eval]
    split
    · obtain ⟨h₁, h₂⟩ := iha hloc (map_get_congr hloc hsee.keep hs) hX hρ hBa (Nat.le_trans (a.eval_le hX hρ) hBa)
      exact ⟨hsee.next h₁ (Nat.le_refl _), h₂⟩
    · obtain ⟨h₁, h₂⟩ := ihb hloc (map_get_congr hloc hsee.keep hs) hX hρ hBb (Nat.le_trans (b.eval_le hX hρ) hBb)
      exact ⟨hsee.next h₁ (Nat.le_refl _), h₂⟩
  | letIn t body iht ihb =>
    simp only [deg] at hB
    have hBt := pow_le_of (d' := t.deg) hX hB (by omega)
    have hBb := pow_le_of (d' := (t.deg + 1) * body.deg) hX hB (by omega)
    rw [Nat.pow_mul] at hBb
    obtain ⟨hX', hρ'⟩ := env_cons hX hρ (t.eval_le hX hρ)
    obtain ⟨t₁, t₂⟩ := iht hloc hs hX hρ hBt (Nat.le_trans (t.eval_le hX hρ) hBt)
    obtain ⟨b₁, b₂⟩ := ihb (loc := j :: loc) (j := j + 1) (s := (t.compile loc j).run x s) (ρ := t.eval ρ :: ρ)
      (by simpa using lt_more hloc 1) (by simp [t₂, map_get_congr hloc t₁.keep hs]) hX' hρ' hBb
      (Nat.le_trans (body.eval_le hX' hρ') hBb)
    simp only [compile, run_seq]
    refine ⟨t₁.next ((b₁.mono (by omega)).next (.set ?_ (Nat.le_refl _)) (Nat.le_refl _)) (Nat.le_refl _), ?_⟩
    · simp only [Expr.eval, Expr.peak, b₂, eval] at hval ⊢; omega
    · simp only [get_run_set, Expr.eval, b₂, eval]
  | iter count bound init step ihc ihb ihi ihs =>
    simp only [deg] at hB
    have hBc := pow_le_of (d' := count.deg) hX hB (by omega)
    have hBb := pow_le_of (d' := bound.deg) hX hB (by omega)
    have hBi := pow_le_of (d' := init.deg) hX hB (by omega)
    have hBs := pow_le_of (d' := (count.deg + bound.deg + 1) * step.deg) hX hB (by omega)
    rw [Nat.pow_mul] at hBs
    have vc := Nat.le_trans (count.eval_le hX hρ) hBc
    have vb := Nat.le_trans (bound.eval_le hX hρ) hBb
    have vi := Nat.le_trans (init.eval_le hX hρ) hBi
    obtain ⟨c₁, c₂⟩ := ihc hloc hs hX hρ hBc vc
    have hs := map_get_congr hloc c₁.keep hs
    obtain ⟨b₁, b₂⟩ := ihb (lt_more hloc 1) hs hX hρ hBb vb
    have hs := map_get_congr (lt_more hloc 1) b₁.keep hs
    obtain ⟨i₁, i₂⟩ := ihi (lt_more hloc 2) hs hX hρ hBi vi
    have hs := map_get_congr (lt_more hloc 2) i₁.keep hs
    have c₃ := (i₁.keep j (by omega)).trans ((b₁.keep j (by omega)).trans c₂)
    have b₃ := (i₁.keep (j + 1) (by omega)).trans b₂
    simp only [compile, run_seq]
    generalize (init.compile loc (j + 2)).run x _ = s₃ at i₁ i₂ hs c₃ b₃ ⊢
    have m₁ : Step B (j + 2) [] s₃ ((Prog.set (j + 2) (minReg (j + 2) (j + 1))).run x s₃) := .set (by
      have := peak_minReg x s₃.regs (j + 2) (j + 1)
      omega) (Nat.le_refl _)
    have m₂ := get_run_set x (j + 2) (minReg (j + 2) (j + 1)) s₃
    rw [eval_minReg, i₂, b₃] at m₂
    have hs := map_get_congr (lt_more hloc 2) m₁.keep hs
    have c₄ := (m₁.keep j (by omega)).trans c₃
    have b₄ := (m₁.keep (j + 1) (by omega)).trans b₃
    generalize (Prog.set (j + 2) _).run x s₃ = s₄ at m₁ m₂ hs c₄ b₄ ⊢
    have loop := Step.loop (x := x) (s := s₄) (B := B) (j := j + 2) (r := j + 3) (e := .reg j)
      (P := .seq (step.compile ((j + 2) :: (j + 3) :: loc) (j + 4)) (.set (j + 2) (minReg (j + 4) (j + 1))))
      (new := fun _ => [])
      (fun n s => s.regs.get (j + 2) = (List.range n).foldl
        (fun acc i => min (step.eval (acc :: i :: ρ)) (bound.eval ρ)) (min (init.eval ρ) (bound.eval ρ)))
      (by simp only [Expr.peak, Expr.eval, c₄]; omega) (by omega) (by simpa [State.see] using m₂)
      (by
        intro i hi s hI hkeep
        simp only [Expr.eval, c₄] at hi
        generalize hacc : (List.range i).foldl _ _ = acc at hI
        have hle : acc ≤ bound.eval ρ := hacc ▸
          iter_le (bound.eval ρ) (fun acc i => step.eval (acc :: i :: ρ)) (init.eval ρ) i
        have hw : ∀ r < j + 2, (s.regs.set (j + 3) i).get r = s₄.regs.get r := fun r hr => by
          rw [Regs.get_set_ne (by omega), hkeep r hr]
        have hX' : X ≤ X ^ (count.deg + bound.deg + 1) := by
          simpa using Nat.pow_le_pow_right (show 0 < X by omega) (show 1 ≤ count.deg + bound.deg + 1 by omega)
        have hi' := pow_le_of (d' := count.deg) hX (Nat.le_refl (X ^ (count.deg + bound.deg + 1))) (by omega)
        have hb' := pow_le_of (d' := bound.deg) hX (Nat.le_refl (X ^ (count.deg + bound.deg + 1))) (by omega)
        have vc := count.eval_le hX hρ
        have vb := bound.eval_le hX hρ
        have hρ' : ∀ v ∈ acc :: i :: ρ, v + 2 ≤ X ^ (count.deg + bound.deg + 1) := by
          simp only [List.mem_cons, forall_eq_or_imp]
          exact ⟨by omega, by omega, fun v hv => Nat.le_trans (hρ v hv) hX'⟩
        obtain ⟨p₁, p₂⟩ := ihs (loc := (j + 2) :: (j + 3) :: loc) (j := j + 4) (ρ := acc :: i :: ρ)
          (s := { s with regs := s.regs.set (j + 3) i }) (by simpa using lt_more hloc 4)
          (by simp [Regs.get_set_ne, hI, map_get_congr (lt_more hloc 2) hw hs]) (by omega) hρ' hBs
          (Nat.le_trans (step.eval_le (by omega) hρ') hBs)
        have vs := Nat.le_trans (step.eval_le (by omega) hρ') hBs
        have p₃ := (p₁.keep (j + 1) (by omega)).trans ((hw (j + 1) (by omega)).trans b₄)
        simp only [run_seq]
        refine ⟨(p₁.mono (by omega)).next (.set ?_ (Nat.le_refl _)) (Nat.le_refl _), ?_⟩
        · have := peak_minReg x ((step.compile ((j + 2) :: (j + 3) :: loc) (j + 4)).run x
            { s with regs := s.regs.set (j + 3) i }).regs (j + 4) (j + 1)
          omega
        · rw [get_run_set, eval_minReg, p₂, p₃, List.range_succ, List.foldl_append, hacc]
          rfl)
    obtain ⟨l₁, l₂⟩ := loop
    simp only [Expr.eval, c₄] at l₂
    rw [List.flatMap_eq_nil_iff.2 fun _ _ => rfl] at l₁
    have h := c₁.next (b₁.next (i₁.next (m₁.next l₁ (Nat.le_refl _)) (by omega)) (by omega)) (by omega)
    refine ⟨?_, ?_⟩
    · refine h.next (.set ?_ (Nat.le_refl _)) (Nat.le_refl _)
      simp only [Expr.peak, Expr.eval, l₂]
      exact Nat.le_trans (iter_le _ (fun acc i => step.eval (acc :: i :: ρ)) _ _) (by omega)
    · rw [get_run_set]
      exact l₂
  | call P args bound ihb =>
    simp only [deg] at hB
    have hBb := pow_le_of (d' := bound.deg) hX hB (by omega)
    have hBP := pow_le_of (d' := (bound.deg + 1) * P.deg) hX hB (by rw [Nat.mul_succ]; omega)
    have hBY := pow_le_of (d' := bound.deg + 1) hX hB (by rw [Nat.mul_succ]; omega)
    rw [Nat.pow_mul] at hBP
    have hXY : X ≤ X ^ (bound.deg + 1) := by
      simpa using Nat.pow_le_pow_right (show 0 < X by omega) (show 1 ≤ bound.deg + 1 by omega)
    have vb := bound.eval_le hX hρ
    have hbY := pow_le_of (d' := bound.deg) hX (Nat.le_refl (X ^ (bound.deg + 1))) (by omega)
    obtain ⟨b₁, b₂⟩ := ihb hloc hs hX hρ hBb (Nat.le_trans vb hBb)
    have hs := map_get_congr hloc b₁.keep hs
    obtain ⟨a₁, a₂⟩ := run_loadArgs (x := x) args hloc hs hX hρ (Nat.le_trans hXY hBY) (max 1 P.registers)
    have b₃ := (a₁.keep j (by omega)).trans b₂
    obtain ⟨p₁, p₂⟩ := P.run_embed (x := x) (c := j) (base := j + 1) (N := max 1 P.registers) (b := bound.eval ρ)
      (by omega) (by omega) (by omega) hBP hBY a₂ (fun r => Nat.le_trans (get_args_le hX hρ args r) hXY) b₃
    have p₃ := p₂ 0 (by omega)
    simp only [compile, run_seq]
    refine ⟨b₁.next ((a₁.next p₁ (Nat.le_refl _)).mono (by omega) |>.next (.set ?_ (Nat.le_refl _))
      (Nat.le_refl _)) (Nat.le_refl _), ?_⟩
    · simp only [Expr.eval, Expr.peak, eval] at hval ⊢
      rw [Nat.add_zero] at p₃
      omega
    · rw [get_run_set]
      exact p₃

namespace Tmpl

/-- The exponent of the bound on the numbers of a template. -/
def deg : Tmpl → Nat
  | nil => 0
  | seq a b => a.deg + b.deg
  | loop count body => count.deg + (count.deg + 1) * body.deg
  | letIn t body => t.deg + (t.deg + 1) * body.deg
  | ite c a b => c.deg + a.deg + b.deg
  | gate _ k => k.deg
  | wire src mult => src.deg + mult.deg

/-- What compiled templates do: they print the numbers of their items, leave the registers below `j` alone, and handle
no number above `X ^ deg`. -/
theorem run_compile (T : Tmpl) {loc : List Nat} {j X B : Nat} {x : List Bool} {s : State} {ρ : List Nat}
    (hloc : ∀ r ∈ loc, r < j) (hs : loc.map s.regs.get = ρ) (hX : 2 ≤ X) (hρ : ∀ v ∈ ρ, v + 2 ≤ X)
    (hB : X ^ T.deg ≤ B) (hB' : 4 ≤ B) :
    Step B j ((T.items ρ).flatMap Item.encode) s ((T.compile loc j).run x s) := by
  induction T generalizing loc j X s ρ with
  | nil => exact .refl _ _ _
  | seq a b iha ihb =>
    simp only [deg] at hB
    have h₁ := iha hloc hs hX hρ (pow_le_of hX hB (by omega))
    have h₂ := ihb hloc (map_get_congr hloc h₁.keep hs) hX hρ (pow_le_of hX hB (by omega))
    simpa [items] using h₁.trans h₂ (Nat.le_refl _)
  | loop count body ih =>
    simp only [deg] at hB
    have hBc := pow_le_of (d' := count.deg) hX hB (by omega)
    have hBb := pow_le_of (d' := (count.deg + 1) * body.deg) hX hB (by omega)
    rw [Nat.pow_mul] at hBb
    have vc := count.eval_le hX hρ
    obtain ⟨c₁, c₂⟩ := count.run_compile (x := x) hloc hs hX hρ hBc
    have hs := map_get_congr hloc c₁.keep hs
    simp only [compile, run_seq, items, List.flatMap_assoc]
    generalize (count.compile loc j).run x s = s₁ at c₁ c₂ hs ⊢
    have loop := Step.loop (x := x) (s := s₁) (B := B) (j := j + 1) (r := j + 1) (e := .reg j)
      (P := body.compile ((j + 1) :: loc) (j + 2)) (new := fun i => (body.items (i :: ρ)).flatMap Item.encode)
      (fun _ _ => True) (by simp only [Expr.peak, Expr.eval, c₂]; omega) (by omega) trivial
      (by
        intro i hi s' _ hkeep
        simp only [Expr.eval, c₂] at hi
        obtain ⟨hX', hρ'⟩ := env_cons (v := i) (d := count.deg) hX hρ (by omega)
        have hw : ∀ r < j, (s'.regs.set (j + 1) i).get r = s₁.regs.get r := fun r hr => by
          rw [Regs.get_set_ne (by omega), hkeep r (by omega)]
        refine ⟨(ih (loc := (j + 1) :: loc) (j := j + 2) ?_ ?_ hX' hρ' hBb).mono (by omega), trivial⟩
        · simpa using lt_more hloc 2
        · simp [map_get_congr hloc hw hs])
    simp only [Expr.eval, c₂] at loop
    exact c₁.next (loop.1.mono (by omega)) (Nat.le_refl _)
  | letIn t body ih =>
    simp only [deg] at hB
    have hBt := pow_le_of (d' := t.deg) hX hB (by omega)
    have hBb := pow_le_of (d' := (t.deg + 1) * body.deg) hX hB (by omega)
    rw [Nat.pow_mul] at hBb
    obtain ⟨hX', hρ'⟩ := env_cons hX hρ (t.eval_le hX hρ)
    obtain ⟨t₁, t₂⟩ := t.run_compile (x := x) hloc hs hX hρ hBt
    have h := ih (loc := j :: loc) (j := j + 1) (s := (t.compile loc j).run x s) (ρ := t.eval ρ :: ρ)
      (by simpa using lt_more hloc 1) (by simp [t₂, map_get_congr hloc t₁.keep hs]) hX' hρ' hBb
    exact t₁.next h (by omega)
  | ite c a b iha ihb =>
    simp only [deg] at hB
    have hBc := pow_le_of (d' := c.deg) hX hB (by omega)
    have vc := Nat.le_trans (c.eval_le hX hρ) hBc
    obtain ⟨c₁, c₂⟩ := c.run_compile (x := x) hloc hs hX hρ hBc
    have hsee : Step B j [] _ (((c.compile loc j).run x s).see x (.reg j)) :=
      c₁.next (.see (by simp only [Expr.peak, Expr.eval, c₂]; omega)) (Nat.le_refl _)
    simp only [compile, run_seq, Prog.run, Expr.eval, c₂, items]
    split
    · exact hsee.next (iha hloc (map_get_congr hloc hsee.keep hs) hX hρ (pow_le_of hX hB (by omega))) (Nat.le_refl _)
    · exact hsee.next (ihb hloc (map_get_congr hloc hsee.keep hs) hX hρ (pow_le_of hX hB (by omega))) (Nat.le_refl _)
  | gate atLeast k =>
    have vk := Nat.le_trans (k.eval_le hX hρ) hB
    obtain ⟨k₁, k₂⟩ := k.run_compile (x := x) hloc hs hX hρ hB
    simp only [compile, run_seq]
    generalize (k.compile loc j).run x s = s₁ at k₁ k₂ ⊢
    have e₁ : Step B j _ s₁ _ := .emit (x := x) (e := .lit (if atLeast then 1 else 2)) (by
      simp only [Expr.peak, Expr.eval]; split <;> omega)
    have k₃ : ((Prog.emit (.lit (if atLeast then 1 else 2))).run x s₁).regs.get j = k.eval ρ := k₂
    have e₂ : Step B j _ _ _ := .emit (x := x) (e := .reg j)
      (s := (Prog.emit (.lit (if atLeast then 1 else 2))).run x s₁) (by
        simp only [Expr.peak, Expr.eval, k₃]; omega)
    have h := k₁.next (e₁.trans e₂ (Nat.le_refl _)) (Nat.le_refl _)
    simp only [Expr.eval, k₃] at h
    cases atLeast <;> exact h
  | wire src mult =>
    simp only [deg] at hB
    have hBa := pow_le_of (d' := src.deg) hX hB (by omega)
    have hBb := pow_le_of (d' := mult.deg) hX hB (by omega)
    have va := Nat.le_trans (src.eval_le hX hρ) hBa
    have vb := Nat.le_trans (mult.eval_le hX hρ) hBb
    obtain ⟨a₁, a₂⟩ := src.run_compile (x := x) hloc hs hX hρ hBa
    obtain ⟨b₁, b₂⟩ := mult.run_compile (x := x) (lt_more hloc 1) (map_get_congr hloc a₁.keep hs) hX hρ hBb
    have a₃ := (b₁.keep j (by omega)).trans a₂
    simp only [compile, run_seq]
    have h := a₁.next (b₁.mono (show j ≤ j + 1 by omega)) (Nat.le_refl _)
    generalize (mult.compile loc (j + 1)).run x _ = s₁ at h b₂ a₃ ⊢
    have e₁ : Step B j _ s₁ _ := .emit (x := x) (e := .lit 3) (by simp only [Expr.peak, Expr.eval]; omega)
    have e₂ : Step B j _ ((Prog.emit (.lit 3)).run x s₁) _ := .emit (x := x) (e := .reg j) (by
      show s₁.regs.get j ≤ B; omega)
    have e₃ : Step B j _ ((Prog.emit (.reg j)).run x ((Prog.emit (.lit 3)).run x s₁)) _ :=
      .emit (x := x) (e := .reg (j + 1)) (by show s₁.regs.get (j + 1) ≤ B; omega)
    have h := h.next (e₁.trans (e₂.trans e₃ (Nat.le_refl _)) (Nat.le_refl _)) (Nat.le_refl _)
    have e : ∀ r, Expr.eval x ((Prog.emit (.lit 3)).run x s₁).regs (.reg r) = s₁.regs.get r := fun _ => rfl
    have e' : ∀ r, Expr.eval x ((Prog.emit (.reg j)).run x ((Prog.emit (.lit 3)).run x s₁)).regs (.reg r) =
      s₁.regs.get r := fun _ => rfl
    simp only [e, e', a₃, b₂] at h
    exact h

/-- The exponent of the bound on the numbers of that program. -/
def programDeg (inputs : Term) (ts : List Tmpl) : Nat := inputs.deg + (ts.map deg).sum + 2

private theorem run_compileLayers (ts : List Tmpl) {n B : Nat} {x : List Bool} {s : State} {C : Circuit}
    (hC : DenotesIn [n] ts C) (hs : s.regs.get 0 = n) (hB : (n + 2) ^ (ts.map deg).sum ≤ B) (hB' : 4 ≤ B) :
    Step B 1 (C.flatMap Layer.encode ++ [4]) s ((compileLayers ts).run x s) := by
  induction ts generalizing C s with
  | nil =>
    obtain rfl : C = [] := by simpa [DenotesIn] using hC
    exact .emit (x := x) (e := .lit 4) hB'
  | cons T ts ih =>
    match C, hC with
    | L :: C, hC =>
      simp only [DenotesIn, List.map_cons, List.cons.injEq] at hC
      simp only [List.map_cons, List.sum_cons] at hB
      have h₀ : Step B 1 [0] s _ := .emit (x := x) (e := .lit 0) (Nat.zero_le _)
      have h₁ := T.run_compile (x := x) (loc := [0]) (j := 1) (X := n + 2) (ρ := [n]) (B := B)
        (s := (Prog.emit (.lit 0)).run x s) (by simp) (by simpa using hs) (by omega) (by simp)
        (pow_le_of (by omega) hB (by omega)) hB'
      have h₂ := ih (s := (T.compile [0] 1).run x ((Prog.emit (.lit 0)).run x s)) hC.2
        ((h₁.keep 0 (by omega)).trans hs) (pow_le_of (by omega) hB (by omega))
      have h := h₀.trans (h₁.trans h₂ (Nat.le_refl _)) (Nat.le_refl _)
      simp only [List.flatMap_cons, Layer.encode_eq, ← hC.1]
      simpa [compileLayers, run_seq] using h

/-- What the program of a circuit template prints, and how large its numbers get. -/
theorem run_program (inputs : Term) {ts : List Tmpl} {n : Nat} {C : Circuit} (hC : DenotesIn [n] ts C) :
    (program inputs ts).output (ones n) = Circuit.encode (inputs.eval [n]) C ∧
      (program inputs ts).peak (ones n) ≤ (n + 2) ^ programDeg inputs ts := by
  generalize hB : (n + 2) ^ programDeg inputs ts = B
  have hB := Nat.le_of_eq hB
  have hB' : 4 ≤ B := Nat.le_trans (Nat.pow_le_pow_left (show 2 ≤ n + 2 by omega) 2)
    (pow_le_of (by omega) hB (by simp only [programDeg]; omega))
  have hn : n + 2 ≤ B := by
    simpa using pow_le_of (d' := 1) (by omega) hB (by simp only [programDeg]; omega)
  have hBi := pow_le_of (d' := inputs.deg) (by omega) hB (by simp only [programDeg]; omega)
  have vi := Nat.le_trans (inputs.eval_le (ρ := [n]) (X := n + 2) (by omega) (by simp)) hBi
  have h₀ : Step B 0 [] {} ((Prog.set 0 .len).run (ones n) {}) := .set (by
    simp only [Expr.peak, Expr.eval, ones, List.length_replicate]; omega) (Nat.le_refl _)
  have r₀ : ((Prog.set 0 .len).run (ones n) {}).regs.get 0 = n := by simp [get_run_set, Expr.eval, ones]
  obtain ⟨h₁, r₁⟩ := inputs.run_compile (x := ones n) (loc := [0]) (j := 1) (X := n + 2) (ρ := [n]) (B := B)
    (s := (Prog.set 0 .len).run (ones n) {}) (by simp) (by simpa using r₀) (by omega) (by simp) hBi
  have h₂ : Step B 1 _ _ _ := .emit (x := ones n) (e := .reg 1)
    (s := (inputs.compile [0] 1).run (ones n) ((Prog.set 0 .len).run (ones n) {})) (by
      simp only [Expr.peak, Expr.eval, r₁]; omega)
  have h₃ := run_compileLayers ts (x := ones n) (s := (Prog.emit (.reg 1)).run (ones n)
    ((inputs.compile [0] 1).run (ones n) ((Prog.set 0 .len).run (ones n) {}))) hC ((h₁.keep 0 (by omega)).trans r₀)
    (pow_le_of (by omega) hB (by simp only [programDeg]; omega)) hB'
  have h := h₀.next (h₁.next (h₂.trans h₃ (Nat.le_refl _)) (Nat.le_refl _)) (by omega)
  simp only [Expr.eval, r₁] at h
  exact ⟨by simpa [Prog.output, program, run_seq, Circuit.encode] using congrArg List.reverse h.out,
    h.peak (Nat.zero_le _)⟩

end Tmpl

/-- **Templates are generated in logarithmic space**: if the templates `ts` denote the circuits `C`, then the
serialisations of the circuits are printed by one register program whose numbers are polynomial in the input length,
that is, with finitely many counters of `O(log n)` bits. -/
theorem logSpaceGenerated_of_denotes {ts : List Tmpl} (inputs : Term) {C : Nat → Circuit} (h : Denotes ts C) :
    LogSpaceGenerated fun n => Circuit.encode (inputs.eval [n]) (C n) :=
  ⟨Tmpl.program inputs ts, Tmpl.programDeg inputs ts, fun n => Tmpl.run_program inputs (h n)⟩

end Logprec
