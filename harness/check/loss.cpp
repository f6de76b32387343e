#include <algorithm>

#include "harness/check/final_state.hpp"
#include "harness/check/objectives.hpp"
#include "harness/check/text.hpp"

namespace blackout::check {
namespace {

using record::Finding;
using record::Operation;

struct LostWrite {
  const Operation* operation;
  Instant at = Instant::never();  // when its entry gave way; never() if it just vanished
  EventId event;
};

// Reads the trace again for the fate of what was lost.
class Fate {
 public:
  Fate(const Case& facts, const trace::Trace& trace, std::vector<LostWrite>& lost)
      : facts_(facts), lost_(lost), replicas_(facts.plan), by_index_(facts.plan.shards.size()) {
    for (std::size_t i = 0; i < lost.size(); ++i) {
      const Answered& answered = facts.order.answered(lost[i].operation->id.value());
      if (answered.event != EventId(0)) {
        by_index_[answered.shard.value()].push_back({answered.index, i});
      }
    }
    for (auto& list : by_index_) std::sort(list.begin(), list.end());
    trace::Cursor cursor(trace);
    Event event;
    while (cursor.next(event)) see(event, cursor.id());
  }

  // The story of the first lost write.
  std::vector<record::StoryLine> story() {
    std::vector<record::StoryLine> lines = std::move(lines_);
    for (const record::FaultFact& fault : facts_.plan.faults) {
      if (fault.at < first().completed || fault.at > lost_.front().at) continue;
      lines.push_back(
          {fault.at,
           fault.letter,
           fault.kind + " " + fault.target + (fault.details.empty() ? "" : ", " + fault.details),
           {}});
      break;
    }
    std::stable_sort(lines.begin(), lines.end(),
                     [](const auto& a, const auto& b) { return a.at < b.at; });
    return lines;
  }

 private:
  [[nodiscard]] const Operation& first() const { return *lost_.front().operation; }

  void see(const Event& event, EventId id) {
    const bool placed = event.shard.value() < facts_.plan.shards.size() &&
                        event.node.value() < facts_.plan.nodes.size();
    if (event.kind == EventKind::entry_applied && placed) {
      const auto& list = by_index_[event.shard.value()];
      for (auto at = std::lower_bound(list.begin(), list.end(), std::pair(event.a, std::size_t{0}));
           at != list.end() && at->first == event.a; ++at) {
        replaced(event, id, at->second);
      }
    }
    const Answered& answered = facts_.order.answered(first().id.value());
    if (!placed || answered.event == EventId(0) || event.shard != answered.shard) return;
    if (Replicas::concerns(event.kind)) replicas_.update(event, id);
    tell(event, id, answered);
  }

  void replaced(const Event& event, EventId id, std::size_t i) {
    LostWrite& write = lost_[i];
    if (write.at != Instant::never() || event.b == write.operation->id.value()) return;
    write.at = event.at;
    write.event = id;
    if (i == 0) line(event, id, std::to_string(event.a) + " is now " + facts_.operation(event.b));
  }

  void tell(const Event& event, EventId id, const Answered& answered) {
    const bool own = event.node == answered.node && event.at <= answered.at;
    if (event.kind == EventKind::entry_appended && own && event.a == answered.index) {
      line(event, id,
           "leads " + facts_.shard(event.shard) + " in term " + std::to_string(event.b) +
               ", appends " + std::to_string(event.a));
    }
    if (id == answered.event) {
      const LogEntry* entry = replicas_.find(event.node, event.shard)->at(answered.index);
      const std::uint64_t copies =
          entry == nullptr ? 0
                           : replicas_.durable_voters(event.shard, answered.index, entry->chain);
      line(event, id,
           "answers OK; on disk at " + std::to_string(copies) + " of " +
               format_count(replicas_.shard(event.shard).voters.size(), "voter"));
    }
    if (event.kind == EventKind::role_changed && static_cast<Role>(event.a) == Role::leader &&
        event.at > answered.at && lost_.front().at == Instant::never()) {
      line(event, id,
           "leads term " + std::to_string(event.b) + "; its log ends at " +
               std::to_string(replicas_.find(event.node, event.shard)->log.size()));
    }
  }

  void line(const Event& event, EventId id, std::string what) {
    lines_.push_back({event.at, facts_.node(event.node), std::move(what), id});
  }

  const Case& facts_;
  std::vector<LostWrite>& lost_;
  Replicas replicas_;
  std::vector<std::vector<std::pair<std::uint64_t, std::size_t>>> by_index_;  // (index, lost)
  std::vector<record::StoryLine> lines_;
};

// Figures of one episode's losses.
struct Toll {
  Duration time, tail;
  const Operation* oldest = nullptr;  // of those acknowledged before the episode
  std::size_t fault = 0;
};

std::vector<Toll> tolls(const Case& facts, const std::vector<LostWrite>& lost) {
  const std::vector<Episode> all = episodes(facts.plan);
  std::vector<Toll> result(all.size());
  for (std::size_t e = 0; e < all.size(); ++e) result[e].fault = all[e].fault;
  for (const LostWrite& write : lost) {
    std::size_t e = all.size();
    while (e > 0 && (all[e - 1].start > write.at)) --e;
    if (e == 0) continue;  // lost before any fault: the finding says so, no time measures it
    Toll& toll = result[e - 1];
    const Instant start = all[e - 1].start, acknowledged = write.operation->completed;
    if (acknowledged <= start) {
      toll.time = std::max(toll.time, start - acknowledged);
      if (toll.oldest == nullptr || acknowledged < toll.oldest->completed)
        toll.oldest = write.operation;
    } else {
      toll.tail = std::max(toll.tail, acknowledged - start);
    }
  }
  return result;
}

// A lost write in front of a kept one: the log was not cut at one point. Only writes first sent
// before the episode are compared; whoever continues after a loss writes behind it. `lost` is in
// order of completion.
void find_hole(const Case& facts, const FinalState& state, const std::vector<LostWrite>& lost,
               record::Verdict& verdict) {
  for (const Episode& episode : episodes(facts.plan)) {
    std::vector<const Operation*> first(facts.plan.shards.size());  // lost of each shard
    for (const LostWrite& write : lost) {
      const Operation*& of_shard = first[write.operation->shard.value()];
      if (of_shard == nullptr && write.at >= episode.start) of_shard = write.operation;
    }
    for (const Operation& kept : facts.history.operations) {
      if (kept.invoked > episode.start) break;
      if (!acknowledged_write(kept) || !state.holds(kept)) continue;
      const Operation* before = first[kept.shard.value()];
      if (before == nullptr || before->completed >= kept.invoked) continue;
      const std::string gone = facts.operation(before->id.value());
      const std::string there = facts.operation(kept.id.value());
      verdict.findings.push_back(
          {"rpo.hole",
           "If a write is lost, so is every write that was sent after its acknowledgement.",
           gone + " is gone, and " + there + ", sent " +
               format_duration(kept.invoked - before->completed) +
               " after it was acknowledged, is still there.",
           kept.completed,
           {},
           {}});
      return;
    }
  }
}

void find_exposure(const Case& facts, const Exposure::Worst& worst, record::Verdict& verdict) {
  const std::string name = facts.operation(worst.operation);
  verdict.findings.push_back(
      {"rpo.exposure",
       "At no instant would the loss of one region take an acknowledged write.",
       name + ", acknowledged at " + format_moment(worst.at) + ", would have been lost with " +
           facts.region(worst.region) + " for " + format_duration(worst.age) + ".",
       worst.at,
       worst.event,
       {{worst.at, facts.client(*facts.find(worst.operation)), "is told that " + name + " is done",
         worst.event}}});
}

void find_loss(const Case& facts, const std::vector<LostWrite>& lost, const Toll* worst,
               std::vector<record::StoryLine> story, record::Verdict& verdict) {
  std::string sentence = format_count(verdict.lost) + " of " +
                         format_count(verdict.acknowledged, "acknowledged write") +
                         (verdict.lost == 1 ? " is gone." : " are gone.");
  if (worst != nullptr && worst->oldest != nullptr) {
    sentence += " The oldest was acknowledged " + format_duration(worst->time) + " before " +
                facts.plan.faults[worst->fault].letter + ".";
  } else if (worst != nullptr) {
    sentence += " The newest was acknowledged " + format_duration(worst->tail) + " after " +
                facts.plan.faults[worst->fault].letter + " began.";
  }
  const LostWrite& first = lost.front();
  const std::string version = record::writes_record(first.operation->kind)
                                  ? ""
                                  : " (version " + std::to_string(first.operation->version) + ")";
  story.insert(story.begin(), {first.operation->completed,
                               facts.client(*first.operation),
                               "is told that " + facts.operation(first.operation->id.value()) +
                                   " is done" + version,
                               {}});
  std::stable_sort(story.begin(), story.end(),
                   [](const auto& a, const auto& b) { return a.at < b.at; });
  verdict.findings.push_back({"rpo", "An acknowledged write is in every answer after the run.",
                              std::move(sentence), first.operation->completed, first.event,
                              std::move(story)});
}

}  // namespace

std::vector<Episode> episodes(const record::PlanFacts& plan) {
  std::vector<Episode> result;
  Instant quiet;  // when all faults so far are over
  for (std::size_t i = 0; i < plan.faults.size(); ++i) {
    const record::FaultFact& fault = plan.faults[i];
    if (fault.at == Instant::never()) continue;
    const Instant end =
        fault.length == Duration() ? plan.timeline.calm_start() : fault.at + fault.length;
    if (result.empty() || fault.at > quiet) result.push_back({fault.at, i});
    quiet = std::max(quiet, end);
  }
  return result;
}

void judge_loss(const Case& facts, const trace::Trace& trace, const Exposure& exposure,
                record::Verdict& verdict) {
  const FinalState state(facts);
  std::vector<LostWrite> lost;
  bool known = true;
  for (const Operation& operation : facts.history.operations) {
    if (!acknowledged_write(operation)) continue;
    ++verdict.acknowledged;
    known = known && state.known(operation.shard);
    if (state.lost(operation)) lost.push_back({&operation, Instant::never(), {}});
  }
  std::stable_sort(lost.begin(), lost.end(), [](const LostWrite& a, const LostWrite& b) {
    return a.operation->completed < b.operation->completed;
  });
  verdict.lost = lost.size();
  verdict.exposure_max = exposure.worst().age;

  std::vector<record::StoryLine> story;
  if (!lost.empty()) story = Fate(facts, trace, lost).story();
  const std::vector<Toll> all = tolls(facts, lost);
  const Toll* worst = nullptr;
  for (const Toll& toll : all) {
    verdict.rpo_time = std::max(verdict.rpo_time, toll.time);
    verdict.rpo_tail = std::max(verdict.rpo_tail, toll.tail);
    if (toll.time == Duration() && toll.tail == Duration()) continue;
    if (worst == nullptr || toll.time > worst->time) worst = &toll;
  }
  if (!lost.empty()) find_hole(facts, state, lost, verdict);

  const Duration allowed = facts.plan.objectives.rpo_max;
  const bool exact = allowed == Duration();
  const bool exposed = exact && verdict.exposure_max > Duration();
  const bool too_much =
      exact ? !lost.empty() : verdict.rpo_time > allowed || verdict.rpo_tail > allowed;
  if (too_much) find_loss(facts, lost, worst, std::move(story), verdict);
  if (exposed) find_exposure(facts, exposure.worst(), verdict);

  record::ObjectiveRow row;
  row.name = "rpo";
  row.held = too_much || exposed
                 ? record::Held::no
                 : (known && facts.finished() ? record::Held::yes : record::Held::unknown);
  const Duration measured = std::max(verdict.rpo_time, exact ? Duration() : verdict.rpo_tail);
  row.promised = (exact ? "" : "≤ ") + format_duration(allowed);
  row.measured = format_duration(measured);
  row.margin = exact && measured == Duration() ? "-" : format_duration(allowed - measured);
  row.promised_value = allowed.ns();
  row.measured_value = measured.ns();
  row.unit = "ns";
  row.note = format_count(verdict.lost) + " of " +
             format_count(verdict.acknowledged, "acknowledged write") + " lost";
  if (worst != nullptr) {
    row.note = "after " + Case::fault(facts.plan.faults[worst->fault]);
    row.fault = facts.plan.faults[worst->fault].letter;
  }
  if (lost.empty() && exposed) row.note = "exposed for " + format_duration(verdict.exposure_max);
  if (row.held == record::Held::unknown) row.note = "the final state is not known";
  verdict.objectives.push_back(std::move(row));
}

}  // namespace blackout::check
