#!/usr/bin/env python3
"""How soon `fuzz` finds each planted bug, and how small `shrink` makes what it found: a Markdown table.

    tools/campaigns/campaigns.py --campaigns 20 > table.md

A campaign is one `blackout fuzz --stop-after 1` with a seed of its own, and ends without a find after --runs
runs. Campaigns go round: the first of every bug under every strategy, then the second, so that --minutes may
end them anywhere and all bugs have had the same number, give or take one. The first campaign under `mixed` that
finds something is shrunk. Finished work is kept in --out/campaigns.jsonl and is not done again.
"""

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import time

STRATEGIES = ["uniform", "mixed"]
# A run that is slow to heal has not shown the bug.
SAFETY_ALONE = 'objectives={"rpo": {"max": "0s"}}'
# These end a run by themselves: they prove that the harness survives, not that it searches.
NO_SEARCH = {"crash", "hoard", "spin"}


def change_of(bug):
    if bug == "acknowledge_leader":
        return "groups.0.acknowledge=leader"
    return 'planted=["%s"]' % bug


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Work:
    def __init__(self, options):
        self.options = options
        self.journal = os.path.join(options.out, "campaigns.jsonl")
        os.makedirs(options.out, exist_ok=True)
        self.done = []
        if os.path.exists(self.journal):
            with open(self.journal) as lines:
                self.done = [json.loads(line) for line in lines]

    def keep(self, entry):
        self.done.append(entry)
        with open(self.journal, "a") as lines:
            lines.write(json.dumps(entry) + "\n")

    def find(self, what, **wanted):
        wanted["what"] = what
        return [e for e in self.done if all(e.get(key) == value for key, value in wanted.items())]

    def call(self, arguments):
        before = cpu_seconds()
        ended = subprocess.run([self.options.program] + arguments, capture_output=True, text=True)
        return ended, round(cpu_seconds() - before, 2)

    def campaign(self, bug, strategy, number):
        folder = os.path.join(self.options.out, strategy, bug, str(number))
        ended, cpu = self.call(
            ["fuzz", self.options.scenario, "--set", change_of(bug), "--set", SAFETY_ALONE, "--seed", str(number),
             "--strategy", strategy, "--runs", str(self.options.runs), "--stop-after", "1", "--out", folder,
             "--format", "json", "--progress", "none"])
        if ended.returncode not in (0, 1):
            sys.exit("fuzz of %s ended with %d:\n%s" % (bug, ended.returncode, ended.stderr))
        report = json.loads(ended.stdout)
        entry = {"what": "campaign", "bug": bug, "strategy": strategy, "number": number, "runs": report["runs"],
                 "cpu": cpu, "finding": None}
        if report["found"]:
            entry["finding"] = report["found"][0]["finding"]
            entry["record"] = report["found"][0]["record"]
        self.keep(entry)
        return entry

    def shrink(self, campaign):
        ended, cpu = self.call(["shrink", campaign["record"], "--to", os.path.join(self.options.out, "found")])
        faults = [int(count) for count in re.findall(r"^  \D+(\d+) faults? ", ended.stdout, re.MULTILINE)]
        if ended.returncode != 0 or not faults:
            return
        self.keep({"what": "shrink", "bug": campaign["bug"], "before": faults[0], "after": faults[-1], "cpu": cpu,
                   "finding": campaign["finding"]})


def perform(work, bugs, strategies):
    options = work.options
    end = time.monotonic() + options.minutes * 60
    for number in range(1, options.campaigns + 1):
        for bug in bugs:
            for strategy in strategies:
                if time.monotonic() > end:
                    return
                known = work.find("campaign", bug=bug, strategy=strategy, number=number)
                campaign = known[0] if known else work.campaign(bug, strategy, number)
                print("%s %s %d: %s" % (bug, strategy, number, campaign), file=sys.stderr, flush=True)
                if strategy == "mixed" and campaign["finding"] and not work.find("shrink", bug=bug):
                    work.shrink(campaign)


def median_text(campaigns, limit):
    """The middle number of runs; a campaign without a find counts as more than its limit."""
    if not campaigns:
        return "-"
    runs = [c["runs"] if c["finding"] else limit + 1 for c in campaigns]
    middle = statistics.median_high(runs)
    found = sum(1 for c in campaigns if c["finding"])
    text = "%d" % middle if middle <= limit else "> %d" % limit
    return text if found == len(campaigns) else "%s (%d of %d found)" % (text, found, len(campaigns))


def table(work, bugs, strategies):
    heads = ["bug", "what broke"] + ["seeds, %s" % s for s in strategies] + ["campaigns"]
    heads += ["CPU s, %s" % s for s in strategies] + ["faults", "shrunk to", "CPU s to shrink"]
    lines = ["| " + " | ".join(heads) + " |", "|---|---|" + "--:|" * (len(heads) - 2)]
    for bug in bugs:
        campaigns = {s: work.find("campaign", bug=bug, strategy=s) for s in strategies}
        everything = [c for s in strategies for c in campaigns[s]]
        findings = sorted({c["finding"] for c in everything if c["finding"]},
                          key=lambda f: -sum(1 for c in everything if c["finding"] == f))
        cells = [bug, ", ".join(findings) or "-"]
        cells += [median_text(campaigns[s], work.options.runs) for s in strategies]
        cells.append("%d" % min(len(campaigns[s]) for s in strategies))
        cells += ["%.1f" % statistics.median(c["cpu"] for c in campaigns[s]) if campaigns[s] else "-"
                  for s in strategies]
        shrunk = work.find("shrink", bug=bug)
        cells += ["%d" % shrunk[0]["before"], "%d" % shrunk[0]["after"], "%.0f" % shrunk[0]["cpu"]] if shrunk else \
            ["-", "-", "-"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/release/blackout")
    parser.add_argument("--scenario", default="scenarios/fuzz-partition-schedules.json")
    parser.add_argument("--campaigns", type=int, default=20, help="of each bug under each strategy")
    parser.add_argument("--runs", type=int, default=140, help="of a campaign at most; 140 take two CPU-minutes")
    parser.add_argument("--minutes", type=float, default=600, help="of real time, all in all")
    parser.add_argument("--bugs", nargs="*", help="by name (default: all that `blackout list planted` names)")
    parser.add_argument("--out", default="campaigns-out")
    work = Work(parser.parse_args())
    bugs = work.options.bugs
    if not bugs:
        listed = subprocess.run([work.options.program, "list", "planted"], capture_output=True, text=True, check=True)
        bugs = [line.split()[0] for line in listed.stdout.splitlines()[1:] if line.strip()]
        bugs = [bug for bug in bugs if bug not in NO_SEARCH]
    perform(work, bugs, STRATEGIES)
    print(table(work, bugs, STRATEGIES))


main()
