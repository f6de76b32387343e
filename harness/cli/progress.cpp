#include "harness/cli/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iostream>

#include "harness/cli/outside.hpp"

namespace blackout::cli {
namespace {

constexpr std::int64_t bar_columns = 40;
constexpr Duration redraw_interval = milliseconds(100);
constexpr Duration say_interval = seconds(30);

std::string repeated(std::string_view cell, std::int64_t count) {
  std::string text;
  for (std::int64_t i = 0; i < count; ++i) text += cell;
  return text;
}

// "warmup ━━━━  chaos ━━━━━─────  calm ────", each phase as wide as its share of the run.
std::string phases_bar(const record::Timeline& timeline, Instant now) {
  const std::int64_t total = std::max<std::int64_t>(1, timeline.end().ns());
  struct Phase {
    std::string_view name;
    Instant start;
    Duration length;
  };
  const std::array<Phase, 3> phases = {{{"warmup", Instant(0), timeline.warmup},
                                        {"chaos", timeline.chaos_start(), timeline.chaos},
                                        {"calm", timeline.calm_start(), timeline.calm}}};
  std::string text;
  for (const Phase& phase : phases) {
    const std::int64_t length = std::max<std::int64_t>(1, phase.length.ns());
    const std::int64_t columns = std::max<std::int64_t>(2, bar_columns * length / total);
    const std::int64_t done =
        std::clamp<std::int64_t>((now - phase.start).ns(), 0, length) / (length / columns + 1);
    const std::int64_t filled = now >= phase.start + phase.length ? columns : done;
    text += fmt::format("  {} {}{}", phase.name, repeated("━", filled),
                        repeated("─", columns - filled));
  }
  return text;
}

}  // namespace

Progress::Progress(ProgressMode mode, std::size_t runs, const text::Style& style, std::string verb)
    : mode_(mode),
      runs_(runs),
      style_(style),
      verb_(std::move(verb)),
      began_(wall_time()),
      said_at_(began_) {
  if (mode_ == ProgressMode::automatic) {
    const bool drawable = is_terminal(Stream::error) && environment_variable("TERM") != "dumb";
    mode_ = drawable ? ProgressMode::bar : ProgressMode::lines;
  }
}

void Progress::running(const record::PlanFacts& plan, Instant now) {
  const Duration wall = wall_time();
  if (mode_ != ProgressMode::bar || wall - drawn_at_ < redraw_interval) return;
  drawn_at_ = wall;
  std::string head = fmt::format("{}   seed {}", plan.scenario, text::seed_text(plan.seed));
  if (runs_ > 1) head += fmt::format("   run {} of {}", finished_ + 1, text::grouped(runs_));
  redraw(fmt::format("{}\n{}   {} of {}\n", head, phases_bar(plan.timeline, now),
                     format_duration(std::min(now, plan.timeline.end()) - Instant(0)),
                     format_duration(plan.timeline.end() - Instant(0))));
}

void Progress::finished(bool broken, const std::string& known) {
  ++finished_;
  broken_ += broken ? 1 : 0;
  const Duration wall = wall_time();
  const std::string state =
      fmt::format("{} of {} runs   {}", text::grouped(finished_), text::grouped(runs_),
                  known.empty() ? fmt::format("found {}", broken_) : known);
  if (mode_ == ProgressMode::bar && runs_ > 1 && wall - drawn_at_ >= redraw_interval) {
    drawn_at_ = wall;
    redraw(fmt::format("  {:>5}   {}\n", format_duration(wall - began_), state));
  }
  // A log is told of every tenth part, and that something still goes on.
  const bool tenth = finished_ * 10 / runs_ > announced_;
  if (mode_ != ProgressMode::lines || runs_ < 10 || (!tenth && wall - said_at_ < say_interval)) {
    return;
  }
  announced_ = finished_ * 10 / runs_;
  said_at_ = wall;
  std::cerr << fmt::format("blackout {}  {:>5}   {}\n", verb_, format_duration(wall - began_),
                           state);
}

void Progress::redraw(const std::string& lines) {
  clear();
  std::cerr << text::spelled(lines, style_) << std::flush;
  drawn_lines_ = static_cast<std::size_t>(std::count(lines.begin(), lines.end(), '\n'));
}

void Progress::clear() {
  for (; drawn_lines_ > 0; --drawn_lines_) std::cerr << "\x1b[1A\x1b[2K";
  std::cerr << std::flush;
}

}  // namespace blackout::cli
