"""One system in a process of its own, in the environment of ``benchmarks/others/requirements.lock``.

``python benchmarks/others/systems.py NAME DATA.npz OUT.json``. Imports nothing of the project, which that environment lacks.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.int64]
Ask = Callable[[int], dict[str, object]]
HOPS = (2, 4, 6)
NEVER = np.iinfo(np.int64).max


def same(*columns: Column) -> str:
    """The digest of ``benchmarks.graph.answers``: rows by account."""
    order = np.argsort(columns[0])
    return hashlib.sha256(
        np.stack([np.asarray(one, dtype=np.int64)[order] for one in columns]).tobytes()
    ).hexdigest()[:16]


def accounts(found: Any) -> dict[str, object]:
    reached = np.unique(np.asarray(found, dtype=np.int64))
    return {"accounts": len(reached), "digest": same(reached)}


def with_one_source(data: Any) -> tuple[int, Column, Column]:
    """The graph and one more node that pays every seed, so that one search starts from all of them."""
    source = int(data["accounts"])
    seeds = data["seed_accounts"].astype(np.int64)
    src = np.concatenate([data["src"].astype(np.int64), np.full(len(seeds), source)])
    return source, src, np.concatenate([data["dst"].astype(np.int64), seeds])


def igraph(data: Any) -> Ask:
    from igraph import Graph  # noqa: PLC0415

    source, src, dst = with_one_source(data)
    graph = Graph(n=source + 1, edges=np.stack([src, dst], axis=1), directed=True)
    return lambda hops: accounts(graph.neighborhood(source, order=hops + 1, mode="out", mindist=1))


def rustworkx(data: Any) -> Ask:
    from rustworkx import PyDiGraph, bfs_layers  # noqa: PLC0415

    graph = PyDiGraph(multigraph=True)
    graph.add_nodes_from(range(int(data["accounts"])))
    graph.extend_from_edge_list(list(zip(data["src"].tolist(), data["dst"].tolist(), strict=True)))
    seeds = data["seed_accounts"].tolist()
    # It has no limit of hops: all layers are found, and the first ones taken.
    return lambda hops: accounts([one for layer in bfs_layers(graph, seeds)[: hops + 1] for one in layer])


def networkit(data: Any) -> Ask:
    import networkit as nk  # noqa: PLC0415

    nk.setNumberOfThreads(1)
    source, src, dst = with_one_source(data)
    graph = nk.GraphFromCoo((src.astype(np.uint64), dst.astype(np.uint64)), n=source + 1, directed=True)

    def ask(hops: int) -> dict[str, object]:
        # It has no limit of hops: all distances are found, and the small ones taken.
        search = nk.distance.BFS(graph, source, storePaths=False)
        search.run()
        distances = np.asarray(search.getDistances())
        return accounts(np.flatnonzero((distances >= 1) & (distances <= hops + 1)))

    return ask


def raphtory(data: Any) -> Ask:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415
    from raphtory import Graph, algorithms  # noqa: PLC0415

    graph = Graph()
    columns = {
        "src": data["src"].astype(np.int64),
        "dst": data["dst"].astype(np.int64),
        "time": data["time"],
    }
    graph.load_edges(pa.table(columns), time="time", src="src", dst="dst")
    # All seeds start at one time, as it asks for; an account without a transfer is none of its nodes.
    seeds = [account for account in data["seed_accounts"].tolist() if graph.has_node(account)]
    start = int(data["seed_times"].min())

    def ask(hops: int) -> dict[str, object]:
        found = algorithms.temporally_reachable_nodes(graph, hops, start, seeds)
        # Through a file, which takes a tenth of a second; node by node it takes twenty.
        with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
            found.to_parquet(file.name)
            table = pq.read_table(file.name)
        reached = table.filter(pc.greater(pc.list_value_length(table["reachable_nodes"]), 0))["id"]
        return accounts(np.union1d(reached.cast(pa.int64()).to_numpy(), data["seed_accounts"]))

    return ask


def ladybug(data: Any) -> Ask:
    import ladybug as lb  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    connection = lb.Connection(lb.Database(":memory:"), num_threads=1)
    connection.execute("CREATE NODE TABLE Account(id INT64, PRIMARY KEY(id))")
    connection.execute("CREATE REL TABLE Paid(FROM Account TO Account, time INT64)")
    nodes = pa.table({"id": np.arange(int(data["accounts"]))})  # noqa: F841 - the query reads it by name
    kept = data["src"] != data["dst"]
    paid = pa.table(  # noqa: F841 - the query reads it by name
        {
            "src": data["src"][kept].astype(np.int64),
            "dst": data["dst"][kept].astype(np.int64),
            "time": data["time"][kept],
        }
    )
    connection.execute("COPY Account FROM nodes")
    connection.execute("COPY Paid FROM paid")
    query = (
        "LOAD FROM frontier WITH account, arrival, scanned MATCH (a:Account)-[t:Paid]->(b:Account)"
        " WHERE a.id = account AND t.time > arrival AND t.time <= scanned RETURN b.id AS account, min(t.time) AS arrival"
    )

    def ask(hops: int) -> dict[str, object]:
        best = np.full(int(data["accounts"]), NEVER)
        first, hop_of = best.copy(), np.full(len(best), -1)
        account, arrival = data["seed_accounts"].astype(np.int64), data["seed_times"]
        best[account], first[account], hop_of[account] = arrival, arrival, 0
        scanned = np.full(len(account), NEVER)
        for hop in range(1, hops + 1):
            frontier = pd.DataFrame({"account": account, "arrival": arrival, "scanned": scanned})  # noqa: F841
            found = connection.execute(query).get_as_arrow()
            account, arrival = (np.asarray(found[name].to_numpy()) for name in ("account", "arrival"))
            earlier = arrival < best[account]
            account, arrival = account[earlier], arrival[earlier]
            scanned = best[account]
            fresh = hop_of[account] < 0
            hop_of[account[fresh]], first[account[fresh]] = hop, arrival[fresh]
            best[account] = arrival
        reached = np.flatnonzero(hop_of >= 0)
        return {
            "accounts": len(reached),
            "digest": same(reached, hop_of[reached], first[reached], best[reached]),
        }

    return ask


SYSTEMS: dict[str, Callable[[Any], Ask]] = {
    "igraph": igraph,
    "rustworkx": rustworkx,
    "networkit": networkit,
    "raphtory": raphtory,
    "ladybug": ladybug,
}


def resident() -> int:
    status = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in status if line.startswith("VmRSS:")).split()[1]) * 1024


def main(name: str, place: str, out: str) -> None:
    with np.load(place) as given:
        data = {key: given[key] for key in given.files}
    before, began = resident(), time.process_time()
    ask = SYSTEMS[name](data)
    said: dict[str, object] = {
        "version": importlib.metadata.version(name),
        "load seconds": time.process_time() - began,
        "bytes a transfer": (resident() - before) / len(data["src"]),
    }
    for hops in HOPS:
        answers, seconds = [ask(hops)], []
        for _ in range(3):
            began = time.process_time()
            answers.append(ask(hops))
            seconds.append(time.process_time() - began)
        said[f"{hops} hops"] = {**answers[-1], "seconds": sorted(seconds)}
    Path(out).write_text(json.dumps(said), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
