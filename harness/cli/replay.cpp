// blackout replay RUN: the same run again, and whether it is the same.
#include <fmt/format.h>

#include <charconv>
#include <iostream>

#include "harness/cli/compare.hpp"
#include "harness/cli/exit_codes.hpp"
#include "harness/cli/loading.hpp"
#include "harness/cli/options.hpp"
#include "harness/cli/outside.hpp"
#include "harness/cli/records.hpp"
#include "harness/explore/run_one.hpp"
#include "reports/text/event_text.hpp"

namespace blackout::cli {
namespace {

// "7c1e 90d4 55aa ...".
std::string spaced_hash(trace::Hash hash) {
  std::string digits = trace::format_hash(hash);
  for (std::size_t at = digits.size() - 4; at > 0; at -= 4) digits.insert(at, 1, ' ');
  return digits;
}

std::string event_line(const record::RunRecord& run, EventId id) {
  trace::Cursor cursor(run.trace, id);
  Event event;
  if (!cursor.next(event)) return {};
  return fmt::format("  {}  {} {}   e{}\n", text::story_time(event.at), text::who_of(event, run),
                     text::event_sentence(event, run), cursor.id().value());
}

// Stops a debugger just before the event that --break names.
int replay_to(const ReplayOptions& options, const record::RunRecord& recorded,
              const scenario::Plan& plan) {
  const std::string& word = options.break_at;
  const char* const end = word.data() + word.size();
  std::uint64_t id = 0;
  const auto [stop, error] = std::from_chars(word.data() + word.starts_with('e'), end, id);
  if (error != std::errc() || stop != end || id == 0 || id > recorded.trace.size()) {
    return usage_error(fmt::format("--break \"{}\" is no event of this run: e1 to e{}", word,
                                   recorded.trace.size()));
  }
  if (!is_debugged()) {
    return usage_error(
        fmt::format("--break stops for a debugger, and there is none\n"
                    "  gdb -ex run --args blackout replay {} --break {}",
                    options.run, word));
  }
  std::cout << event_line(recorded, EventId(id)) << std::flush;
  explore::run_to(plan, EventId(id), stop_for_debugger);
  return exit_held;
}

}  // namespace

int replay(const ReplayOptions& options, const Common& common) {
  const auto found = open_record(options.run, options.out);
  if (!found) return exit_usage;
  const auto& [directory, recorded] = *found;
  const scenario::Source source{directory + "/record.json", recorded.plan_document, directory};
  const auto scenario = scenario::load(source);
  if (!scenario) {
    std::cerr << scenario::format_diagnostics(scenario.error(), source.text);
    return usage_error("the plan in " + directory + " means nothing to this build");
  }
  const scenario::Plan plan = scenario::draw(scenario.value(), recorded.plan.seed);
  if (!planted_bugs_are_here(plan)) return exit_usage;
  if (!options.break_at.empty()) return replay_to(options, recorded, plan);
  explore::Limits limits;
  if (options.until) limits.until = Instant(0) + *options.until;
  watch_interrupts();
  const TemporaryDirectory scratch;
  const explore::Outcome now = explore::run_isolated(
      plan, recorded.overrides, scratch.path() + "/again", limits, [](const explore::Progress&) {
        if (interrupted()) throw LeaveNow{};
      });
  const bool whole = !options.until;
  const std::string differs =
      whole ? difference(recorded, now.run) : difference_so_far(recorded, now.run);
  const std::string hash = trace::format_hash(now.run.trace.hash());
  if (common.format != Format::human) {
    std::cout << fmt::format("{{\"same\": {}, \"events\": {}, \"trace_hash\": \"{}\"}}\n",
                             differs.empty(), now.run.trace.size(), hash);
    std::cerr << differs;
  } else if (differs.empty()) {
    std::cout << fmt::format("SAME  {} events{}, hash {}\n", text::grouped(now.run.trace.size()),
                             whole ? "" : " up to " + format_instant(now.run.simulated),
                             spaced_hash(now.run.trace.hash()));
    if (!whole) std::cout << event_line(now.run, EventId(now.run.trace.size()));
    if (now.run.failure) std::cout << "  it ends again: " << now.run.failure->text << "\n";
  } else {
    std::cout << differs;
  }
  return differs.empty() ? exit_held : exit_differs;
}

}  // namespace blackout::cli
