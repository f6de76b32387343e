#include "harness/cli/compare.hpp"

#include <fmt/format.h>

#include "reports/text/style.hpp"

namespace blackout::cli {
namespace {

std::string build_text(const record::Build& build) {
  return fmt::format("{} {} {}", build.commit, build.compiler, build.type);
}

std::string event_text(const record::RunRecord& run, EventId id) {
  trace::Cursor cursor(run.trace, id);
  Event event;
  if (!cursor.next(event)) return "nothing: the run had ended";
  const EventWords& words = words_of(event.kind);
  std::string text = event.node.value() < run.plan.nodes.size()
                         ? run.plan.nodes[event.node.value()].name
                         : std::string("the world");
  text += fmt::format("   {}", words.kind);
  const auto add = [&](std::string_view name, std::uint64_t value) {
    if (!name.empty()) text += fmt::format("   {} {}", name, value);
  };
  add(words.a, event.a);
  add(words.b, event.b);
  add(words.c, event.c);
  return text + fmt::format("   caused by e{}   {}", event.cause.value(), format_instant(event.at));
}

std::string end_text(const record::RunRecord& run) {
  if (!run.failure) return "the end of the scenario";
  return run.failure->kind + ": " + run.failure->text.substr(0, run.failure->text.find('\n'));
}

std::string instant_of(const record::RunRecord& run, EventId id) {
  trace::Cursor cursor(run.trace, id);
  Event event;
  return cursor.next(event) ? format_instant(event.at) : format_instant(run.simulated);
}

}  // namespace

std::string difference(const record::RunRecord& recorded, const record::RunRecord& now) {
  const EventId first = trace::first_difference(recorded.trace, now.trace);
  const bool ends_differ = recorded.failure.has_value() != now.failure.has_value() ||
                           (now.failure && recorded.failure->kind != now.failure->kind);
  std::string text;
  if (first != EventId(0)) {
    text = fmt::format("DIFFERENT  first at event {} of {} ({})\n", text::grouped(first.value()),
                       text::grouped(recorded.trace.size()), instant_of(recorded, first));
    text += "  recorded  " + event_text(recorded, first) + "\n";
    text += "  now       " + event_text(now, first) + "\n";
  } else if (ends_differ) {
    text = fmt::format("DIFFERENT  all {} events are equal, but the run ended otherwise\n",
                       text::grouped(now.trace.size()));
    text += "  recorded  " + end_text(recorded) + "\n  now       " + end_text(now) + "\n";
  } else {
    return {};
  }
  text += fmt::format("  builds    recorded {}   now {}\n", build_text(recorded.build),
                      build_text(now.build));
  return text +
         "  usual causes   unordered iteration, <random>, floating point, "
         "uninitialised bytes\n";
}

}  // namespace blackout::cli
