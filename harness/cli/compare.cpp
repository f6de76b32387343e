#include "harness/cli/compare.hpp"

#include <fmt/format.h>

#include <utility>

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

std::string builds_text(const record::RunRecord& recorded, const record::RunRecord& now) {
  return fmt::format("  builds    recorded {}   now {}\n", build_text(recorded.build),
                     build_text(now.build)) +
         "  usual causes   unordered iteration, <random>, floating point, "
         "uninitialised bytes\n";
}

std::string difference_at(EventId first, const record::RunRecord& recorded,
                          const record::RunRecord& now) {
  return fmt::format("DIFFERENT  first at event {} of {} ({})\n", text::grouped(first.value()),
                     text::grouped(recorded.trace.size()), instant_of(recorded, first)) +
         "  recorded  " + event_text(recorded, first) + "\n  now       " + event_text(now, first) +
         "\n" + builds_text(recorded, now);
}

}  // namespace

std::string difference(const record::RunRecord& recorded, const record::RunRecord& now) {
  const EventId first = trace::first_difference(recorded.trace, now.trace);
  if (first != EventId(0)) return difference_at(first, recorded, now);
  const bool ends_differ = recorded.failure.has_value() != now.failure.has_value() ||
                           (now.failure && recorded.failure->kind != now.failure->kind);
  if (!ends_differ) return {};
  return fmt::format("DIFFERENT  all {} events are equal, but the run ended otherwise\n",
                     text::grouped(now.trace.size())) +
         "  recorded  " + end_text(recorded) + "\n  now       " + end_text(now) + "\n" +
         builds_text(recorded, now);
}

std::string difference_so_far(const record::RunRecord& recorded, const record::RunRecord& now) {
  const EventId first = trace::first_difference(recorded.trace, now.trace);
  const bool cut_short = first.value() == now.trace.size() + 1 && !now.failure;
  return first == EventId(0) || cut_short ? "" : difference_at(first, recorded, now);
}

std::string parting(const record::RunRecord& a, const record::RunRecord& b) {
  std::string text;
  for (const auto& [name, run] : {std::pair{"a", &a}, std::pair{"b", &b}}) {
    text += fmt::format("  {}   {} events, hash {}\n", name, text::grouped(run->trace.size()),
                        trace::format_hash(run->trace.hash()));
  }
  const EventId first = trace::first_difference(a.trace, b.trace);
  if (first == EventId(0)) {
    return text + (end_text(a) == end_text(b)
                       ? "  equal in every event\n"
                       : "  equal in every event, but the ends differ\n    a    " + end_text(a) +
                             "\n    b    " + end_text(b) + "\n");
  }
  text += fmt::format("  equal until  {}, event {}\n", instant_of(a, first),
                      text::grouped(first.value()));
  return text + "  then    a    " + event_text(a, first) + "\n          b    " +
         event_text(b, first) + "\n";
}

}  // namespace blackout::cli
