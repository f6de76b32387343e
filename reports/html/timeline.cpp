#include "reports/html/timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "reports/html/behind.hpp"
#include "reports/text/event_text.hpp"
#include "reports/text/style.hpp"
#include "reports/text/verdict_text.hpp"

namespace blackout::html {
namespace {

using text::story_time;

constexpr std::int64_t row = 20;
constexpr std::size_t faults_named_max = 12;  // above, only their letters are written
constexpr std::size_t fault_rows_max = 10;    // what has no room in them shares one more

std::string until(Instant from, Instant to) {
  return fmt::format(" from {} to {}", story_time(from), story_time(to));
}

class Timeline {
 public:
  Timeline(const record::RunRecord& run, const Axis& axis, const text::Lanes& lanes)
      : run_(run),
        lanes_(lanes),
        end_(axis.end()),
        chart_(axis, "Failover timeline",
               "A lane for each node, by region: who led, who was down, and which faults held.") {}

  std::string html() {
    phases();
    faults();
    for (std::uint16_t r = 0; r < run_.plan.regions.size(); ++r) region(RegionId(r));
    chart_.ticks(y_);
    return chart_.html(y_ + row);
  }

 private:
  void phases() {
    chart_.name(y_ + 14, "phase", "region");
    for (const text::PhaseSpan& phase : text::phases_of(run_.plan.timeline, end_)) {
      chart_.box(phase.from, phase.to, y_ + 2, row - 4, fmt::format("phase {}", phase.name));
      chart_.word(phase.from, phase.to, y_ + 14, phase.name, "word");
    }
    y_ += row;
  }

  // Each in the first row in which it and its name have room.
  void faults() {
    if (run_.plan.faults.empty()) return;
    chart_.name(y_ + 14, "faults", "region");
    std::vector<std::int64_t> taken;  // by row: tenths up to which it is
    std::size_t crowded = 0;
    for (std::size_t i = 0; i < run_.plan.faults.size(); ++i) {
      const text::FaultSpan span = text::span_of(run_, i, end_);
      if (!span.began) continue;
      const record::FaultFact& fault = run_.plan.faults[i];
      const std::string full = fault.letter + " " + fault.kind + " " + fault.target +
                               (fault.cause.empty() ? "" : " (" + fault.cause + ")");
      const std::string words = run_.plan.faults.size() > faults_named_max ? fault.letter : full;
      const std::int64_t width = (width_of(words) + 6) * 10;
      const std::int64_t from = std::min(chart_.axis().tenths(span.from), plot_width * 10 - width);
      std::size_t free = 0;
      while (free < taken.size() && taken[free] > from) ++free;
      const std::int64_t y = y_ + static_cast<std::int64_t>(free) * row;
      if (free == fault_rows_max) {
        ++crowded;
      } else {
        if (free == taken.size()) taken.push_back(0);
        taken[free] = std::max(chart_.axis().tenths(span.to), from + width);
        chart_.word(span.from, span.to, y + 14, words, "word", true);
      }
      if (free < fault_rows_max) chart_.begin_part("fault " + full + until(span.from, span.to));
      chart_.box(span.from, span.to, y + 2, row - 4, "fault",
                 fault.letter + " " + text::fault_text(fault) + until(span.from, span.to), 20);
      if (free < fault_rows_max) chart_.end_part();
    }
    y_ += std::max<std::int64_t>(1, static_cast<std::int64_t>(taken.size())) * row;
    if (crowded == 0) return;
    chart_.name(y_ + 14, fmt::format("{} more", text::grouped(crowded)));
    y_ += row;
  }

  void region(RegionId region) {
    const auto inside = [&](const text::Lane& lane) {
      return run_.plan.nodes[lane.node.value()].region == region;
    };
    if (std::none_of(lanes_.lanes.begin(), lanes_.lanes.end(), inside)) return;
    chart_.name(y_ + 15, run_.plan.regions[region.value()].name, "region");
    up_counts(region);
    y_ += row;
    for (const text::Lane& one : lanes_.lanes) {
      if (inside(one)) lane(one);
    }
  }

  void up_counts(RegionId region) {
    std::vector<std::pair<Instant, int>> changes;
    int nodes = 0;
    for (std::size_t n = 0; n < run_.plan.nodes.size(); ++n) {
      if (run_.plan.nodes[n].region != region || run_.plan.nodes[n].client_host) continue;
      ++nodes;
      for (const text::AbsentSpan& span : lanes_.absent[n]) {
        if (span.paused) continue;
        changes.emplace_back(span.from, -1);
        if (span.to < end_) changes.emplace_back(span.to, 1);
      }
    }
    std::sort(changes.begin(), changes.end());
    Instant from(0);
    int up = nodes;
    for (std::size_t i = 0; i <= changes.size(); ++i) {
      const Instant to = i < changes.size() ? changes[i].first : end_;
      if (to > from) {
        chart_.word(from, to, y_ + 15,
                    fmt::format("{}{} of {} up", up < nodes ? "✕ " : "", up, nodes), "faint");
      }
      from = to;
      if (i < changes.size()) up += changes[i].second;
    }
  }

  void lane(const text::Lane& lane) {
    std::string name = run_.plan.nodes[lane.node.value()].name;
    if (lane.shard != no_shard && run_.plan.shards.size() > 1) {
      name += " " + run_.plan.shards[lane.shard.value()].name;
    }
    const std::vector<text::AbsentSpan>& absent = lanes_.absent[lane.node.value()];
    chart_.name(y_ + 14, name);
    chart_.begin_part(name + said(lane, absent));
    bands(lane.node);
    chart_.level(y_ + row / 2, Instant(0), end_, "follower");
    for (const text::RoleSpan& span : lane.roles) {
      chart_.box(span.from, span.to, y_ + 3, row - 6, span.leader ? "leader" : "candidate",
                 fmt::format("{} {} of term {}{}", name, span.leader ? "leader" : "candidate",
                             span.term, until(span.from, span.to)),
                 span.leader ? 10 : 15);
    }
    for (const text::AbsentSpan& span : absent) {
      chart_.box(span.from, span.to, y_ + 3, row - 6, span.paused ? "paused" : "down",
                 name + (span.paused ? " paused" : " down") + until(span.from, span.to), 10);
    }
    chart_.end_part();
    for (const text::RoleSpan& span : lane.roles) {
      if (!span.leader) continue;
      chart_.word(span.from, span.to, y_ + 14, fmt::format("term {}", span.term), "on");
    }
    y_ += row;
  }

  void bands(NodeId node) {
    for (std::size_t i = 0; i < run_.faults.size() && i < run_.plan.faults.size(); ++i) {
      const std::vector<NodeId>& nodes = run_.faults[i].nodes;
      if (std::find(nodes.begin(), nodes.end(), node) == nodes.end()) continue;
      const text::FaultSpan span = text::span_of(run_, i, end_);
      if (span.began) chart_.box(span.from, span.to, y_, row, "band", "", 20);
    }
  }

  static std::string said(const text::Lane& lane, const std::vector<text::AbsentSpan>& absent) {
    std::string text;
    for (const text::RoleSpan& span : lane.roles) {
      if (span.leader)
        text += fmt::format(", leads term {}{}", span.term, until(span.from, span.to));
    }
    for (const text::AbsentSpan& span : absent) {
      text += (span.paused ? ", paused" : ", down") + until(span.from, span.to);
    }
    return text.empty() ? ", follows throughout" : text;
  }

  const record::RunRecord& run_;
  const text::Lanes& lanes_;
  Instant end_;
  Chart chart_;
  std::int64_t y_ = 0;
};

}  // namespace

Axis axis_of(const record::RunRecord& run) { return Axis(text::end_of(run)); }

std::string timeline_chart(const record::RunRecord& run, const Axis& axis,
                           const text::Lanes& lanes) {
  return Timeline(run, axis, lanes).html();
}

std::string recovery_chart(const record::RunRecord& run) {
  if (run.verdict.rto_phases.empty() || run.verdict.rto <= Duration()) return {};
  const record::RtoPhases& phases = run.verdict.rto_phases.front();
  const std::array<std::pair<const char*, Duration>, 6> parts = {{{"detect", phases.detect},
                                                                  {"decide", phases.decide},
                                                                  {"fence", phases.fence},
                                                                  {"promote", phases.promote},
                                                                  {"route", phases.route},
                                                                  {"warm", phases.warm}}};
  Chart chart(Axis(Instant(0) + run.verdict.rto), "Phases of the recovery",
              text::phases_text(phases));
  chart.name(16, "rto " + format_duration(run.verdict.rto), "region");
  Instant from(0);
  for (const auto& [name, length] : parts) {
    const std::string words = std::string(name) + " " + format_duration(length);
    chart.box(from, from + length, 2, row, std::string("step ") + name, words);
    chart.word(from, from + length, 16, words, "on");
    from = from + length;
  }
  return chart.html(row + 4);
}

}  // namespace blackout::html
