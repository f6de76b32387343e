#!/usr/bin/env python3
"""What the shipped scenarios show of each promise of the platform, as a Markdown table: scenario, verdict, figure.

    tools/promises/promises.py --seeds 20 > promises.md

Each scenario runs with seeds 1 to --seeds. A row names the objective or the invariant that judges the promise; its
figure is the worst of all seeds. A promise without a scenario says what is missing.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

# Promise, what it says, and (scenario, what judges it) or what is missing.
PROMISES = [
    ("P1", "no acknowledged write is lost when a region fails, at any instant", [
        ("region-loss-during-writes", ["rpo"]),
        ("power-loss-all-regions", ["rpo"])]),
    ("P2", "service recovers by itself", [("region-loss-during-writes", ["rto"])]),
    ("P3", "consumers notice nothing but a retry by our own gateway", [
        ("region-loss-during-writes", ["availability"])]),
    ("P4", "a side without a majority refuses writes", [
        ("network/halves-leader-in-minority", ["fencing", "linearizable"])]),
    ("P5", "every region accepts writes; shards are mastered in different regions", [
        ("region/isolated-with-most-leaders", ["convergence"])]),
    ("P6", "concurrent writes are resolved by rules per record type", [
        ("load/conflicting-writes-by-rule", ["conflict_rules"])]),
    ("P7", "each client goes to the nearest region that serves", [
        ("region/gray-region", ["rto", "availability"]),
        ("region/flapping-region-keeps-its-routes", ["platform.routes_agree"]),
        ("network/clients-with-stale-routes", ["availability"])]),
    ("P8", "a retry has one effect and gets the first answer", [
        ("load/client-crash-journal", ["exactly_once"]),
        ("region/returns-with-old-disks", ["exactly_once"])]),
    ("P9", "data of a jurisdiction stays in its regions", [("region-loss-during-writes", ["residency"])]),
    ("P10", "authority is the leader that consensus elects, and nothing else", [
        ("network/bridge-between-halves", ["raft.election_safety", "fencing"])]),
    ("P11", "failover without a person", [("region/second-failover", ["rto"])]),
    ("P12", "silent divergence is found, quarantined and repaired", [
        ("region/silent-divergence", ["divergence detect", "divergence repair"]),
        ("region/silent-divergence-of-the-leader", ["divergence detect", "divergence repair"])]),
    ("P13", "lag is observable, and what is exported of it is honest", [
        ("region-loss-during-writes", ["platform.lag_honest", "lag"]),
        ("network/halves-leader-in-minority", ["platform.lag_honest"])]),
    ("P14", "any region can serve any request, whichever gateway dies", [
        ("node/gateways-die-between-request-and-retry", ["exactly_once", "availability"])]),
    ("P15", "replication between regions adds little to a write", [
        ("load/cross-region-writes", ["added_latency put p50", "added_latency put p99"])]),
    ("P16", "what survives carries the load", [
        ("load/survivors-carry-the-load", ["availability", "latency"]),
        ("load/no-metastable-state-after-a-surge", ["availability", "latency"])]),
    ("P17", "a region that returns catches up and carries traffic again", [
        ("region/returns-with-old-disks", ["convergence", "availability"]),
        ("region/returns-with-empty-disks", ["convergence"])]),
    ("P18", "one command drains a region, one brings it back", [
        ("region/switchover", ["rto", "availability"])]),
]


def verdicts(options, scenario):
    ended = subprocess.run(
        [options.program, "run", "scenarios/%s.json" % scenario, "--seed", "1..%d" % options.seeds, "--format", "json",
         "--jobs", str(os.cpu_count()), "--out", options.out, "--progress", "none"], capture_output=True, text=True)
    if ended.returncode not in (0, 1, 3):
        sys.exit("%s ended with %d:\n%s" % (scenario, ended.returncode, ended.stderr))
    read = json.loads(ended.stdout)
    return read if isinstance(read, list) else [read]


def worst(runs, judge):
    """(in how many runs it held, the worst measure in words). `judge` is an invariant, or an objective, whose subject
    may follow."""
    name, _, subject = judge.partition(" ")

    def rows_of(run):
        objectives = [row for row in run["objectives"] if row["name"] == name and subject in ("", row["subject"])]
        return objectives or [row for row in run["invariants"] if row["id"] == judge]

    rows = [row for run in runs for row in rows_of(run)]
    if not rows:
        sys.exit("nothing judges %s" % judge)
    held = sum(all(row["held"] == "yes" for row in rows_of(run)) for run in runs)
    if "checked" in rows[0]:
        return held, "{:,} checked".format(min(row["checked"] for row in rows))
    share = "measured_ppm" in rows[0]
    row = min(rows, key=lambda row: row["measured_ppm"]) if share else \
        max(rows, key=lambda row: row.get("measured_ns", 0))
    return held, "%s (%s)" % (row["measured"], row["promised"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/release/blackout")
    parser.add_argument("--seeds", type=int, default=20)
    options = parser.parse_args()
    known = {}
    with tempfile.TemporaryDirectory() as options.out:
        print("# What is shown of each promise\n")
        print("Made by `tools/promises/promises.py --seeds %d`: seeds 1 to %d of each scenario, the worst figure of all; "
              "the limit\nstands in brackets, and of an invariant how often the least busy run checked it.\n"
              % (options.seeds, options.seeds))
        print("| | promise | scenario | judged by | held | figure |\n|---|---|---|---|--:|---|")
        for number, text, shown in PROMISES:
            if isinstance(shown, str):
                print("| %s | %s | not shown: %s | | | |" % (number, text, shown))
                continue
            for scenario, judges in shown:
                if scenario not in known:
                    print("%s ..." % scenario, file=sys.stderr, flush=True)
                    known[scenario] = verdicts(options, scenario)
                for judge in judges:
                    held, figure = worst(known[scenario], judge)
                    print("| %s | %s | %s | %s | %d of %d | %s |"
                          % (number, text, scenario, judge, held, len(known[scenario]), figure))
                    number, text = "", ""


main()
