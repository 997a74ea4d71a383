"""Train the one-layer example model ``trained`` and write its tables.

Task: a vote with abstentions.  Over the symbols a, b, c, are there strictly
more a than b?

The model has one head, one coordinate and 23 real parameters:

    h      = embedding of the symbol
    s_ij   = exp(k1 h_i h_j + k2 h_i + k3 h_j + k4)
    Z_i    = (+)_j s_ij
    a_i    = (+)_j (v s_ij h_j / Z_i)
    h_i'   = one hidden layer of 3 tanh units on (a_i, h_i)
    accept = (w h_n' + u > 0)

Every intermediate result is rounded to a float of p = 4 bits, so the local
maps are tables and the tables are what is trained: evolution strategies
(Salimans et al. 2017, antithetic samples, rank-shaped, Adam) on the logistic
loss, on all inputs of length at most 5.  The accuracy on all inputs of length
at most 8 is measured and stored.  Several seeds are tried and the lowest loss
on the training inputs is kept; the other seeds' losses are stored too.

Rows of the tables that no input of length at most 8 uses are set to zero, so
that the circuit is small; this changes no output and is why the model's
maximal length is 8.
"""

import argparse
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logprec.files import write_whole
from logprec.models.floats import Codes, nearest, values_table
from logprec.models.tables.folder import save_tables
from logprec.models.tables.model import Head, Layer, TableModel, forward

Reals = NDArray[np.float64]

P = 4
STATES = 1 << P
ALPHABET = ("a", "b", "c")
TRAIN_LENGTH = 5
MAX_LENGTH = 8
HIDDEN = 3
SIZES = {
    "embed": 3,
    "similarity": 4,
    "value": 1,
    "hidden": 3 * HIDDEN,
    "output": HIDDEN + 1,
    "head": 2,
}
VALUES = values_table(P)


def split(theta: Reals) -> dict[str, Reals]:
    """Cut the parameter vector into its named parts."""
    parts = np.split(theta, np.cumsum(list(SIZES.values()))[:-1])
    return dict(zip(SIZES, parts, strict=True))


def tables(theta: Reals) -> tuple[TableModel, Reals]:
    """Round the local maps to tables.

    Returns
    -------
    model : TableModel
        The quantised transformer.
    logits : ndarray, shape (states,)
        The head before its threshold, one number per state; for the loss.
    """
    part = split(theta)
    embed = nearest(np.append(part["embed"], 0.0), P)
    query, key = VALUES[:, None], VALUES[None, :]
    k1, k2, k3, k4 = part["similarity"]
    sim = nearest(np.exp(np.clip(k1 * query * key + k2 * query + k3 * key + k4, -9, 9)), P)
    s, z, h = VALUES[:, None, None], VALUES[None, :, None], VALUES[None, None, :]
    ratio = np.divide(s, z, out=np.zeros((STATES, STATES, 1)), where=z > 0)
    weigh = nearest(part["value"][0] * ratio * h, P)
    inputs = np.stack(np.broadcast_arrays(query, key, 1.0), axis=-1)
    hidden = np.tanh(inputs @ part["hidden"].reshape(3, HIDDEN))
    act = nearest(hidden @ part["output"][:-1] + part["output"][-1], P)
    logits = part["head"][0] * VALUES + part["head"][1]
    model = TableModel(
        ALPHABET,
        2,
        1,
        P,
        np.tile(embed, (MAX_LENGTH, 1)),
        (Layer((Head("none", sim, weigh),), act),),
        (logits > 0).astype(np.int64),
    )
    return model, logits


def inputs_of(n: int) -> Codes:
    """Return every input of length ``n``, shape (3**n, n)."""
    return np.array(list(itertools.product(range(3), repeat=n)), dtype=np.int64)


def target(symbols: Codes) -> NDArray[np.bool_]:
    """Return whether there are strictly more a than b, shape (batch,)."""
    more: NDArray[np.bool_] = (symbols == 0).sum(axis=1) > (symbols == 1).sum(axis=1)
    return more


def loss(theta: Reals) -> float:
    """Return the mean logistic loss over the training lengths, each counted alike."""
    model, logits = tables(theta)
    total = 0.0
    for n in range(1, TRAIN_LENGTH + 1):
        symbols = TRAINING[n]
        signed = np.where(TARGETS[n], 1.0, -1.0) * logits[forward(model, symbols).states[:, -1]]
        total += float(np.logaddexp(0.0, -signed).mean())
    return total / TRAIN_LENGTH


TRAINING = {n: inputs_of(n) for n in range(1, TRAIN_LENGTH + 1)}
TARGETS = {n: target(symbols) for n, symbols in TRAINING.items()}


def train(seed: int, steps: int, pairs: int = 24, spread: float = 0.25, rate: float = 0.06) -> tuple[Reals, float]:
    """Minimise the loss by evolution strategies; return the best parameters seen and their loss."""
    rng = np.random.default_rng(seed)
    theta = rng.normal(0.0, 0.7, sum(SIZES.values()))
    first, second = np.zeros_like(theta), np.zeros_like(theta)
    best, best_loss = theta, loss(theta)
    for step in range(1, steps + 1):
        noise = rng.normal(size=(pairs, theta.size))
        noise = np.concatenate([noise, -noise])
        losses = np.array([loss(theta + spread * direction) for direction in noise])
        ranks = losses.argsort().argsort() / (len(losses) - 1) - 0.5
        gradient = ranks @ noise / (len(losses) * spread) + 0.002 * theta
        first = 0.9 * first + 0.1 * gradient
        second = 0.99 * second + 0.01 * gradient**2
        update = first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
        theta -= rate * update
        if losses.min() < best_loss:
            best, best_loss = (
                theta + rate * update + spread * noise[losses.argmin()],
                float(losses.min()),
            )
        if step % 20 == 0:
            print(
                f"seed {seed}  step {step}  loss {loss(theta):.4f}  best {best_loss:.4f}",
                flush=True,
            )
    return best, best_loss


def prune(model: TableModel) -> TableModel:
    """Set to zero the rows of the tables that no input uses."""
    head = model.layers[0].heads[0]
    sim, weigh, act = (np.zeros_like(table) for table in (head.sim, head.weigh, model.layers[0].act))
    for n in range(1, MAX_LENGTH + 1):
        symbols = inputs_of(n)
        seen = forward(model, symbols, attention=True).attention[0][0]
        h = model.embed[0][symbols]
        query, key = np.broadcast_arrays(h[:, :, None], h[:, None, :])
        sim[query, key] = seen.s
        weigh[seen.s, seen.z[:, :, None], key] = seen.weighted
        act[seen.a, h] = model.layers[0].act[seen.a, h]
    layer = Layer((Head(head.mask, sim, weigh),), act)
    return TableModel(ALPHABET, model.symbol_bits, model.dim, P, model.embed, (layer,), model.accept)


def accuracy(model: TableModel) -> dict[str, Any]:
    """Count correct answers on all inputs of each length up to 8."""
    lengths = {}
    for n in range(1, MAX_LENGTH + 1):
        symbols = inputs_of(n)
        correct = int((forward(model, symbols).accept == target(symbols)).sum())
        lengths[str(n)] = {"inputs": len(symbols), "correct": correct}
    inputs, correct = (sum(x[key] for x in lengths.values()) for key in ("inputs", "correct"))
    return {
        "lengths": lengths,
        "inputs": inputs,
        "correct": correct,
        "accuracy": round(correct / inputs, 4),
    }


def main() -> None:
    """Train, quantise, prune, measure and write."""
    parser = argparse.ArgumentParser(description="Train the example model.")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path(__file__).parent / "trained",
        help="model folder",
    )
    parser.add_argument("--seed", type=int, default=1, help="first seed")
    parser.add_argument("--restarts", type=int, default=8, help="number of seeds; the best is kept")
    parser.add_argument("--steps", type=int, default=300, help="steps per seed")
    args = parser.parse_args()
    runs = [(*train(seed, args.steps), seed) for seed in range(args.seed, args.seed + args.restarts)]
    theta, final, seed = min(runs, key=lambda run: run[1])
    theta = np.round(theta, 6)
    model = prune(tables(theta)[0])
    report = accuracy(model)
    save_tables(model, args.out)
    weights = {name: part.tolist() for name, part in split(theta).items()}
    record = {
        "seed": seed,
        "steps": args.steps,
        "loss": round(final, 6),
        "losses_of_all_seeds": {str(run[2]): round(run[1], 4) for run in runs},
        "weights": weights,
        "measured": report,
    }
    write_whole(args.out / "training.json", (json.dumps(record, indent=2) + "\n").encode())
    print(f"correct on {report['correct']} of {report['inputs']} inputs of length at most {MAX_LENGTH}")


if __name__ == "__main__":
    main()
