"""Train three small decoders, and quantise them.

    majority  strictly more 1 than 0; GPT-2's architecture, one layer
    brackets  balanced brackets, nested at most three deep; Llama's architecture, two layers
    copy      what followed the last occurrence of the last symbol; Llama's architecture, two layers

Feed-forward networks are ReLU and not gated.  Quantised attention does not subtract the greatest score before the
exponential, so a penalty keeps scores small; and noise of the size of rounding, after a quarter of the steps, makes
what is learned survive rounding.  Nothing else about training knows of the quantised model.

Needs PyTorch (``pip install -e 'python[train]'``); minutes for each on one core.  For each decoder this writes the
checkpoint with the names of the transformers library, the quantised model, and ``report.json``: what was measured of
both.  With ``--quantise`` it quantises and measures the checkpoints that are there.
"""

import argparse
import dataclasses
import itertools
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from logprec.files import write_whole
from logprec.importer import reference
from logprec.importer.checkpoint import Decoder as FloatDecoder
from logprec.importer.checkpoint import load_checkpoint
from logprec.importer.quantise import quantise
from logprec.importer.settings import Settings
from logprec.models.folder import write_folder
from logprec.models.quantised import run
from logprec.models.quantised.folder import load_quantised, save_quantised
from logprec.models.quantised.model import QuantisedModel

Words = NDArray[np.int64]
Sampler = Callable[[np.random.Generator, int, int], Words]

MAX_LENGTH = 16
DEPTH = 3
SCORE_LIMIT, PENALTY = 3.0, 0.1
NOISE = 0.006
EPSILON, THETA = 1e-5, 10000.0


class Block(nn.Module):
    """One layer, with norms before the sublayers."""

    def __init__(self, d: int, heads: int, hidden: int, llama: bool) -> None:
        super().__init__()
        self.heads, self.llama = heads, llama
        norm = RMSNorm if llama else nn.LayerNorm
        self.norm1, self.norm2 = norm(d), norm(d)
        self.q, self.k, self.v, self.o = (nn.Linear(d, d, bias=not llama) for _ in range(4))
        self.up, self.down = nn.Linear(d, hidden, bias=not llama), nn.Linear(hidden, d, bias=not llama)
        # small residual updates keep the states in the range of few bits
        for linear in (self.o, self.down):
            nn.init.normal_(linear.weight, std=0.1)

    def forward(self, x: Tensor, noisy: "Noise") -> tuple[Tensor, Tensor]:
        """Return the new states, and the penalty for large scores."""
        batch, n, d = x.shape
        width = d // self.heads
        u = noisy(self.norm1(x))
        q, k, v = (f(u).view(batch, n, self.heads, width).transpose(1, 2) for f in (self.q, self.k, self.v))
        if self.llama:
            q, k = rotate(noisy(q)), rotate(noisy(k))
        q, k, v = noisy(q), noisy(k), noisy(v)
        scores = noisy(q @ k.transpose(-1, -2) / math.sqrt(width))
        hidden = torch.ones(n, n, dtype=torch.bool).triu(1)
        penalty = (torch.relu(scores.abs() - SCORE_LIMIT) ** 2).mean()
        weights = scores.masked_fill(hidden, -math.inf).softmax(-1)
        mixed = (weights @ v).transpose(1, 2).reshape(batch, n, d)
        x = noisy(x + self.o(noisy(mixed)))
        return noisy(x + self.down(noisy(torch.relu(self.up(noisy(self.norm2(x))))))), penalty


class RMSNorm(nn.Module):
    """Root mean square norm with a gain."""

    def __init__(self, d: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d))

    def forward(self, x: Tensor) -> Tensor:
        """Return the normed states."""
        return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + EPSILON) * self.weight


@dataclass(frozen=True)
class Noise:
    """Adds noise, in parts of the largest absolute value."""

    size: float

    def __call__(self, x: Tensor) -> Tensor:
        """Return ``x`` with noise."""
        return x + self.size * torch.randn_like(x) * x.detach().abs().amax() if self.size else x


def rotate(x: Tensor) -> Tensor:
    """Apply rotary positions as Llama does: coordinate c with c + width / 2."""
    n, width = x.shape[-2:]
    angle = torch.arange(n)[:, None] * THETA ** (-torch.arange(0, width, 2) / width)
    angle = torch.cat([angle, angle], -1)
    half = torch.cat([-x[..., width // 2 :], x[..., : width // 2]], -1)
    return x * angle.cos() + half * angle.sin()


class Decoder(nn.Module):
    """A causal decoder with an output at every position."""

    def __init__(self, task: "Task") -> None:
        super().__init__()
        self.llama = task.llama
        self.embed = nn.Embedding(len(task.alphabet), task.dim)
        self.positions = None if task.llama else nn.Embedding(MAX_LENGTH, task.dim)
        self.blocks = nn.ModuleList(Block(task.dim, task.heads, task.hidden, task.llama) for _ in range(task.layers))
        self.norm = RMSNorm(task.dim) if task.llama else nn.LayerNorm(task.dim)
        self.score = nn.Linear(task.dim, len(task.classes), bias=False)

    def forward(self, words: Tensor, noisy: Noise) -> tuple[Tensor, Tensor]:
        """Return the outputs, and the penalty for large scores."""
        x = self.embed(words)
        if self.positions is not None:
            x = x + self.positions(torch.arange(words.shape[1]))
        x, penalty = noisy(x), torch.zeros(())
        for block in self.blocks:
            x, more = block(x, noisy)
            penalty = penalty + more
        return self.score(noisy(self.norm(x))), penalty


def majority(rng: np.random.Generator, count: int, n: int) -> Words:
    """Words of random odds: near ties are as frequent as lopsided ones."""
    return (rng.random((count, n)) < rng.beta(4, 4, (count, 1))).astype(np.int64)


def majority_labels(words: Words) -> Words:
    """Return whether each beginning has strictly more 1 than 0."""
    ones = np.cumsum(words, axis=1)
    return (2 * ones > np.arange(1, words.shape[1] + 1)).astype(np.int64)


def brackets(rng: np.random.Generator, count: int, n: int) -> Words:
    """Words that stay within the depth most of the time, with a random slip in half of them."""
    words = np.zeros((count, n), dtype=np.int64)
    depth = np.zeros(count, dtype=np.int64)
    for i in range(n):
        left = n - i
        up = rng.random(count) < 0.5
        up = np.where(depth == 0, True, np.where((depth >= DEPTH) | (depth >= left), False, up))
        words[:, i] = ~up
        depth += np.where(up, 1, -1)
    slips = rng.random((count, n)) < rng.choice([0, 0, 1 / n, 2 / n], (count, 1))
    words ^= slips
    some = rng.random(count) < 0.1
    words[some] = rng.integers(2, size=(int(some.sum()), n))
    return words


def brackets_labels(words: Words) -> Words:
    """Return whether each beginning is balanced and nested at most `DEPTH` deep."""
    depth = np.cumsum(1 - 2 * words, axis=1)
    bad = np.maximum.accumulate((depth < 0) | (depth > DEPTH), axis=1)
    return (~bad & (depth == 0)).astype(np.int64)


def copy(rng: np.random.Generator, count: int, n: int) -> Words:
    """Random words."""
    return rng.integers(4, size=(count, n))


def copy_labels(words: Words) -> Words:
    """Return what followed the last occurrence of each symbol; -1 where it has not occurred before."""
    labels = np.full_like(words, -1)
    rows = np.arange(len(words))
    last = np.full((len(words), 4), -1)  # position of the last occurrence
    for i in range(words.shape[1]):
        at = last[rows, words[:, i]]
        labels[:, i] = np.where(at >= 0, words[rows, at + 1], -1)
        last[rows, words[:, i]] = i
    return labels


@dataclass(frozen=True)
class Task:
    """A function to learn at every position, the architecture, and the numbers of bits."""

    alphabet: tuple[str, ...]
    classes: tuple[str, ...]
    sample: Sampler
    labels: Callable[[Words], Words]
    llama: bool
    layers: int
    heads: int
    dim: int
    hidden: int
    steps: int
    exhaustive: int  # all words up to this length are measured
    settings: Settings


SMALL = Settings(width=8, weight_bits=6, exp_bits=6, recip_bits=10, square_bits=8, rsqrt_bits=10)
TASKS = {
    "majority": Task(("0", "1"), ("no", "yes"), majority, majority_labels, False, 1, 1, 8, 8, 2000, 14, SMALL),
    "brackets": Task(("(", ")"), ("no", "yes"), brackets, brackets_labels, True, 2, 2, 16, 32, 6000, 14, SMALL),
    "copy": Task(tuple("abcd"), tuple("abcd"), copy, copy_labels, True, 2, 2, 16, 16, 5000, 7, SMALL),
}


def train(task: Task, seed: int, steps: int) -> Decoder:
    """Train a decoder on fresh words of the largest length, with a label at every position."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    model = Decoder(task)
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 6e-3, total_steps=steps, pct_start=0.1)
    for step in range(1, steps + 1):
        words = task.sample(rng, 128, MAX_LENGTH)
        labels = torch.from_numpy(task.labels(words))
        outputs, penalty = model(torch.from_numpy(words), Noise(NOISE if step > steps // 4 else 0.0))
        loss = nn.functional.cross_entropy(outputs.flatten(0, 1), labels.flatten(), ignore_index=-1)
        optimiser.zero_grad()
        (loss + PENALTY * penalty).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step % 1000 == 0:
            words = task.sample(rng, 2000, MAX_LENGTH)
            labels = torch.from_numpy(task.labels(words))
            with torch.no_grad():
                right = (model(torch.from_numpy(words), Noise(0.0))[0].argmax(-1) == labels)[labels >= 0]
            print(f"step {step}  loss {loss.item():.4f}  wrong {1 - right.float().mean().item():.5f}", flush=True)
    return model


def checkpoint(task: Task, model: Decoder) -> tuple[dict[str, Any], dict[str, NDArray[np.float32]]]:
    """Return configuration and tensors with the names of the transformers library."""
    tensors: dict[str, Tensor] = {}

    def put(name: str, module: nn.Module, *, transpose: bool = False) -> None:
        for key, value in module.state_dict().items():
            tensors[f"{name}.{key}"] = value.T if transpose and value.ndim == 2 else value

    names = {"alphabet": list(task.alphabet), "classes": list(task.classes)}
    if task.llama:
        put("model.embed_tokens", model.embed)
        for k, block in enumerate(model.blocks):
            at = f"model.layers.{k}"
            for part in "qkvo":
                put(f"{at}.self_attn.{part}_proj", getattr(block, part))
            put(f"{at}.input_layernorm", block.norm1)
            put(f"{at}.post_attention_layernorm", block.norm2)
            put(f"{at}.mlp.up_proj", block.up)
            put(f"{at}.mlp.down_proj", block.down)
        put("model.norm", model.norm)
        config = {
            "model_type": "llama",
            "num_attention_heads": task.heads,
            "max_position_embeddings": MAX_LENGTH,
            "rms_norm_eps": EPSILON,
            "rope_theta": THETA,
            "hidden_act": "relu",
        }
    else:
        put("transformer.wte", model.embed)
        assert model.positions is not None
        put("transformer.wpe", model.positions)
        for k, block in enumerate(model.blocks):
            at = f"transformer.h.{k}"
            tensors[f"{at}.attn.c_attn.weight"] = torch.cat([block.q.weight, block.k.weight, block.v.weight]).T
            tensors[f"{at}.attn.c_attn.bias"] = torch.cat([block.q.bias, block.k.bias, block.v.bias])
            put(f"{at}.attn.c_proj", block.o, transpose=True)
            put(f"{at}.ln_1", block.norm1)
            put(f"{at}.ln_2", block.norm2)
            put(f"{at}.mlp.c_fc", block.up, transpose=True)
            put(f"{at}.mlp.c_proj", block.down, transpose=True)
        put("transformer.ln_f", model.norm)
        config = {
            "model_type": "gpt2",
            "n_head": task.heads,
            "layer_norm_epsilon": EPSILON,
            "activation_function": "relu",
        }
    put("score", model.score)
    return {**config, **names}, {name: np.ascontiguousarray(t.detach().numpy()) for name, t in tensors.items()}


def accuracy(task: Task, decoder: FloatDecoder, model: QuantisedModel, words: Words) -> dict[str, int]:
    """Count right answers of both, and how often they agree, where the last position has a label."""
    words = words[task.labels(words)[:, -1] >= 0]
    labels = task.labels(words)[:, -1]
    real = reference.forward(decoder, words)[:, -1].argmax(axis=-1)
    found = run.predict(model, words)
    return {
        "words": len(words),
        "float_correct": int((real == labels).sum()),
        "quantised_correct": int((found == labels).sum()),
        "agree": int((real == found).sum()),
    }


def measure(task: Task, decoder: FloatDecoder, model: QuantisedModel) -> dict[str, Any]:
    """Measure on all short words, and on fresh words of the largest length: as in training, and uniformly random."""
    rng = np.random.default_rng(1_000_003)
    base = len(task.alphabet)
    every: dict[str, int] = {}
    for n in range(1, task.exhaustive + 1):
        words = np.array(list(itertools.product(range(base), repeat=n)), dtype=np.int64)
        for key, count in accuracy(task, decoder, model, words).items():
            every[key] = every.get(key, 0) + count
    as_trained = task.sample(rng, 20_000, MAX_LENGTH)
    uniform = rng.integers(base, size=(20_000, MAX_LENGTH))
    return {
        f"all words of length at most {task.exhaustive}": every,
        f"words of length {MAX_LENGTH} as in training": accuracy(task, decoder, model, as_trained),
        f"random words of length {MAX_LENGTH}": accuracy(task, decoder, model, uniform),
    }


def main() -> None:
    """Train, quantise, measure and write."""
    parser = argparse.ArgumentParser(description="Train the example decoders.")
    parser.add_argument("names", nargs="*", default=list(TASKS), help=f"which of {', '.join(TASKS)}")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder of the model folders")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quantise", action="store_true", help="do not train, take the checkpoints that are there")
    args = parser.parse_args()
    if unknown := set(args.names) - set(TASKS):
        parser.error(f"no such decoder: {', '.join(sorted(unknown))}")
    torch.set_num_threads(1)
    for name in args.names:
        task, folder = TASKS[name], args.out / name
        if not args.quantise:
            write_folder(folder / "checkpoint", *checkpoint(task, train(task, args.seed, task.steps)))
        decoder, _ = load_checkpoint(folder / "checkpoint")
        sample = task.sample(np.random.default_rng(args.seed + 1), 2000, MAX_LENGTH)
        save_quantised(quantise(decoder, [sample], task.alphabet, task.classes, task.settings), folder)
        report = {
            "seed": args.seed,
            "steps": task.steps,
            "bits": dataclasses.asdict(task.settings),
            "measured": measure(task, decoder, load_quantised(folder)),
        }
        write_whole(folder / "report.json", (json.dumps(report, indent=2) + "\n").encode())
        print(name, json.dumps(report["measured"], indent=2))


if __name__ == "__main__":
    main()
