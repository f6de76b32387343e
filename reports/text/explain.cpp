#include "reports/text/explain.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "reports/text/cone.hpp"
#include "reports/text/verdict_text.hpp"

namespace blackout::text {
namespace {

std::string event_lines(const std::vector<ConeEvent>& events, const Style& style) {
  std::size_t who = 0, what = 0;
  for (const ConeEvent& event : events) {
    who = std::max(who, columns(event.who));
    what = std::max(what, std::min<std::size_t>(columns(event.what), 72));
  }
  std::string text;
  for (const ConeEvent& event : events) {
    const bool fault =
        event.kind == EventKind::fault_started || event.kind == EventKind::fault_ended;
    const Ink ink = event.root || event.gap ? Ink::bad : fault ? Ink::doubtful : Ink::plain;
    const std::string name = padded(event.who, who);
    text += fmt::format("  {}  {}  ", padded_left(story_time(event.at), 12),
                        fault ? inked(name, ink, style) : name);
    if (event.id == EventId(0)) {
      text += inked(event.what, ink, style) + "\n";
    } else {
      text += inked(padded(event.what, what), ink, style) +
              inked(fmt::format("   e{}", event.id.value()), Ink::faint, style) + "\n";
    }
  }
  return text;
}

std::string counted(std::uint64_t count, const char* noun) {
  return fmt::format("{} {}{}", grouped(count), noun, count == 1 ? "" : "s");
}

std::string finding_text(const record::Finding& finding, const record::RunRecord& run,
                         const Style& style) {
  Cone cone = cone_of(finding, run);
  std::string text = inked(finding.id, Ink::bad, style) + "\n  rule     " + finding.rule + "\n";
  text += fmt::format("  broken   {}  {}\n", story_time(finding.at), finding.sentence);
  for (const ConeEvent& event : cone.events) {
    if (!event.gap || !event.root) continue;
    text += fmt::format("  missing  {}  {} {}\n", story_time(event.at), event.who, event.what);
  }
  if (cone.events.empty()) {
    return text + "\n  The record names no event that it depended on: it is a figure over many.\n";
  }
  const std::size_t all = cone.events.size();
  if (!style.verbose) shorten(cone.events, cone_events_max);
  text += cone.depended_on.empty()
              ? "\n  what was seen\n"
              : fmt::format("\n  what it depended on ({} of {}, {})\n",
                            grouped(cone.depended_on.size()), counted(run.trace.size(), "event"),
                            counted(cone.faults, "fault"));
  text += event_lines(cone.events, style);
  if (cone.events.size() < all) {
    text += fmt::format("  … {} more   (--verbose shows them)\n", all - cone.events.size());
  }
  return text;
}

std::string nothing_broken(const record::RunRecord& run) {
  if (run.failure) {
    return fmt::format("The code under test ended the run at {}: {}, {}\n",
                       story_time(run.failure->at), run.failure->kind, run.failure->text);
  }
  if (run.verdict.conclusion == record::Conclusion::pass) {
    return "Nothing to explain: every promise held.\n";
  }
  const std::string& why = run.verdict.sentence;
  return why.empty() ? "Nothing was found broken.\n" : "Nothing was found broken. " + why + "\n";
}

}  // namespace

std::string explanation(const record::RunRecord& run, const std::string& directory,
                        const Style& style) {
  const std::vector<record::Finding>& findings = run.verdict.findings;
  if (findings.empty()) return nothing_broken(run);
  std::string text;
  if (style.verbose) {
    for (const record::Finding& finding : findings) {
      text += (text.empty() ? "" : "\n") + finding_text(finding, run, style);
    }
  } else {
    text = finding_text(*record::worst_finding(run.verdict), run, style);
    if (findings.size() > 1) {
      text +=
          fmt::format("\n  … {} more broken   (--verbose explains them)\n", findings.size() - 1);
    }
  }
  return spelled(text + "\n  replay   blackout replay " + directory + "\n", style);
}

}  // namespace blackout::text
