#include "reports/html/panels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "reports/graph/causality.hpp"
#include "reports/html/causality.hpp"
#include "reports/html/escape.hpp"
#include "reports/text/lanes.hpp"
#include "reports/text/style.hpp"
#include "reports/text/table.hpp"
#include "reports/text/verdict_text.hpp"

namespace blackout::html {
namespace {

using record::Held;
using text::Conclusion;
using text::story_time;

constexpr std::size_t fault_rows_max = 100;

std::string_view kind_of(Held held) {
  if (held == Held::yes) return "good";
  return held == Held::no ? "bad" : "doubtful";
}

Held held_of(Conclusion conclusion) {
  if (conclusion == Conclusion::passed || conclusion == Conclusion::expected) return Held::yes;
  return conclusion == Conclusion::unknown ? Held::unknown : Held::no;
}

std::string cell(std::string_view words, std::string_view kind = "") {
  return kind.empty() ? "<td>" + escaped(words) + "</td>"
                      : fmt::format("<td class=\"{}\">{}</td>", kind, escaped(words));
}

std::string heads(std::initializer_list<std::string_view> words) {
  std::string row = "<thead><tr>";
  for (const std::string_view word : words) row += fmt::format("<th scope=\"col\">{}</th>", word);
  return row + "</tr></thead>\n";
}

// What was measured beside what was promised, on one scale; nothing where there is no number.
std::string bar(const record::ObjectiveRow& row) {
  constexpr std::int64_t width = 110;
  const bool number = row.unit == "ns" || row.unit == "ppm";
  const std::int64_t full = std::max(row.promised_value, row.measured_value);
  if (!number || full <= 0 || row.measured_value < 0 || row.promised_value < 0) return {};
  // Full may be years of nanoseconds: divided first, it costs less than a pixel.
  const std::int64_t unit = std::max<std::int64_t>(1, full / (width * 1000));
  const auto place = [&](std::int64_t value) {
    return std::min(width - 2, value / unit * (width - 2) / std::max<std::int64_t>(1, full / unit));
  };
  return fmt::format(
      "<svg class=\"bar\" viewBox=\"0 0 {0} 12\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
      "<rect class=\"room\" y=\"4\" width=\"{0}\" height=\"4\"/>"
      "<rect class=\"{1}\" y=\"2\" width=\"{2}\" height=\"8\"/>"
      "<rect class=\"promise\" x=\"{3}\" width=\"2\" height=\"12\"/></svg>",
      width, row.held == Held::no ? "over" : "fill",
      std::max<std::int64_t>(row.measured_value > 0 ? 2 : 0, place(row.measured_value)),
      place(row.promised_value));
}

std::string objectives_table(const record::RunRecord& run) {
  const std::vector<text::Row> rows = text::rows_of(run);
  std::string text =
      "<div class=\"wide\"><table class=\"objectives\"><thead><tr><th scope=\"col\"></th>"
      "<th scope=\"col\">objective</th><th scope=\"col\">of</th><th scope=\"col\" class=\"n\">"
      "promised</th><th scope=\"col\" class=\"n\">measured</th><th scope=\"col\"></th>"
      "<th scope=\"col\" class=\"n\">margin</th><th scope=\"col\"></th></tr></thead>\n<tbody>\n";
  for (const Held held : {Held::no, Held::unknown, Held::yes}) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const text::Row& row = rows[i];
      if (row.held != held) continue;
      const auto& objectives = run.verdict.objectives;  // the first rows are theirs
      text += fmt::format("<tr class=\"{}\">", kind_of(held)) + cell(text::sign(held)) +
              cell(row.name) + cell(row.subject) + cell(row.promised, "n") +
              cell(row.measured, "n") + "<td>" + (i < objectives.size() ? bar(objectives[i]) : "") +
              "</td>" + cell(row.margin, "n") + cell(row.note) + "</tr>\n";
    }
  }
  return text + "</tbody></table></div>\n";
}

std::string broken(const record::Verdict& verdict) {
  if (verdict.findings.empty()) return {};
  std::string text = "<p>What broke: ";
  for (std::size_t i = 0; i < verdict.findings.size(); ++i) {
    text += fmt::format("{}<a href=\"#finding-{}\">{}</a>", i == 0 ? "" : ", ", i + 1,
                        escaped(verdict.findings[i].id));
  }
  return text + "</p>\n";
}

std::string sentence(const record::RunRecord& run) {
  const std::string said = text::sentence_of(run);
  if (!said.empty()) return said;
  return text::conclude(run) == Conclusion::passed ? "Every promise held." : "";
}

std::set<std::uint64_t> events_of(const text::Chronicle& chronicle) {
  std::set<std::uint64_t> events;
  for (const text::Moment& moment : chronicle.moments) events.insert(moment.event.value());
  return events;
}

// A link to the event where it is listed, else its number alone.
std::string event_link(EventId event, const std::set<std::uint64_t>& listed) {
  if (event == EventId(0)) return {};
  if (!listed.contains(event.value())) return fmt::format("e{}", event.value());
  return fmt::format("<a href=\"#e{0}\">e{0}</a>", event.value());
}

// `figure` is the graph of its causes, or empty.
std::string finding_article(const record::Finding& finding, std::size_t number,
                            const std::set<std::uint64_t>& listed, const std::string& figure) {
  std::string text = fmt::format(
      "<article class=\"finding\" id=\"finding-{}\"><h3>✗ {}</h3>\n<p class=\"faint\">{}</p>\n"
      "<p>{} &nbsp;{} {}</p>\n",
      number, escaped(finding.id), escaped(finding.rule), story_time(finding.at),
      escaped(finding.sentence), event_link(finding.event, listed));
  if (finding.story.empty()) return text + figure + "</article>\n";
  text += "<div class=\"wide\"><table>" + heads({"time", "who", "what", "event"}) + "<tbody>\n";
  for (const record::StoryLine& line : finding.story) {
    text += "<tr>" + cell(story_time(line.at), "n") + cell(line.who, "t") + cell(line.what) +
            "<td>" + event_link(line.event, listed) + "</td></tr>\n";
  }
  return text + "</tbody></table></div>" + figure + "</article>\n";
}

std::string invariants_table(const record::Verdict& verdict) {
  std::string text =
      fmt::format("<details><summary>{} invariants that are always checked</summary>",
                  verdict.invariants.size());
  text += "<div class=\"wide\"><table>" + heads({"", "invariant", "checked"}) + "<tbody>\n";
  for (const record::InvariantRow& row : verdict.invariants) {
    text += fmt::format("<tr class=\"{}\">", kind_of(row.held)) + cell(text::sign(row.held)) +
            cell(row.id) + cell(text::grouped(row.checked), "n") + "</tr>\n";
  }
  return text + "</tbody></table></div></details>\n";
}

std::string marks_table(const record::Verdict& verdict) {
  if (verdict.marks.empty()) return {};
  std::string text = fmt::format("<details><summary>{} marks</summary>", verdict.marks.size());
  text += "<div class=\"wide\"><table>" + heads({"mark", "reached", "expected"}) + "<tbody>\n";
  for (const record::MarkRow& mark : verdict.marks) {
    text += "<tr>" + cell(mark.name) + cell(text::grouped(mark.count), "n") +
            cell(mark.expected ? "yes" : "") + "</tr>\n";
  }
  return text + "</tbody></table></div></details>\n";
}

std::string code_failure(const record::CodeFailure& failure) {
  std::string where = failure.node;
  if (!failure.task.empty()) where += (where.empty() ? "task " : ", task ") + failure.task;
  return fmt::format(
      "<article class=\"finding\"><h3>✗ the code under test ended the run: {}</h3>"
      "<p>{} &nbsp;{}</p><pre>{}</pre></article>\n",
      escaped(failure.kind), story_time(failure.at), escaped(where), escaped(failure.text));
}

std::string event_row(const text::Moment& moment, std::set<std::uint64_t>& named,
                      const std::set<std::uint64_t>& listed) {
  const std::uint64_t event = moment.event.value();
  const bool first = event != 0 && named.insert(event).second;
  return fmt::format("<tr{}{} data-t=\"{}\" data-kind=\"{}\" data-who=\"{}\" data-region=\"{}\">",
                     first ? fmt::format(" id=\"e{}\"", event) : "",
                     moment.minor ? " class=\"minor\"" : "",
                     fmt::format("{}.{:09}", moment.at.ns() / 1'000'000'000,
                                 moment.at.ns() % 1'000'000'000),
                     escaped(moment.kind), escaped(moment.who), escaped(moment.region)) +
         cell(event == 0 ? "" : fmt::format("e{}", event), "n") +
         cell(format_instant(moment.at), "n") + cell(moment.kind) + cell(moment.who, "t") +
         cell(moment.what) + "<td>" + event_link(moment.cause, listed) + "</td></tr>\n";
}

std::string fault_end(const record::FaultOutcome& outcome) {
  switch (outcome.end) {
    case record::FaultEnd::open:
      return "with the run";
    case record::FaultEnd::healed:
      return "at its own end";
    case record::FaultEnd::calm:
      return "where calm begins";
    case record::FaultEnd::moment:
      break;
  }
  return "at once";
}

std::string fault_row(const record::RunRecord& run, std::size_t i) {
  const record::FaultFact& fact = run.plan.faults[i];
  std::string row = "<tr>" + cell(fact.letter) + cell(fact.kind + " " + fact.target) +
                    cell(fact.details) + cell(fact.cause);
  if (i >= run.faults.size()) {
    const bool began = fact.at != Instant::never();
    return row + cell(began ? story_time(fact.at) : "-", "n") + "<td></td>" + "<td></td>" +
           cell(fact.why) + "</tr>\n";
  }
  const record::FaultOutcome& outcome = run.faults[i];
  row += cell(outcome.began ? story_time(*outcome.began) : "-", "n");
  if (!outcome.began) {
    row += "<td></td>" + cell(outcome.unmet.empty() ? "did not begin" : outcome.unmet);
  } else {
    row += cell((outcome.ended ? story_time(*outcome.ended) + " " : "") + fault_end(outcome));
    row += cell((outcome.idle() ? "no effect: " : "") + text::grouped(outcome.effect) + " " +
                outcome.unit);
  }
  return row + cell(fact.why) + "</tr>\n";
}

constexpr auto definitions = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"acknowledged", "The client was told, within its timeout, that its write is done."},
    {"lost", "Acknowledged, and missing from the answers that the platform gave after the run."},
    {"owed",
     "An operation that a client could expect to succeed: its region is up and connected to a "
     "majority that is up, connected and sound."},
    {"rpo",
     "How far before a fault the oldest write lies that was acknowledged and then lost to it. "
     "The largest over all faults."},
    {"rto",
     "From a fault until operations that are owed succeed again, in the promised share, over a "
     "whole window. The slowest over kinds of operation, regions of clients and faults."},
    {"phases of an rto",
     "Detect: until the change of leader was first suspected to be due. Decide: until it was "
     "elected. Fence: until the old one could commit nothing more. Promote: until the new one "
     "served. Route: until clients reached it. Warm: until the window began. They add up to the "
     "rto."},
    {"availability", "Of the owed operations of a phase the share that ended well in time."},
    {"latency", "From a client's first send to its answer; retries are inside."},
    {"added_latency",
     "A percentile of the latency, less the same percentile of the same operations in a second run "
     "with all regions in one place. The floor is what the distances alone make an operation take: "
     "from its client to the wanted leader, and from there to the nearest majority, and back."},
    {"lag",
     "How long a committed entry stayed unapplied on a voter that was connected to a majority, "
     "while there was a leader that was so too. The picture above shows all voters, also those "
     "that come back."},
    {"divergence",
     "Detect: from the moment at which a replica's state went wrong until the platform said so. "
     "Repair: from then on until it was right again."},
    {"unknown", "The client has no answer: the write may or may not have happened."},
});

std::string entry(std::string_view name, const std::string& markup) {
  return fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, markup);
}

}  // namespace

std::string verdict_panel(const record::RunRecord& run, const std::string& directory) {
  const Conclusion conclusion = text::conclude(run);
  const Held held = held_of(conclusion);
  std::string text = fmt::format(
      "<header id=\"verdict\">\n<h1><span class=\"word-{}\">{} {}</span> {}</h1>\n", kind_of(held),
      text::sign(held), text::word_of(conclusion), escaped(run.plan.scenario));
  text += fmt::format(
      "<p class=\"facts\"><span>seed {}</span><span>build {}</span><span>{} simulated</span>",
      text::seed_text(run.plan.seed), escaped(run.build.commit),
      format_duration(run.simulated - Instant(0)));
  for (const std::string& set : run.overrides) text += "<span>with " + escaped(set) + "</span>";
  text += "</p>\n<p class=\"lead\">" + escaped(sentence(run)) + "</p>\n";
  if (!run.plan.summary.empty()) {
    text += "<p class=\"faint\">The scenario: " + escaped(run.plan.summary) + "</p>\n";
  }
  text += objectives_table(run) + broken(run.verdict);
  text += "<p class=\"command\"><code id=\"command\">blackout replay " + escaped(directory) +
          "</code></p>\n";
  return text +
         "<p class=\"controls\" hidden><button id=\"copy\">copy command</button>"
         "<button id=\"copy-postmortem\">copy as postmortem</button></p>\n</header>\n";
}

std::string faults_table(const record::RunRecord& run) {
  if (run.plan.faults.empty()) return "<p>No fault was planned.</p>\n";
  std::string text = "<h3>Faults</h3>\n<div class=\"wide\"><table class=\"faults\">" +
                     heads({"", "fault", "details", "cause", "began", "ended", "effect", "why"}) +
                     "<tbody>\n";
  const std::size_t all = run.plan.faults.size(), shown = std::min(all, fault_rows_max);
  for (std::size_t i = 0; i < shown; ++i) text += fault_row(run, i);
  text += "</tbody></table></div>\n";
  if (shown == all) return text;
  return text + fmt::format("<p>{} of {} faults; the rest is in the record.</p>\n",
                            text::grouped(shown), text::grouped(all));
}

std::string why_panel(const record::RunRecord& run, const text::Chronicle& chronicle) {
  const std::set<std::uint64_t> listed = events_of(chronicle);
  std::string text = "<section id=\"why\"><h2>Why</h2>\n";
  const auto& findings = run.verdict.findings;
  const std::optional<graph::Causality> causality = graph::causality_of(run);
  const std::string figure = causality ? causality_figure(*causality, run.plan, listed) : "";
  if (run.failure) text += code_failure(*run.failure);
  for (std::size_t i = 0; i < findings.size(); ++i) {
    const bool explained = &findings[i] == record::worst_finding(run.verdict);
    text += finding_article(findings[i], i + 1, listed, explained ? figure : "");
  }
  if (findings.empty() && !run.failure) text += "<p>Nothing was found broken.</p>\n";
  if (findings.empty() && causality) {
    text +=
        "<h3>The failover</h3>\n<p>" + escaped(causality->nodes.back().what) + "</p>\n" + figure;
  }
  return text + invariants_table(run.verdict) + marks_table(run.verdict) + "</section>\n";
}

std::string events_panel(const record::RunRecord& run, const text::Chronicle& chronicle,
                         Instant end) {
  const std::set<std::uint64_t> listed = events_of(chronicle);
  std::set<std::uint64_t> named;
  const std::uint64_t left_out = chronicle.of_kinds - chronicle.moments.size();
  std::string text = fmt::format(
      "<section><h2 id=\"events-head\">Events</h2>\n"
      "<p>Faults, stops, starts, elections and findings: {} listed, {} more of these kinds left "
      "out. The other events of all {}, messages, disk writes and log entries, are in the "
      "record.</p>\n",
      text::grouped(chronicle.moments.size()), text::grouped(left_out),
      text::grouped(run.trace.size()));
  text +=
      "<p class=\"controls\" hidden><label for=\"filter\">Filter</label> <input id=\"filter\" "
      "type=\"search\" spellcheck=\"false\" placeholder=\"node:eu-gb-* kind:role t:20..25 "
      "words\"> <span id=\"shown\" aria-live=\"polite\"></span></p>\n";
  text += fmt::format(
      "<div class=\"rows\" id=\"rows\" tabindex=\"0\" role=\"region\" "
      "aria-labelledby=\"events-head\"><table id=\"events\" data-end=\"{}\">",
      fmt::format("{}.{:09}", end.ns() / 1'000'000'000, end.ns() % 1'000'000'000));
  text += heads({"event", "time", "kind", "who", "what", "cause"}) + "<tbody>\n";
  for (const text::Moment& moment : chronicle.moments) text += event_row(moment, named, listed);
  return text + "</tbody></table></div></section>\n";
}

std::string run_panel(const record::RunRecord& run, const std::string& directory) {
  std::string text = "<section id=\"run\"><h2>Run</h2>\n<dl class=\"run\">\n";
  text += entry("scenario", escaped(run.plan.scenario));
  text += entry("seed", "<code>" + text::seed_text(run.plan.seed) + "</code>");
  for (const std::string& set : run.overrides) {
    text += entry("override", "<code>" + escaped(set) + "</code>");
  }
  text +=
      entry("build", escaped(run.build.commit + ", " + run.build.compiler + ", " + run.build.type));
  text += entry("replay", "<code>blackout replay " + escaped(directory) + "</code>");
  text +=
      entry("trace", fmt::format("{} events, hash <code>{}</code>", text::grouped(run.trace.size()),
                                 trace::format_hash(run.trace.hash())));
  text += "</dl>\n<h3>Definitions</h3>\n<dl class=\"run\">\n";
  for (const auto& [word, meaning] : definitions) text += entry(word, escaped(meaning));
  return text + "</dl>\n<details><summary>The plan, with every draw replaced</summary><pre>" +
         escaped(run.plan_document) + "</pre></details></section>\n";
}

}  // namespace blackout::html
